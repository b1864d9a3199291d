// exp, expm1, tanh, erf and erfc of eight numbers at a time, the same bits on every instruction set (the C library
// takes other code where there is FMA). Included once for each instruction set.

// mask ? a : b, lane by lane.
INLINE f64x8 NAME(select)(i64x8 mask, f64x8 a, f64x8 b) {
  return (f64x8)((mask & (i64x8)a) | (~mask & (i64x8)b));
}

// exp(y) for y <= 709, within 1 ulp; 0 below -708, where the result is not a normal number.
// y = n log 2 + r, and exp(r) = 1 + r + r^2 p(r) with p a minimax polynomial on |r| <= log(2)/2.
INLINE f64x8 NAME(exp_lanes)(f64x8 y) {
  const double magic = 0x1.8p52;
  i64x8 small = (i64x8)(y < (f64x8)-708.0);
  f64x8 x = NAME(select)(small, (f64x8)-708.0, y);
  f64x8 shifted = x * 0x1.71547652b82fep+0 + magic;
  f64x8 n = shifted - magic;
  f64x8 r = x - n * 0x1.62e42feep-1 - n * 0x1.a39ef35793c76p-33;
  f64x8 p = (f64x8)0x1.af389ecfc4b9cp-26;
  p = p * r + 0x1.28917c89a43a7p-22;
  p = p * r + 0x1.71de0db2f6b19p-19;
  p = p * r + 0x1.a019b9149a41cp-16;
  p = p * r + 0x1.a01a01a7c2efep-13;
  p = p * r + 0x1.6c16c17889ef1p-10;
  p = p * r + 0x1.11111111109b5p-7;
  p = p * r + 0x1.5555555553d68p-5;
  p = p * r + 0x1.5555555555556p-3;
  p = p * r + 0.5;
  f64x8 e = 1.0 + (r + r * r * p);
  // The low bits of `shifted` are n in two's complement.
  f64x8 scaled = e * (f64x8)(((u64x8)shifted + 1023) << 52);
  return NAME(select)(small, (f64x8)0.0, scaled);
}

// exp(y) for all y: beyond 709 in two steps, so that the result may overflow to infinity.
INLINE f64x8 NAME(exp_all_lanes)(f64x8 y) {
  i64x8 large = (i64x8)(y > (f64x8)709.0);
  f64x8 bounded = NAME(select)((i64x8)(y < (f64x8)711.0), y, (f64x8)711.0);
  bounded = NAME(select)((i64x8)(y == y), bounded, y);
  f64x8 scale = NAME(select)(large, (f64x8)0x1.d8e64b8d4ddaep+2, (f64x8)1.0);
  return NAME(exp_lanes)(NAME(select)(large, bounded - 2.0, bounded)) * scale;
}

// exp(y) - 1 within 2 ulp, by the same reduction: 2^n (r + r^2 p(r)) + 2^n - 1. The Taylor
// polynomial of degree 14 on |r| <= log(2)/2 has an error of 1e-19 of r.
INLINE f64x8 NAME(expm1_lanes)(f64x8 y) {
  const double magic = 0x1.8p52;
  f64x8 x = NAME(select)((i64x8)(y < (f64x8)-40.0), (f64x8)-40.0, y);
  x = NAME(select)((i64x8)(x > (f64x8)710.0), (f64x8)710.0, x);
  f64x8 shifted = x * 0x1.71547652b82fep+0 + magic;
  f64x8 n = shifted - magic;
  f64x8 r = x - n * 0x1.62e42feep-1 - n * 0x1.a39ef35793c76p-33;
  f64x8 p = (f64x8)(1.0 / 87178291200.0);
  p = p * r + 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  f64x8 e = r + r * r * p;
  // Half of 2^n, so that 2^1024 is none of the numbers.
  f64x8 half = (f64x8)(((u64x8)shifted + 1022) << 52);
  f64x8 result = 2.0 * (half * e + (half - 0.5));
  // Zeros keep their sign.
  return NAME(select)((i64x8)(y == (f64x8)0.0), y, result);
}

// tanh(x) = m/(m + 2) with m = exp(2x) - 1, within 3 ulp.
INLINE f64x8 NAME(tanh_lanes)(f64x8 x) {
  f64x8 bounded = NAME(select)((i64x8)(x > (f64x8)20.0), (f64x8)20.0, x);
  bounded = NAME(select)((i64x8)(x < (f64x8)-20.0), (f64x8)-20.0, bounded);
  f64x8 m = NAME(expm1_lanes)(bounded + bounded);
  return m / (m + 2.0);
}

// erf(x) for |x| < 1: x + x p(x^2), a Chebyshev fit to 4e-17 of the result.
INLINE f64x8 NAME(erf_inner)(f64x8 x) {
  f64x8 s = x * x;
  f64x8 p = (f64x8)-0x1.ac9585a44fe29p-31;
  p = p * s + 0x1.d76af6ca49787p-27;
  p = p * s - 0x1.5c131500d3f88p-23;
  p = p * s + 0x1.b981d78881a5dp-20;
  p = p * s - 0x1.f4ca838adb73bp-17;
  p = p * s + 0x1.f9a2be4f731a1p-14;
  p = p * s - 0x1.c02db0665e53dp-11;
  p = p * s + 0x1.565bccfa44156p-8;
  p = p * s - 0x1.b82ce31203772p-6;
  p = p * s + 0x1.ce2f21a040f66p-4;
  p = p * s - 0x1.812746b0379c1p-2;
  p = p * s + 0x1.06eba8214db68p-3;
  return x + x * p;
}

// erfc(a) exp(a^2) for 1 <= a < 6, by a fit in t = (a - 2)/(a + 2).
INLINE f64x8 NAME(erfcx_outer)(f64x8 a) {
  f64x8 bounded = NAME(select)((i64x8)(a < (f64x8)6.0), a, (f64x8)6.0);
  f64x8 t = (bounded - 2.0) / (bounded + 2.0);
  f64x8 q = (f64x8)-0x1.de7cb807e82e6p-23;
  q = q * t + 0x1.1640edd9e223dp-18;
  q = q * t + 0x1.f322e0892648ep-20;
  q = q * t - 0x1.db57ed0f1c283p-17;
  q = q * t - 0x1.cfbc05a3f041ap-16;
  q = q * t + 0x1.ce62d05252d06p-16;
  q = q * t + 0x1.6dab5fdd60b62p-13;
  q = q * t + 0x1.6d589c869e092p-15;
  q = q * t - 0x1.016b5e511a3f0p-10;
  q = q * t - 0x1.bc25a010847bep-11;
  q = q * t + 0x1.ca95ed532b303p-8;
  q = q * t + 0x1.e9471591b7446p-9;
  q = q * t - 0x1.437f0b68c0663p-4;
  q = q * t + 0x1.eeea7dc8a7bb2p-3;
  q = q * t - 0x1.b57034efd3f74p-2;
  q = q * t + 0x1.058671b52c775p-2;
  return q;
}

// erf(x), given exp(-x^2), within 2 ulp.
INLINE f64x8 NAME(erf_lanes)(f64x8 x, f64x8 gaussian) {
  const i64x8 sign = (i64x8)INT64_MIN;
  f64x8 a = (f64x8)((i64x8)x & ~sign);
  f64x8 outer = 1.0 - gaussian * NAME(erfcx_outer)(a);
  outer = NAME(select)((i64x8)(a < (f64x8)6.0), outer, (f64x8)1.0);
  outer = (f64x8)((i64x8)outer | ((i64x8)x & sign));
  // Not-a-numbers fail both comparisons and must come out as they went in.
  f64x8 result = NAME(select)((i64x8)(a < (f64x8)1.0), NAME(erf_inner)(x), outer);
  return NAME(select)((i64x8)(x == x), result, x);
}

// erfc(x) for x < 6, given exp(-x^2): its rounding is 2x^2 ulp of the result.
INLINE f64x8 NAME(erfc_lanes)(f64x8 x, f64x8 gaussian) {
  f64x8 a = (f64x8)((i64x8)x & ~(i64x8)INT64_MIN);
  f64x8 outer = gaussian * NAME(erfcx_outer)(a);
  outer = NAME(select)((i64x8)(x < (f64x8)0.0), 2.0 - outer, outer);
  outer = NAME(select)((i64x8)(x <= (f64x8)-6.0), (f64x8)2.0, outer);
  f64x8 result = NAME(select)((i64x8)(a < (f64x8)1.0), 1.0 - NAME(erf_inner)(x), outer);
  return NAME(select)((i64x8)(x == x), result, x);
}

// g and, where asked for, g' of n local fields; all arrays are padded to a multiple of 8.
INLINE void NAME(transfer)(
    int32_t activation, const double *field, double *g, double *derivative, int64_t n) {
  for (int64_t i = 0; i < n; i += 8) {
    const f64x8 x = *(const f64x8 *)(field + i), zero = (f64x8)0.0, one = (f64x8)1.0;
    f64x8 value, slope;
    switch (activation) {
    case TSS_LINEAR:
      value = x;
      slope = one;
      break;
    case TSS_RELU:
      value = NAME(select)((i64x8)(x > zero), x, zero);
      slope = NAME(select)((i64x8)(x > zero), one, zero);
      break;
    case TSS_QUADRATIC:
      value = x * x;
      slope = x + x;
      break;
    case TSS_SIGN:
      value = NAME(select)((i64x8)(x < zero), -one, zero);
      value = NAME(select)((i64x8)(x > zero), one, value);
      slope = zero;
      break;
    default: {
      // g = erf(x/sqrt 2), g' = sqrt(2/pi) exp(-x^2/2): one exponential serves both.
      f64x8 gaussian = NAME(exp_lanes)(x * x * -0.5);
      value = NAME(erf_lanes)(x * 0x1.6a09e667f3bcdp-1, gaussian);
      slope = gaussian * 0x1.9884533d43651p-1;
    }
    }
    *(f64x8 *)(g + i) = value;
    if (derivative) *(f64x8 *)(derivative + i) = slope;
  }
}

// g and, where asked for, g' of the local fields, whoever computes them.
INLINE void NAME(activate)(
    int32_t activation, const tss_function *function, const double *field, double *g,
    double *derivative, int64_t n) {
  if (activation == TSS_CUSTOM)
    function->evaluate(function->context, field, g, derivative, n);
  else
    NAME(transfer)(activation, field, g, derivative, n);
}

#define ARRAY(function, LANES)                                               \
  WIDE void NAME(function)(const double *x, double *y, int64_t n) {          \
    int64_t i = 0;                                                           \
    for (; i + 8 <= n; i += 8) {                                             \
      const f64x8 v = *(const f64x8 *)(x + i);                               \
      *(f64x8 *)(y + i) = LANES;                                             \
    }                                                                        \
    if (i == n) return;                                                      \
    double lanes[8] = {0};                                                   \
    for (int64_t k = i; k < n; k++) lanes[k - i] = x[k];                     \
    const f64x8 v = *(f64x8 *)lanes;                                         \
    *(f64x8 *)lanes = LANES;                                                 \
    for (int64_t k = i; k < n; k++) y[k] = lanes[k - i];                     \
  }

ARRAY(exp_array, NAME(exp_all_lanes)(v))
ARRAY(expm1_array, NAME(expm1_lanes)(v))
ARRAY(tanh_array, NAME(tanh_lanes)(v))
ARRAY(erf_array, NAME(erf_lanes)(v, NAME(exp_lanes)(-v * v)))
ARRAY(erfc_array, NAME(erfc_lanes)(v, NAME(exp_lanes)(-v * v)))
#undef ARRAY

INLINE double NAME(sum_of_lanes)(f64x8 v) {
  for (int w = 4; w; w >>= 1)
    for (int i = 0; i < w; i++) v[i] += v[i + w];
  return v[0];
}

WIDE double NAME(dot)(const double *x, const double *y, int64_t n) {
  f64x8 sum = (f64x8)0.0;
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) sum += *(const f64x8 *)(x + i) * *(const f64x8 *)(y + i);
  double total = NAME(sum_of_lanes)(sum);
  for (; i < n; i++) total += x[i] * y[i];
  return total;
}

WIDE void NAME(add_multiple)(double a, const double *x, double *y, int64_t n) {
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) *(f64x8 *)(y + i) += a * *(const f64x8 *)(x + i);
  for (; i < n; i++) y[i] += a * x[i];
}
