// Online SGD through the order parameters for Gaussian inputs with several variances (PHYSICS.md,
// E4 and F). Included once for each instruction set, after Gaussians.h and Functions.h.
//
// In the eigenspace of lambda_e, inputs are sqrt(lambda_e) times isotropic ones of N_e dimensions.
// So every eigenspace has coordinates of its own, and a step changes them as Reduced.h says, with
// c_e = sqrt(lambda_e) c; the eigenspaces meet only in the local fields. A vector holds eight
// eigenspaces of one run, and sums over them go lane by lane in one order.

// Draws z, and chi^2 of what is left where one sample is a step, of the sample `index`; returns the
// labels' noise.
INLINE double NAME(draw_blocks)(tss_blocks *d, uint64_t index, f64x8 *rest) {
  const tss_blocks_settings *s = &d->settings;
  const int64_t D = s->student_units + s->teacher_units, groups = d->groups;
  const int64_t numbers = 8 * groups * (D + 1);
  NAME(gaussians)(s->seed, SAMPLE_STREAM, index, d->gaussian, numbers + 1);
  for (int64_t i = 0; i < numbers; i += 8)
    *(f64x8 *)(d->z + i) = __builtin_convertvector(*(const f32x8 *)(d->gaussian + i), f64x8);
  if (!rest) return d->gaussian[numbers];
  for (int64_t group = 0; group < groups; group++) {
    const u64x8 lane = {0, 1, 2, 3, 4, 5, 6, 7};
    u64x8 c[4] = {
        lane + (uint64_t)(8 * group), (u64x8)(index & 0xffffffffu), (u64x8)(index >> 32),
        (u64x8)(uint64_t)BITS_STREAM};
    NAME(philox)(c, (uint32_t)s->seed, (uint32_t)(s->seed >> 32));
    const f64x8 x = *(const f64x8 *)(d->z + (group * (D + 1) + D) * 8), square = x * x;
    const f64x8 gamma_c = *(const f64x8 *)(d->gamma_c + 8 * group);
    const f64x8 t = 1.0 + gamma_c * x;
    f64x8 value = 2 * *(const f64x8 *)(d->gamma_d + 8 * group) * (t * t * t);
    const f64x8 degrees = *(const f64x8 *)(d->degrees + 8 * group);
    const f64x8 u = (__builtin_convertvector(c[0], f64x8) + 1.0) * 0x1p-32;
    const i64x8 settled =
        (i64x8)(u <= 1.0 - square * square * *(const f64x8 *)(d->gamma_squeeze + 8 * group))
        & (i64x8)(t >= (f64x8)0.5) & (i64x8)(degrees >= (f64x8)2.0);
    // The first try of Marsaglia and Tsang, as in Reduced.h; few samples go the long way.
    if (__builtin_reduce_and(settled) == 0)
      for (int i = 0; i < 8; i++) {
        if (degrees[i] < 2)
          value[i] = degrees[i] == 1 ? square[i] : 0;
        else if (!settled[i])
          value[i] = chi_squared_of_first_try(
              degrees[i], s->seed, RETRY_STREAM + (uint32_t)(8 * group + i), index, x[i],
              (uint32_t)c[0][i]);
      }
    rest[group] = value;
  }
  return d->gaussian[numbers];
}

// The local fields of the sample `index` that was drawn, g, g' and Delta; whether all is in range.
INLINE int NAME(blocks_error)(tss_blocks *d, uint64_t index, double noise, double *delta) {
  const tss_blocks_settings *s = &d->settings;
  const int64_t K = s->student_units, M = s->teacher_units, D = K + M;
  for (int64_t m = 0; m < (M + 7) / 8 * 8; m++) d->rho[m] = 0;
  for (int64_t k = 0; k < K; k++) d->field[k] = 0;
  for (int64_t group = 0; group < d->groups; group++) {
    const f64x8 *z = (const f64x8 *)d->z + group * (D + 1);
    const f64x8 *A = (const f64x8 *)d->teacher + group * M * M;
    const f64x8 *S = (const f64x8 *)d->student + group * D * K;
    const f64x8 deviation = *(const f64x8 *)(d->deviation + 8 * group);
    for (int64_t m = 0; m < M; m++) {
      f64x8 sum = (f64x8)0.0;
      for (int64_t j = 0; j <= m; j++) sum += A[m * M + j] * z[j];
      d->rho[m] += NAME(sum_of_lanes)(deviation * sum);
    }
    for (int64_t k = 0; k < K; k++) {
      f64x8 sum = (f64x8)0.0;
      for (int64_t j = 0; j < M + k + 1; j++) sum += S[j * K + k] * z[j];
      d->field[k] += NAME(sum_of_lanes)(deviation * sum);
    }
  }
  double label = 0, output = 0;
  NAME(activate)(
      s->teacher_activation, &s->teacher_function, d->rho, d->rho, 0, (M + 7) / 8 * 8);
  for (int64_t m = 0; m < M; m++) label += d->v_star[m] * d->rho[m];
  NAME(activate)(
      s->student_activation, &s->student_function, d->field, d->g, d->derivative,
      (K + 7) / 8 * 8);
  if (d->keep < 1)
    drop_units(s->seed, DROPOUT_STREAM, index, d->keep, K, 1, d->g, d->derivative);
  for (int64_t k = 0; k < K; k++) output += d->v[k] * d->g[k];
  *delta = s->student_scale * output - (s->teacher_scale * label + noise);
  // Written so that not-a-number fails.
  int good = fabs(*delta) <= ABSURD_OUTPUT;
  for (int64_t k = 0; k < K; k++)
    good &= (fabs(d->field[k]) <= ABSURD_FIELD) & (fabs(d->v[k]) <= ABSURD_OUTPUT);
  return good;
}

// to to' = from from' + u u', both lower triangular by columns; uses u up.
INLINE void NAME(fold_blocks)(const f64x8 *from, f64x8 *to, f64x8 *u, int64_t K) {
  for (int64_t j = 0; j < K; j++, from += K, to += K) {
    const f64x8 a = from[j], e = u[j], length = __builtin_elementwise_sqrt(a * a + e * e);
    const i64x8 zero = (i64x8)(length == (f64x8)0.0);
    const f64x8 cosine = NAME(select)(zero, (f64x8)1.0, a / length);
    const f64x8 sine = NAME(select)(zero, (f64x8)0.0, e / length);
    for (int64_t k = j + 1; k < K; k++) {
      const f64x8 old = from[k];
      to[k] = cosine * old + sine * u[k];
      u[k] = cosine * u[k] - sine * old;
    }
    to[j] = length;
  }
}

// The student's change w <- (1 - decay) w + c x in one group, by the closed form of Reduced.h;
// `rest` is chi^2.
INLINE void NAME(learn_group)(
    tss_blocks *d, int64_t group, const double *c, double decay, f64x8 rest) {
  const int64_t K = d->settings.student_units, M = d->settings.teacher_units, D = K + M;
  const f64x8 *z = (const f64x8 *)d->z + group * (D + 1);
  const f64x8 deviation = *(const f64x8 *)(d->deviation + 8 * group);
  f64x8 *S = (f64x8 *)d->student + group * D * K, *L = S + M * K;
  f64x8 *shrunk = (f64x8 *)d->shrunk, *u = (f64x8 *)d->u;
  f64x8 *less = (f64x8 *)d->less, *mixing = (f64x8 *)d->mixing;
  // The tiny number keeps a full eigenspace (r = 0) from dividing by zero.
  f64x8 sum = rest + 0x1p-300, root = __builtin_elementwise_sqrt(sum);
  for (int64_t j = K - 1; j >= 0; j--) {
    const f64x8 x = z[M + j];
    sum += x * x;
    const f64x8 next = __builtin_elementwise_sqrt(sum), both = next + root;
    const f64x8 share = x / (root * next * both);
    less[j] = x * share * root;
    mixing[j] = (1.0 - decay) * (share * both);
    less[j] += decay * (1.0 - less[j]);
    root = next;
  }
  const f64x8 inverse = 1.0 / root;
  for (int64_t k = 0; k < K; k++) {
    f64x8 later = (f64x8)0.0;
    for (int64_t j = k; j >= 0; j--) {
      const f64x8 old = L[j * K + k];
      shrunk[j * K + k] = old - (less[j] * old + mixing[j] * later);
      later += old * z[M + j];
    }
    u[k] = c[k] * deviation * root + (1.0 - decay) * later * inverse;
    for (int64_t j = 0; j < M; j++) {
      const f64x8 old = S[j * K + k];
      S[j * K + k] = old + (c[k] * deviation * z[j] - decay * old);
    }
  }
  NAME(fold_blocks)(shrunk, L, u, K);
}

// One sample a step.
INLINE int64_t NAME(learn_blocks_online)(
    tss_blocks *d, uint64_t first, int64_t steps, const double *eta_w, const double *eta_v,
    const double *kappa, const double *sigma) {
  const tss_blocks_settings *s = &d->settings;
  const int64_t K = s->student_units;
  const double per_N = 1 / s->dimension;
  f64x8 *rest = (f64x8 *)d->rest;
  for (int64_t t = 0; t < steps; t++) {
    const double noise = sigma[t] * NAME(draw_blocks)(d, first + (uint64_t)t, rest);
    double delta;
    if (!NAME(blocks_error)(d, first + (uint64_t)t, noise, &delta)) return t;
    const double gradient = s->student_scale * delta, decay = kappa[t] * per_N;
    double *c = d->field;
    for (int64_t k = 0; k < K; k++) {
      if (eta_w) c[k] = -(eta_w[t] * per_N) * gradient * d->v[k] * d->derivative[k];
      if (eta_v) d->v[k] -= eta_v[t] * per_N * gradient * d->g[k] + decay * d->v[k];
    }
    // Without a rate nothing moves, not even by rounding.
    if (!eta_w || (eta_w[t] == 0 && decay == 0)) continue;
    for (int64_t group = 0; group < d->groups; group++)
      NAME(learn_group)(d, group, c, decay, rest[group]);
  }
  return steps;
}

// For eight eigenspaces the lower triangular root of a Wishart matrix of N_e - K - M degrees, K
// rows and as many columns as there are degrees (Bartlett 1933).
INLINE void NAME(draw_bartlett)(tss_blocks *d, uint64_t step, int64_t group) {
  const int64_t K = d->settings.student_units;
  for (int64_t i = 0; i < 8 * K * K; i++) d->bartlett[i] = 0;
  for (int64_t e = 8 * group; e < 8 * group + 8 && e < d->settings.blocks; e++) {
    stream s = {.seed = d->settings.seed, .step = step, .number = BARTLETT_STREAM + (uint32_t)e};
    for (int64_t i = 0; i < K && (double)i < d->degrees[e]; i++) {
      const double degrees = d->degrees[e] - (double)i;
      double x = gaussian(&s);
      if (degrees >= 2)
        x = __builtin_elementwise_sqrt(chi_squared_by_trial(&s, degrees, x, uniform(&s)));
      d->bartlett[(i * K + i) * 8 + e % 8] = x;
      for (int64_t j = i + 1; j < K; j++) d->bartlett[(i * K + j) * 8 + e % 8] = gaussian(&s);
    }
  }
}

// Many samples a step: as in Reduced.h, what the frames do not see of the mean gradient C Y_e has
// the products C Y_e Y_e' C', lambda_e times a Wishart matrix whose scale C C' is that of all.
INLINE int64_t NAME(learn_blocks_batches)(
    tss_blocks *d, uint64_t first, int64_t steps, const double *eta_w, const double *eta_v,
    const double *kappa, const double *sigma, tss_should_stop should_stop, void *context) {
  const tss_blocks_settings *s = &d->settings;
  const int64_t K = s->student_units, M = s->teacher_units, D = K + M, groups = d->groups;
  const int64_t batch = s->batch, patience = 1 + 100000 / (K * (20 + 10 * D * groups));
  const double per_N = 1 / s->dimension, per_batch = 1 / (double)batch;
  f64x8 *change = (f64x8 *)d->change, *root = (f64x8 *)d->root, *u = (f64x8 *)d->u;
  f64x8 *next = (f64x8 *)d->shrunk;
  const f64x8 *bartlett = (const f64x8 *)d->bartlett;
  for (int64_t t = 0; t < steps; t++) {
    const double decay = kappa[t] * per_N;
    for (int64_t i = 0; i < groups * D * K; i++) change[i] = (f64x8)0.0;
    for (int64_t i = 0; i < K * K; i++) root[i] = (f64x8)0.0;
    for (int64_t k = 0; k < K; k++) d->v_change[k] = 0;
    for (int64_t sample = 0; sample < batch; sample++) {
      if (should_stop && sample > 0 && sample % patience == 0 && should_stop(context)) return t;
      const uint64_t index = (first + (uint64_t)t) * (uint64_t)batch + (uint64_t)sample;
      const double noise = sigma[t] * NAME(draw_blocks)(d, index, 0);
      double delta;
      if (!NAME(blocks_error)(d, index, noise, &delta)) return t;
      const double gradient = s->student_scale * delta * per_batch;
      for (int64_t k = 0; k < K; k++) {
        const double c =
            eta_w ? -(eta_w[t] * per_N) * gradient * d->v[k] * d->derivative[k] : 0;
        d->v_change[k] += gradient * d->g[k];
        for (int64_t group = 0; group < groups; group++)
          for (int64_t j = 0; j < D; j++)
            change[(group * D + j) * K + k] += c * ((const f64x8 *)d->z)[group * (D + 1) + j];
        u[k] = (f64x8)c;
      }
      if (eta_w) NAME(fold_blocks)(root, root, u, K);
    }
    if (eta_v)
      for (int64_t k = 0; k < K; k++)
        d->v[k] -= eta_v[t] * per_N * d->v_change[k] + decay * d->v[k];
    if (!eta_w || (eta_w[t] == 0 && decay == 0)) continue;
    for (int64_t group = 0; group < groups; group++) {
      const f64x8 deviation = *(const f64x8 *)(d->deviation + 8 * group);
      f64x8 *S = (f64x8 *)d->student + group * D * K, *L = S + M * K;
      const f64x8 *moves = change + group * D * K;
      for (int64_t i = 0; i < M * K; i++) S[i] += deviation * moves[i] - decay * S[i];
      for (int64_t i = 0; i < K * K; i++) next[i] = (f64x8)0.0;
      for (int64_t j = 0; j < K; j++) {
        for (int64_t k = 0; k < K; k++) {
          const f64x8 old = j <= k ? L[j * K + k] : (f64x8)0.0;
          u[k] = old + (deviation * moves[(M + j) * K + k] - decay * old);
        }
        NAME(fold_blocks)(next, next, u, K);
      }
      NAME(draw_bartlett)(d, first + (uint64_t)t, group);
      for (int64_t i = 0; i < K; i++) {
        for (int64_t k = 0; k < K; k++) {
          f64x8 sum = (f64x8)0.0;
          for (int64_t j = i; j <= k; j++) sum += root[j * K + k] * bartlett[i * K + j];
          u[k] = deviation * sum;
        }
        NAME(fold_blocks)(next, next, u, K);
      }
      for (int64_t j = 0; j < K; j++)
        for (int64_t k = j; k < K; k++) L[j * K + k] = next[j * K + k];
    }
  }
  return steps;
}

WIDE int64_t NAME(learn_blocks)(
    tss_blocks *d, uint64_t first, int64_t steps, const double *eta_w, const double *eta_v,
    const double *kappa, const double *sigma, tss_should_stop should_stop, void *context) {
  if (d->settings.batch > 1)
    return NAME(learn_blocks_batches)(
        d, first, steps, eta_w, eta_v, kappa, sigma, should_stop, context);
  return NAME(learn_blocks_online)(d, first, steps, eta_w, eta_v, kappa, sigma);
}
