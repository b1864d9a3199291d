#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "Editor.h"

/*
 * The terminal's modes outside of libedit: as it was found, and quiet while a program runs. Whatever
 * ends or stops the process leaves the terminal as it was found.
 */

static struct termios found;
static atomic_bool has_found, is_quiet;

/* For signal handlers as well. */
static void set_modes(const struct termios *modes) {
  const int saved = errno;
  /* A job in the background would be stopped for this. */
  if (tcgetpgrp(STDIN_FILENO) == getpgrp()) tcsetattr(STDIN_FILENO, TCSANOW, modes);
  errno = saved;
}

/* What is typed waits for the next input, unseen and unchanged; ^C and ^Z stay signals. */
static void be_quiet(void) {
  struct termios quiet = found;
  quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  quiet.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR);
  quiet.c_cc[VMIN] = 1;
  quiet.c_cc[VTIME] = 0;
  set_modes(&quiet);
}

void editor_set_quiet(bool quiet) {
  if (!atomic_load(&has_found) || atomic_exchange(&is_quiet, quiet) == quiet) return;
  if (quiet) {
    be_quiet();
  } else {
    set_modes(&found);
  }
}

void editor_be_quiet_again(void) {
  if (atomic_load(&is_quiet)) be_quiet();
}

void line_editor_restore_terminal(void) {
  if (!atomic_load(&has_found)) return;
  set_modes(&found);
}

char **line_editor_environment(void) { return environ; }

/* --- Signals --- */

static void by_default(int signal_number) {
  signal(signal_number, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal_number);
  pthread_sigmask(SIG_UNBLOCK, &only, NULL);
  raise(signal_number);
}

/* libedit leaves the terminal raw when it is killed in the middle of a line. */
static void on_death(int signal_number) {
  line_editor_restore_terminal();
  if (write(STDOUT_FILENO, "\033[?2004l\n", 9) < 0) {
    /* The terminal is gone. */
  }
  by_default(signal_number);
}

static struct sigaction found_actions[NSIG];

/* What would have been done without us comes after: Swift's backtrace, or the end. A signal that is
   raised in its own handler arrives when that is left. */
static void on_crash(int signal_number) {
  line_editor_restore_terminal();
  sigaction(signal_number, &found_actions[signal_number], NULL);
  raise(signal_number);
}

static void handle(int signal_number, void (*handler)(int)) {
  struct sigaction action;
  /* What the parent had ignored, as nohup does, stays ignored; others' handlers stay, too. */
  if (sigaction(signal_number, NULL, &action) == 0 && action.sa_handler != SIG_DFL) return;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(signal_number, &action, NULL);
}

static void on_stop(int signal_number) {
  const int saved = errno;
  line_editor_restore_terminal();
  by_default(signal_number);
  /* Continued. */
  handle(signal_number, on_stop);
  editor_be_quiet_again();
  errno = saved;
}

bool editor_terminal_find(void) {
  if (tcgetattr(STDIN_FILENO, &found) != 0) return false;
  atomic_store(&has_found, true);
  handle(SIGTSTP, on_stop);
  const int deaths[] = {SIGTERM, SIGHUP, SIGQUIT};
  for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) handle(deaths[i], on_death);
  const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE};
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
    struct sigaction *found_action = &found_actions[crashes[i]], now;
    if (sigaction(crashes[i], NULL, &now) != 0 || now.sa_handler == on_crash) continue;
    *found_action = now;
    sigaction(crashes[i], &action, NULL);
  }
  return true;
}
