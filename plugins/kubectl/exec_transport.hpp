// SPDX-License-Identifier: Apache-2.0
//
// Calls as processes: each is one kubectl, sometimes a second one to wait or to look. For programs that are kubectl-compatible
// but have no proxy. Thread-safe; its state is constant after construction.
#pragma once

#include "child_process.hpp"
#include "command_line.hpp"
#include "credentials.hpp"
#include "environment.hpp"
#include "settings.hpp"

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>

namespace rsf::kubectl {

class ExecTransport : public Driver {
  public:
    // All but host outlive it.
    ExecTransport(Host host, const Settings &settings, const Credentials &credentials, const Environment &environment);

    Result list(const Call &call) override;
    Result get(const Call &call) override;
    Result create(const Call &call) override;
    Result replace(const Call &call) override;
    Result remove(const Call &call) override;
    Result apply(const Call &call) override;

  private:
    struct Write;

    Write prepare(const Call &call) const;
    std::string run(const Call &call, const Words &command, std::string_view ns, const Words &words = {},
                    std::string_view object = {}) const;
    // before: what was there, if it is to be told whether anything changed.
    Result live_object(std::string text, Outcome outcome, const json::object *before = nullptr) const;
    void wait_until_established(const Call &call, const std::string &name) const;
    Error error_of(const Ending &ending, const Call &call) const;

    const Host host_;
    const Settings &settings_;
    const Credentials &credentials_;
    const Environment &environment_;
};

} // namespace rsf::kubectl
