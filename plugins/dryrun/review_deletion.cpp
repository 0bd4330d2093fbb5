// SPDX-License-Identifier: Apache-2.0
#include "review.hpp"

#include "object.hpp"

#include <resourcifier/kubernetes_deletion.hpp>

namespace rsf::dryrun {

void Review::identify_to_delete(Subject &subject, const Call &call) {
    kubernetes::Deletion deletion = kubernetes::identify_to_delete(subject.object, call.type(), call.name(), call.ns());
    if (deletion.identity)
        subject.identity = *std::move(deletion.identity);
    else
        subject.absent = deletion.why;
}

Review::Outlook Review::nothing_to_delete(const std::string &why) {
    Outlook outlook;
    outlook.action = "unchanged";
    outlook.basis = "client";
    outlook.reason = "Nothing can be there to delete: " + why;
    return outlook;
}

// In whatever version the cluster has it.
std::optional<json::object> Review::read_deleted(const Subject &subject, const Call &call) const {
    if (std::optional<json::object> live = read(subject, call)) return live;
    const std::string group(group_of(subject.identity.api_version));
    if (group.empty()) return std::nullopt;
    return read(Subject{{}, subject.identity, subject.identity.kind + "." + group, {}, nullptr}, call);
}

} // namespace rsf::dryrun
