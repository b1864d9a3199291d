#ifndef TSS_KERNELS_H
#define TSS_KERNELS_H

// The inner loops of the laboratory.
//
// Every function exists for up to three instruction sets, chosen at run time, and gives the same
// bits on each: lanes are fixed at 16 single or 8 double elements whatever the machine's vector
// width, sums run over lanes in one order, no multiply-add is fused, and exp, erf and log are our
// own. An instruction set is named only by tests and benchmarks.

#include <stdint.h>

#pragma clang assume_nonnull begin

/// 0 is portable C (SSE2 on x86-64), 1 AVX2, 2 AVX-512.
typedef int32_t tss_level;

/// The best level of this machine.
tss_level tss_best_level(void);
int32_t tss_level_is_supported(tss_level level);

// MARK: Random numbers and functions

/// Fills `x` with n standard normal numbers, keyed by (seed, stream, step) and, inside, by blocks
/// of 4096: vectorised xoshiro128++ of 16 lanes seeded by Philox4x32-10, then Box-Muller.
/// Single precision, tails to 6.66.
void tss_gaussians(
    tss_level level, uint64_t seed, uint32_t stream, uint64_t step, float *x, int64_t n);

/// Element by element; n is any number, the arrays may be the same.
void tss_exp(tss_level level, const double *x, double *y, int64_t n);
void tss_erf(tss_level level, const double *x, double *y, int64_t n);
void tss_expm1(tss_level level, const double *x, double *y, int64_t n);
void tss_tanh(tss_level level, const double *x, double *y, int64_t n);
/// For x < 6 only: beyond, the result is meaningless.
void tss_erfc(tss_level level, const double *x, double *y, int64_t n);
/// The natural logarithm of one number, the same bits on every processor.
double tss_log(double x);

/// Fills `order` with the numbers 0 to count - 1 in a random order, keyed by (seed, stream, round).
void tss_shuffle(
    uint64_t seed, uint32_t stream, uint64_t round, uint32_t *order, int64_t count);

/// x . y, in eight running sums.
double tss_dot(tss_level level, const double *x, const double *y, int64_t n);
/// y += a x.
void tss_add_multiple(tss_level level, double a, const double *x, double *y, int64_t n);

// MARK: Online gradient descent

/// Transfer functions g; `TSS_SIGN` is for teachers, for its derivative is taken as 0.
enum {
  TSS_ERF = 0,
  TSS_LINEAR = 1,
  TSS_RELU = 2,
  TSS_QUADRATIC = 3,
  TSS_SIGN = 4,
  TSS_CUSTOM = 5
};

/// What computes a `TSS_CUSTOM`: g and, unless NULL, g' of n fields; g may be x.
typedef struct tss_function {
  void (*_Nullable evaluate)(
      void *_Nullable context, const double *x, double *g, double *_Nullable derivative,
      int64_t n);
  void *_Nullable context;
} tss_function;

/// What a simulation is, besides its state.
typedef struct tss_descent_settings {
  int64_t dimension;
  int32_t student_units, teacher_units;
  int32_t student_activation, teacher_activation;
  /// Read where the activation is `TSS_CUSTOM`; they must outlive the simulation.
  tss_function student_function, teacher_function;
  double student_scale, teacher_scale;
  /// Samples averaged in one update.
  int64_t batch;
  uint64_t seed;
  /// Whether weights are single precision.
  int32_t single;
  /// Whether any step has momentum, for which there must be room.
  int32_t momentum;
  tss_level level;
} tss_descent_settings;

/// A simulation: its settings, weights and scratch memory.
typedef struct tss_descent tss_descent;

/// NULL where memory is short.
tss_descent *_Nullable tss_descent_create(const tss_descent_settings *settings);
void tss_descent_destroy(tss_descent *descent);

/// Weights as rows of `dimension` elements, without padding.
void tss_descent_set_student(tss_descent *descent, const double *rows);
void tss_descent_get_student(const tss_descent *descent, double *rows);
void tss_descent_set_teacher(tss_descent *descent, const double *rows);
/// The second layers; v changes as the student learns.
double *tss_descent_student_output(tss_descent *descent);
double *tss_descent_teacher_output(tss_descent *descent);

/// Gives the inputs the standard deviations `scale`, of `dimension` elements; without it they are
/// standard normal. Returns 0 where memory is short.
int32_t tss_descent_set_input_scale(tss_descent *descent, const double *scale);

/// The momentum's buffers d of the weights, rows as theirs, and of v; zero at first. They exist
/// where the settings have momentum.
void tss_descent_set_buffers(tss_descent *descent, const double *rows, const double *outputs);
void tss_descent_get_buffers(const tss_descent *descent, double *rows, double *outputs);
void tss_descent_clear_buffers(tss_descent *descent);

/// Q (K by K) and R (K by M) of the weights, in double precision: of their `count` components from
/// `first` on, over the whole dimension.
void tss_descent_overlaps(
    tss_descent *descent, int64_t first, int64_t count, double *Q, double *R);

/// Asked now and then within a long step; nonzero gives the step up, as if it had not begun.
typedef int32_t (*tss_should_stop)(void *_Nullable context);

/// What the steps of one call are taken with: a number for each step.
typedef struct tss_descent_rates {
  /// Learning rates; NULL leaves that layer alone.
  const double *_Nullable eta_w, *_Nullable eta_v;
  /// Weight decay.
  const double *kappa;
  /// Standard deviation of the labels' noise.
  const double *sigma;
  /// Of the heavy ball, for all steps alike: d <- beta d + step, w <- w + d, and v alike. Without
  /// momentum in the settings it is not read.
  double beta;
  /// With what probability a hidden unit takes part in a sample: 1 without dropout.
  double keep;
} tss_descent_rates;

/// Takes up to `steps` steps of online SGD, the first of them with the absolute number `first`,
/// which keys its random numbers.
///
/// Returns the steps done: fewer than asked for where `should_stop` said so or where in the next
/// one a field is not finite or beyond 3e5, or v beyond 1e10; the state is that before it.
int64_t tss_descent_run(
    tss_descent *descent, uint64_t first, int64_t steps, const tss_descent_rates *rates,
    tss_should_stop _Nullable should_stop, void *_Nullable context);

/// The inputs of the sample `sample` in the batch of step `step`: what `tss_descent_run` draws.
void tss_descent_inputs(const tss_descent *descent, uint64_t step, int64_t sample, float *x);
/// The labels' noise of that sample, standard normal.
double tss_descent_noise(const tss_descent *descent, uint64_t step, int64_t sample);

// MARK: Samples in memory

/// From now on steps learn from these `count` samples in place of fresh ones: rows of `dimension`
/// inputs and their labels, noise included. Samples are taken in epochs, each of which goes through
/// all of them in an order of its own, keyed by its number; the sample b of the batch of step t has
/// the number t * batch + b, over all epochs. The memory must outlive the simulation. Zero where
/// there is not enough memory.
int32_t tss_descent_set_samples(
    tss_descent *descent, int64_t count, const float *inputs, const double *labels);

/// The outputs, without noise, of the student or of the teacher for rows of `dimension` inputs.
void tss_descent_outputs(
    tss_descent *descent, int32_t of_teacher, const float *inputs, int64_t count, double *outputs);

// MARK: Online gradient descent through the order parameters

/// Runs without weights, exact in law at every N at a cost independent of it. Eight runs that
/// differ in their seeds can advance together, one in each lane, to the same bits as alone.
typedef struct tss_reduced_settings {
  /// N, a whole number of at least K + M, with momentum 2K + M.
  double dimension;
  int32_t student_units, teacher_units;
  int32_t student_activation, teacher_activation;
  /// As in `tss_descent_settings`.
  tss_function student_function, teacher_function;
  double student_scale, teacher_scale;
  /// Samples averaged in one update.
  int64_t batch;
  /// 1 or 8.
  int32_t lanes;
  /// Whether any step has momentum: then the student's rows are 2K, first the momentum's buffers
  /// of the K units, then their weights.
  int32_t momentum;
  tss_level level;
} tss_reduced_settings;

typedef struct tss_reduced tss_reduced;

/// With a seed for each lane; NULL where memory is short.
tss_reduced *_Nullable tss_reduced_create(
    const tss_reduced_settings *settings, const uint64_t *seeds);
void tss_reduced_destroy(tss_reduced *reduced);

/// The student of a lane: its rows, K or 2K of them, as many as they are beyond M coordinates each,
/// in units of sqrt(N), of which those after the first M are a lower triangular matrix; and v, with
/// momentum after its buffer.
void tss_reduced_set_student(
    tss_reduced *reduced, int32_t lane, const double *coordinates, const double *v);
void tss_reduced_get_student(
    const tss_reduced *reduced, int32_t lane, double *coordinates, double *v);
/// The teacher of a lane: M rows of its first M coordinates, lower triangular, and v*.
void tss_reduced_set_teacher(
    tss_reduced *reduced, int32_t lane, const double *coordinates, const double *v_star);
/// The second layers of a lane, which change where it goes over to another task; v without its
/// buffer.
void tss_reduced_set_outputs(
    tss_reduced *reduced, int32_t lane, const double *v, const double *v_star);
/// Makes the momentum's buffers of a lane zero.
void tss_reduced_clear_buffers(tss_reduced *reduced, int32_t lane);

/// Takes up to `steps` steps in every lane, the first of them with the absolute number `first`.
///
/// `rates` has for each step eta_w, eta_v, kappa of the first layer and kappa of the second, and
/// with momentum beta of the first and of the second, each for every lane; all zero for a layer
/// that is not trained. `sigma` is the standard deviation of the labels' noise, one number for each
/// step; `keep`, one number for each lane, the probability with which a hidden unit takes part in a
/// sample, 1 without dropout.
///
/// Returns the steps done: fewer than asked for where `should_stop` said so, or where in the next
/// one a lane of the mask `active` has fields or outputs that are not finite or absurd, as in
/// `tss_descent_run`. `failed` is the mask of these lanes, and the state of all is that before the
/// step.
int64_t tss_reduced_run(
    tss_reduced *reduced, uint64_t first, int64_t steps, const double *rates,
    const double *sigma, const double *keep, uint32_t active, uint32_t *failed,
    tss_should_stop _Nullable should_stop, void *_Nullable context);

// MARK: The same for structured inputs

/// Inputs with a covariance of few distinct eigenvalues: one run, a set of coordinates for each
/// eigenspace. Exact in law at every N, at a cost that does not depend on it.
typedef struct tss_blocks_settings {
  /// N, and the number of eigenspaces.
  double dimension;
  int32_t blocks;
  int32_t student_units, teacher_units;
  int32_t student_activation, teacher_activation;
  /// As in `tss_descent_settings`.
  tss_function student_function, teacher_function;
  double student_scale, teacher_scale;
  /// Samples averaged in one update.
  int64_t batch;
  uint64_t seed;
  tss_level level;
} tss_blocks_settings;

typedef struct tss_blocks tss_blocks;

/// With the eigenvalue and the dimension, at least K + M, of each eigenspace; NULL where memory is
/// short.
tss_blocks *_Nullable tss_blocks_create(
    const tss_blocks_settings *settings, const double *eigenvalues, const double *dimensions);
void tss_blocks_destroy(tss_blocks *blocks);

/// The coordinates of student and teacher in one eigenspace, as in `tss_reduced_set_student` and
/// `tss_reduced_set_teacher`.
void tss_blocks_set_student(tss_blocks *blocks, int32_t block, const double *coordinates);
void tss_blocks_get_student(const tss_blocks *blocks, int32_t block, double *coordinates);
void tss_blocks_set_teacher(tss_blocks *blocks, int32_t block, const double *coordinates);
/// The second layers; v changes as the student learns.
double *tss_blocks_student_output(tss_blocks *blocks);
double *tss_blocks_teacher_output(tss_blocks *blocks);

/// As `tss_descent_run`, without momentum.
int64_t tss_blocks_run(
    tss_blocks *blocks, uint64_t first, int64_t steps, const double *_Nullable eta_w,
    const double *_Nullable eta_v, const double *kappa, const double *sigma, double keep,
    tss_should_stop _Nullable should_stop, void *_Nullable context);

#pragma clang assume_nonnull end
#endif
