/* SPDX-License-Identifier: Apache-2.0 */
/* A dry run changes nothing, and answers what is not what the call then does. */
#include "plain.h"

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    rsf_call real = *call;
    if (call->flags != RSF_CALL_DRY_RUN) {
        plain_perform(driver, call, sink);
        return;
    }
    real.flags = 0;
    if (call->verb == RSF_DELETE) {
        rsf_result result = plain_result();
        if (!plain_find(call, 0)) result.outcome = RSF_OUTCOME_UNCHANGED;
        sink->succeed(sink, &result);
    } else if (plain_find(call, 0)) {
        real.verb = RSF_GET;
        if (call->verb != RSF_CREATE)
            plain_perform(driver, &real, sink);
        else
            plain_fail(sink, RSF_ALREADY_EXISTS, "it is there");
    } else if (call->verb == RSF_CREATE) {
        plain_succeed(sink, "{\"foretold\": true}");
    } else {
        plain_fail(sink, RSF_NOT_FOUND, "it is not there");
    }
}

static const void *get_extension(rsf_driver *driver, rsf_text id) {
    static const rsf_dry_run table = {sizeof(rsf_dry_run), 0};
    static const char own[] = RSF_EXT_DRY_RUN;
    size_t i = 0;
    (void)driver;
    while (i < id.size && own[i] && id.data[i] == own[i]) ++i;
    return i == id.size && !own[i] ? &table : 0;
}

PLAIN_DRIVER("foretells-wrong", plain_create, plain_destroy, perform, get_extension);
