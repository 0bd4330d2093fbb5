/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static const rsf_secret table = {sizeof(rsf_secret), 0, RSF_TEXT("[{\"types\": [\"Account\"], \"paths\": [\"pin\"]}]")};

static const void *get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver;
    return id.size == sizeof(RSF_EXT_SECRET) - 1 && id.data[4] == 's' ? &table : NULL;
}

PLAIN_DRIVER("secret-text", plain_create, plain_destroy, plain_perform, get_extension);
