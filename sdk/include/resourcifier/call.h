/* SPDX-License-Identifier: Apache-2.0 */
/* call.h: one thing that the host asks of a driver. */
#ifndef RESOURCIFIER_CALL_H
#define RESOURCIFIER_CALL_H

#include "abi.h"

RSF_BEGIN

/* What is asked. A driver answers RSF_UNSUPPORTED to a verb that it does not know; later minors may add some (below 64). */
enum {
    RSF_LIST = 1,    /* the objects of a type, narrowed by ns and the selectors */
    RSF_GET = 2,     /* one object, by type and name */
    RSF_CREATE = 3,  /* make it; RSF_ALREADY_EXISTS if it is there */
    RSF_REPLACE = 4, /* make what is there equal to object; RSF_NOT_FOUND if it is not there */
    RSF_DELETE = 5,  /* remove it and return when it is gone; RSF_OUTCOME_UNCHANGED if it was not there */
    RSF_APPLY = 6    /* create it, or change it so that it is as object says; what object does not mention stays. The outcome
                        says which: RSF_OUTCOME_CREATED, RSF_OUTCOME_CHANGED or RSF_OUTCOME_UNCHANGED */
};

enum {
    /* Answer what would happen and change nothing. Sent only to drivers that offer rsf.dry_run/1 (extensions.h). */
    RSF_CALL_DRY_RUN = 1u << 0,
    /* list only: in every namespace; ns is empty. */
    RSF_CALL_ALL_NAMESPACES = 1u << 1
};

/* The host makes it; it and all that it points to are valid until the function that it was passed to returns. */
struct rsf_call {
    uint32_t size;  /* sizeof(rsf_call) */
    uint32_t verb;  /* RSF_LIST ... */
    uint32_t flags; /* RSF_CALL_..., unknown bits: answer RSF_UNSUPPORTED */
    uint32_t reserved;
    /* When the caller stops waiting: nanoseconds of CLOCK_MONOTONIC, never 0. Answer before it, with RSF_TIMEOUT if need be.
     * A host may give up on a call that has not returned some seconds later. */
    int64_t deadline_ns;
    /* As the client wrote it: a type as the cluster's users know it ("cm", "ConfigMap", "deployments.v1.apps"). Never trust it:
     * it may start with '-', or hold anything else that UTF-8 can. */
    rsf_text type;
    rsf_text name; /* list: empty. get: the object's. Writes: the resource's within its configuration; the object has its own */
    rsf_text ns;   /* the namespace that the client asked for, or empty: the object's own, else the target's */
    rsf_text label_selector; /* list: "app=x,tier!=y", or empty */
    rsf_text field_selector; /* list: "metadata.name=x", or empty */
    rsf_text object;         /* create, replace, apply, delete: a JSON object, at most 512 levels deep. Otherwise empty */
    rsf_text request_id;     /* for logs: the request that this call is part of */
    /* Nonzero once the call should end: the deadline passed, the client of a read went away, or the host is going down. Cheap;
     * ask often while waiting. call: the one that was passed in. [any-thread, until the call returns] */
    int (*cancelled)(const rsf_call *call);
    /* Since 1.1. The operation that this write is a step of, and which of its steps: together the same when the host asks again
     * about the same write, and never the same for two writes. operation: empty when the call is part of none. */
    rsf_text operation;
    uint32_t step;      /* counts from 0 */
    uint32_t reserved2; /* 0 */
    /* Since 1.1. replace, apply, delete: do it only if the object is still at this revision (rsf_result.revision), else answer
     * RSF_CONFLICT and change nothing; so does an apply of what is not there. Empty: whatever it is at. Sent only to drivers with
     * RSF_DRIVER_REVISIONS; where such a driver can't keep to it for a call, it answers RSF_UNSUPPORTED. */
    rsf_text expected_revision;
    int64_t began_ms; /* since 1.1: nothing of a write was done before; milliseconds since 1970, host's clock; 0: not known */
};

RSF_END

#endif
