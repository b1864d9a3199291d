#define _GNU_SOURCE
#include <stdio.h>
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

/* Without the bytes that mark control sequences. */
static void draw_prompt(const char *prompt) {
  for (const char *p = prompt; *p; p++) {
    if (*p != '\1') putchar(*p);
  }
}

int editor_draw_rows(
    line_editor *editor, const line_editor_painting *painting, int first, int last) {
  const LineInfoW *line = el_wline(editor->el);
  editor_place place = editor_place_of_start(editor, editor->columns);
  if (first == 0) draw_prompt(editor->prompt);
  int row = first > place.row ? first : place.row, column = first == 0 ? place.column : 0;
  int style = 0;
  const wchar_t *p = line->buffer;
  for (;; p++) {
    const editor_place before = place;
    const bool is_end = p == line->lastchar;
    if (!is_end) place = editor_place_after(place, *p);
    int wanted_row = before.row;
    if (!is_end && *p != L'\n') {
      /* A character that does not fit stands on the next row; marks stay with their letter. */
      const bool is_mark = p > line->buffer && p[-1] != L'\n' && wcwidth(*p) == 0;
      if (place.row > before.row && place.column > 0) wanted_row++;
      if (is_mark && before.column == 0) wanted_row--;
    }
    if (wanted_row > last) break;
    for (; row < wanted_row; row++) {
      fputs(column < place.columns ? "\033[K\r\n" : "\r\n", stdout);
      column = 0;
    }
    if (is_end) break;
    if (wanted_row < first) continue;
    const size_t index = (size_t)(p - line->buffer);
    const int wanted = *p == L'\n' || index >= painting->styled ? 0 : painting->styles[index];
    if (wanted != style) {
      printf("\033[0%s%sm", wanted ? ";" : "", wanted ? painting->escapes[wanted] : "");
      style = wanted;
    }
    if (*p == L'\n') continue;
    printf("%lc", (wint_t)*p);
    column = place.column ? place.column : place.columns;
  }
  if (style) fputs("\033[0m", stdout);
  if (p < line->lastchar && column < place.columns) fputs("\033[K", stdout);
  return row;
}

void editor_draw_ghost(const char *ghost, int room) {
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

bool editor_ask(line_editor *editor, line_editor_painting *painting) {
  const LineInfoW *line = el_wline(editor->el);
  if (line->lastchar - line->buffer > PAINTED_CHARACTERS) return false;
  return editor->paint && editor->paint(editor->context, editor, painting);
}

void editor_paint(line_editor *editor, bool is_final) {
  if (editor->window_rows) return editor_paint_window(editor, is_final);
  const LineInfoW *line = el_wline(editor->el);
  const bool is_empty = line->lastchar == line->buffer;
  const editor_place start = editor_place_of_start(editor, editor->columns);
  const editor_place cursor = editor_place_of(start, line->buffer, line->cursor);
  const editor_place end = editor_place_of(start, line->buffer, line->lastchar);
  /* What has scrolled away cannot be reached. */
  if ((is_empty && is_final) || end.row >= editor->rows) return;

  line_editor_painting painting = {.is_final = is_final};
  if (!editor_ask(editor, &painting)) return;
  if (is_empty && painting.hint_rows == 0) return;
  int below = end.row + painting.hint_rows < editor->rows - 1 ? painting.hint_rows : 0;
  /* Room for the hint, even where that scrolls the screen. */
  if (below > 0) {
    editor_move_on_screen(end.row - cursor.row, 0);
    for (int i = 0; i < below; i++) fputs("\n", stdout);
    editor_move_on_screen(-below - end.row, 0);
  } else {
    editor_move_on_screen(-cursor.row, 0);
  }
  /* The prompt as well: libedit puts double-width characters that are inserted before others a
     column too far to the left, over the prompt's end. */
  editor_draw_rows(editor, &painting, 0, end.row);
  fputs("\033[J", stdout);
  if (painting.ghost) editor_draw_ghost(painting.ghost, editor->columns - end.column - 1);
  if (below > 0) {
    /* Its rows are separated by CR LF. */
    fputs("\r\n", stdout);
    fputs(painting.hint, stdout);
  }
  editor_move_on_screen(cursor.row - end.row - below, cursor.column);
  fflush(stdout);
  editor->has_additions = painting.ghost || below > 0;
}

void editor_erase_additions(line_editor *editor) {
  if (!editor->has_additions) return;
  editor->has_additions = false;
  const LineInfoW *line = el_wline(editor->el);
  const editor_place start = editor_place_of_start(editor, editor->columns);
  const editor_place cursor = editor_place_of(start, line->buffer, line->cursor);
  const editor_place end = editor_place_of(start, line->buffer, line->lastchar);
  editor_move_on_screen(end.row - cursor.row, end.column);
  fputs("\033[J", stdout);
  editor_move_on_screen(cursor.row - end.row, cursor.column);
  fflush(stdout);
}

void line_editor_repaint(line_editor *editor) {
  (void)editor;
  editor_wake();
}

void line_editor_set_painter(line_editor *editor, line_editor_paint_callback paint) {
  editor->paint = paint;
}
