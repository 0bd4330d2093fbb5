/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR_WITH("schema-not-json", "{\"type\": ");
static const rsf_functions functions = PLAIN_FUNCTIONS;
RSF_DRIVER_ENTRY(&descriptor, &functions);
