// The reduced descent for one instruction set; included by Reduced.c.

#include "Gaussians.h"
#include "Functions.h"
#include "Reduced.h"

#undef NAME
#undef WIDTH
