// SPDX-License-Identifier: Apache-2.0
//
// Which types a cluster has, and the paths of its API for them. They are read group by group when needed, cached, and read again
// when a type is not found, unless that was done a moment ago. Thread-safe.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#discovery-api
#pragma once

#include "kubectl/api/types/kept_answers.hpp"

#include <resourcifier/driver.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::api {

struct ApiType {
    std::string api_version; // "v1", "apps/v1"
    std::string kind;
    std::string plural;
    bool namespaced = false;
    bool has_status = false; // as a subresource
    bool is_kept = true;     // false: its objects are answered and never stored, such as a TokenReview

    // "/apis/apps/v1/namespaces/NS/deployments/NAME"; ns: ignored where it does not belong; empty: of all namespaces. name:
    // empty: of the collection. Throws Error (invalid) for a part that can't be one.
    std::string path(std::string_view ns, std::string_view name = {}) const;
};

class Discovery {
  public:
    // Does a GET and returns the body; throws Error, not_found for what is not there.
    using Fetch = std::function<std::string(const Call &, const std::string &path)>;

    // fresh_for: what was read since then is not read again for a type that it does not have. So a client that asks for types
    // that are not there costs the cluster one look in that time, and a type that others add may be unknown for so long.
    explicit Discovery(Fetch fetch, std::chrono::milliseconds fresh_for = std::chrono::seconds(5))
        : fetch_(std::move(fetch)), fresh_for_(fresh_for) {}

    // The type of an object. Throws Error: invalid when the cluster has no such kind.
    ApiType of_object(const Call &call, const std::string &api_version, std::string_view kind);

    // The type of an object that is to go, in whatever version of its group the cluster serves its kind. None: it serves it in
    // none, and said so now. Throws Error when the cluster does not tell.
    std::optional<ApiType> of_deleted(const Call &call, const std::string &api_version, std::string_view kind);

    // What a word means, as kubectl reads it, in any case: "cm", "ConfigMap", "configmaps", "deployments.apps",
    // "deployments.v1.apps". Throws Error: not_found (is_no_such_type) when the cluster has no such type.
    ApiType of_word(const Call &call, std::string_view word);

    // The same for reading one object, where a word that is an object's own kind and apiVersion, spelt as there
    // ("Deployment.v1beta1.extensions"), means what of_deleted finds: a delete is planned by what is read.
    ApiType of_read(const Call &call, std::string_view word);

    // What such a word means in a version that the cluster serves. None: it is no such word, or there is none.
    std::optional<ApiType> of_object_word(const Call &call, std::string_view word);

    // Forgets what is known of this group and version, and which there are: they have changed.
    void forget(const std::string &api_version);

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

    using Clock = std::chrono::steady_clock;
    struct Age {
        Clock::time_point oldest;         // what was asked for before does not count
        Clock::time_point oldest_absence; // the same for what says that there is nothing
    };
    template <class Find> auto find_twice(Find find) const;

    List types_of(const Call &call, const std::string &api_version, const Age &age); // null: no such group and version
    List read_types(const Call &call, const std::string &api_version);
    Groups groups(const Call &call, const Age &age);
    Groups read_groups(const Call &call);
    std::optional<ApiType> find(const Call &call, const std::string &api_version, std::string_view name, const Age &age);
    std::optional<ApiType> find_served(const Call &call, const std::string &api_version, std::string_view kind, const Age &age);
    std::optional<ApiType> find_anywhere(const Call &call, const Reading &reading, const Age &age);

    const Fetch fetch_;
    const std::chrono::milliseconds fresh_for_;
    KeptAnswers<std::vector<Listed>> lists_; // by apiVersion
    KeptAnswers<std::vector<Group>> groups_; // one
};

} // namespace rsf::kubectl::api
