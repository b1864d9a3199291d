#ifndef TSS_LINE_EDITOR_H
#define TSS_LINE_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A line editor for inputs of several lines, over libedit.
 *
 * libedit's own calls are variadic, which Swift cannot make, and its FILE* globals are errors in
 * Swift 6 mode; both stay on this side. What lives here is mechanism: the terminal, the bytes that
 * arrive, and libedit's traps. What a key does is decided by one callback, in Swift.
 *
 * One editor, one thread; only `line_editor_notice` and `line_editor_repaint` may be called from any
 * thread.
 */
typedef struct line_editor line_editor;

/* The keys that the callback decides about; all others do what libedit does. */
typedef enum {
  LINE_EDITOR_ENTER,
  /* Alt-Enter: a new line wherever the cursor is. */
  LINE_EDITOR_NEWLINE,
  LINE_EDITOR_TAB,
  LINE_EDITOR_UP,
  LINE_EDITOR_DOWN,
  LINE_EDITOR_LINE_START,
  LINE_EDITOR_LINE_END,
  /* → */
  LINE_EDITOR_RIGHT,
  LINE_EDITOR_CLOSING_BRACE,
  /* Text arrived between the marks of a bracketed paste: `line_editor_pasted` has it. */
  LINE_EDITOR_PASTE,
  /* ^R, and every character while searching is on: `line_editor_searched` has it. */
  LINE_EDITOR_SEARCH,
  /* ^X^E */
  LINE_EDITOR_EDIT,
} line_editor_key;

/* What is to be done after a key. */
typedef enum {
  LINE_EDITOR_NOTHING,
  /* The text changed. */
  LINE_EDITOR_REFRESH,
  /* Only the cursor moved. */
  LINE_EDITOR_MOVED,
  LINE_EDITOR_BEEP,
  LINE_EDITOR_SUBMIT,
} line_editor_action;

typedef line_editor_action (*line_editor_key_callback)(
    void *context, line_editor *editor, line_editor_key key);

/* How a read ended. */
typedef enum {
  LINE_EDITOR_LINE,
  /* ^D on an empty line, or the terminal is gone. */
  LINE_EDITOR_END,
  /* ^C: the text is what was cancelled. */
  LINE_EDITOR_CANCELLED,
} line_editor_outcome;

/*
 * Makes characters work: reads LC_CTYPE from the environment and falls back to C.UTF-8. False where
 * neither is UTF-8; then prompts must be ASCII. Nothing else of the locale is touched, since a
 * German LC_NUMERIC would make strtod("0.5") zero.
 */
bool line_editor_use_utf8(void);

/* NULL where the terminal cannot be used. `context` is handed to the callback. */
line_editor *line_editor_open(
    const char *program, line_editor_key_callback callback, void *context);
void line_editor_close(line_editor *editor);

/*
 * Control sequences in the prompt stand between bytes 1. It must not end in one: libedit loses a
 * sequence that nothing follows. `width` is the number of columns that are seen.
 */
void line_editor_set_prompt(line_editor *editor, const char *prompt, int width);

/*
 * Reads one input; the caller frees `*text`, which is never NULL.
 *
 * From the first read on until the editor is closed, the terminal does not echo between reads
 * either: what is typed while a program runs is seen once, at the next prompt. ^C and ^Z are
 * signals there.
 */
line_editor_outcome line_editor_read(line_editor *editor, char **text);

/* Drops what has been typed ahead, as the terminal does with its part after ^C. */
void line_editor_forget_typed(line_editor *editor);
/* Bytes that others have read from the terminal, for the next read. */
void line_editor_put_back(line_editor *editor, const char *bytes, size_t count);

/* The terminal's modes as they were before there was an editor; nothing where there was none. For
   signal handlers as well. */
void line_editor_restore_terminal(void);

/* The variables for a program that is started. */
char **line_editor_environment(void);

/* While a key is handled: leaves the terminal to another program, which finds it as it was before
   the editor, and takes it back, drawing the input anew. */
void line_editor_lend(line_editor *editor);
void line_editor_take_back(line_editor *editor);

/* While a key is handled: the text as UTF-8, for the caller to free, and the cursor's place in
   characters. */
char *line_editor_text(line_editor *editor, size_t *cursor);
/* The text of the paste that is being handled. */
const char *line_editor_pasted(line_editor *editor);
void line_editor_insert(line_editor *editor, const char *text);
/* Deletes characters before the cursor. */
void line_editor_delete(line_editor *editor, int count);
void line_editor_move(line_editor *editor, int characters);
/* What stands on the screen beside the characters of the input. */
typedef struct {
  /* Told to the painter: the text is submitted, and nothing is added to it any more. */
  bool is_final;
  /* For each of so many characters of the text the index of its style; 0 is plain, and so is what
     lies behind them: libedit writes into the text while it asks something in vi's command mode. */
  const unsigned char *styles;
  size_t styled;
  /* The numbers of an SGR sequence for each style: "1;35". */
  const char *const *escapes;
  /* Whether what is added may be faint. */
  bool has_color;
  /* Shown faintly behind the text as far as the row reaches; NULL for none. */
  const char *ghost;
  /* Shown below the text: rows that fit the screen, with CR LF between them; and how many. */
  const char *hint;
  int hint_rows;
} line_editor_painting;

/* Asked before the editor waits for a key. False leaves the screen as it is. What it hands out must
   live until it is called again. */
typedef bool (*line_editor_paint_callback)(
    void *context, line_editor *editor, line_editor_painting *painting);

/* NULL for none. */
void line_editor_set_painter(line_editor *editor, line_editor_paint_callback paint);

/* Shows text under the input and draws the input again below it. */
void line_editor_show(line_editor *editor, const char *text);

/*
 * While searching is on, what is typed goes to the callback instead of the text. A key that is no
 * character gives LINE_EDITOR_SEARCH_ACCEPT first, after which it does what it always does.
 */
enum {
  LINE_EDITOR_SEARCH_AGAIN = 0,
  LINE_EDITOR_SEARCH_CANCEL = 3,
  LINE_EDITOR_SEARCH_ACCEPT = 27,
  LINE_EDITOR_SEARCH_DELETE = 127,
};
void line_editor_set_searching(line_editor *editor, bool searching);
/* One of the above, or a character. */
unsigned line_editor_searched(line_editor *editor);

/* Prints whole lines above the input that is being edited, or just prints them while none is. */
void line_editor_notice(line_editor *editor, const char *text);

/* Has what stands beside the input painted again, when nobody types. From any thread. */
void line_editor_repaint(line_editor *editor);

/* Columns of the terminal on a descriptor, 0 where it is none. */
int line_editor_columns(int descriptor);

#endif
