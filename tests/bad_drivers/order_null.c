/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static const rsf_order table = {sizeof(rsf_order), 0, NULL};

static const void *get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver;
    return id.size == sizeof(RSF_EXT_ORDER) - 1 && id.data[4] == 'o' ? &table : NULL;
}

PLAIN_DRIVER("order-null", plain_create, plain_destroy, plain_perform, get_extension);
