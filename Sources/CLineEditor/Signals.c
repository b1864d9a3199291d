#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "Editor.h"

/*
 * Signals that concern the terminal. Handlers only set flags and write to a pipe on which the
 * character source waits, so it does not matter which thread they interrupt.
 */

static int wake_pipe[2] = {-1, -1};
static atomic_bool was_resized, was_continued;

void editor_wake(void) {
  int saved = errno;
  if (wake_pipe[1] >= 0 && write(wake_pipe[1], "", 1) < 0) {
    /* The pipe is full: the reader is awake. */
  }
  errno = saved;
}

static void on_resize(int signal_number) {
  (void)signal_number;
  atomic_store(&was_resized, true);
  editor_wake();
}

void editor_mark_continued(void) {
  atomic_store(&was_continued, true);
  editor_wake();
}

static void on_continue(int signal_number) {
  (void)signal_number;
  editor_be_quiet_again();
  editor_mark_continued();
}

static void handle(int signal_number, void (*handler)(int)) {
  struct sigaction action;
  /* What the parent had ignored, as nohup does, stays ignored. */
  if (sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) return;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(signal_number, &action, NULL);
}

bool editor_signals_start(void) {
  if (wake_pipe[0] < 0) {
    if (pipe(wake_pipe) != 0) return false;
    for (int i = 0; i < 2; i++) {
      fcntl(wake_pipe[i], F_SETFL, O_NONBLOCK);
      fcntl(wake_pipe[i], F_SETFD, FD_CLOEXEC);
    }
  }
  handle(SIGWINCH, on_resize);
  handle(SIGCONT, on_continue);
  return true;
}

int editor_signal_descriptor(void) { return wake_pipe[0]; }

void editor_take_signals(bool *resized, bool *continued) {
  char bytes[64];
  while (read(wake_pipe[0], bytes, sizeof bytes) > 0) {
  }
  *resized = atomic_exchange(&was_resized, false);
  *continued = atomic_exchange(&was_continued, false);
}
