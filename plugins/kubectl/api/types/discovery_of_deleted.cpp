// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/types/discovery.hpp"

#include "kubectl/errors/error_text.hpp"
#include "kubectl/text/argument.hpp"

#include <resourcifier/kubernetes/kinds.hpp>

#include <algorithm>

namespace rsf::kubectl::api {

namespace {

// "No such kind" must be certain, since it makes a delete succeed: a server that answers 404 to everything is no API server.
Error not_told(std::string_view kind) {
    return {Code::unavailable,
            "Whether the cluster has the kind " + text::in_quotes(kind) + " can't be told: what answers does not list its types.",
            Retry::later};
}

} // namespace

std::optional<ApiType> Discovery::of_deleted(const Call &call, const std::string &api_version, std::string_view kind) {
    const Clock::time_point now = Clock::now(); // what is known of these groups does not count
    return find_served(call, api_version, kind, {now, now});
}

ApiType Discovery::of_read(const Call &call, std::string_view word) {
    try {
        return of_word(call, word);
    } catch (const Error &error) {
        if (!errors::is_no_such_type(error)) throw;
        if (std::optional<ApiType> type = of_object_word(call, word)) return *std::move(type);
        throw;
    }
}

std::optional<ApiType> Discovery::of_object_word(const Call &call, std::string_view word) {
    const std::size_t dot = word.find('.'), next = word.find('.', dot == word.npos ? dot : dot + 1);
    if (next == word.npos) return std::nullopt;
    const std::string api_version = std::string(word.substr(next + 1)) + "/" + std::string(word.substr(dot + 1, next - dot - 1));
    if (api_version.front() == '/' || kubernetes::fault_of_api_version(api_version)) return std::nullopt;
    const Clock::time_point recent = Clock::now() - fresh_for_;
    return find_served(call, api_version, word.substr(0, dot), {recent, recent});
}

std::optional<ApiType> Discovery::find_served(const Call &call, const std::string &api_version, std::string_view kind,
                                              const Age &age) {
    // A built-in kind may have moved to another group since.
    std::vector<std::string_view> names{kubernetes::split_api_version(api_version).group};
    if (const kubernetes::Kind *known = kubernetes::find_kind(api_version, kind); known && known->group != names.front())
        names.push_back(known->group);
    Groups listed;
    try {
        listed = groups(call, age);
    } catch (const Error &error) {
        if (error.code != Code::not_found) throw;
    }
    const List core = types_of(call, "v1", {Clock::time_point::min(), age.oldest_absence});
    if (!listed || listed->empty() || !core || core->empty()) throw not_told(kind);

    for (const std::string_view name : names) {
        std::vector<std::string> versions;
        if (name.empty()) versions.emplace_back("v1");
        for (const Group &group : *listed)
            if (group.name == name) versions = group.versions;
        // As it was posted, if that is there.
        std::stable_partition(versions.begin(), versions.end(),
                              [&](const std::string &version) { return version == api_version; });
        for (const std::string &version : versions) {
            const List list = types_of(call, version, age);
            if (!list) continue;
            for (const Listed &each : *list)
                if (each.type.kind == kind) return each.type;
        }
    }
    return std::nullopt;
}

} // namespace rsf::kubectl::api
