/* SPDX-License-Identifier: Apache-2.0 */
/* Create answers something else than get. */
#include "plain.h"

static void ignore(rsf_sink *sink, const rsf_result *result) { (void)sink, (void)result; }
static void ignore_failure(rsf_sink *sink, const rsf_failure *failure) { (void)sink, (void)failure; }

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    rsf_sink nobody = {sizeof(rsf_sink), 0, ignore, ignore_failure};
    if (call->verb == RSF_CREATE && !plain_find(call, 0)) {
        plain_perform(driver, call, &nobody);
        if (plain_find(call, 0)) {
            plain_succeed(sink, "{\"created\": true}");
            return;
        }
    }
    plain_perform(driver, call, sink);
}

PLAIN_DRIVER("creates-otherwise", plain_create, plain_destroy, perform, plain_get_extension);
