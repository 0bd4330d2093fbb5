/* SPDX-License-Identifier: Apache-2.0 */
/* plain.h: a driver that does nothing wrong and nothing else: what each bad driver differs from in one place. */
#ifndef PLAIN_H
#define PLAIN_H

#include <resourcifier/resourcifier.h>

#include <string.h>

static inline rsf_driver *plain_create(const rsf_host *host, rsf_text settings, rsf_sink *sink) {
    static int instance;
    (void)host, (void)settings, (void)sink;
    return (rsf_driver *)(void *)&instance;
}

static inline void plain_destroy(rsf_driver *driver) { (void)driver; }

/* Text of any length that ends with NUL, as a view. */
static inline rsf_text plain_text(const char *text) {
    rsf_text view = {text, 0};
    while (text[view.size] != '\0') ++view.size;
    return view;
}

/* A result with nothing in it, whichever members the headers have. */
static inline rsf_result plain_result(void) {
    rsf_result result;
    memset(&result, 0, sizeof result);
    result.size = sizeof result;
    return result;
}

static inline void plain_succeed(rsf_sink *sink, const char *object) {
    rsf_result result = plain_result();
    result.object = plain_text(object);
    sink->succeed(sink, &result);
}

static inline void plain_fail(rsf_sink *sink, int32_t code, const char *message) {
    rsf_failure failure = {sizeof(rsf_failure), 0, {0, 0}, RSF_RETRY_UNKNOWN, 0, 0, {0, 0}, 0, 0};
    failure.code = code;
    failure.message = plain_text(message);
    sink->fail(sink, &failure);
}

/* What was created and not deleted, in a library as small as these: each instance sees it. */
typedef struct plain_object {
    char key[256]; /* type and name */
    char json[4096];
} plain_object;

#define PLAIN_OBJECTS 16

static inline plain_object *plain_objects(void) {
    static plain_object objects[PLAIN_OBJECTS];
    return objects;
}

static inline plain_object *plain_find(const rsf_call *call, plain_object **unused) {
    plain_object *const objects = plain_objects();
    char key[256];
    size_t i = 0, size = 0;
    if (call->type.size + call->name.size + 2 > sizeof key) return 0;
    for (i = 0; i < call->type.size; ++i) key[size++] = call->type.data[i];
    key[size++] = '/';
    for (i = 0; i < call->name.size; ++i) key[size++] = call->name.data[i];
    key[size] = 0;
    for (i = 0; i < PLAIN_OBJECTS; ++i) {
        size_t at = 0;
        if (!objects[i].json[0]) {
            if (unused) *unused = &objects[i];
            continue;
        }
        while (at < size && objects[i].key[at] == key[at]) ++at;
        if (at == size && !objects[i].key[at]) return &objects[i];
    }
    for (i = 0; unused && *unused && i <= size; ++i) (*unused)->key[i] = key[i];
    return 0;
}

static inline void plain_keep(plain_object *object, const rsf_call *call, rsf_sink *sink) {
    size_t i = 0;
    if (!object || call->object.size >= sizeof object->json) {
        plain_fail(sink, RSF_INVALID, "it does not fit");
        return;
    }
    for (i = 0; i < call->object.size; ++i) object->json[i] = call->object.data[i];
    object->json[i] = 0;
    plain_succeed(sink, object->json);
}

static inline void plain_append(char *answer, const char *text) {
    while (*answer) ++answer;
    while ((*answer++ = *text++)) {
    }
}

static inline int plain_is_of_type(const plain_object *object, const rsf_call *call) {
    size_t i = 0;
    if (!object->json[0]) return 0;
    while (i < call->type.size && object->key[i] == call->type.data[i]) ++i;
    return i == call->type.size && object->key[i] == '/';
}

static inline void plain_list(const rsf_call *call, rsf_sink *sink, int is_wanted(const plain_object *, const rsf_call *)) {
    static char answer[64 + PLAIN_OBJECTS * (sizeof(plain_object) + 2)];
    size_t i = 0;
    answer[0] = 0;
    plain_append(answer, "{\"items\": [{\"plain\": true}");
    for (i = 0; i < PLAIN_OBJECTS; ++i) {
        if (!is_wanted(&plain_objects()[i], call)) continue;
        plain_append(answer, ", ");
        plain_append(answer, plain_objects()[i].json);
    }
    plain_append(answer, "]}");
    plain_succeed(sink, answer);
}

/* Keeps objects, and has one that nobody made: x, of type cm. */
static inline void plain_perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    plain_object *unused = 0, *held = plain_find(call, &unused);
    (void)driver;
    if ((call->flags & ~(uint32_t)RSF_CALL_ALL_NAMESPACES) != 0 || call->verb < RSF_LIST || call->verb > RSF_DELETE) {
        plain_fail(sink, RSF_UNSUPPORTED, "a plain driver does not know this");
    } else if (call->verb == RSF_LIST) {
        plain_list(call, sink, plain_is_of_type);
    } else if (call->verb == RSF_GET && !held && call->type.size == 2 && call->name.size == 1 && call->name.data[0] == 'x') {
        plain_succeed(sink, "{\"plain\": true}");
    } else if (call->verb == RSF_CREATE && held) {
        plain_fail(sink, RSF_ALREADY_EXISTS, "it is there");
    } else if (call->verb == RSF_CREATE) {
        plain_keep(unused, call, sink);
    } else if (call->verb == RSF_DELETE) {
        rsf_result result = plain_result();
        if (held)
            held->json[0] = 0;
        else
            result.outcome = RSF_OUTCOME_UNCHANGED;
        sink->succeed(sink, &result);
    } else if (!held) {
        plain_fail(sink, RSF_NOT_FOUND, "it is not there");
    } else if (call->verb == RSF_GET) {
        plain_succeed(sink, held->json);
    } else {
        plain_keep(held, call, sink);
    }
}

static inline const void *plain_get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver, (void)id;
    return 0;
}

#define PLAIN_SCHEMA "{\"type\": \"object\"}"
#define PLAIN_DESCRIPTOR_WITH(name, schema)                                                                                      \
    {                                                                                                                            \
        sizeof(rsf_descriptor), 0, RSF_CAN_ALL_V1, RSF_TEXT(name), RSF_TEXT("1.0.0"), RSF_TEXT("Example Ltd"),                   \
            RSF_TEXT("https://example.org"), RSF_TEXT("a driver for tests"), RSF_TEXT(schema)                                    \
    }
#define PLAIN_DESCRIPTOR(name) PLAIN_DESCRIPTOR_WITH(name, PLAIN_SCHEMA)
#define PLAIN_FUNCTIONS                                                                                                          \
    { sizeof(rsf_functions), 0, plain_create, plain_destroy, plain_perform, plain_get_extension }

/* A driver called name whose functions are what the remaining arguments say. */
#define PLAIN_DRIVER(name, create_, destroy_, perform_, get_extension_)                                                          \
    static const rsf_descriptor descriptor = PLAIN_DESCRIPTOR(name);                                                             \
    static const rsf_functions functions = {sizeof(rsf_functions), 0, create_, destroy_, perform_, get_extension_};              \
    RSF_DRIVER_ENTRY(&descriptor, &functions)

/* The note of another version than this SDK's. */
#define PLAIN_NOTE(major_, minor_)                                                                                               \
    static const rsf_elf_note note __attribute__((used, section(".note.resourcifier"), aligned(4)))                              \
    RSF_NO_REDZONE = {sizeof(RSF_NOTE_OWNER), 8, RSF_NOTE_TYPE, RSF_NOTE_OWNER, major_, minor_}

/* The entry alone, without a note. */
#define PLAIN_ENTRY(size_, magic_, major_, minor_, descriptor_, functions_)                                                      \
    RSF_EXTERN __attribute__((visibility("default"))) const rsf_entry rsf_driver_entry;                                          \
    const rsf_entry rsf_driver_entry = {size_, magic_, major_, minor_, descriptor_, functions_}

#endif
