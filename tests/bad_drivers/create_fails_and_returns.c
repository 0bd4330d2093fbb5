/* SPDX-License-Identifier: Apache-2.0 */
/* Both a failure and an instance; the instance must be destroyed, which leaves a mark. */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>

static rsf_driver *create(const rsf_host *host, rsf_text settings, rsf_sink *sink) {
    plain_fail(sink, RSF_INTERNAL, "this went wrong");
    return plain_create(host, settings, sink);
}

static void destroy(rsf_driver *driver) {
    const char *path = getenv("RSF_TEST_MARK");
    FILE *mark = path ? fopen(path, "w") : NULL;
    if (mark) fclose(mark);
    (void)driver;
}

PLAIN_DRIVER("create-fails-and-returns", create, destroy, plain_perform, plain_get_extension);
