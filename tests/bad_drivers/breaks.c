/* SPDX-License-Identifier: Apache-2.0 */
/* breaks.c: each answer breaks one rule of answer.h: BREAKS_code, _message, _outcome, _selflink, _delete or _thread. */
#include "plain.h"

#include <pthread.h>

typedef struct answer {
    rsf_sink sink; /* what plain_perform answers to */
    rsf_sink *to;
    rsf_result result;
} answer;

#ifdef BREAKS_thread
static void *succeed_elsewhere(void *given) {
    answer *self = given;
    self->to->succeed(self->to, &self->result);
    return 0;
}
#endif

static void succeed(rsf_sink *sink, const rsf_result *result) {
    answer *self = (answer *)(void *)sink;
    self->result = *result;
#if defined BREAKS_selflink
    self->result.selflink = plain_text("a b");
#elif defined BREAKS_outcome
    self->result.outcome = 99;
#elif defined BREAKS_delete
    if (result->object.size == 0) self->result.object = plain_text("{}");
#elif defined BREAKS_thread
    pthread_t thread;
    if (pthread_create(&thread, 0, succeed_elsewhere, self) == 0) pthread_join(thread, 0);
    return;
#endif
    self->to->succeed(self->to, &self->result);
}

static void fail(rsf_sink *sink, const rsf_failure *given) {
    answer *self = (answer *)(void *)sink;
    rsf_failure failure = *given;
#if defined BREAKS_message
    failure.message = plain_text("\xFF");
#elif defined BREAKS_code
    failure.code = -5;
#endif
    self->to->fail(self->to, &failure);
}

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    answer self = {{sizeof(rsf_sink), 0, succeed, fail}, 0, {.size = sizeof(rsf_result)}};
    self.to = sink;
    plain_perform(driver, call, &self.sink);
}

PLAIN_DRIVER("breaks", plain_create, plain_destroy, perform, plain_get_extension);
