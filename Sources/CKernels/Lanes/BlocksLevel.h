// The reduced descent for structured inputs and one instruction set; included by ReducedBlocks.c.

#include "Gaussians.h"
#include "Functions.h"
#include "Blocks.h"

#undef NAME
#undef WIDTH
