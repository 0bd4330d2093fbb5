// SPDX-License-Identifier: Apache-2.0
//
// One running `kubectl proxy` that listens on a unix socket without a name: the socket's file is removed as soon as it is open
// here, so that nobody else finds it and it can't outlive its process. Not thread-safe; belongs to the thread that makes it.
#pragma once

#include "child.hpp"
#include "connection.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace rsf::kubectl {

// What callers use of a running proxy. Thread-safe.
struct Endpoint {
    Endpoint(FileDescriptor socket_file, std::string ns, std::string read)
        : socket(std::move(socket_file)), pool("/proc/self/fd/" + std::to_string(socket.get())), default_namespace(std::move(ns)),
          files(std::move(read)) {}

    const FileDescriptor socket; // O_PATH: the way to a socket that has no name
    ConnectionPool pool;
    const std::string default_namespace; // of the kubeconfig's context
    const std::string files;             // stamp_of() the files that the proxy has read
    const std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
    std::atomic<bool> is_known{false}; // the cluster has known who is asking
};

class ProxyProcess {
  public:
    using Clock = std::chrono::steady_clock;

    // program: without the flag that names the socket, which is added. folder: where to make a private folder for it.
    // Throws std::system_error when it can't be run.
    ProxyProcess(Program program, const std::string &folder);
    ~ProxyProcess(); // ends it

    // Waits until it listens. No value: it ended, stop() said so, or time was up. stop: asked every 50 ms.
    FileDescriptor wait_until_listening(Clock::time_point until, const std::function<bool()> &stop);

    // Waits until it has ended, has written to standard error, or wake is readable.
    enum class Event { ended, spoke, woken };
    Event wait(int wake);

    // What it wrote to standard error since the last call, its last 8 KiB.
    std::string take_errors();
    const std::string &errors() const { return error_text_; }
    bool has_ended() const;
    // After it ended: "exited with code 1", "was ended by signal 9 (Killed)".
    std::string how_it_ended();

    // Whether it answers at all, which it does by itself for a host that it does not serve.
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
    Pipe output_, errors_;
    Child child_;
    std::string output_text_, error_text_;
};

} // namespace rsf::kubectl
