/* SPDX-License-Identifier: Apache-2.0 */
/* plain.h: a driver that does nothing wrong and nothing else: what each bad driver differs from in one place. */
#ifndef PLAIN_H
#define PLAIN_H

#include <resourcifier/resourcifier.h>

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

static inline void plain_succeed(rsf_sink *sink, const char *object) {
    rsf_result result = {sizeof(rsf_result), RSF_OUTCOME_DONE, {0, 0}, {0, 0}};
    result.object = plain_text(object);
    sink->succeed(sink, &result);
}

static inline void plain_fail(rsf_sink *sink, int32_t code, const char *message) {
    rsf_failure failure = {sizeof(rsf_failure), 0, {0, 0}, RSF_RETRY_UNKNOWN, 0, 0, {0, 0}};
    failure.code = code;
    failure.message = plain_text(message);
    sink->fail(sink, &failure);
}

static inline void plain_perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    (void)driver;
    plain_succeed(sink, call->verb == RSF_LIST ? "{\"items\": []}" : "{\"plain\": true}");
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
