// Passes over the weights. Included for each instruction set and for each type of weights:
// REAL is that type, LANES its fixed number of lanes, VECTOR the vector of them, INPUT(p) loads
// that many inputs, TYPED(f) is the name of f for this instruction set and type.
//
// Updates take up to ROWS rows at a time, fields TILE_ROWS rows of up to INPUTS inputs, as many as
// the registers hold; a dot product has running sums of its own in any grouping, so grouping does not
// change a bit.

INLINE double TYPED(sum)(VECTOR v) {
  for (int w = LANES / 2; w; w >>= 1)
    for (int i = 0; i < w; i++) v[i] += v[i + w];
  return v[0];
}

// out[b * rows + r] = w_r . x_b for R rows and B inputs.
INLINE void TYPED(fields_tile)(
    const REAL *w, int64_t stride, const float *x, int64_t x_stride, int64_t n, const int R,
    const int B, double *out, int64_t rows) {
  VECTOR sums[16];
  UNROLL for (int k = 0; k < R * B; k++) sums[k] = (VECTOR)0;
  for (int64_t i = 0; i < n; i += LANES) {
    VECTOR input[4];
    UNROLL for (int b = 0; b < B; b++) input[b] = INPUT(x + b * x_stride + i);
    UNROLL for (int r = 0; r < R; r++) {
      VECTOR weight = *(const VECTOR *)(w + r * stride + i);
      UNROLL for (int b = 0; b < B; b++) sums[r * B + b] += weight * input[b];
    }
  }
  UNROLL for (int r = 0; r < R; r++)
    UNROLL for (int b = 0; b < B; b++) out[b * rows + r] = TYPED(sum)(sums[r * B + b]);
}

#define TILES(B)                                                                              \
  do {                                                                                        \
    const float *inputs = x + b * x_stride;                                                   \
    int64_t r = 0;                                                                            \
    if (TILE_ROWS >= 4)                                                                       \
      for (; r + 4 <= rows; r += 4)                                                           \
        TYPED(fields_tile)(w + r * stride, stride, inputs, x_stride, n, 4, B,                 \
                           out + b * rows + r, rows);                                         \
    for (; r + 2 <= rows; r += 2)                                                             \
      TYPED(fields_tile)(w + r * stride, stride, inputs, x_stride, n, 2, B,                   \
                         out + b * rows + r, rows);                                           \
    if (r < rows)                                                                             \
      TYPED(fields_tile)(w + r * stride, stride, inputs, x_stride, n, 1, B,                   \
                         out + b * rows + r, rows);                                           \
  } while (0)

WIDE void TYPED(fields)(
    const REAL *w, int64_t rows, int64_t stride, const float *x, int64_t inputs_count,
    int64_t x_stride, int64_t n, double *out) {
  int64_t b = 0;
  if (INPUTS >= 4)
    for (; b + 4 <= inputs_count; b += 4) TILES(4);
  if (INPUTS >= 2)
    for (; b + 2 <= inputs_count; b += 2) TILES(2);
  for (; b < inputs_count; b++) TILES(1);
}
#undef TILES

// w_r += c_r x - decay w_r and, where `next`, out_r = w_r . y of the new weights: one pass over
// the weights for this step's update and the next step's fields. With momentum, where d is not
// NULL: d_r <- beta d_r + c_r x, w_r += d_r - decay w_r.
INLINE void TYPED(update_rows)(
    REAL *restrict w, REAL *restrict d, int64_t stride, const REAL *restrict c, const REAL decay,
    const REAL beta, const float *restrict x, const float *restrict y, int64_t n, const int R,
    const int decays, const int heavy, const int next, double *restrict out) {
  VECTOR sums[8];
  UNROLL for (int r = 0; r < R; r++) sums[r] = (VECTOR)0;
  for (int64_t i = 0; i < n; i += LANES) {
    VECTOR input = INPUT(x + i), coming = next ? INPUT(y + i) : input;
    UNROLL for (int r = 0; r < R; r++) {
      VECTOR *weight = (VECTOR *)(w + r * stride + i);
      VECTOR old = *weight;
      VECTOR change = (VECTOR)c[r] * input;
      if (heavy) {
        VECTOR *buffer = (VECTOR *)(d + r * stride + i);
        change = (VECTOR)beta * *buffer + change;
        *buffer = change;
      }
      if (decays) change = change - old * (VECTOR)decay;
      VECTOR updated = old + change;
      *weight = updated;
      if (next) sums[r] += updated * coming;
    }
  }
  if (next)
    UNROLL for (int r = 0; r < R; r++) out[r] = TYPED(sum)(sums[r]);
}

#define ROWS_OF(R)                                                                             \
  TYPED(update_rows)(w + r * stride, heavy ? d + r * stride : 0, stride, c + r, decay, beta,   \
                     x, y, n, R, decays, heavy, next, next ? out + r : 0)

INLINE void TYPED(update_all)(
    REAL *w, REAL *d, int64_t rows, int64_t stride, const REAL *c, const REAL decay,
    const REAL beta, const float *x, const float *y, int64_t n, const int decays,
    const int heavy, const int next, double *out) {
  int64_t r = 0;
  if (ROWS >= 8 && !heavy)
    for (; r + 8 <= rows; r += 8) ROWS_OF(8);
  if (ROWS >= 4)
    for (; r + 4 <= rows; r += 4) ROWS_OF(4);
  if (ROWS >= 2)
    for (; r + 2 <= rows; r += 2) ROWS_OF(2);
  for (; r < rows; r++) ROWS_OF(1);
}
#undef ROWS_OF

WIDE void TYPED(update)(
    REAL *w, int64_t rows, int64_t stride, const REAL *c, const REAL decay, const float *x,
    int64_t n) {
  if (decay == 0)
    TYPED(update_all)(w, 0, rows, stride, c, decay, 0, x, x, n, 0, 0, 0, 0);
  else
    TYPED(update_all)(w, 0, rows, stride, c, decay, 0, x, x, n, 1, 0, 0, 0);
}

WIDE void TYPED(update_and_fields)(
    REAL *w, int64_t rows, int64_t stride, const REAL *c, const REAL decay, const float *x,
    const float *y, int64_t n, double *out) {
  if (decay == 0)
    TYPED(update_all)(w, 0, rows, stride, c, decay, 0, x, y, n, 0, 0, 1, out);
  else
    TYPED(update_all)(w, 0, rows, stride, c, decay, 0, x, y, n, 1, 0, 1, out);
}

// The same with momentum; y is NULL where no step follows.
WIDE void TYPED(update_with_momentum)(
    REAL *w, REAL *d, int64_t rows, int64_t stride, const REAL *c, const REAL decay,
    const REAL beta, const float *x, const float *y, int64_t n, double *out) {
  if (y)
    TYPED(update_all)(w, d, rows, stride, c, decay, beta, x, y, n, 1, 1, 1, out);
  else
    TYPED(update_all)(w, d, rows, stride, c, decay, beta, x, x, n, 1, 1, 0, 0);
}

// sum_r += sum_b c[b * rows + r] x_b, for the mean gradient of a batch, b < B <= GROUP.
INLINE void TYPED(accumulate_inputs)(
    REAL *restrict sum, int64_t rows, int64_t stride, const REAL *restrict c,
    const float *restrict x, int64_t x_stride, int64_t n, const int B) {
  for (int64_t i = 0; i < n; i += LANES) {
    VECTOR input[GROUP];
    UNROLL for (int b = 0; b < B; b++) input[b] = INPUT(x + b * x_stride + i);
    for (int64_t r = 0; r < rows; r++) {
      VECTOR total = *(VECTOR *)(sum + r * stride + i);
      UNROLL for (int b = 0; b < B; b++) total += (VECTOR)c[b * rows + r] * input[b];
      *(VECTOR *)(sum + r * stride + i) = total;
    }
  }
}

WIDE void TYPED(accumulate)(
    REAL *sum, int64_t rows, int64_t stride, const REAL *c, const float *x, int64_t inputs_count,
    int64_t x_stride, int64_t n) {
  if (inputs_count == GROUP)
    TYPED(accumulate_inputs)(sum, rows, stride, c, x, x_stride, n, GROUP);
  else
    for (int64_t b = 0; b < inputs_count; b++)
      TYPED(accumulate_inputs)(
          sum, rows, stride, c + b * rows, x + b * x_stride, x_stride, n, 1);
}

// d <- beta d + change, w += d - decay w.
WIDE void TYPED(apply_with_momentum)(
    REAL *restrict w, REAL *restrict d, const REAL *restrict change, const REAL decay,
    const REAL beta, int64_t n) {
  for (int64_t i = 0; i < n; i += LANES) {
    VECTOR old = *(VECTOR *)(w + i);
    VECTOR ball = (VECTOR)beta * *(VECTOR *)(d + i) + *(const VECTOR *)(change + i);
    *(VECTOR *)(d + i) = ball;
    *(VECTOR *)(w + i) = old + (ball - old * (VECTOR)decay);
  }
}

// w += change - decay w.
WIDE void TYPED(apply)(
    REAL *restrict w, const REAL *restrict change, const REAL decay, int64_t n) {
  for (int64_t i = 0; i < n; i += LANES) {
    VECTOR old = *(VECTOR *)(w + i);
    *(VECTOR *)(w + i) = old + (*(const VECTOR *)(change + i) - old * (VECTOR)decay);
  }
}
