#include "CKernels.h"

// Ten rounds of Philox4x32 (Salmon et al. 2011) on one counter.
static void philox(uint32_t c[4], uint64_t key) {
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int i = 0; i < 10; i++) {
    const uint64_t p0 = (uint64_t)c[0] * 0xD2511F53u, p1 = (uint64_t)c[2] * 0xCD9E8D57u;
    c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
    c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
    c[1] = (uint32_t)p1;
    c[3] = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

// Fisher and Yates, from the end. A place below n out of 64 random bits is the high word of their
// product with n; it prefers some places by less than n/2^64.
void tss_shuffle(uint64_t seed, uint32_t stream, uint64_t round, uint32_t *order, int64_t count) {
  for (int64_t i = 0; i < count; i++) order[i] = (uint32_t)i;
  uint64_t words[2] = {0, 0};
  for (int64_t i = count - 1, drawn = 0; i > 0; i--, drawn++) {
    if (drawn % 2 == 0) {
      uint32_t c[4] = {
          (uint32_t)(drawn / 2), (uint32_t)round, (uint32_t)(round >> 32), stream};
      philox(c, seed);
      words[0] = (uint64_t)c[0] << 32 | c[1];
      words[1] = (uint64_t)c[2] << 32 | c[3];
    }
    const int64_t j = (int64_t)(((unsigned __int128)words[drawn % 2] * (uint64_t)(i + 1)) >> 64);
    const uint32_t other = order[j];
    order[j] = order[i];
    order[i] = other;
  }
}
