/* SPDX-License-Identifier: Apache-2.0 */
/* answer.h: how a call ends: with a result or with a failure, given exactly once to a sink. */
#ifndef RESOURCIFIER_ANSWER_H
#define RESOURCIFIER_ANSWER_H

#include "abi.h"

RSF_BEGIN

/* What went wrong, for programs. Codes from RSF_DRIVER_CODES on are the driver's own: the host treats them as
 * RSF_INTERNAL and passes the number on. Any other number is RSF_INTERNAL too: a later minor may have added it. */
enum {
    RSF_NOT_FOUND = 1,      /* the object, or the type, is not there */
    RSF_ALREADY_EXISTS = 2, /* create of what exists */
    RSF_CONFLICT = 3,       /* it changed meanwhile, or another owner holds the field */
    RSF_INVALID = 4,        /* the cluster, or the driver, refuses the object or the arguments */
    RSF_UNAUTHORIZED = 5,   /* the cluster does not know who is asking */
    RSF_FORBIDDEN = 6,      /* it knows, and says no */
    RSF_UNAVAILABLE = 7,    /* the cluster can not be reached or is overloaded */
    RSF_TIMEOUT = 8,        /* the deadline passed; the effect may have happened or may happen yet */
    RSF_CANCELLED = 9,      /* the host asked to stop; the effect may have happened or may happen yet */
    RSF_UNSUPPORTED = 10,   /* a verb, a flag or a type that this driver does not do */
    RSF_INTERNAL = 11,      /* anything else; a fault of the driver or of what it runs */
    RSF_DRIVER_CODES = 1000
};

/* Whether sending the same call again can help. */
enum {
    RSF_RETRY_UNKNOWN = 0,
    RSF_RETRY_NEVER = 1, /* not before something else changes */
    RSF_RETRY_LATER = 2  /* after retry_after_ms, or after a time of the host's choosing when that is 0 */
};

/* Since 1.1. Whether a write that failed may have had its effect all the same: then a host finds out. UNSAID: it may with
 * RSF_TIMEOUT and RSF_CANCELLED. KNOWN: the message tells all. UNKNOWN: it may, or may yet, since its answer was lost. */
enum { RSF_EFFECT_UNSAID = 0, RSF_EFFECT_KNOWN = 1, RSF_EFFECT_UNKNOWN = 2 };

typedef struct rsf_failure {
    uint32_t size; /* sizeof(rsf_failure) */
    int32_t code;  /* one of the above */
    /* A sentence for people: what was wrong and what to do. No secrets; hosts log it and show it to clients. Never empty. */
    rsf_text message;
    int32_t retry;          /* RSF_RETRY_... */
    int32_t reserved;       /* 0 */
    int64_t retry_after_ms; /* milliseconds; 0: no opinion */
    rsf_text details;       /* a JSON value for programs (causes, fields), or empty */
    uint32_t effect;        /* since 1.1: RSF_EFFECT_... */
    uint32_t reserved2;     /* 0 */
} rsf_failure;

/* What a call that succeeded did. */
enum {
    RSF_OUTCOME_DONE = 0,      /* what its verb says */
    RSF_OUTCOME_UNCHANGED = 1, /* the object was as wanted already: for delete, that it was absent */
    RSF_OUTCOME_CREATED = 2,   /* for verbs that create or change: it was absent */
    RSF_OUTCOME_CHANGED = 3    /* for verbs that create or change: it was there */
};

typedef struct rsf_result {
    uint32_t size;    /* sizeof(rsf_result) */
    uint32_t outcome; /* RSF_OUTCOME_... */
    /* get, create, replace, apply: the object as the cluster holds it now, a JSON object. list: a JSON object with an array
     * "items". delete: empty. */
    rsf_text object;
    rsf_text selflink; /* where the object can be read, or empty */
    /* Since 1.1. What the cluster calls this state of the object, as rsf_call.expected_revision takes it: at most 1024 visible
     * ASCII characters that only the driver understands; or empty: it is not known, or there is no object. */
    rsf_text revision;
    /* Since 1.1. A JSON array of sentences that the client and reviewers should read, though the call succeeded ("this version of
     * the type is deprecated"), or empty. No secrets. At most 16 of at most 1024 bytes are shown. */
    rsf_text warnings;
} rsf_result;

/* Receives the answer. The host makes it; it lives until the function that it was passed to returns. It copies at once, so
 * that what the answer points to may be on the stack. Exactly one of the two is called, exactly once; a call that answers twice,
 * not at all, or with what is not JSON where JSON belongs has failed, whatever it said. */
struct rsf_sink {
    uint32_t size; /* sizeof(rsf_sink) */
    uint32_t reserved;
    /* The call did what was asked. [in-call] */
    void (*succeed)(rsf_sink *sink, const rsf_result *result);
    /* The call did not. [in-call] */
    void (*fail)(rsf_sink *sink, const rsf_failure *failure);
};

RSF_END

#endif
