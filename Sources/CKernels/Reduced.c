#include "CKernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "Lanes/Streams.h"
#include "Lanes/Vectors.h"

// As in Kernels.c.
#pragma STDC FP_CONTRACT OFF
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang diagnostic ignored "-Wunused-function"
#define ABSURD_FIELD 3e5
#define ABSURD_OUTPUT 1e10

// Samples drawn together; whole vectors, and half a block of random bits.
#define BLOCK 64
// Streams of random numbers, apart from those of Kernels.c and of RandomStream.swift.
#define SAMPLE_STREAM 0x90000001u
#define BITS_STREAM 0x90000002u
#define RETRY_STREAM 0x90000003u
#define BARTLETT_STREAM 0x90000004u
#define DROPOUT_STREAM 0x90000005u

struct tss_reduced {
  tss_reduced_settings settings;
  uint64_t seed[8];
  // N less the vectors of the frame, and what Marsaglia and Tsang's method makes of it.
  double degrees, gamma_d, gamma_c, gamma_squeeze;
  // Vectors of the frame beyond the teacher's: K, with momentum 2K.
  int64_t columns;
  // Vectors that hold one number for each unit: K in lanes, K/8 of a run alone; and those that hold
  // one column of the student, with momentum twice as many.
  int64_t rows, tall;
  // Gaussians of a sample, and numbers that are prepared from them.
  int64_t numbers, slots;
  // Coordinates of the student, column by column, and of the teacher, lower triangular by rows
  // and a copy for each lane.
  double *student, *teacher, *v, *v_star, *v_buffer;
  double *shrunk, *next, *change, *u, *own, *field, *g, *derivative, *bartlett;
  double *prepared;
  float *gaussian;
  uint32_t *bits;
  uint64_t block;
  // Of each lane: with what probability a hidden unit takes part in a sample; and whether any is
  // below 1.
  double keep[8];
  int drops;
};

// MARK: Random numbers that are seldom wanted

// For every lane the lower triangular root of a Wishart matrix of N - D degrees, K rows and as
// many columns as there are degrees (Bartlett 1933).
static void draw_bartlett_roots(tss_reduced *d, uint64_t step) {
  const int64_t K = d->settings.student_units;
  for (int64_t lane = 0; lane < d->settings.lanes; lane++) {
    stream s = {.seed = d->seed[lane], .step = step, .number = BARTLETT_STREAM};
    for (int64_t i = 0; i < K && i < d->degrees; i++) {
      const double degrees = d->degrees - (double)i;
      double x = gaussian(&s);
      if (degrees >= 2)
        x = __builtin_elementwise_sqrt(chi_squared_by_trial(&s, degrees, x, uniform(&s)));
      d->bartlett[(i * K + i) * 8 + lane] = x;
      for (int64_t j = i + 1; j < K; j++) d->bartlett[(j * K + i) * 8 + lane] = gaussian(&s);
    }
  }
}

// MARK: One implementation for each instruction set

#define NAME(f) PASTE(f, _portable)
#define WIDTH 4
#include "Lanes/ReducedLevel.h"

#if defined(__x86_64__)

#define NAME(f) PASTE(f, _avx2)
#define WIDTH 8
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "Lanes/ReducedLevel.h"
#pragma clang attribute pop

#define NAME(f) PASTE(f, _avx512)
#define WIDTH 16
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#include "Lanes/ReducedLevel.h"
#pragma clang attribute pop

#endif

int64_t tss_reduced_run(
    tss_reduced *d, uint64_t first, int64_t steps, const double *rates, const double *sigma,
    const double *keep, uint32_t active, uint32_t *failed, tss_should_stop should_stop,
    void *context) {
  *failed = 0;
  const int alone = d->settings.lanes == 1;
  d->drops = 0;
  for (int64_t lane = 0; lane < d->settings.lanes; lane++) {
    d->keep[lane] = keep[lane];
    d->drops |= keep[lane] < 1;
  }
#if defined(__x86_64__)
  if (d->settings.level == 2)
    return (alone ? learn_reduced_alone_avx512 : learn_reduced_lanes_avx512)(
        d, first, steps, rates, sigma, active, failed, should_stop, context);
  if (d->settings.level == 1)
    return (alone ? learn_reduced_alone_avx2 : learn_reduced_lanes_avx2)(
        d, first, steps, rates, sigma, active, failed, should_stop, context);
#endif
  return (alone ? learn_reduced_alone_portable : learn_reduced_lanes_portable)(
      d, first, steps, rates, sigma, active, failed, should_stop, context);
}

// MARK: The state

static void *space(int64_t count, size_t size) {
  const size_t bytes = ((size_t)count * size + 127) / 64 * 64;
  void *memory = aligned_alloc(64, bytes);
  if (memory) memset(memory, 0, bytes);
  return memory;
}

tss_reduced *tss_reduced_create(const tss_reduced_settings *settings, const uint64_t *seeds) {
  tss_reduced *d = calloc(1, sizeof *d);
  if (!d) return NULL;
  d->settings = *settings;
  const int64_t K = settings->student_units, M = settings->teacher_units;
  const int64_t both = settings->momentum ? 2 : 1, columns = both * K, D = columns + M;
  const int64_t lanes = settings->lanes;
  d->columns = columns;
  for (int64_t i = 0; i < lanes; i++) d->seed[i] = seeds[i];
  d->degrees = settings->dimension - (double)D;
  d->gamma_d = d->degrees / 2 - 1.0 / 3;
  if (d->degrees >= 2) {
    d->gamma_c = 1 / __builtin_elementwise_sqrt(9 * d->gamma_d);
    d->gamma_squeeze = 1 / (54 * d->gamma_d);
  }
  d->rows = lanes == 1 ? (K + 7) / 8 : K;
  d->tall = both * d->rows;
  d->numbers = settings->batch > 1 ? D + 1 : D + 2;
  d->slots = settings->batch > 1 ? D + 2 : D + 4 + 2 * columns;
  d->block = UINT64_MAX;
  const struct { double **array; int64_t vectors; } arrays[] = {
      {&d->student, D * d->tall}, {&d->teacher, M * (M + 1) / 2}, {&d->v, d->rows},
      {&d->v_star, M},            {&d->shrunk, K * d->rows},      {&d->next, D * d->tall},
      {&d->change, D * d->tall},  {&d->u, d->tall},               {&d->own, d->tall},
      {&d->field, d->rows},       {&d->g, d->rows},               {&d->derivative, d->rows},
      {&d->bartlett, K * K},      {&d->v_buffer, d->rows},
      {&d->prepared, d->slots * BLOCK / 8 * lanes},
  };
  int good = 1;
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
    good &= (*arrays[i].array = space(arrays[i].vectors * 8, sizeof(double))) != NULL;
  good &= (d->gaussian = space(d->numbers * BLOCK * lanes, sizeof(float))) != NULL;
  good &= (d->bits = space(BLOCK * lanes, sizeof(uint32_t))) != NULL;
  if (good) return d;
  tss_reduced_destroy(d);
  return NULL;
}

void tss_reduced_destroy(tss_reduced *d) {
  void *all[] = {d->student, d->teacher, d->v, d->v_star,     d->shrunk,   d->next,
                 d->change,  d->u,       d->own, d->field,    d->g,        d->derivative,
                 d->bartlett, d->v_buffer, d->prepared, d->gaussian, d->bits, d};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

// Where element (row, j) of a lane's student is; with momentum the first K rows are the buffers'.
static double *coordinate(const tss_reduced *d, int32_t lane, int64_t row, int64_t j) {
  if (d->settings.lanes > 1) return d->student + (j * d->tall + row) * 8 + lane;
  const int64_t K = d->settings.student_units;
  return d->student + j * d->tall * 8 + (row < K ? row : d->rows * 8 + row - K);
}

static double *of_unit(const tss_reduced *d, double *array, int32_t lane, int64_t k) {
  return array + (d->settings.lanes == 1 ? k : k * 8 + lane);
}

// Where the second layer and its buffer are among the numbers that are set and got.
static double *output(const tss_reduced *d, int32_t lane, int64_t i) {
  const int64_t K = d->settings.student_units;
  if (!d->settings.momentum) return of_unit(d, d->v, lane, i);
  return i < K ? of_unit(d, d->v_buffer, lane, i) : of_unit(d, d->v, lane, i - K);
}

void tss_reduced_set_student(
    tss_reduced *d, int32_t lane, const double *coordinates, const double *v) {
  const int64_t rows = d->columns, D = rows + d->settings.teacher_units;
  for (int64_t i = 0; i < rows; i++) {
    *output(d, lane, i) = v[i];
    for (int64_t j = 0; j < D; j++) *coordinate(d, lane, i, j) = coordinates[i * D + j];
  }
}

void tss_reduced_get_student(const tss_reduced *d, int32_t lane, double *coordinates, double *v) {
  const int64_t rows = d->columns, D = rows + d->settings.teacher_units;
  for (int64_t i = 0; i < rows; i++) {
    v[i] = *output(d, lane, i);
    for (int64_t j = 0; j < D; j++) coordinates[i * D + j] = *coordinate(d, lane, i, j);
  }
}

static void set_teacher_output(tss_reduced *d, int32_t lane, const double *v_star) {
  for (int64_t m = 0; m < d->settings.teacher_units; m++)
    for (int64_t i = 0; i < 8; i++)
      if (d->settings.lanes == 1 || i == lane) d->v_star[8 * m + i] = v_star[m];
  // What was prepared was labelled by another teacher.
  d->block = UINT64_MAX;
}

void tss_reduced_set_outputs(
    tss_reduced *d, int32_t lane, const double *v, const double *v_star) {
  for (int64_t k = 0; k < d->settings.student_units; k++) *of_unit(d, d->v, lane, k) = v[k];
  set_teacher_output(d, lane, v_star);
}

void tss_reduced_clear_buffers(tss_reduced *d, int32_t lane) {
  const int64_t K = d->settings.student_units, D = d->columns + d->settings.teacher_units;
  for (int64_t k = 0; k < K; k++) {
    *of_unit(d, d->v_buffer, lane, k) = 0;
    for (int64_t j = 0; j < D; j++) *coordinate(d, lane, k, j) = 0;
  }
}

void tss_reduced_set_teacher(
    tss_reduced *d, int32_t lane, const double *coordinates, const double *v_star) {
  const int64_t M = d->settings.teacher_units;
  double *element = d->teacher;
  set_teacher_output(d, lane, v_star);
  for (int64_t m = 0; m < M; m++) {
    for (int64_t j = 0; j <= m; j++, element += 8)
      for (int64_t i = 0; i < 8; i++)
        if (d->settings.lanes == 1 || i == lane) element[i] = coordinates[m * M + j];
  }
}
