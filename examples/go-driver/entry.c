// SPDX-License-Identifier: Apache-2.0
// What Go can't say: constant data that leads to its functions, and the note. The functions are satchel.go's.
#include "_cgo_export.h"

static const rsf_descriptor descriptor = {
    sizeof(rsf_descriptor),
    RSF_DRIVER_CONCURRENT,
    RSF_CAN_ALL_V1,
    RSF_TEXT("satchel"),
    RSF_TEXT("1.0.0"),
    RSF_TEXT("Example Ltd"),
    RSF_TEXT("https://example.org/satchel"),
    RSF_TEXT("keeps objects in memory, in Go"),
    RSF_TEXT("{\"type\": \"object\", \"properties\": {}}"),
};

static rsf_driver *create(const rsf_host *host, rsf_text settings, rsf_sink *sink) {
    (void)settings, (void)sink;
    return (rsf_driver *)satchel_create((rsf_host *)host);
}

static void destroy(rsf_driver *driver) { satchel_destroy((uintptr_t)driver); }

static void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    satchel_perform((uintptr_t)driver, (rsf_call *)call, sink);
}

static const void *get_extension(rsf_driver *driver, rsf_text id) {
    (void)driver, (void)id;
    return 0;
}

static const rsf_functions functions = {sizeof(rsf_functions), 0, create, destroy, perform, get_extension};

RSF_DRIVER_ENTRY(&descriptor, &functions);
