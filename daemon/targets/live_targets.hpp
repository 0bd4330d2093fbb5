// SPDX-License-Identifier: Apache-2.0
//
// The targets that are served, and how they change while they are: on new settings, those that are affected are made anew, and
// the old ones finish what they have. One thread.
#pragma once

#include "base/log.hpp"
#include "config/settings.hpp"
#include "http/server.hpp"
#include "targets/retirement.hpp"
#include "targets/targets.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace rsf::targets {

class LiveTargets {
  public:
    // All of the settings' targets, or none. Says in the log which drivers are refused.
    static Result<LiveTargets> make(config::Settings settings, const Log &log, std::shared_ptr<metrics::Metrics> metrics);

    const config::Settings &settings() const { return settings_; }
    metrics::Metrics &metrics() const { return *metrics_; }
    const http::Targets &targets() const { return made_.targets; }
    // Those that are not served any more and have work left.
    std::vector<std::shared_ptr<run::Target>> retired() const { return retirement_->targets(); }

    // Takes over what next says, and gives server the targets to serve: all of it or, with every mistake, nothing. What it did,
    // in words; what can't change while the daemon runs is named there and stays.
    Result<std::string> reload(config::Settings next, http::Server &server);

  private:
    LiveTargets(config::Settings settings, drivers::Registry registry, MadeTargets made, Log log,
                std::shared_ptr<metrics::Metrics> metrics);
    Result<MadeTargets> hand_over(const config::Settings &next, const drivers::Registry &registry,
                                  const std::vector<std::string> &in_use, http::Server &server);
    Result<MadeTargets> try_to_make(const config::Settings &settings, const drivers::Registry &registry,
                                    std::vector<std::string> *in_use);
    void let_go(const MadeTargets &before);

    config::Settings settings_;
    std::size_t connections_;    // that fitted when settings_ were taken over
    drivers::Registry registry_; // the drivers that made_ was made of
    MadeTargets made_;
    Log log_;
    std::shared_ptr<metrics::Metrics> metrics_;
    std::unique_ptr<Retirement> retirement_ = std::make_unique<Retirement>();
};

} // namespace rsf::targets
