// The vector types of the kernels. Their widths are part of the results: sums run over 16 single
// or 8 double lanes on every machine, in as many registers as its vectors need for that.

#ifndef TSS_VECTORS_H
#define TSS_VECTORS_H

#include <stdint.h>

typedef uint32_t u32x4 __attribute__((ext_vector_type(4), aligned(4)));
typedef uint32_t u32x8 __attribute__((ext_vector_type(8), aligned(4)));
typedef uint32_t u32x16 __attribute__((ext_vector_type(16), aligned(4)));
typedef int32_t i32x4 __attribute__((ext_vector_type(4), aligned(4)));
typedef int32_t i32x8 __attribute__((ext_vector_type(8), aligned(4)));
typedef int32_t i32x16 __attribute__((ext_vector_type(16), aligned(4)));
typedef float f32x4 __attribute__((ext_vector_type(4), aligned(4)));
typedef float f32x8 __attribute__((ext_vector_type(8), aligned(4)));
typedef float f32x16 __attribute__((ext_vector_type(16), aligned(4)));
typedef uint64_t u64x8 __attribute__((ext_vector_type(8), aligned(8)));
typedef int64_t i64x8 __attribute__((ext_vector_type(8), aligned(8)));
typedef double f64x8 __attribute__((ext_vector_type(8), aligned(8)));

#define INLINE static inline __attribute__((always_inline))
// Lets a function use registers as wide as its instruction set has.
#define WIDE static __attribute__((min_vector_width(512), noinline))
#define UNROLL _Pragma("clang loop unroll(full)")
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)

#endif
