/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver of ABI 1.1 that behaves: it has revisions, settles what it did and names its types. Of three types it answers
 * what a test wants: "call" (what the call holds), "say" (a result made of the call's texts), "progress" (says its name).
 */
#define RSF_ABI_MINOR_WANTED 1
#include "plain.h"

#include <stdio.h>

static const rsf_host *the_host;

static int is(rsf_text text, const char *word) { return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0; }

/* The revision of an object is a sum over its text. */
typedef struct revision {
    char text[16];
} revision;

static revision revision_of(rsf_text json) {
    unsigned sum = 5381;
    revision made;
    size_t i = 0;
    for (i = 0; i < json.size; ++i) sum = sum * 33 + (unsigned char)json.data[i];
    snprintf(made.text, sizeof made.text, "r%u", sum);
    return made;
}

/* Adds the revision to what plain_perform answers. */
typedef struct revising_sink {
    rsf_sink base;
    rsf_sink *to;
} revising_sink;

static void succeed(rsf_sink *sink, const rsf_result *given) {
    rsf_result result = *given;
    const revision now = revision_of(given->object);
    if (given->object.size != 0) result.revision = plain_text(now.text);
    ((revising_sink *)sink)->to->succeed(((revising_sink *)sink)->to, &result);
}

static void fail(rsf_sink *sink, const rsf_failure *failure) {
    ((revising_sink *)sink)->to->fail(((revising_sink *)sink)->to, failure);
}

/* The writes that were done within an operation. */
static char done[64][256];
static unsigned dones;

static int key_of(const rsf_call *call, char *key, size_t size) {
    return snprintf(key, size, "%.*s/%u", (int)call->operation.size, call->operation.data, (unsigned)call->step);
}

static void tell_call(const rsf_call *call, rsf_sink *sink) {
    char text[512];
    snprintf(text, sizeof text, "{\"operation\": \"%.*s\", \"step\": %u, \"expected\": \"%.*s\", \"accepted\": %lld}",
             (int)call->operation.size, call->operation.data, (unsigned)call->step, (int)call->expected_revision.size,
             call->expected_revision.data, (long long)call->began_ms);
    plain_succeed(sink, text);
}

/* The name is the revision, and the namespace the warnings. */
static void say(const rsf_call *call, rsf_sink *sink) {
    rsf_result result = plain_result();
    result.object = call->object.size != 0 ? call->object : plain_text("{}");
    result.revision = call->name;
    result.warnings = call->ns;
    sink->succeed(sink, &result);
}

static void say_progress(const rsf_call *call, rsf_sink *sink) {
    const rsf_text id = RSF_TEXT(RSF_EXT_PROGRESS);
    const rsf_progress *const table = the_host->get_extension(the_host, id);
    const rsf_text no_data = {0, 7};
    rsf_call other = *call;
    int i = 0;
    table->say(the_host, call, call->name);
    table->say(the_host, &other, plain_text("of a call that is not under way"));
    table->say(the_host, 0, plain_text("of no call"));
    table->say(the_host, call, no_data);
    for (i = 0; i < 1000 && is(call->ns, "many"); ++i) table->say(the_host, call, call->name);
    plain_succeed(sink, "{}");
}

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    revising_sink revising = {{sizeof(rsf_sink), 0, succeed, fail}, 0};
    const plain_object *const held = plain_find(call, 0);
    revising.to = sink;
    if (is(call->type, "call")) {
        tell_call(call, sink);
    } else if (is(call->type, "say")) {
        say(call, sink);
    } else if (is(call->type, "progress")) {
        say_progress(call, sink);
    } else if (call->expected_revision.size != 0 && held &&
               !is(call->expected_revision, revision_of(plain_text(held->json)).text)) {
        plain_fail(sink, RSF_CONFLICT, "it is at another revision");
    } else {
        if (call->operation.size != 0) key_of(call, done[dones++ % 64], sizeof done[0]);
        plain_perform(driver, call, &revising.base);
    }
}

static void settle(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    char key[256], text[8192];
    const plain_object *const held = plain_find(call, 0);
    rsf_result result = plain_result();
    revision now;
    unsigned i = 0;
    (void)driver;
    if (is(call->type, "say")) {
        say(call, sink);
        return;
    }
    key_of(call, key, sizeof key);
    while (i < 64 && strcmp(done[i], key) != 0) ++i;
    if (i == 64 || !held) {
        plain_succeed(sink,
                      i == 64 ? "{\"settled\": \"not-done\"}" : "{\"settled\": \"unknown\", \"reason\": \"the object is gone\"}");
        return;
    }
    snprintf(text, sizeof text, "{\"settled\": \"done\", \"object\": %s}", held->json);
    now = revision_of(plain_text(held->json));
    result.object = plain_text(text);
    result.revision = plain_text(now.text);
    sink->succeed(sink, &result);
}

static void name(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    (void)driver;
    if (is(call->type, "say"))
        say(call, sink);
    else if (is(call->type, "cm") || is(call->type, "ConfigMap"))
        plain_succeed(sink, "{\"group\": \"\", \"kind\": \"ConfigMap\", \"namespaced\": true, \"there\": true}");
    else
        plain_fail(sink, RSF_NOT_FOUND, "there is no such type");
}

static const rsf_settle settle_table = {sizeof(rsf_settle), 0, settle};
static const rsf_kind kind_table = {sizeof(rsf_kind), 0, name};

static const void *get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver;
    return is(id, RSF_EXT_SETTLE) ? (const void *)&settle_table : is(id, RSF_EXT_KIND) ? &kind_table : NULL;
}

static rsf_driver *create(const rsf_host *host, rsf_text settings, rsf_sink *sink) {
    the_host = host;
    return plain_create(host, settings, sink);
}

static const rsf_descriptor descriptor = {.size = sizeof(rsf_descriptor),
                                          .flags = RSF_DRIVER_REVISIONS,
                                          .capabilities = RSF_CAN_ALL_V1,
                                          .name = RSF_TEXT("speaks-1-1"),
                                          .version = RSF_TEXT("1.0.0")};
static const rsf_functions functions = {sizeof(rsf_functions), 0, create, plain_destroy, perform, get_extension};
RSF_DRIVER_ENTRY(&descriptor, &functions);
