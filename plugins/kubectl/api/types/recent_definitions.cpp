// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/types/recent_definitions.hpp"

#include <resourcifier/kubernetes.hpp>

namespace rsf::kubectl::api {

namespace {

constexpr std::chrono::seconds recent{60};

std::string key_of(std::string_view group, std::string_view kind) { return std::string(group).append(" ").append(kind); }

} // namespace

void RecentDefinitions::note(const json::object &definition) {
    const json::object *spec = text::object_at(definition, "spec");
    const json::object *names = spec ? text::object_at(*spec, "names") : nullptr;
    if (!names) return;
    const std::string_view group = text::text_at(*spec, "group"), kind = text::text_at(*names, "kind"),
                           plural = text::text_at(*names, "plural");
    if (group.empty() || kind.empty() || plural.empty()) return;
    const auto now = clock_();
    const shared::Lock lock(mutex_);
    std::erase_if(noted_, [&](const auto &each) { return now - each.second.at >= recent; });
    noted_.insert_or_assign(key_of(group, kind), Noted{std::string(plural), now});
}

std::string RecentDefinitions::plural_of(std::string_view api_version, std::string_view kind) const {
    const std::string_view group = kubernetes::split_api_version(api_version).group;
    const shared::Lock lock(mutex_);
    const auto found = noted_.find(key_of(group, kind));
    return found == noted_.end() || clock_() - found->second.at >= recent ? std::string() : found->second.plural;
}

} // namespace rsf::kubectl::api
