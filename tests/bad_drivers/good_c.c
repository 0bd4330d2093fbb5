/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A good driver in plain C: keeps objects in memory by type, namespace and name, and gives back what it was given. What tests
 * need beside that: get of type "settings" answers with the settings, get of type "call" with the call, create of type "log"
 * writes its name to the host's log.
 */
#include <resourcifier/resourcifier.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct object {
    struct object *next;
    char *key; /* type, ns and name, each with its NUL */
    size_t key_size;
    char *json;
};

struct rsf_driver {
    const rsf_host *host;
    const rsf_log *log;
    char *settings;
    struct object *objects;
};

static char *copy(rsf_text text) {
    char *copied = malloc(text.size + 1);
    if (!copied) abort();
    if (text.size != 0) memcpy(copied, text.data, text.size);
    copied[text.size] = '\0';
    return copied;
}

static int is(rsf_text text, const char *word) { return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0; }

static rsf_text text_of(const char *text) {
    const rsf_text view = {text, strlen(text)};
    return view;
}

static void succeed(rsf_sink *sink, uint32_t outcome, const char *object, const char *selflink) {
    const rsf_result result = {
        .size = sizeof(rsf_result), .outcome = outcome, .object = text_of(object), .selflink = text_of(selflink)};
    sink->succeed(sink, &result);
}

static void fail(rsf_sink *sink, int32_t code, const char *message) {
    const rsf_failure failure = {
        .size = sizeof(rsf_failure), .code = code, .message = text_of(message), .retry = RSF_RETRY_NEVER};
    sink->fail(sink, &failure);
}

static rsf_driver *create(const rsf_host *host, rsf_text settings, rsf_sink *sink) {
    rsf_driver *driver = calloc(1, sizeof *driver);
    if (!driver) {
        fail(sink, RSF_INTERNAL, "out of memory");
        return NULL;
    }
    driver->host = host;
    driver->log = host->get_extension(host, text_of(RSF_EXT_LOG));
    driver->settings = copy(settings);
    return driver;
}

static void destroy(rsf_driver *driver) {
    while (driver->objects) {
        struct object *object = driver->objects;
        driver->objects = object->next;
        free(object->key);
        free(object->json);
        free(object);
    }
    free(driver->settings);
    free(driver);
}

static char *key_of(const rsf_call *call, size_t *size) {
    char *type = copy(call->type), *ns = copy(call->ns), *name = copy(call->name);
    *size = call->type.size + call->ns.size + call->name.size + 3;
    char *key = malloc(*size);
    if (!key) abort();
    memcpy(key, type, call->type.size + 1);
    memcpy(key + call->type.size + 1, ns, call->ns.size + 1);
    memcpy(key + call->type.size + call->ns.size + 2, name, call->name.size + 1);
    free(type);
    free(ns);
    free(name);
    return key;
}

/* Where the object is, or the end of the list. */
static struct object **find(rsf_driver *driver, const char *key, size_t size) {
    struct object **place = &driver->objects;
    while (*place && ((*place)->key_size != size || memcmp((*place)->key, key, size) != 0)) place = &(*place)->next;
    return place;
}

static void list(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    size_t size = 16;
    for (const struct object *object = driver->objects; object; object = object->next) size += strlen(object->json) + 1;
    char *answer = malloc(size);
    if (!answer) abort();
    strcpy(answer, "{\"items\":[");
    const char *comma = "";
    for (const struct object *object = driver->objects; object; object = object->next) {
        if (!is(call->type, object->key)) continue;
        strcat(strcat(answer, comma), object->json);
        comma = ",";
    }
    succeed(sink, RSF_OUTCOME_DONE, strcat(answer, "]}"), "");
    free(answer);
}

static void answer_call(const rsf_call *call, rsf_sink *sink) {
    char answer[1024];
    snprintf(answer, sizeof answer,
             "{\"flags\":%u,\"ns\":\"%.*s\",\"label\":\"%.*s\",\"field\":\"%.*s\",\"cancelled\":%d,\"deadline\":%lld}",
             (unsigned)call->flags, (int)call->ns.size, call->ns.size ? call->ns.data : "", (int)call->label_selector.size,
             call->label_selector.size ? call->label_selector.data : "", (int)call->field_selector.size,
             call->field_selector.size ? call->field_selector.data : "", call->cancelled(call) != 0,
             (long long)call->deadline_ns);
    succeed(sink, RSF_OUTCOME_DONE, answer, "");
}

static void store(const rsf_call *call, char *key, size_t size, struct object **place, rsf_sink *sink) {
    const int was_there = *place != NULL;
    if (call->verb != RSF_APPLY && was_there == (call->verb == RSF_CREATE)) {
        free(key);
        fail(sink, call->verb == RSF_CREATE ? RSF_ALREADY_EXISTS : RSF_NOT_FOUND,
             call->verb == RSF_CREATE ? "the object exists already" : "there is no such object");
        return;
    }
    if (*place) {
        free(key);
        free((*place)->json);
    } else {
        *place = calloc(1, sizeof **place);
        if (!*place) abort();
        (*place)->key = key;
        (*place)->key_size = size;
    }
    (*place)->json = copy(call->object);
    succeed(sink, was_there ? RSF_OUTCOME_CHANGED : RSF_OUTCOME_CREATED, (*place)->json, "memory:/object");
}

static void erase(struct object **place, rsf_sink *sink) {
    struct object *object = *place;
    if (!object) {
        succeed(sink, RSF_OUTCOME_UNCHANGED, "", "");
        return;
    }
    *place = object->next;
    free(object->key);
    free(object->json);
    free(object);
    succeed(sink, RSF_OUTCOME_DONE, "", "");
}

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    if ((call->flags & ~(uint32_t)RSF_CALL_ALL_NAMESPACES) != 0 || call->verb > RSF_APPLY) {
        fail(sink, RSF_UNSUPPORTED, "this driver does not know such a verb or flag");
        return;
    }
    if (call->verb == RSF_LIST) {
        list(driver, call, sink);
        return;
    }
    if (call->verb == RSF_GET && is(call->type, "settings")) {
        succeed(sink, RSF_OUTCOME_DONE, driver->settings, "");
        return;
    }
    if (call->verb == RSF_GET && is(call->type, "call")) {
        answer_call(call, sink);
        return;
    }
    if (call->verb == RSF_CREATE && is(call->type, "log")) driver->log->write(driver->host, call, RSF_LOG_WARNING, call->name);
    size_t size;
    char *key = key_of(call, &size);
    struct object **place = find(driver, key, size);
    if (call->verb == RSF_CREATE || call->verb == RSF_REPLACE || call->verb == RSF_APPLY) {
        store(call, key, size, place, sink);
        return;
    }
    free(key);
    if (call->verb == RSF_DELETE)
        erase(place, sink);
    else if (*place)
        succeed(sink, RSF_OUTCOME_DONE, (*place)->json, "memory:/object");
    else
        fail(sink, RSF_NOT_FOUND, "there is no such object");
}

/* Namespaces before everything else. */
static void order(rsf_driver *driver, rsf_text ns, const rsf_resource *const *resources, size_t count, rsf_order_sink *sink) {
    (void)driver, (void)ns;
    for (size_t first = 0; first < count; ++first)
        for (size_t then = 0; is(resources[first]->type, "Namespace") && then < count; ++then)
            if (!is(resources[then]->type, "Namespace"))
                sink->before(sink, first, then, text_of("namespace before what is in it"));
}

static const rsf_order order_table = {sizeof(rsf_order), 0, order};

/* Well, unless a token was set: then not, and it says too much. */
static void check(rsf_driver *driver, rsf_sink *sink) {
    char answer[1024];
    const int ok = strstr(driver->settings, "token") == NULL;
    snprintf(answer, sizeof answer,
             "{\"ok\":%s,\"reason\":\"no cluster takes s3cr3t-token\",\"proxy\":{\"with\":\"s3cr3t-token\"}}",
             ok ? "true" : "false");
    succeed(sink, RSF_OUTCOME_DONE, answer, "");
}

static const rsf_health health_table = {sizeof(rsf_health), 0, check};

static const void *get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver;
    if (is(id, RSF_EXT_ORDER)) return &order_table;
    return is(id, RSF_EXT_HEALTH) ? &health_table : NULL;
}

static const rsf_descriptor descriptor = {
    sizeof(rsf_descriptor),
    0,
    RSF_CAN_ALL_V1 | RSF_CAN_APPLY,
    RSF_TEXT("good-c"),
    RSF_TEXT("1.2.3"),
    RSF_TEXT("Example Ltd"),
    RSF_TEXT("https://example.org/good-c"),
    RSF_TEXT("an in-memory echo"),
    RSF_TEXT("{\"type\": \"object\", \"properties\": {"
             "\"greeting\": {\"type\": \"string\", \"default\": \"hello\", \"description\": \"what to say\"},"
             "\"token\": {\"type\": \"string\", \"writeOnly\": true, \"minLength\": 8}}}")};
static const rsf_functions functions = {sizeof(rsf_functions), 0, create, destroy, perform, get_extension};
RSF_DRIVER_ENTRY(&descriptor, &functions);
