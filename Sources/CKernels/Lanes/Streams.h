// Random numbers that are seldom wanted, one at a time.

// The counter-based generator of Gaussians.h, a number at a time.
typedef struct stream {
  uint64_t seed, step;
  uint32_t number, counter;
  double spare;
  int has_spare;
} stream;

// Uniform on (0, 1), symmetric.
static double uniform(stream *s) {
  uint32_t c[4] = {s->counter++, (uint32_t)s->step, (uint32_t)(s->step >> 32), s->number};
  uint32_t k0 = (uint32_t)s->seed, k1 = (uint32_t)(s->seed >> 32);
  for (int i = 0; i < 10; i++) {
    const uint64_t p = (uint64_t)c[0] * 0xD2511F53u, q = (uint64_t)c[2] * 0xCD9E8D57u;
    c[0] = (uint32_t)(q >> 32) ^ c[1] ^ k0;
    c[2] = (uint32_t)(p >> 32) ^ c[3] ^ k1;
    c[1] = (uint32_t)q;
    c[3] = (uint32_t)p;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return ((double)(((uint64_t)c[0] << 32 | c[1]) >> 12) + 0.5) * 0x1p-52;
}

// The polar method of Marsaglia and Bray.
static double gaussian(stream *s) {
  if (s->has_spare) {
    s->has_spare = 0;
    return s->spare;
  }
  for (;;) {
    const double x = 2 * uniform(s) - 1, y = 2 * uniform(s) - 1, square = x * x + y * y;
    if (square >= 1 || square == 0) continue;
    const double factor = __builtin_elementwise_sqrt(-2 * tss_log(square) / square);
    s->spare = y * factor;
    s->has_spare = 1;
    return x * factor;
  }
}

// log(1 + y) - y + y^2/2 - y^3/3, y > -1. With y = c x and d = 1/(9 c^2), Marsaglia and Tsang's
// probability to accept x is exp(3 d log_excess(c x)); the series keeps it exact for any d, where
// their own form cancels. It lies above -y^4/4 for y > 0, and above -y^4/2 for y > -1/2.
static double log_excess(double y) {
  if (y > 0.25 || y < -0.25) return tss_log(1 + y) - y + y * y / 2 - y * y * y / 3;
  double sum = 0;
  for (int n = 30; n >= 4; n--) sum = (n % 2 ? 1.0 : -1.0) / n + y * sum;
  return y * y * y * y * sum;
}

// chi^2 with at least 2 degrees, given the first Gaussian and uniform number to try.
static double chi_squared_by_trial(stream *s, double degrees, double x, double u) {
  const double d = degrees / 2 - 1.0 / 3, c = 1 / __builtin_elementwise_sqrt(9 * d);
  for (;;) {
    const double t = 1 + c * x;
    if (t > 0 && tss_log(u) < 3 * d * log_excess(c * x)) return 2 * d * (t * t * t);
    x = gaussian(s);
    u = uniform(s);
  }
}

// The 32 bits are the first of a uniform number, whose others are drawn only here.
static double chi_squared_of_first_try(
    double degrees, uint64_t seed, uint32_t number, uint64_t step, double x, uint32_t bits) {
  stream s = {.seed = seed, .step = step, .number = number};
  const double u = (bits + uniform(&s)) * 0x1p-32;
  return chi_squared_by_trial(&s, degrees, x, u);
}

// Dropout (Srivastava et al. 2014): every hidden unit takes part in a sample with probability `keep`,
// keyed by (seed, number, sample); g and g' of the others are 0, `stride` apart.
static void drop_units(
    uint64_t seed, uint32_t number, uint64_t sample, double keep, int64_t units, int64_t stride,
    double *g, double *derivative) {
  stream s = {.seed = seed, .step = sample, .number = number};
  for (int64_t k = 0; k < units; k++)
    if (uniform(&s) >= keep) g[k * stride] = derivative[k * stride] = 0;
}
