#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "Editor.h"

/*
 * Where the input stands on the screen.
 *
 * libedit does not say, so its layout is computed again: characters from the prompt on, a new row
 * at each newline and wherever a character does not fit.
 */

int line_editor_columns(int descriptor) {
  struct winsize size;
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static editor_place next_row(editor_place place) {
  place.row++;
  place.column = 0;
  return place;
}

editor_place editor_place_after(editor_place place, wchar_t character) {
  if (character == L'\n') return next_row(place);
  int width = wcwidth(character);
  if (width < 0) width = 1;
  if (place.column + width > place.columns) place = next_row(place);
  place.column += width;
  return place.column == place.columns ? next_row(place) : place;
}

editor_place editor_place_of_start(line_editor *editor, int columns) {
  const int width = editor->prompt_width;
  return (editor_place){.columns = columns, .row = width / columns, .column = width % columns};
}

editor_place editor_place_of(editor_place start, const wchar_t *from, const wchar_t *to) {
  for (; from < to; from++) start = editor_place_after(start, *from);
  return start;
}

static int rows_to(line_editor *editor, const wchar_t *end) {
  struct winsize size = {0};
  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  const editor_place start = editor_place_of_start(editor, size.ws_col ? size.ws_col : 80);
  const int row = editor_place_of(start, el_wline(editor->el)->buffer, end).row;
  /* What does not fit on the screen has scrolled away and cannot be reached. */
  return size.ws_row && row >= size.ws_row ? size.ws_row - 1 : row;
}

void editor_measure(line_editor *editor) {
  struct winsize size = {0};
  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  editor->columns = size.ws_col >= 2 ? size.ws_col : 80;
  editor->rows = size.ws_row ? size.ws_row : 24;
}

void editor_move_on_screen(int rows, int column) {
  if (rows > 0) printf("\033[%dB", rows);
  if (rows < 0) printf("\033[%dA", -rows);
  fputs("\r", stdout);
  if (column > 0) printf("\033[%dC", column);
}

/* To the first column of the prompt's row, and everything from there on erased. */
void editor_to_top(line_editor *editor) {
  int row = editor->window_rows ? editor->window_cursor
                                : rows_to(editor, el_wline(editor->el)->cursor);
  if (row) printf("\033[%dA", row);
  fputs(editor->window_rows ? ERASE_SCREEN : "\r\033[J", stdout);
  fflush(stdout);
}

/* To a new line below the input. */
void editor_to_bottom(line_editor *editor) {
  const LineInfoW *line = el_wline(editor->el);
  int below = editor->window_rows
                  ? editor->window_rows - 1 - editor->window_cursor
                  : rows_to(editor, line->lastchar) - rows_to(editor, line->cursor);
  if (below) printf("\033[%dB", below);
  fputs("\r\n", stdout);
  fflush(stdout);
}

void editor_redraw(line_editor *editor, const char *said) {
  if (editor_is_tall(editor)) {
    editor_open_window(editor, said);
  } else {
    editor_close_window(editor);
    el_set(editor->el, EL_REFRESH);
    editor->drawn_row = rows_to(editor, el_wline(editor->el)->cursor);
  }
}

void line_editor_show(line_editor *editor, const char *text) {
  editor_to_bottom(editor);
  fputs(text, stdout);
  fflush(stdout);
  editor_redraw(editor, text);
}

void editor_paste_marks(bool on) {
  fputs(on ? "\033[?2004h" : "\033[?2004l", stdout);
  fflush(stdout);
}

/* --- Notices --- */

void line_editor_notice(line_editor *editor, const char *text) {
  pthread_mutex_lock(&editor->lock);
  if (editor->is_reading) {
    size_t old = editor->notices ? strlen(editor->notices) : 0, length = strlen(text);
    char *grown = realloc(editor->notices, old + length + 1);
    if (grown) {
      memcpy(grown + old, text, length + 1);
      editor->notices = grown;
    }
    editor_wake();
  } else {
    fputs(text, stdout);
    fflush(stdout);
  }
  pthread_mutex_unlock(&editor->lock);
}

void editor_print_notices(line_editor *editor) {
  pthread_mutex_lock(&editor->lock);
  char *text = editor->notices;
  editor->notices = NULL;
  pthread_mutex_unlock(&editor->lock);
  if (!text) return;
  editor_to_top(editor);
  fputs(text, stdout);
  editor_redraw(editor, text);
  free(text);
}
