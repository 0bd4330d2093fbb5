/* SPDX-License-Identifier: Apache-2.0 */
/* changes.c: changes what belongs to the process: CHANGES_folder, _umask, _locale, _environment, _signals,
 * _output, _limit, _nice or _alarm. */
#define _GNU_SOURCE /* NOLINT: it is the system's */
#include "plain.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
#if defined CHANGES_folder
    if (chdir("/") != 0 || chdir("/proc") != 0) abort();
#elif defined CHANGES_umask
    umask(0);
#elif defined CHANGES_locale
    if (!setlocale(LC_ALL, "C.UTF-8")) abort();
#elif defined CHANGES_environment
    if (setenv("TZ", "UTC", 1) != 0) abort();
#elif defined CHANGES_signals
    if (signal(SIGTERM, SIG_IGN) == SIG_ERR) abort();
#elif defined CHANGES_output
    close(STDIN_FILENO);
#elif defined CHANGES_limit
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0) abort();
    limit.rlim_cur = limit.rlim_cur == 0 ? limit.rlim_max : 0;
    if (setrlimit(RLIMIT_CORE, &limit) != 0) abort();
#elif defined CHANGES_nice
    if (setpriority(PRIO_PROCESS, 0, 7) != 0) abort();
#elif defined CHANGES_alarm
    alarm(1000);
#endif
    plain_perform(driver, call, sink);
}

PLAIN_DRIVER("changes", plain_create, plain_destroy, perform, plain_get_extension);
