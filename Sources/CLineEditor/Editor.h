#ifndef TSS_EDITOR_INTERNAL_H
#define TSS_EDITOR_INTERNAL_H

#include <histedit.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "CLineEditor.h"

/*
 * Keys that the character source hands to libedit in place of escape sequences.
 *
 * They are C1 control characters, which nobody types and which libedit looks up in its key maps
 * like any other below 256: one binding then serves emacs mode and both modes of vi. Bindings that
 * begin with ESC cannot be had there: libedit has no timeout for ESC, so one of them in vi's insert
 * map would take the ESC key away.
 */
enum {
  /* ESC Enter, typed slowly in emacs mode, makes these two by itself (ESC sets the eighth bit). */
  KEY_NEWLINE = 0x8d,
  KEY_NEWLINE_TOO = 0x8a,
  KEY_UP = 0x90,
  KEY_DOWN,
  KEY_LEFT,
  KEY_RIGHT,
  KEY_HOME,
  KEY_END,
  KEY_DELETE,
  KEY_WORD_LEFT,
  KEY_WORD_RIGHT,
  KEY_PASTE,
  KEY_SEARCH,
  /* A character without width, which waits in `mark`. */
  KEY_MARK,
  /* libedit's own end of input, reached from any line of the buffer. */
  KEY_SUBMIT,
  /* libedit's mark, and its cutting of what lies between that and the cursor. */
  KEY_SET_MARK,
  KEY_CUT,
};

struct line_editor {
  EditLine *el;
  line_editor_key_callback callback;
  line_editor_paint_callback paint;
  void *context;
  char *prompt;
  int prompt_width;
  /* Set by ^C, for `line_editor_read` to return. */
  char *cancelled;
  char *pasted;
  /* Something stands behind or below the text that libedit does not know of. */
  bool has_additions;
  bool is_searching;
  wchar_t searched;
  wchar_t mark;
  /* The screen. */
  int rows, columns;
  /* The row of the input on which libedit has left the cursor. */
  int drawn_row;
  /* Window.c: rows of the window at the bottom of the screen that shows a part of the input, 0 for
     none; the first row of the input in it; the row of the window that the cursor is in. */
  int window_rows, window_first, window_cursor;
  /* How many rows libedit believes the screen to have meanwhile. */
  int model_rows;
  /* Where libedit writes what nobody should see. */
  FILE *nowhere;
  /* Where the cursor was among how many characters when something was said above the window. */
  long said_cursor, said_length;
  /* The key that has ended a search; 0 for none. */
  wchar_t deferred;
  /* Bytes read ahead of the character that libedit wants. */
  unsigned char input[4096];
  size_t input_start, input_end;
  bool at_end;
  /* Between the beginning and the end of `el_gets`. */
  bool is_reading;
  /* Guards `notices` and `is_reading` against other threads. */
  pthread_mutex_t lock;
  char *notices;
};

/* Keys.c */
line_editor *editor_of(EditLine *el);
/* What ~/.editrc may change. */
void editor_bind_defaults(EditLine *el);
/* What tss cannot do without, in whichever mode ~/.editrc has chosen. */
void editor_bind_necessary(EditLine *el);
/* Source.c */
int editor_read_character(EditLine *el, wchar_t *character);
/* The next byte, which stays where it is; -1 where none comes in so many milliseconds. */
int editor_peek(line_editor *editor, int timeout);
/* Sequences.c */
/* What follows an ESC: one of our keys, 0 for a sequence that means nothing here, -1 where the ESC
   stands for itself (the ESC key, or Alt with a letter). */
int editor_decode_sequence(line_editor *editor);
/* Up to the end mark, for the key that is handled next. */
void editor_read_paste(line_editor *editor);
/* Screen.c */
/* Where a character stands: row and column from the prompt's row on, on a screen so wide. */
typedef struct {
  int columns, row, column;
} editor_place;
/* Of the first character of the text. */
editor_place editor_place_of_start(line_editor *editor, int columns);
editor_place editor_place_after(editor_place place, wchar_t character);
editor_place editor_place_of(editor_place start, const wchar_t *from, const wchar_t *to);
/* By so many rows, and to a column. */
void editor_move_on_screen(int rows, int column);
void editor_to_top(line_editor *editor);
void editor_to_bottom(line_editor *editor);
/* Draws prompt and input where the cursor is, below what was said; NULL for nothing. */
void editor_redraw(line_editor *editor, const char *said);
void editor_print_notices(line_editor *editor);
void editor_paste_marks(bool on);
/* The size of the screen, at the start and whenever libedit asks for it. */
void editor_measure(line_editor *editor);
/* Window.c */
/* In the first row, row by row: what is erased at once is kept by tmux as if it had scrolled away. */
#define ERASE_SCREEN "\r\033[K\033[B\033[J\033[A"
/* Whether the screen is too low for the input, so that it is seen through a window. */
bool editor_is_tall(line_editor *editor);
/* Opens, widens or closes the window after the text has changed. `is_drawn`: libedit has drawn it. */
void editor_fit(line_editor *editor, bool is_drawn);
/* At the cursor, with so many rows less as what was said has lines. */
void editor_open_window(line_editor *editor, const char *said);
/* Gives the screen back to libedit, which knows nothing of what stands there. */
void editor_close_window(line_editor *editor);
void editor_paint_window(line_editor *editor, bool is_final);
/* Paint.c */
/* `is_final`: the text is submitted, so nothing is added to it. */
void editor_paint(line_editor *editor, bool is_final);
void editor_erase_additions(line_editor *editor);
/* Asks what stands beside the input; false where nothing is to be painted. */
bool editor_ask(line_editor *editor, line_editor_painting *painting);
/* Draws the rows of the text from `first` to `last`, each character in its style, and before row 0
   the prompt. The cursor is at the beginning of the first; gives the row in which it is left. */
int editor_draw_rows(
    line_editor *editor, const line_editor_painting *painting, int first, int last);
/* As many characters as fit into so many columns, faintly. */
void editor_draw_ghost(const char *ghost, int room);
/* Terminal.c */
/* Remembers how the terminal is, and sees to it that it is left so. False where it is none. */
bool editor_terminal_find(void);
/* No echo while a program runs. */
void editor_set_quiet(bool quiet);
/* After the job was stopped; for signal handlers. */
void editor_be_quiet_again(void);
/* Signals.c */
bool editor_signals_start(void);
int editor_signal_descriptor(void);
void editor_wake(void);
/* Makes the character source prepare the terminal and draw the input again. */
void editor_mark_continued(void);
void editor_take_signals(bool *resized, bool *continued);

#endif
