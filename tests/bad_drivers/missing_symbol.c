/* SPDX-License-Identifier: Apache-2.0 */
/* Calls what no library has. */
#include "plain.h"

extern void function_of_a_library_that_was_not_linked(void);

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    function_of_a_library_that_was_not_linked();
    plain_perform(driver, call, sink);
}

PLAIN_DRIVER("missing-symbol", plain_create, plain_destroy, perform, plain_get_extension);
