/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor that ends before the settings schema: legal, the driver takes no settings. What stands behind its end is nonsense.
 */
#include "plain.h"

static const rsf_descriptor descriptor = {offsetof(rsf_descriptor, settings_schema),
                                          RSF_DRIVER_CONCURRENT,
                                          RSF_CAN_GET,
                                          RSF_TEXT("short-descriptor"),
                                          RSF_TEXT("1.0.0"),
                                          RSF_TEXT("Example Ltd"),
                                          RSF_TEXT("https://example.org"),
                                          RSF_TEXT("a short descriptor"),
                                          RSF_TEXT("nonsense")};
static const rsf_functions functions = PLAIN_FUNCTIONS;
RSF_DRIVER_ENTRY(&descriptor, &functions);
