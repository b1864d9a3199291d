#define _GNU_SOURCE
#include "Editor.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

/* Opening and closing the editor, and the calls that read one input. */

static char *prompt(EditLine *el) { return editor_of(el)->prompt; }

/* --- Opening and closing --- */

/* The history is ours. Some of vi's commands ask libedit's without looking whether there is one. */
static int no_history(void *history, HistEventW *event, int operation, ...) {
  (void)history;
  (void)event;
  (void)operation;
  return -1;
}

/* What a terminal does that the system has no entry for, such as a new one at the other end of ssh:
   what is painted beside the input asks for no less. libedit alone would not move upwards, and say
   so before the first prompt. */
static void describe_unknown_terminal(EditLine *el) {
  if (el_set(el, EL_TERMINAL, NULL) == 0) return;
  static const char *const abilities[][2] = {
      {"am", "yes"}, {"xn", "yes"}, {"bl", "\007"}, {"up", "\033[A"}, {"ce", "\033[K"},
      {"cd", "\033[J"}};
  for (size_t i = 0; i < sizeof abilities / sizeof *abilities; i++)
    el_set(el, EL_SETTC, abilities[i][0], abilities[i][1], NULL);
}

bool line_editor_use_utf8(void) {
  setlocale(LC_CTYPE, "");
  if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return true;
  setlocale(LC_CTYPE, "C.UTF-8");
  return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

line_editor *line_editor_open(
    const char *program, line_editor_key_callback callback, void *context) {
  line_editor *editor = calloc(1, sizeof *editor);
  if (!editor) return NULL;
  editor->callback = callback;
  editor->context = context;
  editor->prompt = strdup("");
  pthread_mutex_init(&editor->lock, NULL);
  const bool has_terminal = editor_terminal_find() && editor_signals_start();
  editor->nowhere = has_terminal ? fopen("/dev/null", "w") : NULL;
  editor->el = editor->nowhere ? el_init(program, stdin, stdout, editor->nowhere) : NULL;
  if (!editor->el) {
    if (editor->nowhere) fclose(editor->nowhere);
    free(editor->prompt);
    free(editor);
    return NULL;
  }
  EditLine *el = editor->el;
  describe_unknown_terminal(el);
  el_set(el, EL_SETFP, 2, stderr);
  el_set(el, EL_CLIENTDATA, editor);
  el_set(el, EL_PROMPT_ESC, prompt, '\1');
  /* libedit's own handlers send signals on to the whole process group, the parent shell too. */
  el_set(el, EL_SIGNAL, 0);
  el_wset(el, EL_HIST, no_history, NULL);
  el_set(el, EL_EDITOR, "emacs");
  editor_bind_defaults(el);
  el_source(el, NULL);
  el_set(el, EL_EDITMODE, 1);
  editor_bind_necessary(el);
  /* A stray ^S, or one in what is pasted, would stop the terminal. */
  el_set(el, EL_SETTY, "-d", "-isig", "-ixon", NULL);
  el_set(el, EL_GETCFN, editor_read_character);
  editor_measure(editor);
  return editor;
}

void line_editor_close(line_editor *editor) {
  editor_set_quiet(false);
  /* Without this, libedit throws away what has been typed ahead. */
  el_set(editor->el, EL_EDITMODE, 0);
  el_end(editor->el);
  pthread_mutex_destroy(&editor->lock);
  free(editor->prompt);
  free(editor->cancelled);
  free(editor->pasted);
  free(editor->notices);
  fclose(editor->nowhere);
  free(editor);
}

void line_editor_set_prompt(line_editor *editor, const char *text, int width) {
  free(editor->prompt);
  editor->prompt = strdup(text);
  editor->prompt_width = width;
}

void line_editor_set_searching(line_editor *editor, bool searching) {
  editor->is_searching = searching;
  editor->searched = LINE_EDITOR_SEARCH_AGAIN;
}

unsigned line_editor_searched(line_editor *editor) { return (unsigned)editor->searched; }

/* --- Reading --- */

static void set_reading(line_editor *editor, bool reading) {
  pthread_mutex_lock(&editor->lock);
  editor->is_reading = reading;
  pthread_mutex_unlock(&editor->lock);
}

line_editor_outcome line_editor_read(line_editor *editor, char **text) {
  free(editor->cancelled);
  editor->cancelled = NULL;
  line_editor_set_searching(editor, false);
  editor_set_quiet(false);
  /* libedit shows the prompt first: what came between would be echoed as well as edited. */
  el_set(editor->el, EL_PREP_TERM, 1);
  editor_paste_marks(true);
  editor_measure(editor);
  set_reading(editor, true);
  int count = 0;
  const char *line = el_gets(editor->el, &count);
  set_reading(editor, false);
  if (editor->window_rows) {
    editor_to_bottom(editor);
    editor_close_window(editor);
  }
  editor_paste_marks(false);
  editor_set_quiet(true);
  if (editor->cancelled) {
    *text = editor->cancelled;
    editor->cancelled = NULL;
    return LINE_EDITOR_CANCELLED;
  }
  if (!line || count <= 0) {
    fputc('\n', stdout);
    fflush(stdout);
    *text = strdup("");
    return LINE_EDITOR_END;
  }
  size_t length = strlen(line);
  if (length > 0 && line[length - 1] == '\n') length--;
  *text = strndup(line, length);
  return LINE_EDITOR_LINE;
}

void line_editor_lend(line_editor *editor) {
  editor_to_top(editor);
  editor_paste_marks(false);
  el_set(editor->el, EL_PREP_TERM, 0);
}

void line_editor_take_back(line_editor *editor) {
  el_set(editor->el, EL_PREP_TERM, 1);
  editor_paste_marks(true);
  editor_redraw(editor, NULL);
}

/* --- The text while a key is handled --- */

char *line_editor_text(line_editor *editor, size_t *cursor) {
  const LineInfo *line = el_line(editor->el);
  char *text = strndup(line->buffer, (size_t)(line->lastchar - line->buffer));
  const LineInfoW *wide = el_wline(editor->el);
  if (cursor) *cursor = (size_t)(wide->cursor - wide->buffer);
  return text;
}

const char *line_editor_pasted(line_editor *editor) {
  return editor->pasted ? editor->pasted : "";
}

void line_editor_insert(line_editor *editor, const char *text) {
  if (*text) el_insertstr(editor->el, text);
}

void line_editor_delete(line_editor *editor, int count) { el_deletestr(editor->el, count); }

void line_editor_move(line_editor *editor, int characters) {
  const LineInfoW *line = el_wline(editor->el);
  long low = line->buffer - line->cursor, high = line->lastchar - line->cursor;
  long distance = characters < low ? low : characters > high ? high : characters;
  el_cursor(editor->el, (int)distance);
}
