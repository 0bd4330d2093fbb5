/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    plain_object *held = call->verb == RSF_REPLACE ? plain_find(call, 0) : 0;
    if (held)
        plain_succeed(sink, held->json);
    else
        plain_perform(driver, call, sink);
}

PLAIN_DRIVER("replaces-nothing", plain_create, plain_destroy, perform, plain_get_extension);
