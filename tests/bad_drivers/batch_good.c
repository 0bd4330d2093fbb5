/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static void succeed(rsf_batch_sink *sink, size_t index, const char *object) {
    rsf_result result = plain_result();
    result.object = plain_text(object);
    sink->succeed(sink, index, &result);
}

static void perform(rsf_driver *driver, const rsf_call *const *calls, size_t count, rsf_batch_sink *sink) {
    (void)driver, (void)calls;
    for (size_t i = count; i-- > 0;) {
        if (i == 1) {
            const rsf_failure failure = {
                sizeof(rsf_failure), RSF_CONFLICT, RSF_TEXT("the second is bad"), RSF_RETRY_NEVER, 0, 0, {0, 0}, 0, 0};
            sink->fail(sink, i, &failure);
        } else {
            succeed(sink, i, calls[i]->name.data[0] == 'a' ? "{\"is\": \"a\"}" : "{\"is\": \"other\"}");
        }
    }
}

static const rsf_batch table = {sizeof(rsf_batch), 5, perform};

static const void *get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver;
    return id.size == sizeof(RSF_EXT_BATCH) - 1 && id.data[4] == 'b' ? &table : NULL;
}

PLAIN_DRIVER("batch-good", plain_create, plain_destroy, plain_perform, get_extension);
