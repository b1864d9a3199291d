// Online SGD with momentum through the order parameters (PHYSICS.md, E2 and F). Included once for
// each instruction set, after Reduced.h.
//
// With the heavy ball, d <- beta d + c x and w <- (1 - k) w + d, an input enters through its
// projections on the buffers d too. So the rows of the state are those of d, then those of w, and
// the frame has M + 2K vectors. With the buffers first, the linear part of a step,
//
//     A = [ beta      0  ]      on  [ d ]
//         [ beta  1 - k ]           [ w ],
//
// is lower triangular, and L -> A L needs no rotation. So all is as without momentum: with b = L z_B
// and c for the rows of both, L L' changes into
//
//     A (L L' - b b'/R^2) A' + u u',   u = c R + A b/R.
//
// A column is `rows` vectors of d and as many of w, in lanes K and K; alone the last vector of each
// is padded, so that a w stands in the lane of its d.

// The rates of one step.
typedef struct NAME(heavy_rates) {
  f64x8 eta_w, eta_v, decay_w, decay_v, beta_w, beta_v;
} NAME(heavy_rates);

INLINE NAME(heavy_rates) NAME(rates_with_momentum)(
    const tss_reduced *d, const double *rates, const int alone) {
  const double per_N = 1 / d->settings.dimension;
#define RATE(i) (alone ? (f64x8)rates[i] : *(const f64x8 *)(rates + 8 * (i)))
  return (NAME(heavy_rates)){RATE(0), RATE(1), RATE(2) * per_N, RATE(3) * per_N, RATE(4), RATE(5)};
#undef RATE
}

// Where a row of the triangle stands in a column that is read as numbers, from the row K on.
INLINE int64_t NAME(gap)(const tss_reduced *d, const int alone) {
  return alone ? d->rows * 8 - d->settings.student_units : 0;
}

// Where neither a rate nor momentum moves a lane's weights, they must not move by rounding either:
// the buffers are zero, and only decay acts. Elsewhere takes the new columns.
INLINE void NAME(accept)(
    const tss_reduced *d, const NAME(heavy_rates) *rate, f64x8 *S, const f64x8 *next,
    const int64_t columns) {
  const int64_t rows = d->rows;
  const i64x8 moves = (i64x8)(rate->eta_w != (f64x8)0.0) | (i64x8)(rate->beta_w != (f64x8)0.0);
  for (int64_t j = 0; j < columns; j++, S += 2 * rows, next += 2 * rows)
    for (int64_t r = 0; r < rows; r++) {
      const f64x8 w = S[rows + r];
      S[r] = NAME(select)(moves, next[r], (f64x8)0.0);
      S[rows + r] = NAME(select)(moves, next[rows + r], w - rate->decay_w * w);
    }
}

INLINE int64_t NAME(learn_momentum_online)(
    tss_reduced *d, uint64_t first, int64_t steps, const double *rates, const double *sigma,
    uint32_t active, uint32_t *failed, const int alone) {
  const tss_reduced_settings *s = &d->settings;
  const int64_t K = s->student_units, M = s->teacher_units, D = 2 * K + M;
  const int64_t rows = d->rows, tall = 2 * rows, gap = NAME(gap)(d, alone);
  const double per_N = 1 / s->dimension;
  f64x8 *S = (f64x8 *)d->student, *L = S + M * tall;
  f64x8 *change = (f64x8 *)d->change, *next = change + M * tall;
  f64x8 *u = (f64x8 *)d->u, *v = (f64x8 *)d->v, *own = (f64x8 *)d->own;
  f64x8 *v_buffer = (f64x8 *)d->v_buffer;
  f64x8 *field = (f64x8 *)d->field, *g = (f64x8 *)d->g, *derivative = (f64x8 *)d->derivative;
  for (int64_t t = 0; t < steps; t++, rates += alone ? 6 : 48) {
    const double *p = NAME(sample)(d, first + (uint64_t)t, alone);
    const NAME(heavy_rates) rate = NAME(rates_with_momentum)(d, rates, alone);
    // L C - L, and b.
    for (int64_t r = 0; r < tall; r++) {
      f64x8 rest = (f64x8)0.0;
      for (int64_t j = alone ? (r < rows ? K : 2 * K) - 1 : r; j >= 0; j--) {
        const f64x8 old = L[j * tall + r];
        const f64x8 less = NAME(at)(p, D + 3 + j, alone);
        next[j * tall + r] = -(less * old + NAME(at)(p, D + 3 + 2 * K + j, alone) * rest);
        rest += old * NAME(at)(p, M + j, alone);
      }
      own[r] = rest;
    }
    for (int64_t r = 0; r < rows; r++) {
      f64x8 along = (f64x8)0.0;
      for (int64_t j = 0; j < M; j++) along += S[j * tall + rows + r] * NAME(at)(p, j, alone);
      field[r] = along + own[rows + r];
    }
    f64x8 delta;
    i64x8 good = NAME(error)(d, p, first + (uint64_t)t, sigma[t], &delta, alone);
    if (!NAME(continues)(good, active, failed, alone)) return t;

    const f64x8 gradient = s->student_scale * delta;
    const f64x8 factor = -(rate.eta_w * per_N) * gradient;
    const f64x8 factor_v = rate.eta_v * per_N * gradient;
    const f64x8 R = NAME(at)(p, D + 1, alone), inverse = NAME(at)(p, D + 2, alone);
    for (int64_t r = 0; r < rows; r++) {
      const f64x8 c = factor * v[r] * derivative[r];
      v_buffer[r] = rate.beta_v * v_buffer[r] - factor_v * g[r];
      v[r] += v_buffer[r] - rate.decay_v * v[r];
      for (int64_t j = 0; j < M; j++) {
        const f64x8 old = S[j * tall + rows + r];
        const f64x8 ball = rate.beta_w * S[j * tall + r] + c * NAME(at)(p, j, alone);
        change[j * tall + r] = ball;
        change[j * tall + rows + r] = old + (ball - rate.decay_w * old);
      }
      // A L C: the rows of d end where those of w begin.
      for (int64_t j = 0; j < 2 * K; j++) {
        const int both = alone ? j < K : j <= r;
        if (!alone && j > rows + r) break;
        const f64x8 ball = both ? rate.beta_w * (L[j * tall + r] + next[j * tall + r]) : (f64x8)0.0;
        const f64x8 old = L[j * tall + rows + r], lost = next[j * tall + rows + r];
        next[j * tall + r] = ball;
        next[j * tall + rows + r] = old + (ball + (lost - rate.decay_w * (old + lost)));
      }
      const f64x8 ball = c * R + rate.beta_w * own[r] * inverse;
      u[r] = ball;
      u[rows + r] = ball + (1.0 - rate.decay_w) * own[rows + r] * inverse;
    }
    NAME(fold_with_gap)(next, next, u, K, gap, 2 * K, tall, alone);
    NAME(accept)(d, &rate, S, change, D);
  }
  return steps;
}

// As `learn_reduced_batches`: the columns of the new rows, one after the other, are folded into a
// triangle, those of the frame and those of the rest.
INLINE int64_t NAME(learn_momentum_batches)(
    tss_reduced *d, uint64_t first, int64_t steps, const double *rates, const double *sigma,
    uint32_t active, uint32_t *failed, tss_should_stop should_stop, void *context,
    const int alone) {
  const tss_reduced_settings *s = &d->settings;
  const int64_t K = s->student_units, M = s->teacher_units, D = 2 * K + M;
  const int64_t rows = d->rows, tall = 2 * rows, gap = NAME(gap)(d, alone);
  const int64_t batch = s->batch, patience = 1 + 250000 / (K * (50 + 10 * D));
  const double per_N = 1 / s->dimension, per_batch = 1 / (double)batch;
  f64x8 *S = (f64x8 *)d->student, *L = S + M * tall;
  // The mean gradient's coordinates in the frame, K rows; then the new rows of both.
  f64x8 *change = (f64x8 *)d->change, *next = (f64x8 *)d->next, *triangle = next + M * tall;
  f64x8 *root = (f64x8 *)d->shrunk, *u = (f64x8 *)d->u, *v = (f64x8 *)d->v;
  f64x8 *field = (f64x8 *)d->field, *g = (f64x8 *)d->g, *derivative = (f64x8 *)d->derivative;
  f64x8 *v_change = (f64x8 *)d->own, *v_buffer = (f64x8 *)d->v_buffer;
  for (int64_t t = 0; t < steps; t++, rates += alone ? 6 : 48) {
    const NAME(heavy_rates) rate = NAME(rates_with_momentum)(d, rates, alone);
    for (int64_t i = 0; i < D * rows; i++) change[i] = (f64x8)0.0;
    for (int64_t i = 0; i < K * rows; i++) root[i] = (f64x8)0.0;
    for (int64_t i = 0; i < 2 * K * tall; i++) triangle[i] = (f64x8)0.0;
    for (int64_t r = 0; r < rows; r++) v_change[r] = (f64x8)0.0;
    for (int64_t sample = 0; sample < batch; sample++) {
      if (should_stop && sample > 0 && sample % patience == 0 && should_stop(context)) return t;
      const uint64_t index = (first + (uint64_t)t) * (uint64_t)batch + (uint64_t)sample;
      const double *p = NAME(sample)(d, index, alone);
      for (int64_t r = 0; r < rows; r++) {
        f64x8 sum = (f64x8)0.0;
        for (int64_t j = 0; j < (alone ? D : M + K + r + 1); j++)
          sum += S[j * tall + rows + r] * NAME(at)(p, j, alone);
        field[r] = sum;
      }
      f64x8 delta;
      i64x8 good = NAME(error)(d, p, index, sigma[t], &delta, alone);
      if (!NAME(continues)(good, active, failed, alone)) return t;
      const f64x8 gradient = s->student_scale * delta * per_batch;
      const f64x8 factor = -(rate.eta_w * per_N) * gradient;
      for (int64_t r = 0; r < rows; r++) {
        const f64x8 c = factor * v[r] * derivative[r];
        v_change[r] += gradient * g[r];
        for (int64_t j = 0; j < D; j++) change[j * rows + r] += c * NAME(at)(p, j, alone);
        u[r] = c;
      }
      NAME(fold)(root, root, u, K, rows, alone);
    }
    for (int64_t r = 0; r < rows; r++) {
      v_buffer[r] = rate.beta_v * v_buffer[r] - rate.eta_v * per_N * v_change[r];
      v[r] += v_buffer[r] - rate.decay_v * v[r];
    }
    for (int64_t j = 0; j < D; j++) {
      f64x8 *column = j < M ? next + j * tall : u;
      for (int64_t r = 0; r < rows; r++) {
        const int64_t i = j - M;
        const int ofBuffer = alone || i <= r, ofWeights = alone || i <= K + r;
        const f64x8 old = ofWeights ? S[j * tall + rows + r] : (f64x8)0.0;
        const f64x8 before = ofBuffer ? S[j * tall + r] : (f64x8)0.0;
        const f64x8 ball = rate.beta_w * before + change[j * rows + r];
        column[r] = ball;
        column[rows + r] = old + (ball - rate.decay_w * old);
      }
      if (j >= M) NAME(fold_with_gap)(triangle, triangle, u, K, gap, 2 * K, tall, alone);
    }
    draw_bartlett_roots(d, first + (uint64_t)t);
    const int64_t columns = d->degrees < (double)K ? (int64_t)d->degrees : K;
    for (int64_t i = 0; i < columns; i++) {
      for (int64_t r = 0; r < rows; r++) {
        f64x8 sum = (f64x8)0.0;
        for (int64_t j = i; j < (alone ? K : r + 1); j++)
          sum += root[j * rows + r] * NAME(at)(d->bartlett, j * K + i, alone);
        u[r] = u[rows + r] = sum;
      }
      NAME(fold_with_gap)(triangle, triangle, u, K, gap, 2 * K, tall, alone);
    }
    NAME(accept)(d, &rate, S, next, D);
  }
  return steps;
}

// MARK: Which of the four

INLINE int64_t NAME(learn_reduced)(
    tss_reduced *d, uint64_t first, int64_t steps, const double *rates, const double *sigma,
    uint32_t active, uint32_t *failed, tss_should_stop should_stop, void *context,
    const int alone) {
  if (d->settings.momentum && d->settings.batch > 1)
    return NAME(learn_momentum_batches)(
        d, first, steps, rates, sigma, active, failed, should_stop, context, alone);
  if (d->settings.momentum)
    return NAME(learn_momentum_online)(d, first, steps, rates, sigma, active, failed, alone);
  if (d->settings.batch > 1)
    return NAME(learn_reduced_batches)(
        d, first, steps, rates, sigma, active, failed, should_stop, context, alone);
  return NAME(learn_reduced_online)(d, first, steps, rates, sigma, active, failed, alone);
}

WIDE int64_t NAME(learn_reduced_alone)(
    tss_reduced *d, uint64_t first, int64_t steps, const double *rates, const double *sigma,
    uint32_t active, uint32_t *failed, tss_should_stop should_stop, void *context) {
  return NAME(learn_reduced)(
      d, first, steps, rates, sigma, active, failed, should_stop, context, 1);
}

WIDE int64_t NAME(learn_reduced_lanes)(
    tss_reduced *d, uint64_t first, int64_t steps, const double *rates, const double *sigma,
    uint32_t active, uint32_t *failed, tss_should_stop should_stop, void *context) {
  return NAME(learn_reduced)(
      d, first, steps, rates, sigma, active, failed, should_stop, context, 0);
}
