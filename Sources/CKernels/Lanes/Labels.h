// Inputs and labels of one step or of a part of its batch. Included once for each instruction set.
//
// Inputs of sample s of a step are the stream s at that step. The labels' noise is a stream of its
// own in blocks of 4096 numbers, in the order of samples, so that a step costs one number of it.

INLINE double NAME(noise)(tss_descent *d, uint64_t step, int64_t sample) {
  uint64_t index = step * (uint64_t)d->settings.batch + (uint64_t)sample, block = index / 4096;
  if (block != d->noise_block) {
    NAME(gaussians)(d->settings.seed, NOISE_STREAM, block, d->noise, 4096);
    d->noise_block = block;
  }
  return d->noise[index % 4096];
}

INLINE void NAME(input)(const tss_descent *d, uint64_t step, int64_t sample, float *x) {
  // Whole pairs of vectors, then zeros where the weights are padded.
  NAME(gaussians)(
      d->settings.seed, (uint32_t)sample, step, x, (d->settings.dimension + 31) / 32 * 32);
  for (int64_t i = d->settings.dimension; i < d->x_stride; i++) x[i] = 0;
  if (d->input_scale)
    for (int64_t i = 0; i < d->x_stride; i++) x[i] *= d->input_scale[i];
}

WIDE void NAME(input_of)(const tss_descent *d, uint64_t step, int64_t sample, float *x) {
  NAME(input)(d, step, sample, x);
}

// label[at + b] = phi*(x) + sigma zeta for the inputs in the slots from `at`.
INLINE void NAME(label)(tss_descent *d, int64_t count, int64_t at) {
  const tss_descent_settings *s = &d->settings;
  const int64_t M = s->teacher_units, fields = count * M;
  const float *x = d->x + at * d->x_stride;
  double *rho = d->teacher_field;
  if (s->single)
    NAME(fields_float)(d->w_star, M, d->stride, x, count, d->x_stride, d->stride, rho);
  else
    NAME(fields_double)(d->w_star, M, d->stride, x, count, d->x_stride, d->stride, rho);
  const double per_root_N = sqrt(1 / (double)s->dimension);
  for (int64_t i = 0; i < fields; i++) rho[i] *= per_root_N;
  for (int64_t i = fields; i % 8; i++) rho[i] = 0;
  NAME(activate)(s->teacher_activation, &s->teacher_function, rho, rho, 0, fields);
  for (int64_t b = 0; b < count; b++) {
    double output = 0;
    for (int64_t m = 0; m < M; m++) output += d->v_star[m] * rho[b * M + m];
    d->label[at + b] = s->teacher_scale * output;
  }
}

// sigma[b] belongs to the step that is b after `step`.
WIDE void NAME(draw_online)(
    tss_descent *d, uint64_t step, const double *sigma, int64_t count, int64_t at) {
  if (d->samples) {
    NAME(recall)(d, step, count, at);
    return;
  }
  for (int64_t b = 0; b < count; b++)
    NAME(input)(d, step + (uint64_t)b, 0, d->x + (at + b) * d->x_stride);
  NAME(label)(d, count, at);
  for (int64_t b = 0; b < count; b++)
    if (sigma[b] != 0)
      d->label[at + b] += sigma[b] * NAME(noise)(d, step + (uint64_t)b, 0);
}

WIDE void NAME(draw_batch)(
    tss_descent *d, uint64_t step, double sigma, int64_t from, int64_t count) {
  if (d->samples) {
    NAME(recall)(d, step * (uint64_t)d->settings.batch + (uint64_t)from, count, 0);
    return;
  }
  for (int64_t b = 0; b < count; b++)
    NAME(input)(d, step, from + b, d->x + b * d->x_stride);
  NAME(label)(d, count, 0);
  if (sigma != 0)
    for (int64_t b = 0; b < count; b++) d->label[b] += sigma * NAME(noise)(d, step, from + b);
}

// Whether the step makes sense: fields and second layer finite and not absurd. Written so that
// not-a-number fails.
INLINE int NAME(in_range)(const tss_descent *d, double delta) {
  int good = fabs(delta) <= ABSURD_OUTPUT;
  for (int k = 0; k < d->settings.student_units; k++)
    good &= (fabs(d->field[k]) <= ABSURD_FIELD) & (fabs(d->v[k]) <= ABSURD_OUTPUT);
  return good;
}
