/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extensions.h: optional abilities, found by id and revision. A driver finds the host's with host->get_extension, a host finds
 * the driver's with functions->get_extension. A revision's table only grows at its end; what can't be said that way is a new
 * revision.
 */
#ifndef RESOURCIFIER_EXTENSIONS_H
#define RESOURCIFIER_EXTENSIONS_H

#include "answer.h"
#include "call.h"
#include "host.h"

RSF_BEGIN

/* ---- offered by the host ---- */

#define RSF_EXT_LOG "rsf.log/1"

enum { RSF_LOG_DEBUG = 1, RSF_LOG_INFO = 2, RSF_LOG_WARNING = 3, RSF_LOG_ERROR = 4 };

typedef struct rsf_log {
    uint32_t size; /* sizeof(rsf_log) */
    uint32_t reserved;
    /* Writes one line to the host's log, with the target and, when call is not NULL, its request id. No secrets: whoever runs the
     * host reads it. Control characters are escaped. call: one that is under way. [any-thread] */
    void (*write)(const rsf_host *host, const rsf_call *call, int32_t level, rsf_text message);
} rsf_log;

#define RSF_EXT_TARGET "rsf.target/1"

typedef struct rsf_target {
    uint32_t size; /* sizeof(rsf_target) */
    uint32_t reserved;
    /* Performs call on another target, by the name that the driver's settings gave. Reads, and writes with RSF_CALL_DRY_RUN on
     * targets whose driver offers rsf.dry_run/1, and nothing else: the host answers anything else with RSF_FORBIDDEN, and calls
     * after the surrounding call ended with RSF_CANCELLED. The deadline is the earlier of both calls'. Answers through sink
     * before it returns. during: the call that the driver is performing. [in-call, or any thread of the driver's until that call
     * returns] */
    void (*perform)(const rsf_host *host, const rsf_call *during, rsf_text target, const rsf_call *call, rsf_sink *sink);
    /* What stands behind that target: succeeds with {"target", "driver", "version", "capabilities": [...], "extensions": [...],
     * "secret": [...]}, the last as in rsf_secret and only where there is one, or fails with RSF_NOT_FOUND. Asks no cluster.
     * [any-thread, but not before this driver's create has returned: the other target may be made after this one] */
    void (*describe)(const rsf_host *host, rsf_text target, rsf_sink *sink);
} rsf_target;

#define RSF_EXT_PROGRESS "rsf.progress/1" /* since 1.1 */

typedef struct rsf_progress {
    uint32_t size; /* sizeof(rsf_progress) */
    uint32_t reserved;
    /* Says how far a call is, for people who wait for it: "3 of 5 pods are ready". It takes the place of what was said before. No
     * secrets. Of a line, 512 bytes are shown, control characters and what is not UTF-8 escaped; of more than a few lines a
     * second, some are left out. call: one that is under way; of any other nothing is said. [any-thread] */
    void (*say)(const rsf_host *host, const rsf_call *call, rsf_text line);
} rsf_progress;

/* ---- offered by drivers ---- */

#define RSF_EXT_ORDER "rsf.order/1"

/* A resource as the client posted it: references in object are not resolved yet. */
typedef struct rsf_resource {
    uint32_t size; /* sizeof(rsf_resource) */
    uint32_t reserved;
    rsf_text name;   /* within the configuration */
    rsf_text type;   /* as the client wrote it */
    rsf_text object; /* its properties, a JSON object */
} rsf_resource;

typedef struct rsf_order_sink rsf_order_sink;
struct rsf_order_sink {
    uint32_t size; /* sizeof(rsf_order_sink) */
    uint32_t reserved;
    /* Resource first is to be created before resource then, and deleted after it. why: a few words for people ("namespace before
     * what is in it"), or empty. Indices outside the array, and first == then, are a fault of the driver. Two resources that are
     * the same object of the cluster are told by both orders: each before the other. The host then writes that object once, and
     * refuses the configuration where the two are not alike. It asks again about those of one name once a reference in their
     * identity is filled in, and then shows apiVersion, kind, metadata.name, .generateName and .namespace alone. [in-call]
     */
    void (*before)(rsf_order_sink *sink, size_t first, size_t then, rsf_text why);
};

typedef struct rsf_order {
    uint32_t size; /* sizeof(rsf_order) */
    uint32_t reserved;
    /* Tells which of these must come before which, for reasons that only the driver knows; references are the host's business.
     * ns: the namespace that the client asked for, or empty. It is order only: when first fails, then is still tried. May not
     * block or ask the cluster; work should grow no faster than its input and its answer. [call-thread] */
    void (*order)(rsf_driver *driver, rsf_text ns, const rsf_resource *const *resources, size_t count, rsf_order_sink *sink);
} rsf_order;

#define RSF_EXT_BATCH "rsf.batch/1"

typedef struct rsf_batch_sink rsf_batch_sink;
struct rsf_batch_sink {
    uint32_t size; /* sizeof(rsf_batch_sink) */
    uint32_t reserved;
    /* As rsf_sink, for the call at index: each index exactly once, in any order. One thread at a time. [in-call] */
    void (*succeed)(rsf_batch_sink *sink, size_t index, const rsf_result *result);
    void (*fail)(rsf_batch_sink *sink, size_t index, const rsf_failure *failure);
};

typedef struct rsf_batch {
    uint32_t size;      /* sizeof(rsf_batch) */
    uint32_t max_calls; /* the most calls that the driver wants at once; 0: no limit */
    /* Does many calls as one, for drivers that commit once or save a process. All calls have the same verb, flags, deadline and
     * request; none depends on another. Calls fail one by one: an index that is not answered has failed. [call-thread] */
    void (*perform)(rsf_driver *driver, const rsf_call *const *calls, size_t count, rsf_batch_sink *sink);
} rsf_batch;

#define RSF_EXT_DRY_RUN "rsf.dry_run/1"

/* To offer it is a promise: create, replace, delete, and apply where the driver does it, change nothing with RSF_CALL_DRY_RUN,
 * anywhere, and answer with the object that the cluster would store, its defaults and admission included (delete: the object that
 * would go). A call of which the cluster has no dry run, though the call itself may well succeed, fails with RSF_UNSUPPORTED, the
 * details {"dry_run": false} and a message that says why: then a plan is made without asking. It has no function of its own. */
typedef struct rsf_dry_run {
    uint32_t size; /* sizeof(rsf_dry_run) */
    uint32_t reserved;
} rsf_dry_run;

#define RSF_EXT_HEALTH "rsf.health/1"

typedef struct rsf_health {
    uint32_t size; /* sizeof(rsf_health) */
    uint32_t reserved;
    /* Says how the driver is, from what it knows already: answers at once, asks no cluster and waits for no call. Succeeds with a
     * JSON object {"ok": true} or {"ok": false, "reason": "a sentence"}, and whatever else the driver wants to tell people. It
     * holds no secrets. [any-thread, not during or after destroy] */
    void (*check)(rsf_driver *driver, rsf_sink *sink);
} rsf_health;

#define RSF_EXT_PLAN "rsf.plan/1"

/* A plan that is being made. The driver makes it; the host never looks into it. */
typedef struct rsf_planning rsf_planning;

typedef struct rsf_plan_request {
    uint32_t size; /* sizeof(rsf_plan_request) */
    uint32_t verb; /* RSF_CREATE, RSF_REPLACE, RSF_APPLY or RSF_DELETE */
    rsf_text ns;   /* the namespace that the client asked for, or empty */
    /* The whole configuration, references not resolved. It lives until end. */
    const rsf_resource *const *resources;
    size_t count;
} rsf_plan_request;

typedef struct rsf_plan {
    uint32_t size; /* sizeof(rsf_plan) */
    uint32_t reserved;
    /* Begins a plan for request, or returns NULL after it has called sink->fail. Asks no cluster. [call-thread] */
    rsf_planning *(*begin)(rsf_driver *driver, const rsf_plan_request *request, rsf_sink *sink);
    /* What call would do with resource index, without doing it. Once for each resource, after the steps of what it refers to or
     * is ordered after; not at all when one that it needs failed. call->object: its properties, references resolved.
     * unknown: a JSON array of the JSON Pointers at which "(known after NAME)" stands in a value's place, since NAME would only
     * be made. Succeeds with the step, a JSON object:
     *   "action"   create, update, delete, unchanged or failed
     *   "basis"    server, client or deferred; "reason": why not server, where it is not
     *   "identity" apiVersion, kind, namespace, name; those that are known
     *   "before"   the object as it is, for people: without what the cluster keeps for itself, without secrets; null: absent
     *   "after"    the object as it would be, likewise
     *   "changes"  [{"path", "before", "after"}], absent before or after: the field is added or goes; "note": more to say of it
     *   "risks"    [{"path", "message"}]
     *   "takes_along" identities of what the cluster would delete with it
     *   "errors"   sentences, when it failed
     *   "warnings" sentences to be read before it is done
     *   "object"   the whole object as it would be, for references to it; what can't be known yet is left out
     * Failing is for steps about which nothing can be said. [call-thread] */
    void (*step)(rsf_driver *driver, rsf_planning *planning, size_t index, const rsf_call *call, rsf_text unknown,
                 rsf_sink *sink);
    /* The plan is whole, or was given up. No step is under way. [call-thread] */
    void (*end)(rsf_driver *driver, rsf_planning *planning);
} rsf_plan;

#define RSF_EXT_SECRET "rsf.secret/1"

/* Which values of the cluster's objects are secret: a plan shows tags in their place. Kubernetes' Secrets are known without it.
 */
typedef struct rsf_secret {
    uint32_t size; /* sizeof(rsf_secret) */
    uint32_t reserved;
    /* A JSON array of {"types": [...], "paths": [...]}. types: of the resources that it is about, as clients write them or as the
     * objects' kind says, in capitals or not; "*": of all. paths: JSON Pointers (RFC 6901) into the object, in which a part that
     * is only * stands for every key or entry. Whatever is there or below it is secret. Lives as long as the instance. */
    rsf_text values;
} rsf_secret;

#define RSF_EXT_SETTLE "rsf.settle/1" /* since 1.1 */

typedef struct rsf_settle {
    uint32_t size; /* sizeof(rsf_settle) */
    uint32_t reserved;
    /* Was this write done? Asked when its answer was lost. call: the write as it was, with its operation, step and began_ms,
     * and a new deadline; it is not done now. Succeeds with a JSON object: {"settled": "done", "object": {...}}, the object as
     * the write's answer has it, or without one, and "outcome": "created", "changed" or "unchanged" of an apply; {"settled":
     * "not-done"}: it had no effect and will have none; or {"settled": "unknown", "reason": "a sentence"}. The result's selflink
     * and warnings are the write's; its revision is that of the object that is there, to which a host that does the write after
     * all binds it. Fails where the cluster can't be asked; RSF_UNAVAILABLE, RSF_TIMEOUT: not now. [call-thread] */
    void (*settle)(rsf_driver *driver, const rsf_call *call, rsf_sink *sink);
} rsf_settle;

#define RSF_EXT_KIND "rsf.kind/1" /* since 1.1 */

typedef struct rsf_kind {
    uint32_t size; /* sizeof(rsf_kind) */
    uint32_t reserved;
    /* The one name of the type that call is about, of the many that clients write ("cm", "ConfigMap", "configmaps.v1."). call: a
     * get or a write that is not made; of a write, the object may say what its type is. Succeeds with a JSON object {"group":
     * "apps", "kind": "Deployment", "namespaced": true, "there": true}: group and kind of at most 253 of A-Z, a-z, 0-9, '.', '_'
     * and '-', group possibly empty; namespaced: whether its objects are in namespaces; there: whether the cluster has it, or
     * null where that is not known now. Fails with RSF_NOT_FOUND for a type that is not there and has no name either,
     * RSF_UNAVAILABLE where that is not known. Answers from what is known, or within the deadline, which is short. [call-thread]
     */
    void (*name)(rsf_driver *driver, const rsf_call *call, rsf_sink *sink);
} rsf_kind;

RSF_END

#endif
