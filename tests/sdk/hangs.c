/* SPDX-License-Identifier: Apache-2.0 */
/* Hangs in its first call, and so does a process that it started. */
#define _GNU_SOURCE /* NOLINT: it is the system's */
#include "../bad_drivers/plain.h"

#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    (void)driver, (void)call, (void)sink;
    if (fork() == 0) {
        fputs("both hang\n", stderr);
        for (;;) pause();
    }
    for (;;) pause();
}

PLAIN_DRIVER("hangs", plain_create, plain_destroy, perform, plain_get_extension);
