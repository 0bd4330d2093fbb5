/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR_WITH("bad-schema", "{\"type\": \"object\", \"propertys\": {}}");
static const rsf_functions functions = PLAIN_FUNCTIONS;
RSF_DRIVER_ENTRY(&descriptor, &functions);
