// SPDX-License-Identifier: Apache-2.0
//
// A kubectl process for a call, run to its end. Thread-safe.
#pragma once

#include "child_process.hpp"
#include "command_line.hpp"
#include "credentials.hpp"
#include "environment.hpp"
#include "error_text.hpp"
#include "reach.hpp"
#include "settings.hpp"

#include <resourcifier/driver.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl {

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
    KubectlProcess(Host host, const Settings &settings, const Credentials &credentials, const Environment &environment);

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
    Ending run(const Task &task) const;

    // Where a process that gets several objects finds the one at index, and what it calls it in its errors.
    std::string file_of(std::size_t index) const;

    // What an ending meant that was no success; what its words meant, or a part of them, if it exited by itself.
    Error error_of(const Ending &ending, const Call &call) const;
    Error error_of(const ErrorText &words, int exit_code, const Call &call) const;

    // Why every call would fail now, as the last one found and a look in the background since; empty: it would not. At once.
    std::string out_of_touch() const { return reach_.why(); }

  private:
    Reach::Look look_in(const Ending &ending) const;
    void note(const Ending &ending) const;
    Reach::Look ask(const std::function<bool()> &stop) const;

    const Host host_;
    const Settings &settings_;
    const Credentials &credentials_;
    const Environment &environment_;
    mutable Reach reach_; // last: its thread uses all of the above
};

std::chrono::milliseconds time_left(const Call &call);

} // namespace rsf::kubectl
