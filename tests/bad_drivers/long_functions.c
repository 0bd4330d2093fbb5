/* SPDX-License-Identifier: Apache-2.0 */
/* A table with more at its end than the host knows, as one of a later minor version would have. */
#include "plain.h"

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR("long-functions");
static const struct {
    rsf_functions known;
    void *later[4];
} functions = {{sizeof functions, 0, plain_create, plain_destroy, plain_perform, plain_get_extension}, {0, 0, 0, 0}};
RSF_DRIVER_ENTRY(&descriptor, &functions.known);
