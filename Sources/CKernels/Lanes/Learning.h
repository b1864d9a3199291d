// The steps of online SGD (Goldt et al. 2020, eqs. 2 and 3; PHYSICS.md, section A). Included for
// each instruction set and type of weights, after Passes.h.

// One sample a step: while the weights pass through the registers for this step's update, the
// fields of the next input are taken from them.
INLINE int64_t TYPED(learn_online)(
    tss_descent *d, uint64_t first, int64_t steps, const tss_descent_rates *rates) {
  const tss_descent_settings *s = &d->settings;
  const int K = s->student_units;
  REAL *w = d->w;
  const double *eta_w = rates->eta_w, *eta_v = rates->eta_v, *kappa = rates->kappa;
  const double beta = d->settings.momentum ? rates->beta : 0;
  const double per_N = 1 / (double)s->dimension, per_root_N = sqrt(per_N);
  for (int64_t t = 0; t < steps; t++) {
    const int64_t slot = t % (2 * GROUP);
    // Inputs are drawn, and shown to the teacher, GROUP at a time, so that its weights are read
    // once for all of them.
    if (t == 0) {
      NAME(draw_online)(d, first, rates->sigma, steps < GROUP ? steps : GROUP, 0);
      TYPED(fields)(w, K, d->stride, d->x, 1, d->x_stride, d->stride, d->field);
    }
    if (t % GROUP == GROUP - 1 && t + 1 < steps) {
      int64_t left = steps - t - 1;
      NAME(draw_online)(
          d, first + (uint64_t)t + 1, rates->sigma + t + 1, left < GROUP ? left : GROUP,
          (slot + 1) % (2 * GROUP));
    }
    for (int k = 0; k < K; k++) d->field[k] *= per_root_N;
    NAME(activate)(s->student_activation, &s->student_function, d->field, d->g, d->derivative, K);
    if (rates->keep < 1)
      drop_units(
          s->seed, DROPOUT_STREAM, first + (uint64_t)t, rates->keep, K, 1, d->g, d->derivative);
    double output = 0;
    for (int k = 0; k < K; k++) output += d->v[k] * d->g[k];
    const double delta = s->student_scale * output - d->label[slot];
    if (!NAME(in_range)(d, delta)) return t;

    const double gradient = s->student_scale * delta;
    REAL *c = d->coefficient;
    if (eta_w)
      for (int k = 0; k < K; k++)
        c[k] = (REAL)(-(eta_w[t] * per_root_N) * gradient * d->v[k] * d->derivative[k]);
    if (eta_v && beta == 0)
      for (int k = 0; k < K; k++)
        d->v[k] -= eta_v[t] * per_N * gradient * d->g[k] + kappa[t] * per_N * d->v[k];
    else if (eta_v)
      for (int k = 0; k < K; k++) {
        d->v_buffer[k] = beta * d->v_buffer[k] - eta_v[t] * per_N * gradient * d->g[k];
        d->v[k] += d->v_buffer[k] - kappa[t] * per_N * d->v[k];
      }

    const float *x = d->x + slot * d->x_stride;
    const float *y = d->x + (t + 1) % (2 * GROUP) * d->x_stride;
    const REAL decay = (REAL)(kappa[t] * per_N);
    if (eta_w && beta != 0) {
      TYPED(update_with_momentum)(
          w, d->buffer, K, d->stride, c, decay, (REAL)beta, x, t + 1 < steps ? y : 0, d->stride,
          d->field);
    } else if (t + 1 == steps) {
      if (eta_w) TYPED(update)(w, K, d->stride, c, decay, x, d->stride);
    } else if (eta_w) {
      TYPED(update_and_fields)(w, K, d->stride, c, decay, x, y, d->stride, d->field);
    } else {
      TYPED(fields)(w, K, d->stride, y, 1, d->x_stride, d->stride, d->field);
    }
  }
  return steps;
}

// Many samples a step: the sum of the changes is gathered, GROUP samples at a time, and applied
// at the end, so that a step can be given up half-way.
INLINE int64_t TYPED(learn_batches)(
    tss_descent *d, uint64_t first, int64_t steps, const tss_descent_rates *rates,
    tss_should_stop should_stop, void *context) {
  const tss_descent_settings *s = &d->settings;
  const int64_t K = s->student_units, batch = s->batch, all = K * d->stride;
  REAL *w = d->w, *change = d->change;
  const double *eta_w = rates->eta_w, *eta_v = rates->eta_v, *kappa = rates->kappa;
  const double beta = d->settings.momentum ? rates->beta : 0;
  // Groups of samples between two questions: very roughly a fraction of a millisecond.
  const int64_t patience = 1 + 250000 / (GROUP * d->stride * (1 + (K + s->teacher_units) / 4));
  const double per_N = 1 / (double)s->dimension, per_root_N = sqrt(per_N);
  for (int64_t t = 0; t < steps; t++) {
    memset(change, 0, (size_t)all * sizeof(REAL));
    for (int k = 0; k < K; k++) d->v_change[k] = 0;
    for (int64_t from = 0; from < batch; from += GROUP) {
      if (should_stop && from > 0 && from % (GROUP * patience) == 0 && should_stop(context))
        return t;
      const int64_t count = batch - from < GROUP ? batch - from : GROUP;
      NAME(draw_batch)(d, first + (uint64_t)t, rates->sigma[t], from, count);
      TYPED(fields)(w, K, d->stride, d->x, count, d->x_stride, d->stride, d->group_field);
      REAL *c = d->coefficient;
      for (int64_t b = 0; b < count; b++) {
        for (int k = 0; k < K; k++) d->field[k] = d->group_field[b * K + k] * per_root_N;
        NAME(activate)(
            s->student_activation, &s->student_function, d->field, d->g, d->derivative, K);
        if (rates->keep < 1)
          drop_units(
              s->seed, DROPOUT_STREAM,
              (first + (uint64_t)t) * (uint64_t)batch + (uint64_t)(from + b), rates->keep, K, 1,
              d->g, d->derivative);
        double output = 0;
        for (int k = 0; k < K; k++) output += d->v[k] * d->g[k];
        const double delta = s->student_scale * output - d->label[b];
        if (!NAME(in_range)(d, delta)) return t;
        const double gradient = s->student_scale * delta / (double)batch;
        for (int k = 0; k < K; k++) {
          d->v_change[k] += gradient * d->g[k];
          c[b * K + k] = eta_w
              ? (REAL)(-(eta_w[t] * per_root_N) * gradient * d->v[k] * d->derivative[k]) : 0;
        }
      }
      if (eta_w)
        TYPED(accumulate)(change, K, d->stride, c, d->x, count, d->x_stride, d->stride);
    }
    const REAL decay = (REAL)(kappa[t] * per_N);
    if (eta_w && beta == 0)
      TYPED(apply)(w, change, decay, all);
    else if (eta_w)
      TYPED(apply_with_momentum)(w, d->buffer, change, decay, (REAL)beta, all);
    if (eta_v && beta == 0)
      for (int k = 0; k < K; k++)
        d->v[k] -= eta_v[t] * per_N * d->v_change[k] + kappa[t] * per_N * d->v[k];
    else if (eta_v)
      for (int k = 0; k < K; k++) {
        d->v_buffer[k] = beta * d->v_buffer[k] - eta_v[t] * per_N * d->v_change[k];
        d->v[k] += d->v_buffer[k] - kappa[t] * per_N * d->v[k];
      }
  }
  return steps;
}

WIDE int64_t TYPED(learn)(
    tss_descent *d, uint64_t first, int64_t steps, const tss_descent_rates *rates,
    tss_should_stop should_stop, void *context) {
  if (d->settings.batch == 1)
    return TYPED(learn_online)(d, first, steps, rates);
  return TYPED(learn_batches)(d, first, steps, rates, should_stop, context);
}
