/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static const rsf_batch table = {sizeof(rsf_batch), 0, NULL};

static const void *get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver;
    return id.size == sizeof(RSF_EXT_BATCH) - 1 && id.data[4] == 'b' ? &table : NULL;
}

PLAIN_DRIVER("batch-null", plain_create, plain_destroy, plain_perform, get_extension);
