/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static const rsf_kind table = {sizeof(rsf_kind), 0, 0};

static const void *get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver;
    return id.size == sizeof(RSF_EXT_KIND) - 1 && id.data[4] == 'k' ? &table : NULL;
}

PLAIN_DRIVER("kind-null", plain_create, plain_destroy, plain_perform, get_extension);
