// Everything for one instruction set, and the table by which Kernels.c finds it.

#include "Gaussians.h"
#include "Functions.h"

#define REAL double
#define LANES 8
#define VECTOR f64x8
#define INPUT(p) __builtin_convertvector(*(const f32x8 *)(p), f64x8)
#define TYPED(f) NAME(PASTE(f, _double))
#include "Passes.h"
#undef REAL
#undef LANES
#undef VECTOR
#undef INPUT
#undef TYPED

#define REAL float
#define LANES 16
#define VECTOR f32x16
#define INPUT(p) (*(const f32x16 *)(p))
#define TYPED(f) NAME(PASTE(f, _float))
#include "Passes.h"
#undef REAL
#undef TYPED

#include "Samples.h"
#include "Labels.h"

#define REAL float
#define TYPED(f) NAME(PASTE(f, _float))
#include "Learning.h"
#undef REAL
#undef LANES
#undef VECTOR
#undef INPUT
#undef TYPED

#define REAL double
#define TYPED(f) NAME(PASTE(f, _double))
#include "Learning.h"
#undef REAL
#undef TYPED

static const kernels NAME(table) = {
    NAME(gaussians),  NAME(exp_array),    NAME(erf_array), NAME(expm1_array),
    NAME(tanh_array), NAME(erfc_array),   NAME(dot),       NAME(add_multiple),
    NAME(input_of),   NAME(outputs),      NAME(learn_double), NAME(learn_float),
};

#undef NAME
#undef WIDTH
#undef ROWS
#undef TILE_ROWS
#undef INPUTS
