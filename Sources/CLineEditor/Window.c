#define _GNU_SOURCE
#include <string.h>

#include "Editor.h"

/*
 * An input that is higher than the screen, seen through a window.
 *
 * libedit's model of the screen drops the first rows of such an input and goes on to count the
 * cursor's row from them. So it is made to believe in a screen that is high enough, and draws into
 * nothing, while the rows around the cursor are drawn here, in the whole screen or below what was
 * said last, with a line that says how many more there are.
 */

/* Rows that one key may add before libedit is asked for the next. */
enum { SPARE_ROWS = 64 };
/* Below this a line that counts others would take the place of what is edited. */
enum { ROWS_WITH_COUNTS = 4 };

static editor_place place_of(line_editor *editor, const wchar_t *character) {
  const editor_place start = editor_place_of_start(editor, editor->columns);
  return editor_place_of(start, el_wline(editor->el)->buffer, character);
}

static int rows_of_input(line_editor *editor) {
  return place_of(editor, el_wline(editor->el)->lastchar).row + 1;
}

bool editor_is_tall(line_editor *editor) {
  const int rows = rows_of_input(editor);
  return rows > 1 && rows >= editor->rows;
}

/* --- Opening and closing --- */

static void enlarge_model(line_editor *editor) {
  const int rows = rows_of_input(editor);
  if (rows + SPARE_ROWS / 2 <= editor->model_rows) return;
  editor->model_rows = rows + rows / 2 + SPARE_ROWS;
  char number[16];
  snprintf(number, sizeof number, "%d", editor->model_rows);
  el_set(editor->el, EL_SETTC, "li", number, NULL);
  el_set(editor->el, EL_REFRESH);
}

static int lines_of(const char *text) {
  int lines = 0;
  for (; text && *text; text++) lines += *text == '\n';
  return lines;
}

void editor_open_window(line_editor *editor, const char *said) {
  if (!editor->window_rows) editor->window_first = 0;
  const LineInfoW *line = el_wline(editor->el);
  editor->said_cursor = line->cursor - line->buffer;
  editor->said_length = line->lastchar - line->buffer;
  const int least = editor->rows < ROWS_WITH_COUNTS ? editor->rows : ROWS_WITH_COUNTS;
  const int rows = editor->rows - lines_of(said);
  editor->window_rows = rows > least ? rows : least;
  editor->window_cursor = 0;
  /* Room for it, with what stood there above. */
  for (int i = 1; i < editor->window_rows; i++) fputs("\n", stdout);
  editor_move_on_screen(1 - editor->window_rows, 0);
  el_set(editor->el, EL_SETFP, 1, editor->nowhere);
  editor->model_rows = 0;
  enlarge_model(editor);
}

void editor_close_window(line_editor *editor) {
  if (!editor->window_rows) return;
  editor->window_rows = 0;
  el_set(editor->el, EL_SETFP, 1, stdout);
  el_resize(editor->el);
}

void editor_fit(line_editor *editor, bool is_drawn) {
  const bool is_tall = editor_is_tall(editor), has_window = editor->window_rows > 0;
  if (is_tall && has_window) return enlarge_model(editor);
  if (is_tall == has_window) {
    editor->drawn_row = place_of(editor, el_wline(editor->el)->cursor).row;
    return;
  }
  if (has_window) {
    editor_to_top(editor);
  } else if (is_drawn) {
    /* It fills the screen. */
    fputs("\033[H", stdout);
  } else {
    editor_move_on_screen(-editor->drawn_row, 0);
    fputs("\033[J", stdout);
  }
  editor_redraw(editor, NULL);
}

/* --- Which rows are seen --- */

/* The last of them where the first is given. */
static int last_seen(int first, int height, int count) {
  const bool has_counts = height >= ROWS_WITH_COUNTS;
  const int room = has_counts && first > 0 ? height - 1 : height;
  if (first + room >= count) return count - 1;
  return first + room - (has_counts ? 2 : 1);
}

/* The first of them, as near to the one before as the cursor's row allows. */
static int first_seen(int first, int cursor, int height, int count) {
  if (count <= height) return 0;
  const bool has_counts = height >= ROWS_WITH_COUNTS;
  const int most = count - height + (has_counts ? 1 : 0);
  if (first > most) first = most;
  if (first > cursor) first = cursor;
  while (last_seen(first, height, count) < cursor) first++;
  /* The line that counts one line would stand in its place. */
  return has_counts && first == 1 ? 0 : first;
}

/* --- Drawing --- */

static void draw_count(
    line_editor *editor, const line_editor_painting *painting, const char *arrow, int count) {
  char text[40];
  snprintf(text, sizeof text, "%d more line%s", count, count == 1 ? "" : "s");
  const int room = editor->columns - 3;
  if (painting->has_color) fputs("\033[2m", stdout);
  printf("%s %.*s", arrow, room > 0 ? room : 0, text);
  if (painting->has_color) fputs("\033[0m", stdout);
}

/* All of it, to be read above what follows. */
static void draw_whole(line_editor *editor, const line_editor_painting *painting) {
  editor_draw_rows(editor, painting, 0, rows_of_input(editor) - 1);
  fputs("\033[J", stdout);
  editor->window_cursor = editor->window_rows - 1;
  fflush(stdout);
}

/* As high as the screen again, after a key that follows what was said. */
static void widen(line_editor *editor) {
  const LineInfoW *line = el_wline(editor->el);
  if (editor->window_rows >= editor->rows) return;
  if (editor->said_cursor == line->cursor - line->buffer
      && editor->said_length == line->lastchar - line->buffer)
    return;
  editor_move_on_screen(editor->window_rows - 1 - editor->window_cursor, 0);
  for (int i = editor->window_rows; i < editor->rows; i++) fputs("\n", stdout);
  editor->window_rows = editor->rows;
  editor->window_cursor = editor->rows - 1;
}

void editor_paint_window(line_editor *editor, bool is_final) {
  line_editor_painting painting = {.is_final = is_final};
  editor_ask(editor, &painting);
  widen(editor);
  editor_move_on_screen(-editor->window_cursor, 0);
  if (is_final) return draw_whole(editor, &painting);

  const int count = rows_of_input(editor);
  const bool has_hint = editor->window_rows - painting.hint_rows >= ROWS_WITH_COUNTS;
  const int height = editor->window_rows - (has_hint ? painting.hint_rows : 0);
  /* While the history is searched, what is typed stands in the prompt. */
  const LineInfoW *line = el_wline(editor->el);
  const editor_place cursor = place_of(editor, editor->is_searching ? line->buffer : line->cursor);
  const int first = first_seen(editor->window_first, cursor.row, height, count);
  const int last = last_seen(first, height, count);
  const bool has_counts = height >= ROWS_WITH_COUNTS;
  int row = 0;
  if (first > 0 && has_counts) {
    draw_count(editor, &painting, "↑", first);
    fputs("\033[K\r\n", stdout);
    row++;
  }
  const int cursor_row = row + cursor.row - first;
  row += editor_draw_rows(editor, &painting, first, last) - first;
  if (last == count - 1) {
    fputs("\033[J", stdout);
    if (painting.ghost) {
      const editor_place end = place_of(editor, line->lastchar);
      editor_draw_ghost(painting.ghost, editor->columns - end.column - 1);
    }
  } else if (has_counts) {
    fputs("\r\n", stdout);
    draw_count(editor, &painting, "↓", count - 1 - last);
    fputs("\033[J", stdout);
    row++;
  }
  if (has_hint && painting.hint) {
    fputs("\r\n", stdout);
    fputs(painting.hint, stdout);
    row += painting.hint_rows;
  }
  editor_move_on_screen(cursor_row - row, cursor.column);
  fflush(stdout);
  editor->window_first = first;
  editor->window_cursor = cursor_row;
}
