/* SPDX-License-Identifier: Apache-2.0 */
/* Waits without an answer for as long as the host lets it. */
#define _POSIX_C_SOURCE 200809L // nanosleep

#include "plain.h"

#include <time.h>

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    const struct timespec pause = {0, 100000};
    (void)driver, (void)sink;
    while (!call->cancelled(call)) nanosleep(&pause, NULL);
}

PLAIN_DRIVER("answers-never", plain_create, plain_destroy, perform, plain_get_extension);
