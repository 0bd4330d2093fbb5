/* SPDX-License-Identifier: Apache-2.0 */
/* Ends the process that loads it. */
#include "plain.h"

#include <stdlib.h>

/* Not _exit, where ThreadSanitizer of g++ 14 complains of an end during a load. */
__attribute__((constructor)) static void leave(void) { _Exit(7); }

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR("leaver");
static const rsf_functions functions = PLAIN_FUNCTIONS;
RSF_DRIVER_ENTRY(&descriptor, &functions);
