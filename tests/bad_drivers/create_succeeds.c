/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static rsf_driver *create(const rsf_host *host, rsf_text settings, rsf_sink *sink) {
    plain_succeed(sink, "{}");
    return plain_create(host, settings, sink);
}

PLAIN_DRIVER("create-succeeds", create, plain_destroy, plain_perform, plain_get_extension);
