/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver as it was built for driver ABI 1.0, whatever the headers say today: the structs are copies, never to be changed. It
 * must load and work in every later 1.x host.
 */
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *data;
    size_t size;
} text_1_0;

typedef struct {
    uint32_t size, outcome;
    text_1_0 object, selflink;
} result_1_0;

typedef struct {
    uint32_t size;
    int32_t code;
    text_1_0 message;
    int32_t retry, reserved;
    int64_t retry_after_ms;
    text_1_0 details;
} failure_1_0;

typedef struct sink_1_0 {
    uint32_t size, reserved;
    void (*succeed)(struct sink_1_0 *sink, const result_1_0 *result);
    void (*fail)(struct sink_1_0 *sink, const failure_1_0 *failure);
} sink_1_0;

typedef struct call_1_0 {
    uint32_t size, verb, flags, reserved;
    int64_t deadline_ns;
    text_1_0 type, name, ns, label_selector, field_selector, object, request_id;
    int (*cancelled)(const struct call_1_0 *call);
} call_1_0;

typedef struct host_1_0 {
    uint32_t size, abi_major, abi_minor, reserved;
    text_1_0 name, version, target;
    const void *(*get_extension)(const struct host_1_0 *host, text_1_0 id);
} host_1_0;

typedef struct {
    uint32_t size, flags;
    uint64_t capabilities;
    text_1_0 name, version, vendor, url, summary, settings_schema;
} descriptor_1_0;

typedef struct {
    uint32_t size, reserved;
    void *(*create)(const host_1_0 *host, text_1_0 settings, sink_1_0 *sink);
    void (*destroy)(void *driver);
    void (*perform)(void *driver, const call_1_0 *call, sink_1_0 *sink);
    const void *(*get_extension)(void *driver, text_1_0 id);
} functions_1_0;

typedef struct {
    uint32_t size, magic, abi_major, abi_minor;
    const descriptor_1_0 *descriptor;
    const functions_1_0 *functions;
} entry_1_0;

#define TEXT(literal)                                                                                                            \
    { literal, sizeof(literal) - 1 }

static int instance;

static void *create(const host_1_0 *host, text_1_0 settings, sink_1_0 *sink) {
    static const failure_1_0 too_old = {sizeof(failure_1_0), 11, TEXT("this host is older than driver ABI 1.0"), 1, 0, 0, {0, 0}};
    (void)settings;
    if (host->size >= sizeof(host_1_0) && host->abi_major == 1) return &instance;
    sink->fail(sink, &too_old);
    return 0;
}

static void destroy(void *driver) { (void)driver; }

static void perform(void *driver, const call_1_0 *call, sink_1_0 *sink) {
    static const result_1_0 got = {sizeof(result_1_0), 0, TEXT("{\"abi\": \"1.0\"}"), TEXT("old:/object")};
    static const failure_1_0 gone = {sizeof(failure_1_0), 1, TEXT("it is not there"), 2, 0, 1500, TEXT("{\"old\": true}")};
    (void)driver;
    if (call->verb == 2)
        sink->succeed(sink, &got);
    else
        sink->fail(sink, &gone);
}

static const void *get_extension(void *driver, text_1_0 id) {
    (void)driver, (void)id;
    return 0;
}

static const descriptor_1_0 descriptor = {sizeof(descriptor_1_0),
                                          1,
                                          1u << 2 | 1u << 5,
                                          TEXT("older-minor"),
                                          TEXT("0.9.0"),
                                          TEXT("Example Ltd"),
                                          TEXT("https://example.org"),
                                          TEXT("built long ago"),
                                          TEXT("{\"type\": \"object\"}")};
static const functions_1_0 functions = {sizeof(functions_1_0), 0, create, destroy, perform, get_extension};

#if defined(__clang__)
__attribute__((no_sanitize("address")))
#endif
static const struct {
    uint32_t name_size, desc_size, type;
    char name[16];
    uint32_t abi_major, abi_minor;
} note __attribute__((used, section(".note.resourcifier"), aligned(4))) = {13, 8, 1, "resourcifier", 1, 0};

extern __attribute__((visibility("default"))) const entry_1_0 rsf_driver_entry;
const entry_1_0 rsf_driver_entry = {sizeof(entry_1_0), 0x31667372u, 1, 0, &descriptor, &functions};
