// SPDX-License-Identifier: Apache-2.0
//
// /configurations: what is posted, put or deleted is carried out or, as a dry run, planned. Thread-safe.
#pragma once

#include "api/admission.hpp"
#include "api/tools.hpp"

#include <memory>

namespace rsf::api {

void answer_configurations(std::shared_ptr<const Tools> tools, Request request, Admitted admitted, Respond respond);

} // namespace rsf::api
