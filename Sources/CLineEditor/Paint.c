#define _GNU_SOURCE
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "Editor.h"

/*
 * Colour, suggestions and hints around the input.
 *
 * libedit keeps a model of the screen that holds characters only. So the characters that it has
 * drawn may be drawn again in colour, and what stands behind and below them is ours as long as it
 * is gone before libedit writes there: painting happens before the editor waits for a key, and what
 * was added is erased when one arrives. All movements are relative, since a screen may scroll.
 */

/* Longer inputs stay plain: a key should not take longer than a frame. */
enum { PAINTED_CHARACTERS = 4000 };

static void move(int rows, int column) {
  if (rows > 0) printf("\033[%dB", rows);
  if (rows < 0) printf("\033[%dA", -rows);
  fputs("\r", stdout);
  if (column > 0) printf("\033[%dC", column);
}

/* Without the bytes that mark control sequences. */
static void draw_prompt(const char *prompt) {
  for (const char *p = prompt; *p; p++) {
    if (*p != '\1') putchar(*p);
  }
}

/* Draws the text again, each character in its style. The cursor is on its first character. */
static void draw_text(
    line_editor *editor, const line_editor_painting *painting, editor_place start) {
  const LineInfoW *line = el_wline(editor->el);
  int style = 0;
  editor_place place = start;
  for (const wchar_t *p = line->buffer; p < line->lastchar; p++) {
    const editor_place before = place;
    place = editor_place_after(place, *p);
    /* A character that does not fit stands on the next row. */
    if (*p != L'\n' && place.row > before.row && place.column > 0) fputs("\r\n", stdout);
    const size_t index = (size_t)(p - line->buffer);
    const int wanted = *p == L'\n' || index >= painting->styled ? 0 : painting->styles[index];
    if (wanted != style) {
      printf("\033[0%s%sm", wanted ? ";" : "", wanted ? painting->escapes[wanted] : "");
      style = wanted;
    }
    if (*p != L'\n') printf("%lc", (wint_t)*p);
    if (place.row > before.row && place.column == 0) {
      /* Marks stay with their letter. */
      while (p + 1 < line->lastchar && wcwidth(p[1]) == 0) printf("%lc", (wint_t)*++p);
      fputs("\r\n", stdout);
    }
  }
  if (style) fputs("\033[0m", stdout);
}

/* As many characters as fit into so many columns. */
static void draw_ghost(const char *ghost, int room) {
  mbstate_t state = {0};
  fputs("\033[2m", stdout);
  while (*ghost) {
    wchar_t character;
    size_t length = mbrtowc(&character, ghost, 8, &state);
    if (length == 0 || length > 8) break;
    int width = wcwidth(character);
    if (width < 0 || width > room) break;
    fwrite(ghost, 1, length, stdout);
    ghost += length;
    room -= width;
  }
  fputs("\033[0m", stdout);
}

void editor_paint(line_editor *editor, bool is_final) {
  if (!editor->paint) return;
  struct winsize size = {0};
  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  const int columns = size.ws_col ? size.ws_col : 80, rows = size.ws_row ? size.ws_row : 24;
  const LineInfoW *line = el_wline(editor->el);
  const long length = line->lastchar - line->buffer;
  const bool is_empty = length == 0;
  if ((is_empty && is_final) || length > PAINTED_CHARACTERS) return;
  const editor_place start = editor_place_of_start(editor, columns);
  const editor_place cursor = editor_place_of(start, line->buffer, line->cursor);
  const editor_place end = editor_place_of(start, line->buffer, line->lastchar);
  /* What has scrolled away cannot be reached. */
  if (end.row >= rows) return;

  line_editor_painting painting = {.is_final = is_final};
  if (!editor->paint(editor->context, editor, &painting)) return;
  if (is_empty && painting.hint_rows == 0) return;
  int below = end.row + painting.hint_rows < rows - 1 ? painting.hint_rows : 0;
  /* Room for the hint, even where that scrolls the screen. */
  if (below > 0) {
    move(end.row - cursor.row, 0);
    for (int i = 0; i < below; i++) fputs("\n", stdout);
    move(-below - end.row, 0);
  } else {
    move(-cursor.row, 0);
  }
  /* The prompt as well: libedit puts double-width characters that are inserted before others a
     column too far to the left, over the prompt's end. */
  draw_prompt(editor->prompt);
  draw_text(editor, &painting, start);
  fputs("\033[J", stdout);
  if (painting.ghost) draw_ghost(painting.ghost, columns - end.column - 1);
  if (below > 0) {
    /* Its rows are separated by CR LF. */
    fputs("\r\n", stdout);
    fputs(painting.hint, stdout);
  }
  move(cursor.row - end.row - below, cursor.column);
  fflush(stdout);
  editor->has_additions = painting.ghost || below > 0;
}

void editor_erase_additions(line_editor *editor) {
  if (!editor->has_additions) return;
  editor->has_additions = false;
  struct winsize size = {0};
  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  const LineInfoW *line = el_wline(editor->el);
  const editor_place start = editor_place_of_start(editor, size.ws_col ? size.ws_col : 80);
  const editor_place cursor = editor_place_of(start, line->buffer, line->cursor);
  const editor_place end = editor_place_of(start, line->buffer, line->lastchar);
  move(end.row - cursor.row, end.column);
  fputs("\033[J", stdout);
  move(cursor.row - end.row, cursor.column);
  fflush(stdout);
}

void line_editor_repaint(line_editor *editor) {
  (void)editor;
  editor_wake();
}

void line_editor_set_painter(line_editor *editor, line_editor_paint_callback paint) {
  editor->paint = paint;
}
