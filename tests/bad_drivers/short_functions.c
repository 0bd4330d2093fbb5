/* SPDX-License-Identifier: Apache-2.0 */
/* A table that ends before perform, whatever stands behind its end. */
#include "plain.h"

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR("short-functions");
static const rsf_functions functions = {
    offsetof(rsf_functions, perform), 0, plain_create, plain_destroy, plain_perform, plain_get_extension};
RSF_DRIVER_ENTRY(&descriptor, &functions);
