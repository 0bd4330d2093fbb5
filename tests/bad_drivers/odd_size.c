/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor whose size ends in the middle of a pointer. */
#include "plain.h"

static const rsf_descriptor descriptor = {offsetof(rsf_descriptor, name) + 3,
                                          0,
                                          0,
                                          RSF_TEXT("odd-size"),
                                          RSF_TEXT("1.0.0"),
                                          RSF_TEXT(""),
                                          RSF_TEXT(""),
                                          RSF_TEXT(""),
                                          RSF_TEXT("")};
static const rsf_functions functions = PLAIN_FUNCTIONS;
RSF_DRIVER_ENTRY(&descriptor, &functions);
