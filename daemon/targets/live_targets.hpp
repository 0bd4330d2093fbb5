// SPDX-License-Identifier: Apache-2.0
//
// The targets that are served, and how a reload changes them: those that new settings affect are replaced, and the old ones
// finish the work that they have. Used by one thread.
#pragma once

#include "base/log.hpp"
#include "config/settings.hpp"
#include "targets/make_targets.hpp"
#include "targets/reaper.hpp"
#include "targets/target_set.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::targets {

// Called with what a reload changed, on the thread that reloads.
struct Receivers {
    std::function<void(TargetSet)> targets;                      // to be served from now on
    std::function<void(const http::HttpLimits &)> limits;        // when they changed
    std::function<void(const std::vector<std::string> &)> hosts; // when they changed
};

class LiveTargets {
  public:
    // All of the settings' targets, or none. Says in the log which drivers are refused.
    static Result<LiveTargets> make(config::Settings settings, const Log &log, std::shared_ptr<metrics::Metrics> metrics);

    const config::Settings &settings() const { return settings_; }
    metrics::Metrics &metrics() const { return *metrics_; }
    const TargetSet &targets() const { return made_.targets; }
    // Targets that are no longer served and still have work.
    std::vector<std::shared_ptr<Target>> retired() const;

    // Puts next in force and calls receivers: all of it or, with every mistake as the error, nothing. Returns what it did, in
    // words, and which settings need a restart: those stay as they were.
    Result<std::string> reload(config::Settings next, const Receivers &receivers);

    // New writes to the target of that name, or without one to every target, are refused until resume(), over reloads too. Return
    // what was done, or that there is no such target.
    Result<std::string> drain(std::string_view name = {});
    // Without a name it ends every drain.
    Result<std::string> resume(std::string_view name = {});
    bool all_drained() const { return all_drained_; }

    // The settings that the file had at the last reload and that wait for a restart.
    const std::vector<std::string> &waiting_for_restart() const { return waiting_for_restart_; }
    // Of the settings of a target's driver; null: there is no such target.
    const boost::json::object *schema_of(std::string_view name) const;

  private:
    LiveTargets(config::Settings settings, drivers::Registry registry, MadeTargets made, Log log,
                std::shared_ptr<metrics::Metrics> metrics, std::unique_ptr<Reaper> reaper);
    Result<MadeTargets> hand_over(const config::Settings &next, const drivers::Registry &registry,
                                  const std::vector<std::string> &in_use, const Receivers &receivers);
    Result<MadeTargets> try_to_make(const config::Settings &settings, const drivers::Registry &registry,
                                    std::vector<std::string> *in_use);
    void let_go(const MadeTargets &before);
    void publish(const Receivers &receivers, TargetSet targets);
    void apply_drains(const TargetSet &targets) const;
    Result<void> check_name(std::string_view name) const;

    config::Settings settings_;
    std::size_t connections_;    // that fitted when settings_ were taken over
    drivers::Registry registry_; // the drivers that made_ was made of
    MadeTargets made_;
    Log log_;
    std::shared_ptr<metrics::Metrics> metrics_;
    std::vector<std::weak_ptr<Target>> retired_;
    std::unique_ptr<Reaper> reaper_;
    std::vector<std::string> waiting_for_restart_;
    bool all_drained_ = false;
    std::set<std::string, std::less<>> drained_; // by name
};

} // namespace rsf::targets
