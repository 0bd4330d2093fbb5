/* SPDX-License-Identifier: Apache-2.0 */
/* Answers each call, and the one before it once more. */
#include "plain.h"

static const rsf_call *last_call;
static rsf_sink *last_sink;

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    if (last_sink) {
        plain_fail(last_sink, RSF_INTERNAL, last_call->cancelled(last_call) ? "late, and cancelled" : "late, and not cancelled");
        plain_perform(driver, call, last_sink);
    }
    last_call = call;
    last_sink = sink;
    plain_perform(driver, call, sink);
}

PLAIN_DRIVER("answers-late", plain_create, plain_destroy, perform, plain_get_extension);
