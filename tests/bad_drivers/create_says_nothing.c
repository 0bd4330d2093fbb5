/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static rsf_driver *create(const rsf_host *host, rsf_text settings, rsf_sink *sink) {
    (void)host, (void)settings, (void)sink;
    return NULL;
}

PLAIN_DRIVER("create-says-nothing", create, plain_destroy, plain_perform, plain_get_extension);
