/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static void check(rsf_driver *driver, rsf_sink *sink) {
    (void)driver;
    plain_succeed(sink, "{\"ok\": false, \"reason\": 7}");
}

static const rsf_health table = {sizeof(rsf_health), 0, check};

static const void *get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver;
    return id.size == sizeof(RSF_EXT_HEALTH) - 1 && id.data[4] == 'h' ? &table : NULL;
}

PLAIN_DRIVER("health-without-reason", plain_create, plain_destroy, plain_perform, get_extension);
