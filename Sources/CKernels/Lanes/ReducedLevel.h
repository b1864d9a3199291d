// The reduced descent for one instruction set; included by Reduced.c.

#include "Gaussians.h"
#include "Functions.h"
#include "Reduced.h"
#include "ReducedMomentum.h"

#undef NAME
#undef WIDTH
