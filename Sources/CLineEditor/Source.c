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
 * Escape sequences are decoded here, before libedit sees an ESC, so that arrows and pasted text
 * mean the same in emacs mode and in both modes of vi, and the ESC key stays a key. Everything that
 * happens while nobody types is handled here as well: a resized window, a continued job, notices
 * of other threads.
 */

/* A terminal sends the rest of a sequence at once; a person does not. */
enum { SEQUENCE_PATIENCE_MS = 25 };

static void handle_events(line_editor *editor) {
  bool resized = false, continued = false;
  editor_erase_additions(editor);
  editor_take_signals(&resized, &continued);
  if (continued) {
    el_set(editor->el, EL_PREP_TERM, 1);
    editor_paste_marks(true);
    fputs("\r\033[J", stdout);
    editor_redraw(editor);
  }
  if (resized) {
    editor_to_top(editor);
    el_resize(editor->el);
    editor_redraw(editor);
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

static int peek(line_editor *editor, int timeout) {
  return fill(editor, timeout) ? editor->input[editor->input_start] : -1;
}

/* --- Pasted text --- */

/* Up to the end mark. The terminal swaps CR and LF in libedit's raw mode, so a pasted LF arrives as
   CR and CRLF as LF CR: both are one newline here. Tabs become spaces, since their width on the
   screen would depend on where they stand, and other control characters go. */
static void read_paste(line_editor *editor) {
  static const char end_mark[] = "\033[201~";
  const size_t mark = sizeof end_mark - 1;
  size_t capacity = 4096, length = 0;
  char *text = malloc(capacity);
  bool after_newline = false;
  int byte;
  while (text && (byte = peek(editor, 5000)) >= 0) {
    editor->input_start++;
    if (length + 3 > capacity) {
      char *grown = realloc(text, capacity *= 2);
      if (!grown) break;
      text = grown;
    }
    if (byte == '\r' && after_newline) {
      after_newline = false;
      continue;
    }
    after_newline = byte == '\n';
    if (byte == '\r') byte = '\n';
    if (byte == '\t') {
      text[length++] = ' ';
      byte = ' ';
    }
    if ((byte < ' ' && byte != '\n' && byte != '\033') || byte == 0x7f) continue;
    text[length++] = (char)byte;
    if (length >= mark && memcmp(text + length - mark, end_mark, mark) == 0) {
      length -= mark;
      break;
    }
  }
  if (!text) return;
  while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' ')) length--;
  text[length] = 0;
  /* An ESC that begins no end mark is dropped as well. */
  char *to = text;
  for (char *from = text; *from; from++) {
    if (*from != '\033') *to++ = *from;
  }
  *to = 0;
  free(editor->pasted);
  editor->pasted = text;
}

/* --- Escape sequences --- */

static int key_of_letter(int letter, bool with_modifier) {
  switch (letter) {
    case 'A': return KEY_UP;
    case 'B': return KEY_DOWN;
    case 'C': return with_modifier ? KEY_WORD_RIGHT : KEY_RIGHT;
    case 'D': return with_modifier ? KEY_WORD_LEFT : KEY_LEFT;
    case 'H': return KEY_HOME;
    case 'F': return KEY_END;
    default: return 0;
  }
}

static int key_of_number(int number, int modifier, int code, char final) {
  if (final == 'u') return number == 13 ? KEY_NEWLINE : 0;
  switch (number) {
    case 1:
    case 7: return KEY_HOME;
    case 3: return KEY_DELETE;
    case 4:
    case 8: return KEY_END;
    /* xterm's modifyOtherKeys: Shift-Enter and its kin. */
    case 27: return code == 13 && modifier > 1 ? KEY_NEWLINE : 0;
    case 200: return KEY_PASTE;
    default: return 0;
  }
}

/* What follows an ESC: one of our keys, 0 for a sequence that means nothing here, -1 where the ESC
   stands for itself (the ESC key, or Alt with a letter). */
static int decode_sequence(line_editor *editor) {
  int next = peek(editor, SEQUENCE_PATIENCE_MS);
  if (next == '\r' || next == '\n') {
    editor->input_start++;
    return KEY_NEWLINE;
  }
  if (next != '[' && next != 'O') return -1;
  const bool is_short = next == 'O';
  /* Alt-[ and Alt-O by themselves would be this, too; nothing is bound to them. */
  editor->input_start++;
  int numbers[3] = {0}, count = 0;
  while ((next = peek(editor, SEQUENCE_PATIENCE_MS)) >= 0) {
    editor->input_start++;
    if (next >= '0' && next <= '9') {
      if (numbers[count] < 10000) numbers[count] = numbers[count] * 10 + next - '0';
    } else if (next == ';') {
      if (count < 2) count++;
    } else if (next >= 0x40 && next <= 0x7e) {
      if (next == '~' || next == 'u')
        return key_of_number(numbers[0], numbers[1], numbers[2], (char)next);
      return key_of_letter(next, !is_short && numbers[1] > 1);
    }
  }
  return 0;
}

/* --- Characters --- */

static int next_key(line_editor *editor, wchar_t *character) {
  mbstate_t state;
  memset(&state, 0, sizeof state);
  while (fill(editor, -1)) {
    char byte = (char)editor->input[editor->input_start++];
    if (byte == '\033' && mbsinit(&state)) {
      int key = decode_sequence(editor);
      if (key == 0) continue;
      if (key == KEY_PASTE) read_paste(editor);
      *character = key < 0 ? L'\033' : key;
      return 1;
    }
    size_t length = mbrtowc(character, &byte, 1, &state);
    if (length == (size_t)-2) continue;
    if (length == (size_t)-1) {
      memset(&state, 0, sizeof state);
      continue;
    }
    /* Nobody types these; they are our private keys. */
    if (*character >= 0x80 && *character < 0xa0) continue;
    return 1;
  }
  *character = 0;
  return 0;
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
        editor->deferred = key;
      }
  }
  return KEY_SEARCH;
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
  int count = next_key(editor, character);
  editor_erase_additions(editor);
  if (count == 1 && editor->is_searching) *character = for_search(editor, *character);
  return count;
}
