/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR("bad-magic");
static const rsf_functions functions = PLAIN_FUNCTIONS;
PLAIN_NOTE(RSF_ABI_MAJOR, RSF_ABI_MINOR);
PLAIN_ENTRY(sizeof(rsf_entry), 0x12345678u, RSF_ABI_MAJOR, RSF_ABI_MINOR, &descriptor, &functions);
