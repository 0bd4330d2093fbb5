// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/bodies/posted.hpp"

#include "kubectl/api/bodies/string_data.hpp"
#include "kubectl/text/json_parts.hpp"

#include <resourcifier/kubernetes/deletion.hpp>

namespace rsf::kubectl::api {

Posted read_posted(const Call &call) {
    Posted posted{call.object(), {}};
    posted.identity = kubernetes::identify(posted.object, call.type(), call.name(), call.ns());
    if (call.verb() != RSF_DELETE) store_string_data(posted.object);
    return posted;
}

std::optional<Posted> read_deleted(const Call &call) {
    Posted posted{call.object(), {}};
    kubernetes::Deletion deletion = kubernetes::identify_to_delete(posted.object, call.type(), call.name(), call.ns());
    if (!deletion.identity || text::array_at(posted.object, "items")) return std::nullopt;
    posted.identity = *std::move(deletion.identity);
    return posted;
}

void check_revision_form(const Call &call) {
    const std::string_view expected = call.expected_revision();
    if (expected.find_first_not_of("0123456789") == expected.npos && expected.size() <= 20) return;
    throw Error(Code::conflict,
                "Revision " + std::string(expected) +
                    " was expected, and no Kubernetes object is ever at that: read it again and "
                    "decide anew.",
                Retry::never);
}

void expect_revision(const Call &call, json::object &object) {
    const std::string_view expected = call.expected_revision();
    if (expected.empty()) return;
    const std::string_view own = text::metadata_text(object, "resourceVersion");
    if (!own.empty() && own != expected)
        throw Error(Code::invalid,
                    "The object names resourceVersion " + std::string(own) + ", and revision " + std::string(expected) +
                        " is expected: take resourceVersion out of the object.",
                    Retry::never);
    object.at("metadata").as_object()["resourceVersion"] = expected;
}

} // namespace rsf::kubectl::api
