// SPDX-License-Identifier: Apache-2.0
//
// /operations: what was and is done, and how it is cancelled. Thread-safe.
#pragma once

#include "api/admission.hpp"
#include "api/tools.hpp"

#include <memory>
#include <string_view>

namespace rsf::store {
struct Operation;
} // namespace rsf::store

namespace rsf::api {

void answer_operations(const std::shared_ptr<const Tools> &tools, const Request &request, const Admitted &admitted,
                       Respond respond);

Problem no_operation(std::string_view id);
// The store can't be asked now.
Response unreadable_store(const Error &error);

// 202, with the operation as it is, and where it is found.
Response accepted(const operations::Operations &operations, const store::Operation &operation, const Format &format);

} // namespace rsf::api
