/* SPDX-License-Identifier: Apache-2.0 */
/* driver.h: what a driver is: one exported object, rsf_driver_entry, that leads to its description and its functions. */
#ifndef RESOURCIFIER_DRIVER_H
#define RESOURCIFIER_DRIVER_H

#include "answer.h"
#include "call.h"
#include "host.h"

RSF_BEGIN

enum {
    /* perform and the extensions' functions may be called from several threads at once on one instance. Without it: one at a
       time. */
    RSF_DRIVER_CONCURRENT = 1u << 0,
    /* Since 1.1. It obeys rsf_call.expected_revision. */
    RSF_DRIVER_REVISIONS = 1u << 1
};

/* The verbs that a driver does, bit 1 << RSF_LIST and so on. The host sends no others. Plain numbers, which tools for other
 * languages take over as constants. */
#define RSF_CAN_LIST 0x02ull
#define RSF_CAN_GET 0x04ull
#define RSF_CAN_CREATE 0x08ull
#define RSF_CAN_REPLACE 0x10ull
#define RSF_CAN_DELETE 0x20ull
#define RSF_CAN_APPLY 0x40ull /* not every cluster can: not in RSF_CAN_ALL_V1 */
#define RSF_CAN_ALL_V1 (RSF_CAN_LIST | RSF_CAN_GET | RSF_CAN_CREATE | RSF_CAN_REPLACE | RSF_CAN_DELETE)

/* Read before any instance exists. All of it is constant for as long as the library is loaded. */
typedef struct rsf_descriptor {
    uint32_t size;         /* sizeof(rsf_descriptor) */
    uint32_t flags;        /* RSF_DRIVER_... */
    uint64_t capabilities; /* RSF_CAN_... */
    rsf_text name;         /* what settings call it: [a-z][a-z0-9-]{0,62} */
    rsf_text version;      /* the driver's own, semver.org */
    rsf_text vendor;
    rsf_text url;     /* where help is to be had */
    rsf_text summary; /* one line: what it deploys to */
    /* The settings it takes, as JSON Schema draft 2020-12, restricted to an object of: type, properties, required,
     * additionalProperties, items, default, enum, minimum, maximum, minLength, pattern, description, writeOnly: true for what
     * must be shown to nobody, and format: "target" for the name of another target, to be reached by rsf.target/1. The host
     * checks settings against it and fills in defaults before create. An unlisted key is refused. Empty: it takes no settings. */
    rsf_text settings_schema;
} rsf_descriptor;

/* None may be NULL. */
typedef struct rsf_functions {
    uint32_t size; /* sizeof(rsf_functions) */
    uint32_t reserved;
    /* Makes an instance. settings: a JSON object that fits the schema, defaults filled in. host: valid until destroy returns.
     * Returns it, or NULL after sink->fail; sink->succeed is not called. May block for some seconds, must not wait for the
     * cluster. RSF_CONFLICT says that another instance holds what only one may: a host that is about to replace an instance by
     * this one ends that one first, and asks again. [any-thread, once per instance] */
    rsf_driver *(*create)(const rsf_host *host, rsf_text settings, rsf_sink *sink);
    /* Ends an instance and all it owns: threads, processes, files. Must not wait for the cluster. Called once, when no call is
     * under way and none will follow. [any-thread, once per instance] */
    void (*destroy)(rsf_driver *driver);
    /* Does what call says and answers through sink before it returns. May block until the deadline. [call-thread] */
    void (*perform)(rsf_driver *driver, const rsf_call *call, rsf_sink *sink);
    /* The table of an optional ability (extensions.h) by its id, or NULL: also for every id that it does not know. The same for
     * as long as the instance lives. [any-thread, not during or after destroy] */
    const void *(*get_extension)(rsf_driver *driver, rsf_text id);
} rsf_functions;

#define RSF_ENTRY_MAGIC 0x31667372u /* "rsf1", little endian */

typedef struct rsf_entry {
    uint32_t size;      /* sizeof(rsf_entry) */
    uint32_t magic;     /* RSF_ENTRY_MAGIC */
    uint32_t abi_major; /* RSF_ABI_MAJOR as compiled */
    uint32_t abi_minor; /* RSF_ABI_MINOR_WANTED as compiled */
    const rsf_descriptor *descriptor;
    const rsf_functions *functions;
} rsf_entry;

/* The ABI version once more, in an ELF note (gABI 4.1, "Note Section"; owner "resourcifier", type 1, two 32-bit words), so that a
 * host can refuse a file before it runs any of its code. */
typedef struct rsf_elf_note {
    uint32_t name_size, desc_size, type;
    char name[16];
    uint32_t abi_major, abi_minor;
} rsf_elf_note;

#define RSF_NOTE_OWNER "resourcifier"
#define RSF_NOTE_TYPE 1

RSF_END

#if defined(__clang__)
#define RSF_NO_REDZONE __attribute__((no_sanitize("address")))
#else
#define RSF_NO_REDZONE
#endif

#ifdef __cplusplus
#define RSF_EXTERN extern "C"
#else
#define RSF_EXTERN extern
#endif

/* The one line that makes a library a driver: RSF_DRIVER_ENTRY(&my_descriptor, &my_functions). Build with -fvisibility=hidden. */
#define RSF_DRIVER_ENTRY(descriptor_, functions_) RSF_DRIVER_ENTRY_FOR(RSF_ABI_MINOR_WANTED, descriptor_, functions_)

/* The same, for hosts of at least this minor. */
#define RSF_DRIVER_ENTRY_FOR(minor_, descriptor_, functions_)                                                                    \
    static const rsf_elf_note rsf_note __attribute__((used, section(".note.resourcifier"), aligned(4)))                          \
    RSF_NO_REDZONE = {sizeof(RSF_NOTE_OWNER), 8, RSF_NOTE_TYPE, RSF_NOTE_OWNER, RSF_ABI_MAJOR, minor_};                          \
    RSF_EXTERN __attribute__((visibility("default"))) const rsf_entry rsf_driver_entry;                                          \
    const rsf_entry rsf_driver_entry = {sizeof(rsf_entry), RSF_ENTRY_MAGIC, RSF_ABI_MAJOR, minor_, descriptor_, functions_}

#endif
