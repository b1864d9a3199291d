#define _GNU_SOURCE
#include <string.h>
#include <wchar.h>

#include "Editor.h"

/*
 * What a terminal sends after an ESC.
 *
 * Escape sequences are decoded here, before libedit sees an ESC, so that arrows and pasted text
 * mean the same in emacs mode and in both modes of vi, and the ESC key stays a key.
 */

/* A terminal sends the rest of a sequence at once; a person does not. */
enum { SEQUENCE_PATIENCE_MS = 25 };

/* --- Pasted text --- */

/* The terminal swaps CR and LF in libedit's raw mode, so a pasted LF arrives as
   CR and CRLF as LF CR: both are one newline here. Tabs become spaces, since their width on the
   screen would depend on where they stand, and other control characters go. */
void editor_read_paste(line_editor *editor) {
  static const char end_mark[] = "\033[201~";
  const size_t mark = sizeof end_mark - 1;
  size_t capacity = 4096, length = 0;
  char *text = malloc(capacity);
  bool after_newline = false;
  int byte;
  while (text && (byte = editor_peek(editor, 5000)) >= 0) {
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

/* An answer of the terminal's to a question about graphics that came too late: ESC _ G … ESC \. */
static int skip_answer(line_editor *editor) {
  editor->input_start++;
  if (editor_peek(editor, SEQUENCE_PATIENCE_MS) != 'G') return 0;
  int before = 0, byte;
  while ((byte = editor_peek(editor, SEQUENCE_PATIENCE_MS)) >= 0) {
    editor->input_start++;
    if (before == '\033' && byte == '\\') break;
    before = byte;
  }
  return 0;
}

int editor_decode_sequence(line_editor *editor) {
  int next = editor_peek(editor, SEQUENCE_PATIENCE_MS);
  if (next == '\r' || next == '\n') {
    editor->input_start++;
    return KEY_NEWLINE;
  }
  if (next == '_') return skip_answer(editor);
  if (next != '[' && next != 'O') return -1;
  const bool is_short = next == 'O';
  /* Alt-[ and Alt-O by themselves would be this, too; nothing is bound to them. */
  editor->input_start++;
  int numbers[3] = {0}, count = 0;
  while ((next = editor_peek(editor, SEQUENCE_PATIENCE_MS)) >= 0) {
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
