// SPDX-License-Identifier: Apache-2.0
//
// Which types a cluster has, and where its API keeps them: asked group by group when they are needed, kept, and asked again when
// something is not found. Thread-safe; two callers that miss at once may both ask.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#discovery-api
#pragma once

#include <resourcifier/driver.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl {

struct ApiType {
    std::string api_version; // "v1", "apps/v1"
    std::string kind;
    std::string plural;
    bool namespaced = false;

    // "/apis/apps/v1/namespaces/NS/deployments/NAME"; ns: ignored where it does not belong; empty: of all namespaces. name:
    // empty: of the collection. Both are percent-encoded.
    std::string path(std::string_view ns, std::string_view name = {}) const;
};

class Discovery {
  public:
    // Does a GET and returns the body; throws Error, not_found for what is not there.
    using Fetch = std::function<std::string(const Call &, const std::string &path)>;

    explicit Discovery(Fetch fetch) : fetch_(std::move(fetch)) {}

    // The type of an object. Throws Error: invalid when the cluster has no such kind.
    ApiType of_object(const Call &call, const std::string &api_version, std::string_view kind);

    // What a word means, as kubectl reads it, in any case: "cm", "ConfigMap", "configmaps", "deployments.apps",
    // "deployments.v1.apps". Throws Error: not_found when the cluster has no such type.
    ApiType of_word(const Call &call, std::string_view word);

    // Forgets what is known of all groups: what the cluster has may have changed.
    void forget();

  private:
    struct Listed {
        ApiType type;
        std::string singular;                 // lower case
        std::vector<std::string> short_names; // lower case
        bool names(std::string_view lower_word) const;
    };
    using List = std::shared_ptr<const std::vector<Listed>>;
    struct Group {
        std::string name;
        std::vector<std::string> versions; // "apps/v1", the preferred one first
    };
    using Groups = std::shared_ptr<const std::vector<Group>>;
    // What a word can mean: a name alone, of a group, or of a group and version.
    struct Reading {
        std::string name;
        std::optional<std::string> group;
        std::string version; // empty: any
    };
    static std::vector<Reading> readings(const std::string &word); // most likely first

    List types_of(const Call &call, const std::string &api_version); // empty list: there is no such group and version
    Groups groups(const Call &call);
    std::optional<ApiType> find(const Call &call, const std::string &api_version, std::string_view name);
    std::optional<ApiType> find_anywhere(const Call &call, const Reading &reading);

    const Fetch fetch_;
    std::mutex mutex_;
    std::map<std::string, List, std::less<>> lists_; // guarded by mutex_, by apiVersion
    Groups groups_;                                  // guarded by mutex_
};

// text as one segment of a path, or one value of a query (RFC 3986, 2.1).
std::string percent_encoded(std::string_view text);

} // namespace rsf::kubectl
