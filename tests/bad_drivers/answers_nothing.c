/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) { (void)driver, (void)call, (void)sink; }

PLAIN_DRIVER("answers-nothing", plain_create, plain_destroy, perform, plain_get_extension);
