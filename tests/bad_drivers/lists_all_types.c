/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static int is_there(const plain_object *object, const rsf_call *call) {
    (void)call;
    return object->json[0] != 0;
}

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    if (call->verb == RSF_LIST && call->flags == 0)
        plain_list(call, sink, is_there);
    else
        plain_perform(driver, call, sink);
}

PLAIN_DRIVER("lists-all-types", plain_create, plain_destroy, perform, plain_get_extension);
