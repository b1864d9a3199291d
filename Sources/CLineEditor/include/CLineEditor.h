#ifndef TSS_LINE_EDITOR_H
#define TSS_LINE_EDITOR_H
#endif
