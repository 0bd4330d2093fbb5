// SPDX-License-Identifier: Apache-2.0
// Go calls C functions by name, not through pointers: so each pointer of the host's has a function here.
#ifndef SATCHEL_HOST_H
#define SATCHEL_HOST_H

#include <resourcifier/resourcifier.h>

#include <stdint.h>

static inline void succeed(rsf_sink *sink, uint32_t outcome, const char *object, size_t size) {
    const rsf_result result = {.size = sizeof(rsf_result), .outcome = outcome, .object = {object, size}};
    sink->succeed(sink, &result);
}

static inline void fail(rsf_sink *sink, int32_t code, const char *message, size_t size) {
    const rsf_failure failure = {sizeof(rsf_failure), code, {message, size}, RSF_RETRY_NEVER, 0, 0, {0, 0}};
    sink->fail(sink, &failure);
}

static inline void write_log(const rsf_host *host, const rsf_call *call, const char *line, size_t size) {
    const rsf_text id = RSF_TEXT(RSF_EXT_LOG), text = {line, size};
    const rsf_log *log = (const rsf_log *)host->get_extension(host, id);
    if (log) log->write(host, call, RSF_LOG_INFO, text);
}

#endif
