/* SPDX-License-Identifier: Apache-2.0 */
/* The note says the host's version, the entry another. */
#include "plain.h"

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR("note-disagrees");
static const rsf_functions functions = PLAIN_FUNCTIONS;
PLAIN_NOTE(RSF_ABI_MAJOR, RSF_ABI_MINOR);
PLAIN_ENTRY(sizeof(rsf_entry), RSF_ENTRY_MAGIC, RSF_ABI_MAJOR, RSF_ABI_MINOR + 1, &descriptor, &functions);
