/* SPDX-License-Identifier: Apache-2.0 */
/* Leaves a mark in the file that RSF_TEST_MARK names when its code is run. Built with a good note, without one and for another
 * major version. */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void leave_mark(void) {
    const char *path = getenv("RSF_TEST_MARK");
    FILE *mark = path ? fopen(path, "w") : NULL;
    if (mark) fclose(mark);
}

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR("constructor");
static const rsf_functions functions = PLAIN_FUNCTIONS;
#ifdef NOTE_MAJOR
PLAIN_NOTE(NOTE_MAJOR, RSF_ABI_MINOR);
#endif
PLAIN_ENTRY(sizeof(rsf_entry), RSF_ENTRY_MAGIC, RSF_ABI_MAJOR, RSF_ABI_MINOR, &descriptor, &functions);
