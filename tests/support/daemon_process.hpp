// SPDX-License-Identifier: Apache-2.0
//
// A real resourcifierd for tests, in a folder of its own, listening on a unix socket there. Ended and cleaned up with the object.
#pragma once

#include "support/http_client.hpp"
#include "support/temp_folder.hpp"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace rsf::test {

struct Ended {
    int exit_code = -1; // or -1 when a signal ended it
    std::string out;
    std::string err;
};

// Runs a program to its end.
Ended run_program(const std::vector<std::string> &arguments);

// What a program is started with besides.
struct Surroundings {
    std::vector<std::string> arguments;
    std::vector<std::string> variables; // "NAME=value", over this process's own
    int socket = -1;                    // one that listens on TCP, passed as systemd does it
};

class DaemonProcess {
  public:
    // targets: the YAML below "targets:", each line indented. Returns once the daemon listens; throws with its log if it doesn't.
    explicit DaemonProcess(std::string_view targets, std::string_view more_settings = {}, const Surroundings &surroundings = {});
    ~DaemonProcess(); // SIGKILL, if it still runs

    HttpClient connect() const;
    const std::filesystem::path &folder() const { return folder_.path(); }
    int pid() const { return pid_; }

    void signal(int number) const;
    // Writes other settings over its file, sends SIGHUP, and returns the line of the log that says what became of it.
    std::string reload(std::string_view targets, std::string_view more_settings = {});
    // Waits for its end; the exit code, or -1 when a signal ended it.
    int wait();

    std::string log() const;
    // Blocks until the log holds text; throws when the daemon ends before it does.
    void wait_for_log(std::string_view text);

  private:
    void write_settings(std::string_view targets, std::string_view more_settings) const;
    void read_log();

    TempFolder folder_;
    int pid_ = -1;
    int log_fd_ = -1;
    std::string address_;
    std::string listen_;       // as the settings have it, where that is not address_
    mutable std::mutex mutex_; // guards log_ and log_ended_
    std::condition_variable_any changed_;
    std::string log_;
    bool log_ended_ = false;
    std::thread reader_;
};

} // namespace rsf::test
