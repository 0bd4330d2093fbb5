// SPDX-License-Identifier: Apache-2.0
//
// The targets that are served, and how they change while they are: on new settings, those that are affected are made anew, and
// the old ones finish what they have. One thread.
#pragma once

#include "http/server.hpp"
#include "base/log.hpp"
#include "targets/retirement.hpp"
#include "config/settings.hpp"
#include "targets/targets.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace rsf::daemon {

class LiveTargets {
  public:
    // All of the settings' targets, or none. Says in the log which drivers are refused.
    static Result<LiveTargets> make(Settings settings, const Log &log, std::shared_ptr<Metrics> metrics);

    const Settings &settings() const { return settings_; }
    Metrics &metrics() const { return *metrics_; }
    const Targets &targets() const { return made_.targets; }
    // Those that are not served any more and have work left.
    std::vector<std::shared_ptr<Target>> retired() const { return retirement_->targets(); }

    // Takes over what next says, and gives server the targets to serve: all of it or, with every mistake, nothing. What it did,
    // in words; what can't change while the daemon runs is named there and stays.
    Result<std::string> reload(Settings next, Server &server);

  private:
    LiveTargets(Settings settings, Registry registry, MadeTargets made, Log log, std::shared_ptr<Metrics> metrics);
    Result<MadeTargets> hand_over(const Settings &next, const Registry &registry, const std::vector<std::string> &in_use,
                                  Server &server);
    Result<MadeTargets> try_to_make(const Settings &settings, const Registry &registry, std::vector<std::string> *in_use);
    void let_go(const MadeTargets &before);

    Settings settings_;
    std::size_t connections_; // that fitted when settings_ were taken over
    Registry registry_;       // the drivers that made_ was made of
    MadeTargets made_;
    Log log_;
    std::shared_ptr<Metrics> metrics_;
    std::unique_ptr<Retirement> retirement_ = std::make_unique<Retirement>();
};

} // namespace rsf::daemon
