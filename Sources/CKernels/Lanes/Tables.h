// Sums of rows, and tables of functions that are read between their places; included once for
// each instruction set.

// Four rows at a time, and the rest one by one; sums run over k in order.
WIDE void NAME(combine)(
    const double *a, int64_t rows, int64_t terms, const double *x, int64_t n, double *y,
    int64_t stride) {
  int64_t m = 0;
  for (; m + 4 <= rows; m += 4) {
    const double *a0 = a + m * terms, *a1 = a0 + terms, *a2 = a1 + terms, *a3 = a2 + terms;
    double *y0 = y + m * stride, *y1 = y0 + stride, *y2 = y1 + stride, *y3 = y2 + stride;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
      f64x8 s0 = (f64x8)0.0, s1 = s0, s2 = s0, s3 = s0;
      for (int64_t k = 0; k < terms; k++) {
        const f64x8 v = *(const f64x8 *)(x + k * n + i);
        s0 += a0[k] * v;
        s1 += a1[k] * v;
        s2 += a2[k] * v;
        s3 += a3[k] * v;
      }
      *(f64x8 *)(y0 + i) = s0;
      *(f64x8 *)(y1 + i) = s1;
      *(f64x8 *)(y2 + i) = s2;
      *(f64x8 *)(y3 + i) = s3;
    }
    for (; i < n; i++) {
      double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
      for (int64_t k = 0; k < terms; k++) {
        const double v = x[k * n + i];
        s0 += a0[k] * v;
        s1 += a1[k] * v;
        s2 += a2[k] * v;
        s3 += a3[k] * v;
      }
      y0[i] = s0, y1[i] = s1, y2[i] = s2, y3[i] = s3;
    }
  }
  for (; m < rows; m++) {
    const double *am = a + m * terms;
    double *ym = y + m * stride;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
      f64x8 s = (f64x8)0.0;
      for (int64_t k = 0; k < terms; k++) s += am[k] * *(const f64x8 *)(x + k * n + i);
      *(f64x8 *)(ym + i) = s;
    }
    for (; i < n; i++) {
      double s = 0;
      for (int64_t k = 0; k < terms; k++) s += am[k] * x[k * n + i];
      ym[i] = s;
    }
  }
}

// Weights of eight points at once, then their sums of rows, eight columns at once.
WIDE void NAME(interpolate)(
    const tss_table *table, const double *x, int64_t n, double *y, int64_t columns,
    int64_t stride) {
  enum { POINTS = TSS_TABLE_POINTS };
  // 1/prod_{k != j} (j - k)
  double inverse[POINTS];
  for (int j = 0; j < POINTS; j++) {
    double product = 1;
    for (int k = 0; k < POINTS; k++) product *= k == j ? 1 : j - k;
    inverse[j] = 1 / product;
  }
  const int64_t width = table->columns, last = table->rows - POINTS;
  for (int64_t p = 0; p < n; p += 8) {
    const int64_t lanes = n - p < 8 ? n - p : 8;
    double places[8] = {0};
    int64_t first[8] = {0};
    for (int64_t l = 0; l < lanes; l++) {
      const double place = (x[p + l] - table->low) / table->step;
      int64_t row = place > 0 && place < 1e15 ? (int64_t)place - POINTS / 2 + 1 : 0;
      if (row < 0) row = 0;
      if (row > last) row = last;
      first[l] = row;
      places[l] = place - (double)row;
    }
    const f64x8 t = *(f64x8 *)places;
    double weights[POINTS][8];
    f64x8 product = (f64x8)1.0;
    for (int j = 0; j < POINTS; j++) {
      *(f64x8 *)weights[j] = product * inverse[j];
      product *= t - (double)j;
    }
    product = (f64x8)1.0;
    for (int j = POINTS - 1; j >= 0; j--) {
      *(f64x8 *)weights[j] *= product;
      product *= t - (double)j;
    }
    for (int64_t c = 0; c < columns; c += 8) {
      double sums[64];
      for (int64_t l = 0; l < lanes; l++) {
        const double *row = table->values + first[l] * width + c;
        f64x8 even = (f64x8)0.0, odd = (f64x8)0.0;
        for (int j = 0; j < POINTS; j += 2) {
          even += weights[j][l] * *(const f64x8 *)(row + j * width);
          odd += weights[j + 1][l] * *(const f64x8 *)(row + (j + 1) * width);
        }
        *(f64x8 *)(sums + 8 * l) = even + odd;
      }
      const int64_t end = columns - c < 8 ? columns - c : 8;
      for (int64_t m = 0; m < end; m++)
        for (int64_t l = 0; l < lanes; l++) y[(c + m) * stride + p + l] = sums[8 * l + m];
    }
  }
}

// Eight nodes at once, for each the recurrence he_{m+1} = (z he_m - sqrt(m) he_{m-1})/sqrt(m + 1).
WIDE void NAME(hermite_sums)(
    const double *z, const double *f, int64_t n, const double *roots, const double *inverses,
    int64_t modes, double *sums) {
  f64x8 lanes[TSS_MOST_MODES];
  for (int64_t m = 0; m < modes; m++) lanes[m] = (f64x8)0.0;
  for (int64_t i = 0; i < n; i += 8) {
    const f64x8 x = *(const f64x8 *)(z + i);
    f64x8 before = (f64x8)0.0, now = *(const f64x8 *)(f + i);
    for (int64_t m = 0; m < modes; m++) {
      lanes[m] += now;
      const f64x8 next = (x * now - roots[m] * before) * inverses[m];
      before = now;
      now = next;
    }
  }
  for (int64_t m = 0; m < modes; m++) sums[m] = NAME(sum_of_lanes)(lanes[m]);
}
