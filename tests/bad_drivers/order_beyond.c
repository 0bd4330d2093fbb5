/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static void order(rsf_driver *driver, rsf_text ns, const rsf_resource *const *resources, size_t count, rsf_order_sink *sink) {
    (void)driver, (void)ns, (void)resources;
    sink->before(sink, 0, count, (rsf_text){NULL, 0});
}

static const rsf_order table = {sizeof(rsf_order), 0, order};

static const void *get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver;
    return id.size == sizeof(RSF_EXT_ORDER) - 1 && id.data[4] == 'o' ? &table : NULL;
}

PLAIN_DRIVER("order-beyond", plain_create, plain_destroy, plain_perform, get_extension);
