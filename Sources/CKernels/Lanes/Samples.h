// Samples in memory: the reshuffled epochs of a finite training set, and the networks' outputs on
// rows that no step learns from. Included once for each instruction set, after Passes.h.

// The samples from the number `index` on, counted over all epochs, into the slots from `at`. Every
// epoch goes through all samples in an order of its own; a batch may end one and begin the next.
INLINE void NAME(recall)(tss_descent *d, uint64_t index, int64_t count, int64_t at) {
  const int64_t N = d->settings.dimension;
  const uint64_t samples = (uint64_t)d->samples;
  for (int64_t b = 0; b < count; b++) {
    const uint64_t epoch = (index + (uint64_t)b) / samples, place = (index + (uint64_t)b) % samples;
    if (epoch != d->epoch) {
      tss_shuffle(d->settings.seed, ORDER_STREAM, epoch, d->order, d->samples);
      d->epoch = epoch;
    }
    const int64_t row = d->order[place];
    // The padding of a slot is zero and stays so.
    memcpy(d->x + (at + b) * d->x_stride, d->sample_inputs + row * N, (size_t)N * sizeof(float));
    d->label[at + b] = d->sample_labels[row];
  }
}

// The output of the student or of the teacher, without noise, for `count` rows of N inputs.
WIDE void NAME(outputs)(
    tss_descent *d, int32_t of_teacher, const float *rows, int64_t count, double *out) {
  const tss_descent_settings *s = &d->settings;
  const int64_t N = s->dimension, units = of_teacher ? s->teacher_units : s->student_units;
  const void *w = of_teacher ? d->w_star : d->w;
  const double *v = of_teacher ? d->v_star : d->v;
  const double scale = of_teacher ? s->teacher_scale : s->student_scale;
  const int32_t activation = of_teacher ? s->teacher_activation : s->student_activation;
  const tss_function *function = of_teacher ? &s->teacher_function : &s->student_function;
  double *fields = of_teacher ? d->teacher_field : d->group_field;
  const double per_root_N = sqrt(1 / (double)N);
  for (int64_t from = 0; from < count; from += GROUP) {
    const int64_t inputs = count - from < GROUP ? count - from : GROUP;
    for (int64_t b = 0; b < inputs; b++)
      memcpy(d->x + b * d->x_stride, rows + (from + b) * N, (size_t)N * sizeof(float));
    if (s->single)
      NAME(fields_float)(w, units, d->stride, d->x, inputs, d->x_stride, d->stride, fields);
    else
      NAME(fields_double)(w, units, d->stride, d->x, inputs, d->x_stride, d->stride, fields);
    for (int64_t b = 0; b < inputs; b++) {
      for (int64_t k = 0; k < units; k++) d->field[k] = fields[b * units + k] * per_root_N;
      NAME(activate)(activation, function, d->field, d->g, 0, units);
      double output = 0;
      for (int64_t k = 0; k < units; k++) output += v[k] * d->g[k];
      out[from + b] = scale * output;
    }
  }
}
