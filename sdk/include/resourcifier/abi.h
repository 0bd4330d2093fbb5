/* SPDX-License-Identifier: Apache-2.0 */
/*
 * abi.h: the ground the driver ABI stands on: version, text, thread tags, trust.
 *
 * Trust. A driver is native code: it can do whatever the process that it is loaded into can. That is why the daemon takes a
 * driver only from an absolute path, only when root or the daemon's own user owns the file and every folder above it, and
 * only when nobody else may write them. By default it loads each instance into a process of its own, which has the driver's
 * settings and none of the daemon's memory or sockets; with "isolation: none" into itself, where a driver can read its memory,
 * end it and use its credentials. Nothing in this ABI depends on which of the two it is: the same file loads in both, unchanged.
 *
 * Manners. A function ends by returning: no exception, longjmp or thread exit leaves it, and no driver calls exit or abort. The
 * process belongs to the host: a driver leaves its working folder, environment, locale, umask, signal handlers and standard
 * streams alone, blocks all signals in threads that it starts, and marks the descriptors that it opens close-on-exec.
 *
 * Memory. Nothing is handed over. Whoever passes a pointer keeps what it points to and may reuse it after the call
 * returns; whoever receives one copies what it wants to keep. There is no free function.
 *
 * Growth. A struct that may grow starts with its size as its maker was compiled. A reader looks at a member only if
 * size covers it (RSF_HAS); a member that is not covered reads as zero. Members are only ever added, at the end, with
 * a new minor version. A host refuses a driver that wants a newer minor than its own (RSF_ABI_MINOR_WANTED), so a driver finds in
 * what a host makes every member up to that minor, and looks for later ones ("since 1.1") with RSF_HAS; a host always looks. An
 * array of structs that may grow is passed as an array of pointers.
 *
 * Thread tags, the last word of every function's comment:
 *   [any-thread]   may be called from any thread, at any time between the begin of create and the end of destroy, also
 *                  concurrently; what the comment narrows, it says after a comma.
 *   [call-thread]  called on a thread of the host's choosing. One at a time per driver instance, unless the driver's
 *                  descriptor says RSF_DRIVER_CONCURRENT: then several at once. Never during or after destroy.
 *   [in-call]      only on the thread that the surrounding call runs on, and only until that call returns.
 * A thread that calls a driver has at least 256 KiB of stack left.
 */
#ifndef RESOURCIFIER_ABI_H
#define RESOURCIFIER_ABI_H

#include <stddef.h>
#include <stdint.h>

#define RSF_ABI_MAJOR 1 /* other major: refused */
#define RSF_ABI_MINOR 1 /* of these headers */

/* The oldest minor of hosts that the driver loads in: newer than the host's is refused, older loads. Define it before the first
 * of these headers is included, to no more than RSF_ABI_MINOR. A driver that can't do without something newer than 1.0 raises it.
 */
#ifndef RSF_ABI_MINOR_WANTED
#define RSF_ABI_MINOR_WANTED 0
#endif

#ifdef __cplusplus
#define RSF_BEGIN extern "C" {
#define RSF_END }
#else
#define RSF_BEGIN
#define RSF_END
#endif

/* Whether *p, whose size its maker wrote, is long enough to hold member. */
#define RSF_HAS(p, member) ((p)->size >= (size_t)((const char *)&(p)->member - (const char *)(p)) + sizeof((p)->member))

RSF_BEGIN

/* UTF-8, size bytes, not terminated by NUL. data may be NULL when size is 0. Valid only for the call that it is given to. */
typedef struct rsf_text {
    const char *data;
    size_t size;
} rsf_text;

/* A static initialiser: static const rsf_text name = RSF_TEXT("kubectl"); */
#define RSF_TEXT(literal)                                                                                                        \
    { literal, sizeof(literal) - 1 }

typedef struct rsf_driver rsf_driver; /* one instance; the driver's own type, the host only carries the pointer */
typedef struct rsf_host rsf_host;
typedef struct rsf_call rsf_call;
typedef struct rsf_sink rsf_sink;

RSF_END

#endif
