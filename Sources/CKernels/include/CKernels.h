#ifndef TSS_KERNELS_H
#define TSS_KERNELS_H
#endif
