/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR("no-functions");
RSF_DRIVER_ENTRY(&descriptor, 0);
