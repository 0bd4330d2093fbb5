/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR("short-entry");
static const rsf_functions functions = PLAIN_FUNCTIONS;
PLAIN_NOTE(RSF_ABI_MAJOR, RSF_ABI_MINOR);
PLAIN_ENTRY(16, RSF_ENTRY_MAGIC, RSF_ABI_MAJOR, RSF_ABI_MINOR, &descriptor, &functions);
