/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR("other-major");
static const rsf_functions functions = PLAIN_FUNCTIONS;
PLAIN_NOTE(RSF_ABI_MAJOR + 1, 0);
PLAIN_ENTRY(sizeof(rsf_entry), RSF_ENTRY_MAGIC, RSF_ABI_MAJOR + 1, 0, &descriptor, &functions);
