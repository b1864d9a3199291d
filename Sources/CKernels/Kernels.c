#include "CKernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "Lanes/Streams.h"
#include "Lanes/Vectors.h"

// Fused multiply-adds round once where the others round twice: other bits on other machines.
#pragma STDC FP_CONTRACT OFF
// Vectors wider than the machine's never cross the border of this file.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang diagnostic ignored "-Wunused-function"

// Inputs drawn and labelled together.
#define GROUP 4
// Streams of random numbers up to 2^31 are the samples of a batch.
#define NOISE_STREAM 0x80000000u
// The orders of the epochs of a finite training set.
#define ORDER_STREAM 0x80000001u
// Which hidden units take part in a sample.
#define DROPOUT_STREAM 0x80000002u
// Fields beyond this are a divergence (the equations end where Q reaches 1e10), and second layers.
#define ABSURD_FIELD 3e5
#define ABSURD_OUTPUT 1e10

struct tss_descent {
  tss_descent_settings settings;
  // Elements from row to row of the weights, and from input to input: the dimension, padded.
  int64_t stride, x_stride;
  // Hidden units of the student, padded to whole vectors.
  int64_t units;
  // Weights, the sum of a batch's changes and the momentum's buffer, float or double.
  void *w, *w_star, *change, *coefficient, *buffer;
  double *v, *v_star, *v_change, *v_buffer;
  float *x, *noise;
  // Standard deviations of the inputs, or NULL.
  float *input_scale;
  uint64_t noise_block;
  double *field, *g, *derivative, *group_field, *teacher_field, *label;
  // A finite training set, borrowed, and the order of the epoch that was drawn from last; no
  // samples where every step draws its own.
  int64_t samples;
  const float *sample_inputs;
  const double *sample_labels;
  uint32_t *order;
  uint64_t epoch;
};

typedef struct kernels {
  void (*gaussians)(uint64_t, uint32_t, uint64_t, float *, int64_t);
  void (*exp_array)(const double *, double *, int64_t);
  void (*erf_array)(const double *, double *, int64_t);
  void (*expm1_array)(const double *, double *, int64_t);
  void (*tanh_array)(const double *, double *, int64_t);
  void (*erfc_array)(const double *, double *, int64_t);
  double (*dot)(const double *, const double *, int64_t);
  void (*add_multiple)(double, const double *, double *, int64_t);
  void (*input)(const tss_descent *, uint64_t, int64_t, float *);
  void (*outputs)(tss_descent *, int32_t, const float *, int64_t, double *);
  int64_t (*learn_double)(
      tss_descent *, uint64_t, int64_t, const tss_descent_rates *, tss_should_stop, void *);
  int64_t (*learn_float)(
      tss_descent *, uint64_t, int64_t, const tss_descent_rates *, tss_should_stop, void *);
} kernels;

// MARK: One implementation for each instruction set

#define NAME(f) PASTE(f, _portable)
#define WIDTH 4
#define ROWS 1
#define TILE_ROWS 2
#define INPUTS 1
#include "Lanes/Level.h"

#if defined(__x86_64__)

#define NAME(f) PASTE(f, _avx2)
#define WIDTH 8
#define ROWS 4
#define TILE_ROWS 2
#define INPUTS 2
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "Lanes/Level.h"
#pragma clang attribute pop

#define NAME(f) PASTE(f, _avx512)
#define WIDTH 16
#define ROWS 8
#define TILE_ROWS 4
#define INPUTS 4
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#include "Lanes/Level.h"
#pragma clang attribute pop

#endif

int32_t tss_level_is_supported(tss_level level) {
#if defined(__x86_64__)
  if (level == 2) return __builtin_cpu_supports("x86-64-v4") != 0;
  if (level == 1) return __builtin_cpu_supports("x86-64-v3") != 0;
#endif
  return level == 0;
}

tss_level tss_best_level(void) {
  tss_level level = 2;
  while (!tss_level_is_supported(level)) level--;
  return level;
}

static const kernels *kernels_of(tss_level level) {
#if defined(__x86_64__)
  if (level == 2) return &table_avx512;
  if (level == 1) return &table_avx2;
#endif
  return &table_portable;
}

// MARK: Functions

void tss_gaussians(
    tss_level level, uint64_t seed, uint32_t stream, uint64_t step, float *x, int64_t n) {
  kernels_of(level)->gaussians(seed, stream, step, x, n);
}

void tss_exp(tss_level level, const double *x, double *y, int64_t n) {
  kernels_of(level)->exp_array(x, y, n);
}

void tss_erf(tss_level level, const double *x, double *y, int64_t n) {
  kernels_of(level)->erf_array(x, y, n);
}

void tss_expm1(tss_level level, const double *x, double *y, int64_t n) {
  kernels_of(level)->expm1_array(x, y, n);
}

void tss_tanh(tss_level level, const double *x, double *y, int64_t n) {
  kernels_of(level)->tanh_array(x, y, n);
}

void tss_erfc(tss_level level, const double *x, double *y, int64_t n) {
  kernels_of(level)->erfc_array(x, y, n);
}

double tss_dot(tss_level level, const double *x, const double *y, int64_t n) {
  return kernels_of(level)->dot(x, y, n);
}

void tss_add_multiple(tss_level level, double a, const double *x, double *y, int64_t n) {
  kernels_of(level)->add_multiple(a, x, y, n);
}

// Mantissa m in [sqrt(1/2), sqrt 2), then log m = 2 atanh(s), s = (m - 1)/(m + 1), by its series:
// |s| < 0.1716, so twelve terms reach 1e-19.
double tss_log(double x) {
  if (!(x > 0)) return x == 0 ? -INFINITY : NAN;
  if (x == INFINITY) return x;
  int exponent;
  double m = frexp(x, &exponent);
  if (m < 0x1.6a09e667f3bcdp-1) {
    m *= 2;
    exponent--;
  }
  double s = (m - 1) / (m + 1), s2 = s * s, series = 0;
  for (int k = 12; k > 0; k--) series = s2 * (series + 1.0 / (2 * k + 1));
  return exponent * 0x1.62e42feep-1 + (2 * (s + s * series) + exponent * 0x1.a39ef35793c76p-33);
}

// MARK: Descent

// Zeroed and aligned to cache lines.
static void *space(int64_t count, size_t size) {
  size_t bytes = ((size_t)count * size + 127) / 64 * 64;
  void *memory = aligned_alloc(64, bytes);
  if (memory) memset(memory, 0, bytes);
  return memory;
}

tss_descent *tss_descent_create(const tss_descent_settings *settings) {
  tss_descent *d = calloc(1, sizeof *d);
  if (!d) return NULL;
  d->settings = *settings;
  const int64_t K = settings->student_units, M = settings->teacher_units;
  d->stride = (settings->dimension + 31) / 32 * 32;
  // Rows a power of two apart would fight for the same few lines of the first cache.
  if (d->stride % 512 == 0) d->stride += 32;
  d->x_stride = d->stride;
  d->units = (K + 7) / 8 * 8;
  d->noise_block = UINT64_MAX;
  const size_t real = settings->single ? sizeof(float) : sizeof(double);
  const int rows_in_step = settings->batch > 1;
  int good = (d->w = space(K * d->stride, real)) != NULL;
  good &= (d->w_star = space(M * d->stride, real)) != NULL;
  good &= (d->change = space(rows_in_step ? K * d->stride : 0, real)) != NULL;
  good &= (d->coefficient = space(K * GROUP, real)) != NULL;
  good &= (d->buffer = space(settings->momentum ? K * d->stride : 0, real)) != NULL;
  good &= (d->x = space(2 * GROUP * d->x_stride, sizeof(float))) != NULL;
  good &= (d->noise = space(4096, sizeof(float))) != NULL;
  double **arrays[] = {&d->v,     &d->v_star, &d->v_change,  &d->v_buffer,
                       &d->field, &d->g,      &d->derivative};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
    good &= (*arrays[i] = space(d->units + M + 8, sizeof(double))) != NULL;
  good &= (d->group_field = space(K * GROUP, sizeof(double))) != NULL;
  good &= (d->teacher_field = space(M * GROUP + 8, sizeof(double))) != NULL;
  good &= (d->label = space(2 * GROUP, sizeof(double))) != NULL;
  if (good) return d;
  tss_descent_destroy(d);
  return NULL;
}

void tss_descent_destroy(tss_descent *d) {
  void *all[] = {d->w,     d->w_star, d->change,     d->coefficient, d->x,           d->noise,
                 d->v,     d->v_star, d->v_change,   d->field,       d->g,           d->derivative,
                 d->label, d->buffer, d->v_buffer,   d->group_field, d->teacher_field, d->order,
                 d->input_scale, d};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static void set_rows(const tss_descent *d, void *w, int64_t rows, const double *from) {
  const int64_t N = d->settings.dimension;
  for (int64_t r = 0; r < rows; r++)
    for (int64_t i = 0; i < N; i++)
      if (d->settings.single)
        ((float *)w)[r * d->stride + i] = (float)from[r * N + i];
      else
        ((double *)w)[r * d->stride + i] = from[r * N + i];
}

static void get_row(const tss_descent *d, const void *w, int64_t r, double *to) {
  for (int64_t i = 0; i < d->settings.dimension; i++)
    to[i] = d->settings.single ? ((const float *)w)[r * d->stride + i]
                               : ((const double *)w)[r * d->stride + i];
}

void tss_descent_set_student(tss_descent *d, const double *rows) {
  set_rows(d, d->w, d->settings.student_units, rows);
}

void tss_descent_set_teacher(tss_descent *d, const double *rows) {
  set_rows(d, d->w_star, d->settings.teacher_units, rows);
}

void tss_descent_get_student(const tss_descent *d, double *rows) {
  for (int64_t r = 0; r < d->settings.student_units; r++)
    get_row(d, d->w, r, rows + r * d->settings.dimension);
}

void tss_descent_set_buffers(tss_descent *d, const double *rows, const double *outputs) {
  set_rows(d, d->buffer, d->settings.student_units, rows);
  memcpy(d->v_buffer, outputs, (size_t)d->settings.student_units * sizeof(double));
}

void tss_descent_get_buffers(const tss_descent *d, double *rows, double *outputs) {
  for (int64_t r = 0; r < d->settings.student_units; r++)
    get_row(d, d->buffer, r, rows + r * d->settings.dimension);
  memcpy(outputs, d->v_buffer, (size_t)d->settings.student_units * sizeof(double));
}

void tss_descent_clear_buffers(tss_descent *d) {
  const size_t real = d->settings.single ? sizeof(float) : sizeof(double);
  memset(d->buffer, 0, (size_t)(d->settings.student_units * d->stride) * real);
  memset(d->v_buffer, 0, (size_t)d->settings.student_units * sizeof(double));
}

double *tss_descent_student_output(tss_descent *d) { return d->v; }
double *tss_descent_teacher_output(tss_descent *d) { return d->v_star; }

int32_t tss_descent_set_input_scale(tss_descent *d, const double *scale) {
  if (!d->input_scale) d->input_scale = space(d->x_stride, sizeof(float));
  if (!d->input_scale) return 0;
  for (int64_t i = 0; i < d->settings.dimension; i++) d->input_scale[i] = (float)scale[i];
  return 1;
}

void tss_descent_overlaps(tss_descent *d, int64_t first, int64_t count, double *Q, double *R) {
  const int64_t K = d->settings.student_units, M = d->settings.teacher_units;
  const int64_t N = d->settings.dimension;
  const kernels *k = kernels_of(d->settings.level);
  double *rows = NULL;
  if (d->settings.single) {
    // Products of single-precision weights are exact in double precision only after conversion.
    rows = malloc((size_t)((K + M) * N) * sizeof(double));
    if (!rows) abort();
    for (int64_t i = 0; i < K; i++) get_row(d, d->w, i, rows + i * N);
    for (int64_t m = 0; m < M; m++) get_row(d, d->w_star, m, rows + (K + m) * N);
  }
  for (int64_t i = 0; i < K; i++) {
    const double *a = (rows ? rows + i * N : (double *)d->w + i * d->stride) + first;
    for (int64_t j = 0; j <= i; j++) {
      const double *b = (rows ? rows + j * N : (double *)d->w + j * d->stride) + first;
      Q[i * K + j] = Q[j * K + i] = k->dot(a, b, count) / (double)N;
    }
    for (int64_t m = 0; m < M; m++) {
      const double *b =
          (rows ? rows + (K + m) * N : (double *)d->w_star + m * d->stride) + first;
      R[i * M + m] = k->dot(a, b, count) / (double)N;
    }
  }
  free(rows);
}

int64_t tss_descent_run(
    tss_descent *d, uint64_t first, int64_t steps, const tss_descent_rates *rates,
    tss_should_stop should_stop, void *context) {
  const kernels *k = kernels_of(d->settings.level);
  return (d->settings.single ? k->learn_float : k->learn_double)(
      d, first, steps, rates, should_stop, context);
}

int32_t tss_descent_set_samples(
    tss_descent *d, int64_t count, const float *inputs, const double *labels) {
  free(d->order);
  d->order = space(count, sizeof(uint32_t));
  d->samples = d->order ? count : 0;
  d->sample_inputs = inputs;
  d->sample_labels = labels;
  d->epoch = UINT64_MAX;
  return d->order != NULL;
}

void tss_descent_outputs(
    tss_descent *d, int32_t of_teacher, const float *inputs, int64_t count, double *outputs) {
  kernels_of(d->settings.level)->outputs(d, of_teacher, inputs, count, outputs);
}

void tss_descent_inputs(const tss_descent *d, uint64_t step, int64_t sample, float *x) {
  float *padded = space(d->x_stride, sizeof(float));
  if (!padded) abort();
  kernels_of(d->settings.level)->input(d, step, sample, padded);
  memcpy(x, padded, (size_t)d->settings.dimension * sizeof(float));
  free(padded);
}

double tss_descent_noise(const tss_descent *d, uint64_t step, int64_t sample) {
  float block[4096];
  uint64_t index = step * (uint64_t)d->settings.batch + (uint64_t)sample;
  tss_gaussians(d->settings.level, d->settings.seed, NOISE_STREAM, index / 4096, block, 4096);
  return block[index % 4096];
}
