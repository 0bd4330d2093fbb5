/* SPDX-License-Identifier: Apache-2.0 */
/* Answers with structs that end early: legal (get, create), a failure without its message (replace), a result of size 0 (delete).
 */
#include "plain.h"

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    static const rsf_result result = {.size = offsetof(rsf_result, selflink),
                                      .object = RSF_TEXT("{\"short\": true}"),
                                      .selflink = RSF_TEXT("nonsense"),
                                      .revision = RSF_TEXT("not visible"),
                                      .warnings = RSF_TEXT("nonsense")};
    static const rsf_failure failure = {
        offsetof(rsf_failure, retry), RSF_CONFLICT, RSF_TEXT("somebody was faster"), 77, 0, -1, RSF_TEXT("nonsense"), 77, 0};
    static const rsf_failure mute = {offsetof(rsf_failure, message), RSF_CONFLICT, RSF_TEXT("never read"), 0, 0, 0, {0, 0}, 0, 0};
    static const rsf_result empty = {.size = 0};
    (void)driver;
    switch (call->verb) {
    case RSF_GET: sink->succeed(sink, &result); break;
    case RSF_CREATE: sink->fail(sink, &failure); break;
    case RSF_REPLACE: sink->fail(sink, &mute); break;
    default: sink->succeed(sink, &empty); break;
    }
}

PLAIN_DRIVER("short-answers", plain_create, plain_destroy, perform, plain_get_extension);
