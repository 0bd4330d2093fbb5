/* SPDX-License-Identifier: Apache-2.0 */
/* One of the four functions is missing: the one that WITHOUT_... names. */
#include "plain.h"

static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR("null-function");
static const rsf_functions functions = {sizeof(rsf_functions),
                                        0,
#ifdef WITHOUT_create
                                        0,
#else
                                        plain_create,
#endif
#ifdef WITHOUT_destroy
                                        0,
#else
                                        plain_destroy,
#endif
#ifdef WITHOUT_perform
                                        0,
#else
                                        plain_perform,
#endif
#ifdef WITHOUT_get_extension
                                        0
#else
                                        plain_get_extension
#endif
};
RSF_DRIVER_ENTRY(&descriptor, &functions);
