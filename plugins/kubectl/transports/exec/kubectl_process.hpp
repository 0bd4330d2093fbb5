// SPDX-License-Identifier: Apache-2.0
//
// A kubectl process for a call, run to its end. Thread-safe.
#pragma once

#include "kubectl/errors/error_text.hpp"
#include "kubectl/process/child_process.hpp"
#include "kubectl/settings/credentials.hpp"
#include "kubectl/settings/environment.hpp"
#include "kubectl/settings/settings.hpp"
#include "kubectl/transports/command_line.hpp"
#include "kubectl/transports/reach.hpp"

#include <resourcifier/driver.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::transports {

class KubectlProcess {
  public:
    struct Task {
        const Call &call; // whose time and request it is
        Words command;
        std::string_view ns{};                // for --namespace; empty: the context's
        Words words{};                        // that can't be flags
        std::vector<std::string> objects{};   // the texts of --filename: one on its input, several as files in memory
        std::chrono::milliseconds reserve{0}; // of the call's time, for what comes after
    };

    // All but host outlive it.
    KubectlProcess(Host host, const settings::Settings &settings, const settings::Credentials &credentials,
                   const settings::Environment &environment);

    // What it wrote, if it succeeded; else throws Error.
    std::string output_of(const Task &task) const;

    // What the API has at a path, which kubectl asks for as it is and keeps nothing of; else throws Error, not_found for what is
    // not there.
    std::string read_path(const Call &call, const std::string &path) const;
    // The same for Discovery. This outlives what is returned.
    std::function<std::string(const Call &, const std::string &)> path_reader() const {
        return [this](const Call &call, const std::string &path) { return read_path(call, path); };
    }

    // However it ends. Its warnings are in the log then. Throws Error when it is not worth beginning.
    process::Ending run(const Task &task) const;

    // Where a process that gets several objects finds the one at index, and what it calls it in its errors.
    std::string file_of(std::size_t index) const;

    // What an ending meant that was no success; what its words meant, or a part of them, if it exited by itself.
    Error error_of(const process::Ending &ending, const Call &call) const;
    Error error_of(const errors::ErrorText &words, int exit_code, const Call &call) const;

    // Why every call would fail now, as the last one or a check in the background found, or that nothing is known yet; empty: it
    // would not. Returns at once.
    std::string out_of_touch() const { return reach_.why(); }

  private:
    Reach::Probe probe_of(const process::Ending &ending) const;
    void note(const process::Ending &ending) const;
    Reach::Probe ask(const process::Event &stop, std::chrono::milliseconds at_most) const;

    const Host host_;
    const settings::Settings &settings_;
    const settings::Credentials &credentials_;
    const settings::Environment &environment_;
    mutable Reach reach_; // last: its thread uses all of the above
};

std::chrono::milliseconds time_left(const Call &call);

} // namespace rsf::kubectl::transports
