// SPDX-License-Identifier: Apache-2.0
#include "pod_path.hpp"

namespace rsf::dryrun::objects {
namespace {

struct PodPlace {
    std::string_view kind, path;
};

constexpr PodPlace pod_places[] = {
    {"Pod", "spec"},
    {"ReplicationController", "spec.template.spec"},
    {"Deployment.apps", "spec.template.spec"},
    {"ReplicaSet.apps", "spec.template.spec"},
    {"StatefulSet.apps", "spec.template.spec"},
    {"DaemonSet.apps", "spec.template.spec"},
    {"Job.batch", "spec.template.spec"},
    {"CronJob.batch", "spec.jobTemplate.spec.template.spec"},
};

} // namespace

std::string_view pod_path(std::string_view kind) {
    for (const PodPlace &place : pod_places)
        if (place.kind == kind) return place.path;
    return {};
}

} // namespace rsf::dryrun::objects
