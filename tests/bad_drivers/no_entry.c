/* SPDX-License-Identifier: Apache-2.0 */
/* The note alone. */
#include "plain.h"

PLAIN_NOTE(RSF_ABI_MAJOR, RSF_ABI_MINOR);
