/* SPDX-License-Identifier: Apache-2.0 */
/* What the new object does not have stays, as an apply would have it. */
#include "plain.h"

static int has_label(const char *json) {
    static const char label[] = "rsf-check\"";
    size_t at = 0;
    for (; *json; ++json) {
        for (at = 0; label[at] && json[at] == label[at]; ++at) {
        }
        if (!label[at]) return 1;
    }
    return 0;
}

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    plain_object *held = call->verb == RSF_REPLACE ? plain_find(call, 0) : 0;
    if (held && has_label(held->json))
        plain_succeed(sink, held->json);
    else
        plain_perform(driver, call, sink);
}

PLAIN_DRIVER("replaces-in-part", plain_create, plain_destroy, perform, plain_get_extension);
