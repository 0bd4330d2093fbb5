/* SPDX-License-Identifier: Apache-2.0 */
/* Linked from two SDKs. */
#include "plain.h"

PLAIN_NOTE(RSF_ABI_MAJOR, RSF_ABI_MINOR + 1);
PLAIN_DRIVER("two-notes", plain_create, plain_destroy, plain_perform, plain_get_extension);
