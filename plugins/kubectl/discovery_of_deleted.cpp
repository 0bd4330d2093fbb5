// SPDX-License-Identifier: Apache-2.0
#include "discovery.hpp"

#include "argument.hpp"

#include <resourcifier/kubernetes_kinds.hpp>

#include <algorithm>

namespace rsf::kubectl {

namespace {

// That a kind is not there must be sure: whoever answers 404 to everything is no API server.
Error not_told(std::string_view kind) {
    return {Code::unavailable,
            "Whether the cluster has the kind " + in_quotes(kind) + " can't be told: what answers does not list its types.",
            Retry::later};
}

} // namespace

std::optional<ApiType> Discovery::of_deleted(const Call &call, const std::string &api_version, std::string_view kind) {
    // A built-in kind may have moved to another group since.
    std::vector<std::string_view> groups{kubernetes::split_api_version(api_version).group};
    if (const kubernetes::Kind *known = kubernetes::find_kind(api_version, kind); known && known->group != groups.front())
        groups.push_back(known->group);
    const Age now{Clock::now(), Clock::now()}; // what is known of these groups does not count
    const Age any{Clock::time_point::min(), Clock::now()};
    Groups listed;
    try {
        listed = this->groups(call, now);
    } catch (const Error &error) {
        if (error.code != Code::not_found) throw;
    }
    const List core = types_of(call, "v1", any);
    if (!listed || listed->empty() || !core || core->empty()) throw not_told(kind);

    for (const std::string_view name : groups) {
        std::vector<std::string> versions;
        if (name.empty()) versions.emplace_back("v1");
        for (const Group &group : *listed)
            if (group.name == name) versions = group.versions;
        // As it was posted, if that is there.
        std::stable_partition(versions.begin(), versions.end(),
                              [&](const std::string &version) { return version == api_version; });
        for (const std::string &version : versions) {
            const List list = types_of(call, version, now);
            if (!list) continue;
            for (const Listed &each : *list)
                if (each.type.kind == kind) return each.type;
        }
    }
    return std::nullopt;
}

} // namespace rsf::kubectl
