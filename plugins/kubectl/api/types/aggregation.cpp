// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/types/aggregation.hpp"

#include "kubectl/errors/error_text.hpp"
#include "kubectl/text/json_parts.hpp"

#include <resourcifier/kubernetes/kinds.hpp>

namespace rsf::kubectl::api {

namespace {

constexpr std::chrono::seconds known_for{30};
constexpr std::size_t most_known = 1000;

} // namespace

void Aggregation::check_dry_run(const Call &call, const std::string &api_version, std::string_view kind) const {
    if (api_version.find('/') == api_version.npos || kubernetes::find_kind(api_version, kind)) return;
    std::string why;
    {
        const shared::Lock lock(mutex_);
        const auto found = known_.find(api_version);
        if (found != known_.end() && Clock::now() < found->second.until) {
            why = found->second.why_not;
            if (why.empty()) return;
        }
    }
    if (why.empty()) {
        why = why_not(call, api_version);
        const shared::Lock lock(mutex_);
        if (known_.size() >= most_known) known_.clear();
        known_[api_version] = {why, Clock::now() + known_for};
    }
    if (!why.empty()) throw errors::without_dry_run(why);
}

std::string Aggregation::why_not(const Call &call, const std::string &api_version) const {
    const kubernetes::GroupVersion of = kubernetes::split_api_version(api_version);
    const std::string name = std::string(of.version) + "." + std::string(of.group);
    try {
        const json::object service = fetch_(call, name);
        const json::object *spec = text::object_at(service, "spec");
        if (!spec || !text::object_at(*spec, "service")) return {};
        return api_version +
               " is the API of another server than the cluster's own, which may take a dry run for a write: none was "
               "sent.";
    } catch (const Error &error) {
        // A cluster without aggregation has no such type; of a group that is not there no object can be written.
        if (error.code == Code::not_found) return {};
        if (error.code != Code::forbidden) throw;
        return "The target's user may not read APIService " + name +
               ", which tells whether another server keeps the object, which may take a dry run for a write: none was sent.";
    }
}

} // namespace rsf::kubectl::api
