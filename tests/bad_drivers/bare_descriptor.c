/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor that ends before the name. */
#include "plain.h"

static const rsf_descriptor descriptor = {offsetof(rsf_descriptor, name),
                                          0,
                                          RSF_CAN_ALL_V1,
                                          RSF_TEXT("bare"),
                                          RSF_TEXT("1.0.0"),
                                          RSF_TEXT(""),
                                          RSF_TEXT(""),
                                          RSF_TEXT(""),
                                          RSF_TEXT("")};
static const rsf_functions functions = PLAIN_FUNCTIONS;
RSF_DRIVER_ENTRY(&descriptor, &functions);
