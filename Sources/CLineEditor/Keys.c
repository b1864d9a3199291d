#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "Editor.h"

/* The functions that keys call, and which keys those are. */

line_editor *editor_of(EditLine *el) {
  void *data = NULL;
  el_get(el, EL_CLIENTDATA, &data);
  return data;
}

/* --- What keys do --- */

/* libedit must leave a buffer of many lines from the last one, or the output that follows would
   overwrite the lower lines: so the private key is pushed that is bound to its own end of input. */
static unsigned char submit(EditLine *el) {
  el_wpush(el, (const wchar_t[]){KEY_SUBMIT, 0});
  return CC_NORM;
}

static unsigned char decide(EditLine *el, line_editor_key key) {
  line_editor *editor = editor_of(el);
  const line_editor_action action = editor->callback(editor->context, editor, key);
  /* Before libedit draws what does not fit the screen. */
  if (editor_is_tall(editor)) editor_fit(editor, false);
  switch (action) {
    case LINE_EDITOR_NOTHING: return CC_NORM;
    case LINE_EDITOR_REFRESH: return CC_REFRESH;
    case LINE_EDITOR_MOVED: return CC_CURSOR;
    case LINE_EDITOR_BEEP: return CC_ERROR;
    case LINE_EDITOR_SUBMIT:
      /* Keys that came at once were not painted between. */
      editor_paint(editor, true);
      return submit(el);
  }
  return CC_ERROR;
}

#define DECIDED(name, key)                               \
  static unsigned char name(EditLine *el, int character) { \
    (void)character;                                     \
    return decide(el, key);                              \
  }
DECIDED(on_enter, LINE_EDITOR_ENTER)
DECIDED(on_newline, LINE_EDITOR_NEWLINE)
DECIDED(on_tab, LINE_EDITOR_TAB)
DECIDED(on_up, LINE_EDITOR_UP)
DECIDED(on_down, LINE_EDITOR_DOWN)
DECIDED(on_line_start, LINE_EDITOR_LINE_START)
DECIDED(on_line_end, LINE_EDITOR_LINE_END)
DECIDED(on_right, LINE_EDITOR_RIGHT)
DECIDED(on_closing_brace, LINE_EDITOR_CLOSING_BRACE)
DECIDED(on_paste, LINE_EDITOR_PASTE)
DECIDED(on_search, LINE_EDITOR_SEARCH)
DECIDED(on_edit, LINE_EDITOR_EDIT)

/* libedit counts a column for a mark that it appends, and none when it draws the whole text: so the
   whole is drawn. */
static unsigned char on_mark(EditLine *el, int character) {
  (void)character;
  return el_winsertstr(el, (const wchar_t[]){editor_of(el)->mark, 0}) == 0 ? CC_REFRESH : CC_ERROR;
}

/* ^K: to the end of the line, or the newline there; libedit's own cuts all the lines below as well. */
static unsigned char on_kill(EditLine *el, int character) {
  (void)character;
  const LineInfoW *line = el_wline(el);
  if (line->cursor == line->lastchar) return CC_ERROR;
  const wchar_t end = *line->cursor == L'\n' ? KEY_RIGHT : KEY_END;
  el_wpush(el, (const wchar_t[]){KEY_SET_MARK, end, KEY_CUT, 0});
  return CC_NORM;
}

static unsigned char on_clear(EditLine *el, int character) {
  (void)character;
  fputs("\033[H\033[2J", stdout);
  editor_redraw(editor_of(el), NULL);
  return CC_NORM;
}

/* ^C: the line stays on the screen with a mark, as shells do. */
static unsigned char on_cancel(EditLine *el, int character) {
  (void)character;
  line_editor *editor = editor_of(el);
  free(editor->cancelled);
  editor->cancelled = line_editor_text(editor, NULL);
  line_editor_move(editor, 1 << 30);
  el_insertstr(el, "^C");
  if (editor->window_rows) editor_paint(editor, true);
  submit(el);
  return CC_REFRESH;
}

/* ^D: leaves on an empty line, deletes under the cursor elsewhere. */
static unsigned char on_end(EditLine *el, int character) {
  (void)character;
  const LineInfoW *line = el_wline(el);
  if (line->lastchar == line->buffer) return CC_EOF;
  if (line->cursor == line->lastchar) return CC_ERROR;
  el_wpush(el, (const wchar_t[]){KEY_DELETE, 0});
  return CC_NORM;
}

/* ^Z: stops the whole job, as the terminal would have done. */
static unsigned char on_suspend(EditLine *el, int character) {
  (void)character;
  line_editor *editor = editor_of(el);
  editor_to_bottom(editor);
  editor_paste_marks(false);
  el_set(el, EL_PREP_TERM, 0);
  kill(0, SIGTSTP);
  /* Another thread may take the signal: wait until it has stopped this one. */
  usleep(20000);
  /* Nothing stops a process without a shell that could continue it, and then no signal says so. */
  editor_mark_continued();
  return CC_NORM;
}

/* --- Bindings --- */

static void bind_in_all_maps(EditLine *el, const char *key, const char *function) {
  el_set(el, EL_BIND, key, function, NULL);
  el_set(el, EL_BIND, "-a", key, function, NULL);
}

static void bind_private(EditLine *el, int key, const char *function) {
  char name[8];
  snprintf(name, sizeof name, "\\%03o", key);
  bind_in_all_maps(el, name, function);
}

static void add_functions(EditLine *el) {
  el_set(el, EL_ADDFN, "tss-enter", "Submit, or open a line in unfinished input", on_enter);
  el_set(el, EL_ADDFN, "tss-newline", "Open a line", on_newline);
  el_set(el, EL_ADDFN, "tss-complete", "Complete", on_tab);
  el_set(el, EL_ADDFN, "tss-up", "A line up, or an older input", on_up);
  el_set(el, EL_ADDFN, "tss-down", "A line down, or a newer input", on_down);
  el_set(el, EL_ADDFN, "tss-line-start", "Start of the line", on_line_start);
  el_set(el, EL_ADDFN, "tss-line-end", "End of the line", on_line_end);
  el_set(el, EL_ADDFN, "tss-mark", "Insert a combining mark", on_mark);
  el_set(el, EL_ADDFN, "tss-kill", "Cut to the end of the line", on_kill);
  el_set(el, EL_ADDFN, "tss-clear", "Clear the screen", on_clear);
  el_set(el, EL_ADDFN, "tss-right", "To the right, or take the suggestion", on_right);
  el_set(el, EL_ADDFN, "tss-brace", "Close a block", on_closing_brace);
  el_set(el, EL_ADDFN, "tss-paste", "Insert what was pasted", on_paste);
  el_set(el, EL_ADDFN, "tss-search", "Search the history", on_search);
  el_set(el, EL_ADDFN, "tss-edit", "Edit the input in $VISUAL or $EDITOR", on_edit);
  el_set(el, EL_ADDFN, "tss-cancel", "Give the input up", on_cancel);
  el_set(el, EL_ADDFN, "tss-end", "Leave, or delete under the cursor", on_end);
  el_set(el, EL_ADDFN, "tss-suspend", "Stop the job", on_suspend);
}

void editor_bind_defaults(EditLine *el) {
  add_functions(el);
  /* Only in emacs mode, of which nothing is left after `bind -v`: there it would take the ESC key. */
  el_set(el, EL_BIND, "^[x", "ed-unassigned", NULL);
  el_set(el, EL_BIND, "^[X", "ed-unassigned", NULL);
  el_set(el, EL_BIND, "^R", "tss-search", NULL);
  el_set(el, EL_BIND, "^X^E", "tss-edit", NULL);
  el_set(el, EL_BIND, "^P", "tss-up", NULL);
  el_set(el, EL_BIND, "^N", "tss-down", NULL);
  el_set(el, EL_BIND, "^A", "tss-line-start", NULL);
  el_set(el, EL_BIND, "^E", "tss-line-end", NULL);
  el_set(el, EL_BIND, "^F", "tss-right", NULL);
  el_set(el, EL_BIND, "^K", "tss-kill", NULL);
  el_set(el, EL_BIND, "^L", "tss-clear", NULL);
}

void editor_bind_necessary(EditLine *el) {
  /* libedit's own commands, which end the process where a quote is left open. */
  el_set(el, EL_BIND, "-a", ":", "ed-unassigned", NULL);
  bind_in_all_maps(el, "^M", "tss-enter");
  bind_in_all_maps(el, "^J", "tss-enter");
  bind_in_all_maps(el, "^C", "tss-cancel");
  bind_in_all_maps(el, "^D", "tss-end");
  bind_in_all_maps(el, "^Z", "tss-suspend");
  bind_private(el, KEY_NEWLINE, "tss-newline");
  bind_private(el, KEY_NEWLINE_TOO, "tss-newline");
  bind_private(el, KEY_UP, "tss-up");
  bind_private(el, KEY_DOWN, "tss-down");
  bind_private(el, KEY_LEFT, "ed-prev-char");
  bind_private(el, KEY_RIGHT, "tss-right");
  bind_private(el, KEY_HOME, "tss-line-start");
  bind_private(el, KEY_END, "tss-line-end");
  bind_private(el, KEY_DELETE, "ed-delete-next-char");
  bind_private(el, KEY_WORD_LEFT, "ed-prev-word");
  bind_private(el, KEY_WORD_RIGHT, "em-next-word");
  bind_private(el, KEY_PASTE, "tss-paste");
  bind_private(el, KEY_SEARCH, "tss-search");
  bind_private(el, KEY_MARK, "tss-mark");
  bind_private(el, KEY_SUBMIT, "ed-newline");
  bind_private(el, KEY_SET_MARK, "em-set-mark");
  bind_private(el, KEY_CUT, "em-kill-region");
  el_set(el, EL_BIND, "^I", "tss-complete", NULL);
  el_set(el, EL_BIND, "}", "tss-brace", NULL);
  /* vi's command mode, where libedit's own ^E moves before the first character of an empty line. */
  el_set(el, EL_BIND, "-a", "^A", "tss-line-start", NULL);
  el_set(el, EL_BIND, "-a", "^E", "tss-line-end", NULL);
  el_set(el, EL_BIND, "-a", "^P", "tss-up", NULL);
  el_set(el, EL_BIND, "-a", "^N", "tss-down", NULL);
  el_set(el, EL_BIND, "-a", "^L", "tss-clear", NULL);
  el_set(el, EL_BIND, "-a", "v", "tss-edit", NULL);
  el_set(el, EL_BIND, "-a", "k", "tss-up", NULL);
  el_set(el, EL_BIND, "-a", "j", "tss-down", NULL);
  el_set(el, EL_BIND, "-a", "0", "tss-line-start", NULL);
  el_set(el, EL_BIND, "-a", "$", "tss-line-end", NULL);
}
