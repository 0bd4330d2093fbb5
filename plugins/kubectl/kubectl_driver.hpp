// SPDX-License-Identifier: Apache-2.0
//
// The driver: each call is one kubectl, sometimes a second one to wait or to look. Thread-safe; its state is constant after
// construction.
#pragma once

#include "child_process.hpp"
#include "command_line.hpp"
#include "credentials.hpp"
#include "environment.hpp"
#include "settings.hpp"
#include "settings_schema.hpp"

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>

#include <string>
#include <string_view>

namespace rsf::kubectl {

class KubectlDriver : public Driver {
  public:
    static constexpr Description description{"kubectl",
                                             RESOURCIFIER_VERSION,
                                             "resourcifier",
                                             "https://kubernetes.io/docs/reference/kubectl/",
                                             "deploys to a Kubernetes cluster with kubectl",
                                             settings_schema,
                                             true,
                                             true};

    KubectlDriver(Host host, const json::object &settings);
    KubectlDriver(Host host, Settings settings, const std::vector<std::string> &host_environment);

    Result list(const Call &call) override;
    Result get(const Call &call) override;
    Result create(const Call &call) override;
    Result replace(const Call &call) override;
    Result remove(const Call &call) override;
    std::vector<Before> order(std::string_view ns, const std::vector<Resource> &resources) override;

  private:
    struct Write;

    Write prepare(const Call &call) const;
    std::string run(const Call &call, const Words &command, std::string_view ns, const Words &words = {},
                    std::string_view object = {}) const;
    Result live_object(std::string text, Outcome outcome) const;
    void wait_until_established(const Call &call, const std::string &name) const;
    void check_namespace_exists(const Call &call, const std::string &ns) const;
    Error error_of(const Ending &ending, const Call &call) const;

    Host host_;
    Settings settings_;
    Credentials credentials_;
    Environment environment_;
};

} // namespace rsf::kubectl
