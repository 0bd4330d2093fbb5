// SPDX-License-Identifier: Apache-2.0
//
// One running `kubectl proxy` that listens on a unix socket without a name: the socket's file is removed as soon as it is open
// here, so that no other process can connect and no file is left. Not thread-safe; belongs to the thread that makes it.
#pragma once

#include "kubectl/process/child.hpp"
#include "kubectl/process/event.hpp"
#include "kubectl/transports/proxy/connection.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace rsf::kubectl::transports {

// The part of a running proxy that callers use. Thread-safe. The thread that ends the proxy owns it and lends it to callers.
struct Endpoint {
    Endpoint(process::FileDescriptor socket_file, std::string ns, std::string read)
        : socket(std::move(socket_file)), pool("/proc/self/fd/" + std::to_string(socket.get())), default_namespace(std::move(ns)),
          files(std::move(read)) {}

    const process::FileDescriptor socket; // O_PATH: the way to a socket that has no name
    ConnectionPool pool;
    const std::string default_namespace; // of the kubeconfig's context
    const std::string files;             // stamp_of() the files that the proxy has read
    const std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
    std::atomic<bool> is_known{false}; // the cluster has accepted its credentials
    const process::Event replaced;     // set when no new call gets it any more
    const process::Event unused;       // set when all that lend() returned is released

    static std::shared_ptr<Endpoint> lend(const std::shared_ptr<Endpoint> &owned) {
        return {owned.get(), [owned](Endpoint *lent) { lent->unused.set(); }};
    }
};

class ProxyProcess {
  public:
    using Clock = std::chrono::steady_clock;

    // program: without the flag that names the socket, which is added. folder: where to make a private folder for it.
    // Throws std::system_error when it can't be run.
    ProxyProcess(process::Program program, const std::string &folder);
    ~ProxyProcess(); // ends it

    // Waits until it listens. No value: it ended, stop was set, or time was up.
    process::FileDescriptor wait_until_listening(Clock::time_point until, const process::Event &stop);

    // Waits until it has ended, has written to standard error, or wake is set.
    enum class Event { ended, wrote, woken };
    Event wait(const process::Event &wake);

    // What it wrote to standard error since the last call, its last 8 KiB.
    std::string take_errors();
    const std::string &errors() const { return error_text_; }
    bool has_ended() const;
    // After it ended: "exited with code 1", "was ended by signal 9 (Killed)".
    std::string how_it_ended();

    // Whether it answers a request that it refuses by itself, without the cluster.
    static bool answers(Endpoint &endpoint, Clock::time_point until);

  private:
    // For this user alone; removed at the end, with the socket in it.
    class Folder {
      public:
        explicit Folder(const std::string &above);
        ~Folder() { remove(); }
        Folder(const Folder &) = delete;
        Folder &operator=(const Folder &) = delete;
        std::string socket() const { return path_ + "/socket"; }
        void remove();

      private:
        std::string path_; // empty once it is removed
    };

    Folder folder_;
    process::Pipe output_, errors_;
    process::Child child_;
    std::string output_text_, error_text_;
};

} // namespace rsf::kubectl::transports
