// Online SGD through the order parameters (PHYSICS.md, section F). Included once for each
// instruction set, after Gaussians.h and Functions.h.
//
// The state is the student's weights over sqrt(N) in an orthonormal frame: M directions that hold
// the teacher, then K for the rest of the student, in which its coordinates L are lower
// triangular. Of an input only its coordinates z in the frame and the length r of what is left
// enter a step. With z_B the K later coordinates, b = L z_B and R^2 = z_B.z_B + r^2, the step
// w <- (1 - k) w + c x changes L L' into
//
//     (1-k)^2 (L L' - b b'/R^2) + u u',   u = c R + (1-k) b/R.
//
// The first part has a root in closed form, for L L' - b b'/R^2 = L (1 - z_B z_B'/R^2) L' and the
// inner matrix has the Cholesky factor C_jj = sqrt(s_{j+1}/s_j), C_kj = -z_k z_j/sqrt(s_j s_{j+1})
// with s_j = z_j^2 + ... + z_K^2 + r^2, where nothing cancels; it depends on the input only. The
// second part is folded in by K Givens rotations. Nothing is ever divided by a pivot of L, so that
// students at zero and copies of the teacher need no care.
//
// One text serves two layouts. ALONE, a vector holds 8 rows of one run, and the numbers of a step
// are scalars; in lanes, a vector holds one row of 8 runs. Either way every number comes from the
// same operations in the same order, so that a run has the same bits alone and in lanes.

// The q-th number of a sample: for all rows alike, or one for each lane.
INLINE f64x8 NAME(at)(const double *p, int64_t q, const int alone) {
  return alone ? (f64x8)p[8 * q] : *(const f64x8 *)(p + 8 * q);
}

// MARK: Inputs

// chi^2 for 8 samples, from a Gaussian and 32 random bits each: the first try of Marsaglia and
// Tsang. It is accepted with probability exp(h) >= 1 - x^4/(54 d) while 1 + c x >= 1/2 (see
// log_excess), and samples that this does not settle go the long way.
INLINE f64x8 NAME(chi_squared)(
    const tss_reduced *d, f64x8 x, const uint32_t *bits, uint64_t step, const int alone) {
  if (d->degrees < 2) return d->degrees == 1 ? x * x : (f64x8)0.0;
  f64x8 t = 1.0 + d->gamma_c * x, square = x * x;
  f64x8 value = 2 * d->gamma_d * (t * t * t);
  f64x8 u = (__builtin_convertvector(*(const u32x8 *)bits, f64x8) + 1.0) * 0x1p-32;
  i64x8 settled =
      (i64x8)(u <= 1.0 - square * square * d->gamma_squeeze) & (i64x8)(t >= (f64x8)0.5);
  if (__builtin_reduce_and(settled) == 0)
    for (int i = 0; i < 8; i++)
      if (!settled[i])
        value[i] = chi_squared_of_first_try(
            d->degrees, d->seed[alone ? 0 : i], RETRY_STREAM, step + (uint64_t)(alone ? i : 0),
            x[i], bits[i]);
  return value;
}

// From z, zeta and x of 8 samples, in p: R, 1/R, 1 - C_jj, the factors of C_kj, and last the
// labels without their noise, whose size may change from step to step.
INLINE void NAME(prepare)(
    const tss_reduced *d, double *p, const uint32_t *bits, uint64_t step, const int alone) {
  const tss_reduced_settings *s = &d->settings;
  const int64_t K = d->columns, M = s->teacher_units, D = K + M;
  f64x8 *q = (f64x8 *)p, output = (f64x8)0.0;
  const f64x8 *A = (const f64x8 *)d->teacher;
  for (int64_t m = 0; m < M; m++) {
    f64x8 rho = (f64x8)0.0, g;
    for (int64_t j = 0; j <= m; j++) rho += *A++ * q[j];
    NAME(activate)(
        s->teacher_activation, &s->teacher_function, (double *)&rho, (double *)&g, 0, 8);
    output += ((const f64x8 *)d->v_star)[m] * g;
  }
  q[d->slots - 1] = s->teacher_scale * output;
  if (s->batch > 1) return;

  // The tiny number keeps the frame of a full space (r = 0) from dividing by zero.
  f64x8 sum = NAME(chi_squared)(d, q[D + 1], bits, step, alone) + 0x1p-300;
  f64x8 root = __builtin_elementwise_sqrt(sum);
  for (int64_t j = K - 1; j >= 0; j--) {
    const f64x8 z = q[M + j];
    sum += z * z;
    // sqrt(s_j), after sqrt(s_{j+1}) in `root`.
    const f64x8 next = __builtin_elementwise_sqrt(sum), both = next + root;
    // 1 - C_jj = z^2/(next both), and not C itself: for large N rounding would be all that is left
    // of it. One division serves this and z/(root next).
    const f64x8 share = z / (root * next * both);
    q[D + 3 + j] = z * share * root;
    q[D + 3 + K + j] = share * both;
    root = next;
  }
  q[D + 1] = root;
  q[D + 2] = 1.0 / root;
}

// Eight numbers of each of 8 lanes, `stride` apart, to one vector of lanes for each number.
INLINE void NAME(interleave)(const float *x, int64_t stride, double *to, int64_t to_stride) {
  f32x8 v[8];
  UNROLL for (int i = 0; i < 8; i++) v[i] = *(const f32x8 *)(x + i * stride);
#define EXCHANGE(a, b, low, high)                                           \
  do {                                                                      \
    const f32x8 first = v[a], second = v[b];                                \
    v[a] = __builtin_shufflevector(first, second, low);                     \
    v[b] = __builtin_shufflevector(first, second, high);                    \
  } while (0)
#define LIST(...) __VA_ARGS__
  UNROLL for (int i = 0; i < 4; i++)
    EXCHANGE(i, i + 4, LIST(0, 1, 2, 3, 8, 9, 10, 11), LIST(4, 5, 6, 7, 12, 13, 14, 15));
  UNROLL for (int i = 0; i < 4; i++)
    EXCHANGE(
        i + i / 2 * 2, i + i / 2 * 2 + 2, LIST(0, 1, 8, 9, 4, 5, 12, 13),
        LIST(2, 3, 10, 11, 6, 7, 14, 15));
  UNROLL for (int i = 0; i < 4; i++)
    EXCHANGE(2 * i, 2 * i + 1, LIST(0, 8, 2, 10, 4, 12, 6, 14), LIST(1, 9, 3, 11, 5, 13, 7, 15));
#undef EXCHANGE
#undef LIST
  UNROLL for (int i = 0; i < 8; i++)
    *(f64x8 *)(to + i * to_stride) = __builtin_convertvector(v[i], f64x8);
}

// Draws and prepares the samples of a block.
WIDE void NAME(draw)(tss_reduced *d, uint64_t block, const int alone) {
  const int64_t slots = d->slots, numbers = d->numbers, lanes = alone ? 1 : 8;
  for (int64_t lane = 0; lane < lanes; lane++) {
    float *x = d->gaussian + lane * numbers * BLOCK;
    NAME(gaussians)(d->seed[lane], SAMPLE_STREAM, block, x, numbers * BLOCK);
    if (d->settings.batch > 1 || d->degrees < 2) continue;
    for (int64_t i = 0; i < BLOCK; i += 32) {
      const u64x8 counter = {0, 1, 2, 3, 4, 5, 6, 7};
      u64x8 c[4] = {
          counter + (uint64_t)i, (u64x8)(block & 0xffffffffu), (u64x8)(block >> 32),
          (u64x8)(uint64_t)BITS_STREAM};
      NAME(philox)(c, (uint32_t)d->seed[lane], (uint32_t)(d->seed[lane] >> 32));
      for (int64_t k = 0; k < 32; k++)
        d->bits[alone ? i + k : (i + k) * 8 + lane] = (uint32_t)c[k / 8][k % 8];
    }
  }
  for (int64_t q = 0; q < numbers; q++)
    for (int64_t i = 0; i < BLOCK; i += 8) {
      const float *x = d->gaussian + q * BLOCK + i;
      if (alone)
        *(f64x8 *)(d->prepared + (i / 8 * slots + q) * 8) =
            __builtin_convertvector(*(const f32x8 *)x, f64x8);
      else
        NAME(interleave)(x, numbers * BLOCK, d->prepared + (i * slots + q) * 8, slots * 8);
    }
  for (int64_t i = 0; i < BLOCK; i += alone ? 8 : 1)
    NAME(prepare)(
        d, d->prepared + (alone ? i / 8 : i) * slots * 8, d->bits + (alone ? i : i * 8),
        block * BLOCK + (uint64_t)i, alone);
  d->block = block;
}

// The numbers of a sample, for `at`.
INLINE const double *NAME(sample)(tss_reduced *d, uint64_t index, const int alone) {
  const uint64_t block = index / BLOCK;
  if (block != d->block) NAME(draw)(d, block, alone);
  const uint64_t i = index % BLOCK;
  return alone ? d->prepared + i / 8 * (uint64_t)d->slots * 8 + i % 8
               : d->prepared + i * (uint64_t)d->slots * 8;
}

// MARK: Rotations

// to to' = from from' + u u', both lower triangular; uses u up. Row j of the triangle is that in
// the place j, and from K on in the place j + gap.
INLINE void NAME(fold_with_gap)(
    const f64x8 *from, f64x8 *to, f64x8 *u, int64_t K, int64_t gap, int64_t columns, int64_t rows,
    const int alone) {
  for (int64_t column = 0; column < columns; column++, from += rows, to += rows) {
    const int64_t j = column < K ? column : column + gap;
    if (alone) {
      const double a = ((const double *)from)[j], e = ((double *)u)[j];
      const double length = __builtin_elementwise_sqrt(a * a + e * e);
      const double cosine = length == 0 ? 1 : a / length, sine = length == 0 ? 0 : e / length;
      const i64x8 lane = {0, 1, 2, 3, 4, 5, 6, 7};
      i64x8 below = (i64x8)(lane > (i64x8)(j % 8));
      for (int64_t r = j / 8; r < rows; r++) {
        f64x8 old = from[r], rotated = cosine * old + sine * u[r];
        f64x8 left = cosine * u[r] - sine * old;
        to[r] = (f64x8)((i64x8)rotated & below);
        u[r] = (f64x8)((i64x8)left & below);
        below = (i64x8)-1;
      }
      ((double *)to)[j] = length;
    } else {
      const f64x8 a = from[j], e = u[j], length = __builtin_elementwise_sqrt(a * a + e * e);
      const i64x8 zero = (i64x8)(length == (f64x8)0.0);
      const f64x8 cosine = NAME(select)(zero, (f64x8)1.0, a / length);
      const f64x8 sine = NAME(select)(zero, (f64x8)0.0, e / length);
      for (int64_t k = j + 1; k < rows; k++) {
        f64x8 old = from[k];
        to[k] = cosine * old + sine * u[k];
        u[k] = cosine * u[k] - sine * old;
      }
      to[j] = length;
    }
  }
}

INLINE void NAME(fold)(
    const f64x8 *from, f64x8 *to, f64x8 *u, int64_t K, int64_t rows, const int alone) {
  NAME(fold_with_gap)(from, to, u, K, 0, K, rows, alone);
}

// MARK: Steps

// g and g' of the fields, and Delta, of the sample `index`; nonzero bits of the result are lanes in
// range.
INLINE i64x8 NAME(error)(
    tss_reduced *d, const double *p, uint64_t index, double sigma, f64x8 *delta,
    const int alone) {
  const tss_reduced_settings *s = &d->settings;
  const int64_t K = s->student_units, rows = d->rows;
  NAME(activate)(
      s->student_activation, &s->student_function, d->field, d->g, d->derivative, rows * 8);
  if (d->drops)
    for (int64_t lane = 0; lane < s->lanes; lane++)
      if (d->keep[lane] < 1)
        drop_units(
            d->seed[lane], DROPOUT_STREAM, index, d->keep[lane], K, alone ? 1 : 8, d->g + lane,
            d->derivative + lane);
  f64x8 output = (f64x8)0.0;
  if (alone) {
    double sum = 0;
    for (int64_t k = 0; k < K; k++) sum += d->v[k] * d->g[k];
    output = (f64x8)sum;
  } else {
    for (int64_t k = 0; k < K; k++) output += *(f64x8 *)(d->v + 8 * k) * *(f64x8 *)(d->g + 8 * k);
  }
  const f64x8 clean = NAME(at)(p, d->slots - 1, alone);
  const f64x8 zeta = NAME(at)(p, d->columns + s->teacher_units, alone);
  *delta = s->student_scale * output - (clean + sigma * zeta);
  // Written so that not-a-number fails.
  i64x8 good = (i64x8)(__builtin_elementwise_abs(*delta) <= (f64x8)ABSURD_OUTPUT);
  for (int64_t r = 0; r < rows; r++) {
    good &= (i64x8)(__builtin_elementwise_abs(*(f64x8 *)(d->field + 8 * r)) <= (f64x8)ABSURD_FIELD);
    good &= (i64x8)(__builtin_elementwise_abs(*(f64x8 *)(d->v + 8 * r)) <= (f64x8)ABSURD_OUTPUT);
  }
  return good;
}

// Whether all runs that go on are in range; else which are not.
INLINE int NAME(continues)(i64x8 good, uint32_t active, uint32_t *failed, const int alone) {
  if (__builtin_reduce_and(good)) return 1;
  uint32_t bad = 0;
  for (int i = 0; i < 8; i++) bad |= good[i] ? 0 : 1u << (alone ? 0 : i);
  *failed = bad & active;
  return *failed == 0;
}

INLINE int64_t NAME(learn_reduced_online)(
    tss_reduced *d, uint64_t first, int64_t steps, const double *rates, const double *sigma,
    uint32_t active, uint32_t *failed, const int alone) {
  const tss_reduced_settings *s = &d->settings;
  const int64_t K = s->student_units, M = s->teacher_units, D = K + M, rows = d->rows;
  const double per_N = 1 / s->dimension;
  f64x8 *S = (f64x8 *)d->student, *L = S + M * rows, *shrunk = (f64x8 *)d->shrunk;
  f64x8 *u = (f64x8 *)d->u, *v = (f64x8 *)d->v, *own = (f64x8 *)d->own;
  f64x8 *field = (f64x8 *)d->field, *g = (f64x8 *)d->g, *derivative = (f64x8 *)d->derivative;
  for (int64_t t = 0; t < steps; t++, rates += alone ? 4 : 32) {
    const double *p = NAME(sample)(d, first + (uint64_t)t, alone);
#define RATE(i) (alone ? (f64x8)rates[i] : *(const f64x8 *)(rates + 8 * (i)))
    const f64x8 eta_w = RATE(0), eta_v = RATE(1);
    const f64x8 decay_w = RATE(2) * per_N, decay_v = RATE(3) * per_N;
#undef RATE
    for (int64_t r = 0; r < rows; r++) {
      f64x8 along = (f64x8)0.0, rest = (f64x8)0.0;
      for (int64_t j = 0; j < M; j++) along += S[j * rows + r] * NAME(at)(p, j, alone);
      for (int64_t j = alone ? K - 1 : r; j >= 0; j--) {
        const f64x8 old = L[j * rows + r], less = NAME(at)(p, D + 3 + j, alone);
        const f64x8 lost = less + decay_w * (1.0 - less);
        const f64x8 mixed = (1.0 - decay_w) * NAME(at)(p, D + 3 + K + j, alone);
        shrunk[j * rows + r] = old - (lost * old + mixed * rest);
        rest += old * NAME(at)(p, M + j, alone);
      }
      own[r] = rest;
      field[r] = along + rest;
    }
    f64x8 delta;
    i64x8 good = NAME(error)(d, p, first + (uint64_t)t, sigma[t], &delta, alone);
    if (!NAME(continues)(good, active, failed, alone)) return t;

    const f64x8 gradient = s->student_scale * delta;
    const f64x8 factor = -(eta_w * per_N) * gradient, factor_v = eta_v * per_N * gradient;
    const f64x8 R = NAME(at)(p, D + 1, alone), inverse = NAME(at)(p, D + 2, alone);
    for (int64_t r = 0; r < rows; r++) {
      const f64x8 c = factor * v[r] * derivative[r];
      v[r] -= factor_v * g[r] + decay_v * v[r];
      u[r] = c * R + (1.0 - decay_w) * own[r] * inverse;
      for (int64_t j = 0; j < M; j++) {
        const f64x8 old = S[j * rows + r];
        S[j * rows + r] = old + (c * NAME(at)(p, j, alone) - decay_w * old);
      }
    }
    // Without a rate nothing moves, not even by rounding.
    const i64x8 moves = (i64x8)(eta_w != (f64x8)0.0);
    if (__builtin_reduce_and(moves)) {
      NAME(fold)(shrunk, L, u, K, rows, alone);
    } else {
      if (!alone) NAME(fold)(shrunk, shrunk, u, K, rows, alone);
      for (int64_t j = 0; j < K; j++)
        for (int64_t r = alone ? 0 : j; r < rows; r++) {
          const f64x8 old = L[j * rows + r], still = old - decay_w * old;
          L[j * rows + r] = alone ? still : NAME(select)(moves, shrunk[j * rows + r], still);
        }
    }
  }
  return steps;
}

// Many samples a step. What the frame does not see of the mean gradient C Y, with Y the rest of
// the inputs, has the products C Y Y' C', a Wishart matrix whose scale is C C': the root of that,
// K by K, times a Bartlett root of N - D degrees, whatever the size of the batch.
INLINE int64_t NAME(learn_reduced_batches)(
    tss_reduced *d, uint64_t first, int64_t steps, const double *rates, const double *sigma,
    uint32_t active, uint32_t *failed, tss_should_stop should_stop, void *context,
    const int alone) {
  const tss_reduced_settings *s = &d->settings;
  const int64_t K = s->student_units, M = s->teacher_units, D = K + M, rows = d->rows;
  const int64_t batch = s->batch, patience = 1 + 250000 / (K * (50 + 10 * D));
  const double per_N = 1 / s->dimension, per_batch = 1 / (double)batch;
  f64x8 *S = (f64x8 *)d->student, *L = S + M * rows, *change = (f64x8 *)d->change;
  f64x8 *root = (f64x8 *)d->shrunk, *u = (f64x8 *)d->u, *v = (f64x8 *)d->v;
  f64x8 *field = (f64x8 *)d->field, *g = (f64x8 *)d->g, *derivative = (f64x8 *)d->derivative;
  f64x8 *v_change = (f64x8 *)d->own, *next = (f64x8 *)d->next;
  for (int64_t t = 0; t < steps; t++, rates += alone ? 4 : 32) {
#define RATE(i) (alone ? (f64x8)rates[i] : *(const f64x8 *)(rates + 8 * (i)))
    const f64x8 eta_w = RATE(0), eta_v = RATE(1);
    const f64x8 decay_w = RATE(2) * per_N, decay_v = RATE(3) * per_N;
#undef RATE
    for (int64_t i = 0; i < D * rows; i++) change[i] = (f64x8)0.0;
    for (int64_t i = 0; i < K * rows; i++) root[i] = next[i] = (f64x8)0.0;
    for (int64_t r = 0; r < rows; r++) v_change[r] = (f64x8)0.0;
    for (int64_t sample = 0; sample < batch; sample++) {
      if (should_stop && sample > 0 && sample % patience == 0 && should_stop(context)) return t;
      const uint64_t index = (first + (uint64_t)t) * (uint64_t)batch + (uint64_t)sample;
      const double *p = NAME(sample)(d, index, alone);
      for (int64_t r = 0; r < rows; r++) {
        f64x8 sum = (f64x8)0.0;
        for (int64_t j = 0; j < (alone ? D : M + r + 1); j++)
          sum += S[j * rows + r] * NAME(at)(p, j, alone);
        field[r] = sum;
      }
      f64x8 delta;
      i64x8 good = NAME(error)(d, p, index, sigma[t], &delta, alone);
      if (!NAME(continues)(good, active, failed, alone)) return t;
      const f64x8 gradient = s->student_scale * delta * per_batch;
      const f64x8 factor = -(eta_w * per_N) * gradient;
      for (int64_t r = 0; r < rows; r++) {
        const f64x8 c = factor * v[r] * derivative[r];
        v_change[r] += gradient * g[r];
        for (int64_t j = 0; j < D; j++) change[j * rows + r] += c * NAME(at)(p, j, alone);
        u[r] = c;
      }
      NAME(fold)(root, root, u, K, rows, alone);
    }
    for (int64_t r = 0; r < rows; r++)
      v[r] -= eta_v * per_N * v_change[r] + decay_v * v[r];
    for (int64_t i = 0; i < M * rows; i++) S[i] += change[i] - decay_w * S[i];

    draw_bartlett_roots(d, first + (uint64_t)t);
    for (int64_t j = 0; j < K; j++) {
      for (int64_t r = 0; r < rows; r++) {
        const f64x8 old = alone || j <= r ? L[j * rows + r] : (f64x8)0.0;
        u[r] = old + (change[(M + j) * rows + r] - decay_w * old);
      }
      NAME(fold)(next, next, u, K, rows, alone);
    }
    const int64_t columns = d->degrees < (double)K ? (int64_t)d->degrees : K;
    for (int64_t i = 0; i < columns; i++) {
      for (int64_t r = 0; r < rows; r++) {
        f64x8 sum = (f64x8)0.0;
        for (int64_t j = i; j < (alone ? K : r + 1); j++)
          sum += root[j * rows + r] * NAME(at)(d->bartlett, j * K + i, alone);
        u[r] = sum;
      }
      NAME(fold)(next, next, u, K, rows, alone);
    }
    const i64x8 moves = (i64x8)(eta_w != (f64x8)0.0);
    for (int64_t j = 0; j < K; j++)
      for (int64_t r = alone ? 0 : j; r < rows; r++) {
        const f64x8 old = L[j * rows + r];
        L[j * rows + r] = NAME(select)(moves, next[j * rows + r], old - decay_w * old);
      }
  }
  return steps;
}
