/* SPDX-License-Identifier: Apache-2.0 */
#include <resourcifier/resourcifier.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The smallest honest driver: create stamps an object as seen and hands it back; it keeps nothing, so delete has nothing to do.
 */
struct rsf_driver {
    const rsf_host *host;
    const rsf_log *log; /* NULL where the host keeps none */
    unsigned long seen;
};

static rsf_text text(const char *words) {
    rsf_text view;
    view.data = words;
    view.size = strlen(words);
    return view;
}

static void fail(rsf_sink *sink, int32_t code, int32_t retry, const char *message) {
    rsf_failure failure;
    memset(&failure, 0, sizeof failure);
    failure.size = sizeof failure;
    failure.code = code;
    failure.retry = retry;
    failure.message = text(message);
    sink->fail(sink, &failure);
}

static rsf_driver *stamp_create(const rsf_host *host, rsf_text settings, rsf_sink *sink) {
    rsf_driver *driver = calloc(1, sizeof *driver);
    (void)settings; /* the host has checked that there are none */
    if (driver == NULL) {
        fail(sink, RSF_INTERNAL, RSF_RETRY_LATER, "There is not enough memory for a driver.");
        return NULL;
    }
    driver->host = host;
    driver->log = host->get_extension(host, text(RSF_EXT_LOG));
    return driver;
}

static void stamp_destroy(rsf_driver *driver) { free(driver); }

static void stamp_perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    rsf_result result;
    char selflink[64], line[64];
    memset(&result, 0, sizeof result);
    result.size = sizeof result;

    if (call->flags != 0) { /* a dry run, or what a later version may ask: never guess */
        fail(sink, RSF_UNSUPPORTED, RSF_RETRY_NEVER, "The stamp driver knows no flags.");
        return;
    }
    switch (call->verb) {
    case RSF_CREATE:
        snprintf(selflink, sizeof selflink, "stamp:%lu", ++driver->seen); /* one call at a time: see the flags below */
        result.outcome = RSF_OUTCOME_CREATED;
        result.object = call->object;
        result.selflink = text(selflink);
        if (driver->log != NULL) {
            snprintf(line, sizeof line, "stamped %.40s", selflink);
            driver->log->write(driver->host, call, RSF_LOG_INFO, text(line));
        }
        sink->succeed(sink, &result);
        return;
    case RSF_DELETE:
        result.outcome = RSF_OUTCOME_UNCHANGED;
        sink->succeed(sink, &result);
        return;
    default: fail(sink, RSF_UNSUPPORTED, RSF_RETRY_NEVER, "The stamp driver only creates and deletes."); return;
    }
}

static const void *stamp_get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver;
    (void)id;
    return NULL;
}

static const rsf_descriptor descriptor = {
    sizeof(rsf_descriptor),
    0, /* not RSF_DRIVER_CONCURRENT */
    RSF_CAN_CREATE | RSF_CAN_DELETE,
    RSF_TEXT("stamp"),
    RSF_TEXT("1.0.0"),
    RSF_TEXT("Example Ltd"),
    RSF_TEXT("https://example.org/stamp"),
    RSF_TEXT("stamps objects and keeps nothing"),
    RSF_TEXT("{\"type\": \"object\", \"properties\": {}}"),
};

static const rsf_functions functions = {sizeof(rsf_functions), 0, stamp_create, stamp_destroy, stamp_perform,
                                        stamp_get_extension};

RSF_DRIVER_ENTRY(&descriptor, &functions);
