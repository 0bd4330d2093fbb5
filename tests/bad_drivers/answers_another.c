/* SPDX-License-Identifier: Apache-2.0 */
/* Get answers the object that was made first, whichever is asked for. */
#include "plain.h"

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    size_t i = PLAIN_OBJECTS;
    plain_object *held = call->verb == RSF_GET ? plain_find(call, 0) : 0;
    while (held && i-- > 0)
        if (plain_is_of_type(&plain_objects()[i], call)) {
            plain_succeed(sink, plain_objects()[i].json);
            return;
        }
    plain_perform(driver, call, sink);
}

PLAIN_DRIVER("answers-another", plain_create, plain_destroy, perform, plain_get_extension);
