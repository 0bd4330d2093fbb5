// SPDX-License-Identifier: Apache-2.0
#include "posted.hpp"

#include "json_parts.hpp"
#include "string_data.hpp"

#include <resourcifier/kubernetes_deletion.hpp>

namespace rsf::kubectl {

Posted read_posted(const Call &call) {
    Posted posted{call.object(), {}};
    posted.identity = kubernetes::identify(posted.object, call.type(), call.name(), call.ns());
    if (call.verb() != RSF_DELETE) store_string_data(posted.object);
    return posted;
}

std::optional<Posted> read_deleted(const Call &call) {
    Posted posted{call.object(), {}};
    kubernetes::Deletion deletion = kubernetes::identify_to_delete(posted.object, call.type(), call.name(), call.ns());
    if (!deletion.identity || array_at(posted.object, "items")) return std::nullopt;
    posted.identity = *std::move(deletion.identity);
    return posted;
}

} // namespace rsf::kubectl
