/* SPDX-License-Identifier: Apache-2.0 */
/* Everything but the ELF note. */
#include "plain.h"

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR("no-note");
static const rsf_functions functions = PLAIN_FUNCTIONS;
PLAIN_ENTRY(sizeof(rsf_entry), RSF_ENTRY_MAGIC, RSF_ABI_MAJOR, RSF_ABI_MINOR, &descriptor, &functions);
