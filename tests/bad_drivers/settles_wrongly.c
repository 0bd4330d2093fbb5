/* SPDX-License-Identifier: Apache-2.0 */
/* Says of every write that it was done. */
#include "plain.h"

static void settle(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    (void)driver, (void)call;
    plain_succeed(sink, "{\"settled\": \"done\"}");
}

static const rsf_settle table = {sizeof(rsf_settle), 0, settle};

static const void *get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver;
    return id.size == sizeof(RSF_EXT_SETTLE) - 1 && memcmp(id.data, RSF_EXT_SETTLE, id.size) == 0 ? &table : NULL;
}

PLAIN_DRIVER("settles-wrongly", plain_create, plain_destroy, plain_perform, get_extension);
