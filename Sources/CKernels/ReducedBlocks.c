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

// Streams of random numbers, apart from those of Kernels.c, Reduced.c and RandomStream.swift; the
// last two take one for each eigenspace.
#define SAMPLE_STREAM 0xA0000001u
#define BITS_STREAM 0xA1000000u
#define RETRY_STREAM 0xA2000000u
#define BARTLETT_STREAM 0xA3000000u
#define DROPOUT_STREAM 0xA4000000u

struct tss_blocks {
  tss_blocks_settings settings;
  // Vectors of eight eigenspaces; what is left of the last has the eigenvalue 0.
  int64_t groups;
  // sqrt(lambda_e), N_e - K - M, and what Marsaglia and Tsang's method makes of it.
  double *deviation, *degrees, *gamma_d, *gamma_c, *gamma_squeeze;
  // Group by group, coordinates of the student column by column, and of the teacher, lower
  // triangular by rows: a vector for each.
  double *student, *teacher;
  double *v, *v_star, *v_change;
  // Random numbers of a sample.
  float *gaussian;
  double *z;
  // Of a step: chi^2 of what the frames do not see, 1 - C_jj and the factors of C_kj.
  double *rest, *less, *mixing;
  double *shrunk, *u, *change, *root, *bartlett;
  double *field, *g, *derivative, *rho;
  // With what probability a hidden unit takes part in a sample.
  double keep;
};

// MARK: One implementation for each instruction set

#define NAME(f) PASTE(f, _portable)
#define WIDTH 4
#include "Lanes/BlocksLevel.h"

#if defined(__x86_64__)

#define NAME(f) PASTE(f, _avx2)
#define WIDTH 8
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "Lanes/BlocksLevel.h"
#pragma clang attribute pop

#define NAME(f) PASTE(f, _avx512)
#define WIDTH 16
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#include "Lanes/BlocksLevel.h"
#pragma clang attribute pop

#endif

int64_t tss_blocks_run(
    tss_blocks *d, uint64_t first, int64_t steps, const double *eta_w, const double *eta_v,
    const double *kappa, const double *sigma, double keep, tss_should_stop should_stop,
    void *context) {
  d->keep = keep;
#if defined(__x86_64__)
  if (d->settings.level == 2)
    return learn_blocks_avx512(d, first, steps, eta_w, eta_v, kappa, sigma, should_stop, context);
  if (d->settings.level == 1)
    return learn_blocks_avx2(d, first, steps, eta_w, eta_v, kappa, sigma, should_stop, context);
#endif
  return learn_blocks_portable(d, first, steps, eta_w, eta_v, kappa, sigma, should_stop, context);
}

// MARK: The state

static double *space(int64_t count) {
  const size_t bytes = ((size_t)count * sizeof(double) + 127) / 64 * 64;
  double *memory = aligned_alloc(64, bytes);
  if (memory) memset(memory, 0, bytes);
  return memory;
}

tss_blocks *tss_blocks_create(
    const tss_blocks_settings *settings, const double *eigenvalues, const double *dimensions) {
  tss_blocks *d = calloc(1, sizeof *d);
  if (!d) return NULL;
  d->settings = *settings;
  const int64_t K = settings->student_units, M = settings->teacher_units, D = K + M;
  const int64_t groups = d->groups = (settings->blocks + 7) / 8, units = (D + 7) / 8 * 8;
  const struct { double **array; int64_t count; } arrays[] = {
      {&d->deviation, 8 * groups},       {&d->degrees, 8 * groups},
      {&d->gamma_d, 8 * groups},         {&d->gamma_c, 8 * groups},
      {&d->gamma_squeeze, 8 * groups},   {&d->student, 8 * groups * D * K},
      {&d->teacher, 8 * groups * M * M}, {&d->v, units},
      {&d->v_star, units},               {&d->v_change, units},
      {&d->z, 8 * groups * (D + 1)},     {&d->rest, 8 * groups},
      {&d->less, 8 * K},                 {&d->mixing, 8 * K},
      {&d->shrunk, 8 * K * K},           {&d->u, 8 * K},
      {&d->change, 8 * groups * D * K},  {&d->root, 8 * K * K},
      {&d->bartlett, 8 * K * K},         {&d->field, units},
      {&d->g, units},                    {&d->derivative, units},
      {&d->rho, units},
  };
  int good = 1;
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
    good &= (*arrays[i].array = space(arrays[i].count)) != NULL;
  good &= (d->gaussian = (float *)space(4 * groups * (D + 1) + 1)) != NULL;
  if (!good) {
    tss_blocks_destroy(d);
    return NULL;
  }
  for (int64_t e = 0; e < 8 * groups; e++) {
    const int present = e < settings->blocks;
    d->deviation[e] = present ? __builtin_elementwise_sqrt(eigenvalues[e]) : 0;
    d->degrees[e] = present ? dimensions[e] - (double)D : 2;
    if (d->degrees[e] < 2) continue;
    d->gamma_d[e] = d->degrees[e] / 2 - 1.0 / 3;
    d->gamma_c[e] = 1 / __builtin_elementwise_sqrt(9 * d->gamma_d[e]);
    d->gamma_squeeze[e] = 1 / (54 * d->gamma_d[e]);
  }
  return d;
}

void tss_blocks_destroy(tss_blocks *d) {
  void *all[] = {d->deviation, d->degrees, d->gamma_d, d->gamma_c, d->gamma_squeeze, d->student,
                 d->teacher,   d->v,       d->v_star,  d->v_change, d->z,            d->less,
                 d->mixing,    d->rest,    d->shrunk,  d->u,
                 d->change,    d->root,    d->bartlett, d->field,   d->g,            d->derivative,
                 d->rho,       d->gaussian, d};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

// Where element (k, j) of an eigenspace's student is.
static double *coordinate(const tss_blocks *d, int32_t block, int64_t k, int64_t j) {
  const int64_t K = d->settings.student_units, D = K + d->settings.teacher_units;
  return d->student + ((block / 8 * D + j) * K + k) * 8 + block % 8;
}

void tss_blocks_set_student(tss_blocks *d, int32_t block, const double *coordinates) {
  const int64_t K = d->settings.student_units, D = K + d->settings.teacher_units;
  for (int64_t k = 0; k < K; k++)
    for (int64_t j = 0; j < D; j++) *coordinate(d, block, k, j) = coordinates[k * D + j];
}

void tss_blocks_get_student(const tss_blocks *d, int32_t block, double *coordinates) {
  const int64_t K = d->settings.student_units, D = K + d->settings.teacher_units;
  for (int64_t k = 0; k < K; k++)
    for (int64_t j = 0; j < D; j++) coordinates[k * D + j] = *coordinate(d, block, k, j);
}

void tss_blocks_set_teacher(tss_blocks *d, int32_t block, const double *coordinates) {
  const int64_t M = d->settings.teacher_units;
  for (int64_t m = 0; m < M; m++)
    for (int64_t j = 0; j <= m; j++)
      d->teacher[((block / 8 * M + m) * M + j) * 8 + block % 8] = coordinates[m * M + j];
}

double *tss_blocks_student_output(tss_blocks *d) { return d->v; }
double *tss_blocks_teacher_output(tss_blocks *d) { return d->v_star; }
