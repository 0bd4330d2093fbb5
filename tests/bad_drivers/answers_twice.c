/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    plain_perform(driver, call, sink);
    plain_fail(sink, RSF_INTERNAL, "or perhaps it failed");
}

PLAIN_DRIVER("answers-twice", plain_create, plain_destroy, perform, plain_get_extension);
