// SPDX-License-Identifier: Apache-2.0
//
// The schemas of a cluster before 1.25, which does not check unknown fields itself: see FieldCheck. Loaded when first needed, and
// again when they may have changed. Custom kinds are read from their definitions: /openapi/v2 lags some seconds behind them.
// Thread-safe.
#pragma once

#include "kubectl/api/types/field_check.hpp"
#include "shared/mutex.hpp"

#include <resourcifier/driver.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace rsf::kubectl::api {

class Schemas {
  public:
    // Does a GET and returns the body; throws Error.
    using Fetch = std::function<std::string(const Call &, const std::string &path)>;
    // Called with the reason when nothing can be checked.
    using Warn = std::function<void(const Call &, const std::string &)>;
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    Schemas(Fetch fetch, Warn warn, Clock clock = std::chrono::steady_clock::now);

    struct Kind {
        std::string_view api_version, kind;
        std::string_view plural{}; // empty: not known, so that its definition can't be found
    };

    // Throws Error: invalid, when object has a field that its kind does not; or when the cluster could not be asked.
    void check(const Call &call, const Kind &kind, const json::object &object);

    // As check, for a custom kind and by its definition alone: nothing where there is none.
    void check_defined(const Call &call, const Kind &kind, const json::object &object);

    // Whether all fields of object are known to be fields of its kind, as it is now. False too where the cluster checks that.
    bool knows_fields(const Call &call, const Kind &kind, const json::object &object);

    // As FieldCheck::complete.
    void complete(const Call &call, const Kind &kind, json::object &object);

    // A definition was written: what is known of custom kinds may be wrong.
    void forget_custom();

  private:
    using Check = std::shared_ptr<const FieldCheck>;
    struct Known {
        Check check; // null: nothing is known about it
        std::chrono::steady_clock::time_point since;
    };

    Check described(const Call &call, bool again);                 // by /openapi/v2; null: the cluster checks by itself
    Check defined(const Call &call, const Kind &kind, bool again); // by its definition; null: there is none
    Check load(const Call &call);
    bool has_lately(const Known &known, std::chrono::seconds time) const;

    const Fetch fetch_;
    const Warn warn_;
    const Clock clock_;
    shared::Mutex loading_; // one loads, the others wait for it
    shared::Mutex mutex_;
    Known described_ GUARDED_BY(mutex_){nullptr, {}};
    std::map<std::string, Known, std::less<>> defined_ GUARDED_BY(mutex_); // "widgets.example.org v1"
    json::object common_ GUARDED_BY(mutex_);                               // definitions of what all objects have
};

} // namespace rsf::kubectl::api
