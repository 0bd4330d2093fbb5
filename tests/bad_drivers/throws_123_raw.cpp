// SPDX-License-Identifier: Apache-2.0
// No barrier: throws through the C interface, from the function that the call's type names.
#include "plain.h"

#include <stdexcept>

namespace {

rsf_driver *create(const rsf_host *host, rsf_text settings, rsf_sink *sink) {
    if (settings.size > 2) throw std::runtime_error("no settings, please");
    return plain_create(host, settings, sink);
}

void destroy(rsf_driver *) { throw 123; }

void perform(rsf_driver *driver, const rsf_call *call, rsf_sink *sink) {
    if (call->verb == RSF_LIST) plain_perform(driver, call, sink); // answers first
    throw 123;
}

const void *get_extension(rsf_driver *, rsf_text) { return nullptr; }

const rsf_descriptor descriptor = PLAIN_DESCRIPTOR_WITH("throws-123-raw", R"({"properties": {"any": {}}})");
const rsf_functions functions = {sizeof(rsf_functions), 0, create, destroy, perform, get_extension};

} // namespace

RSF_DRIVER_ENTRY(&descriptor, &functions);
