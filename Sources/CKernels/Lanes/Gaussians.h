// Standard normal inputs. Included once for each instruction set: NAME(f) adds its suffix, and
// WIDTH is the number of 32-bit lanes of one register.
//
// A step's input is cut into blocks of 4096 numbers. A block has a generator of its own, 16 lanes
// of xoshiro128++ (Blackman and Vigna 2021) whose states are Philox4x32-10 (Salmon et al. 2011) of
// (seed, stream, step, block, lane), so that no number depends on who draws it or in what order.

#define UINTS PASTE(u32x, WIDTH)
#define INTS PASTE(i32x, WIDTH)
#define FLOATS PASTE(f32x, WIDTH)

// Ten rounds of Philox4x32 on eight counters, kept in 64-bit lanes for the widening products.
INLINE void NAME(philox)(u64x8 c[4], uint32_t k0, uint32_t k1) {
  const u64x8 low = (u64x8)0xffffffffu;
  for (int i = 0; i < 10; i++) {
    u64x8 p0 = (c[0] & low) * 0xD2511F53u, p1 = (c[2] & low) * 0xCD9E8D57u;
    c[0] = (p1 >> 32) ^ c[1] ^ (uint64_t)k0;
    c[2] = (p0 >> 32) ^ c[3] ^ (uint64_t)k1;
    c[1] = p1 & low;
    c[3] = p0 & low;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

INLINE void NAME(seed_block)(
    uint64_t seed, uint32_t stream, uint64_t step, uint32_t block, uint32_t state[4][16]) {
  for (int half = 0; half < 2; half++) {
    const u64x8 lane = {0, 1, 2, 3, 4, 5, 6, 7};
    u64x8 c[4] = {
        lane + (uint64_t)(half * 8) + (uint64_t)(uint32_t)(block << 4), (u64x8)(step & 0xffffffffu),
        (u64x8)(step >> 32), (u64x8)(uint64_t)stream};
    NAME(philox)(c, (uint32_t)seed, (uint32_t)(seed >> 32));
    for (int k = 0; k < 4; k++)
      *(u32x8 *)(state[k] + half * 8) = __builtin_convertvector(c[k], u32x8);
  }
}

INLINE UINTS NAME(rotate)(UINTS x, int k) { return (x << k) | (x >> (32 - k)); }

INLINE UINTS NAME(next)(UINTS s[4]) {
  UINTS result = NAME(rotate)(s[0] + s[3], 7) + s[0], t = s[1] << 9;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = NAME(rotate)(s[3], 11);
  return result;
}

// Box-Muller over a half turn and a sign, two numbers from two words.
INLINE void NAME(box_muller)(UINTS u, UINTS v, FLOATS *a, FLOATS *b) {
  // log((u + 1/2) / 2^31) of 31 bits: exponent and mantissa about 1, then the polynomial of
  // Cephes' logf.
  FLOATS p = __builtin_convertvector((INTS)(u >> 1), FLOATS) + 0.5f;
  INTS bits = (INTS)p;
  INTS e = (bits - 0x3f3504f3) >> 23;
  FLOATS m = (FLOATS)(bits - (e << 23)) - 1.0f;
  FLOATS exponent = __builtin_convertvector(e - 31, FLOATS);
  FLOATS y = (FLOATS)7.0376836292e-2f;
  y = y * m - 1.1514610310e-1f;
  y = y * m + 1.1676998740e-1f;
  y = y * m - 1.2420140846e-1f;
  y = y * m + 1.4249322787e-1f;
  y = y * m - 1.6668057665e-1f;
  y = y * m + 2.0000714765e-1f;
  y = y * m - 2.4999993993e-1f;
  y = y * m + 3.3333331174e-1f;
  FLOATS z = m * m;
  y = y * m * z;
  y = y - z * 0.5f;
  y = y + m;
  FLOATS square = (exponent * 0.693147180559945f + y) * -2.0f;
  // Rounding may leave a negative square (or -0) at u = 2^31; a mask, because the machines'
  // maxima differ on zeros.
  square = (FLOATS)((INTS)square & (INTS)(square > (FLOATS)0));
  FLOATS r = __builtin_elementwise_sqrt(square);
  // sin and cos of pi t/2, minimax on t in [-1, 1); the top bit of v is the sign of the cosine.
  FLOATS t = __builtin_convertvector((INTS)(v << 1), FLOATS) * 0x1p-31f;
  FLOATS t2 = t * t;
  FLOATS s = (FLOATS)1.516751178e-04f;
  s = s * t2 - 4.674150669e-03f;
  s = s * t2 + 7.968992260e-02f;
  s = s * t2 - 6.459637604e-01f;
  s = s * t2 + 1.570796320e+00f;
  s = s * t;
  FLOATS c = (FLOATS)-2.382453550e-05f;
  c = c * t2 + 9.177238821e-04f;
  c = c * t2 - 2.086268755e-02f;
  c = c * t2 + 2.536693225e-01f;
  c = c * t2 - 1.233700534e+00f;
  c = c * t2 + 9.999999998e-01f;
  *a = r * s;
  *b = (FLOATS)((UINTS)(r * c) ^ (v & 0x80000000u));
}

// Each pass of the middle loop draws WIDTH of a block's 16 lanes: 32 numbers are 16 sines, then
// 16 cosines.
WIDE void NAME(gaussians)(uint64_t seed, uint32_t stream, uint64_t step, float *x, int64_t n) {
  for (int64_t start = 0; start < n; start += 4096) {
    uint32_t state[4][16];
    NAME(seed_block)(seed, stream, step, (uint32_t)(start / 4096), state);
    int64_t end = start + 4096 < n ? start + 4096 : n;
    for (int lane = 0; lane < 16; lane += WIDTH) {
      UINTS s[4];
      for (int k = 0; k < 4; k++) s[k] = *(UINTS *)(state[k] + lane);
      int64_t i = start;
      for (; i + 32 <= end; i += 32) {
        UINTS u = NAME(next)(s), v = NAME(next)(s);
        NAME(box_muller)(u, v, (FLOATS *)(x + i + lane), (FLOATS *)(x + i + 16 + lane));
      }
      if (i < end) {
        FLOATS rest[2];
        UINTS u = NAME(next)(s), v = NAME(next)(s);
        NAME(box_muller)(u, v, &rest[0], &rest[1]);
        for (int half = 0; half < 2; half++)
          for (int k = 0; k < WIDTH; k++) {
            int64_t j = i + 16 * half + lane + k;
            if (j < end) x[j] = rest[half][k];
          }
      }
    }
  }
}

#undef UINTS
#undef INTS
#undef FLOATS
