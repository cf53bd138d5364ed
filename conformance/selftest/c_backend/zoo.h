/* The C interface of SANE (Standard 1.06, chapter 4) as far as this back end needs it; declared here, so that no header has to be installed. */
#ifndef ZOO_H
#define ZOO_H

typedef int Word;
typedef int Status;
typedef void *Handle;

enum { GOOD, UNSUPPORTED, CANCELLED, BUSY, INVAL, END, JAMMED, NO_DOCS, COVER_OPEN, IO_ERROR, NO_MEM, DENIED };
enum { T_BOOL, T_INT, T_FIXED, T_STRING, T_BUTTON, T_GROUP };
enum { U_NONE, U_PIXEL, U_BIT, U_MM, U_DPI };
enum { SOFT_SELECT = 1, HARD_SELECT = 2, SOFT_DETECT = 4, EMULATED = 8, AUTOMATIC = 16, INACTIVE = 32, ADVANCED = 64 };
enum { C_NONE, C_RANGE, C_WORDS, C_TEXTS };
enum { GET, SET, AUTO };
enum { INEXACT = 1, RELOAD_OPTIONS = 2, RELOAD_PARAMS = 4 };
enum { F_GRAY, F_RGB, F_RED, F_GREEN, F_BLUE };

typedef struct { const char *name, *vendor, *model, *type; } Device;
typedef struct { Word min, max, quant; } Range;
typedef struct {
    const char *name, *title, *desc;
    int type, unit;
    Word size, cap;
    int constraint_type;
    const void *constraint;
} Descriptor;
typedef struct { int format; Word last_frame, bytes_per_line, pixels_per_line, lines, depth; } Parameters;

#endif
