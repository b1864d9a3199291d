#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "Editor.h"

/*
 * The characters that libedit reads (EL_GETCFN).
 *
 * Everything that happens while nobody types is handled here as well: a resized window, a continued
 * job, notices of other threads.
 */

static void handle_events(line_editor *editor) {
  bool resized = false, continued = false;
  editor_erase_additions(editor);
  editor_take_signals(&resized, &continued);
  if (continued) {
    /* Who stopped the job may have changed the modes that libedit believes to be set. */
    el_set(editor->el, EL_PREP_TERM, 0);
    el_set(editor->el, EL_PREP_TERM, 1);
    editor_paste_marks(true);
    fputs("\r\033[J", stdout);
    editor_redraw(editor, NULL);
  }
  if (resized) {
    if (editor->window_rows) {
      fputs("\033[H" ERASE_SCREEN, stdout);
    } else {
      editor_to_top(editor);
    }
    el_resize(editor->el);
    editor_measure(editor);
    editor_redraw(editor, NULL);
  }
  editor_print_notices(editor);
}

/* Makes at least one byte available. 0 at the end of input or when the time is over. */
static int fill(line_editor *editor, int timeout) {
  if (editor->input_start < editor->input_end) return 1;
  while (!editor->at_end) {
    struct pollfd waits[2] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = editor_signal_descriptor(), .events = POLLIN}};
    /* In the middle of a sequence only its bytes matter. */
    const nfds_t watched = timeout < 0 ? 2 : 1;
    int ready = timeout < 0 ? poll(waits, watched, 0) : 0;
    if (ready == 0) {
      if (timeout < 0) editor_paint(editor, false);
      ready = poll(waits, watched, timeout);
    }
    if (ready == 0) return 0;
    if (ready < 0 && errno != EINTR) return 0;
    if (timeout < 0) handle_events(editor);
    if (ready < 0 || !waits[0].revents) continue;
    ssize_t count = read(STDIN_FILENO, editor->input, sizeof editor->input);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) {
      editor->at_end = true;
      return 0;
    }
    editor->input_start = 0;
    editor->input_end = (size_t)count;
    return 1;
  }
  return 0;
}

int editor_peek(line_editor *editor, int timeout) {
  return fill(editor, timeout) ? editor->input[editor->input_start] : -1;
}

/* --- Characters --- */

void line_editor_forget_typed(line_editor *editor) { editor->input_start = editor->input_end; }

void line_editor_put_back(line_editor *editor, const char *bytes, size_t count) {
  const size_t waiting = editor->input_end - editor->input_start;
  if (count > sizeof editor->input - waiting) return;
  memmove(editor->input, editor->input + editor->input_start, waiting);
  memcpy(editor->input + waiting, bytes, count);
  editor->input_start = 0;
  editor->input_end = waiting + count;
}

static int next_key(line_editor *editor, wchar_t *character) {
  mbstate_t state;
  memset(&state, 0, sizeof state);
  while (fill(editor, -1)) {
    char byte = (char)editor->input[editor->input_start++];
    if (byte == '\033' && mbsinit(&state)) {
      int key = editor_decode_sequence(editor);
      if (key == 0) continue;
      if (key == KEY_PASTE) editor_read_paste(editor);
      *character = key < 0 ? L'\033' : key;
      return 1;
    }
    size_t length = mbrtowc(character, &byte, 1, &state);
    if (length == (size_t)-2) continue;
    if (length == (size_t)-1) {
      memset(&state, 0, sizeof state);
      continue;
    }
    /* Ctrl-Space, which libedit takes for ^V: it stands for keys that the terminal has not set. */
    if (*character == 0) continue;
    /* Nobody types these; they are our private keys. */
    if (*character >= 0x80 && *character < 0xa0) continue;
    return 1;
  }
  *character = 0;
  return 0;
}

/* ESC that nothing follows; in emacs mode it would take the next key with it. */
static bool is_lone_escape(line_editor *editor, wchar_t key) {
  const char *mode = "";
  el_get(editor->el, EL_EDITOR, &mode);
  return key == L'\033' && editor->input_start == editor->input_end && mode[0] == 'e';
}

/* While searching is on, characters belong to the search. */
static wchar_t for_search(line_editor *editor, wchar_t key) {
  switch (key) {
    case 'R' & 0x1f: editor->searched = LINE_EDITOR_SEARCH_AGAIN; break;
    case 'C' & 0x1f:
    case 'G' & 0x1f: editor->searched = LINE_EDITOR_SEARCH_CANCEL; break;
    case 'H' & 0x1f:
    case 0x7f: editor->searched = LINE_EDITOR_SEARCH_DELETE; break;
    default:
      if (key >= ' ' && (key < 0x80 || key >= 0xa0)) {
        editor->searched = key;
      } else {
        editor->searched = LINE_EDITOR_SEARCH_ACCEPT;
        editor->deferred = is_lone_escape(editor, key) ? 0 : key;
      }
  }
  return KEY_SEARCH;
}

/* Some of libedit's commands leave the cursor before the text, where the next one writes. */
static void keep_cursor_in_text(EditLine *el) {
  const LineInfoW *line = el_wline(el);
  if (line->cursor < line->buffer) el_cursor(el, (int)(line->buffer - line->cursor));
  if (line->cursor > line->lastchar) el_cursor(el, (int)(line->lastchar - line->cursor));
}

int editor_read_character(EditLine *el, wchar_t *character) {
  void *data = NULL;
  el_get(el, EL_CLIENTDATA, &data);
  line_editor *editor = data;
  if (editor->deferred) {
    *character = editor->deferred;
    editor->deferred = 0;
    return 1;
  }
  keep_cursor_in_text(el);
  editor_fit(editor, true);
  int count = next_key(editor, character);
  editor_erase_additions(editor);
  if (count == 1 && editor->is_searching) *character = for_search(editor, *character);
  if (*character >= 0x300 && wcwidth(*character) == 0) {
    editor->mark = *character;
    *character = KEY_MARK;
  }
  return count;
}
