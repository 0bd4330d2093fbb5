// SPDX-License-Identifier: Apache-2.0
//
// A server on a unix socket that says to each connection what a test wants, byte for byte, whatever it was asked. The connections
// are served one after another, on a thread of its own.
#pragma once

#include "kubectl/fakes/fake_kubectl.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace rsf::kubectl {

class RawServer {
  public:
    // One connection; all of these return when it ends.
    class Peer {
      public:
        explicit Peer(int fd) : fd_(fd) {}
        // Reads to the end of a request's head, and perhaps more. What came; empty: it ended.
        std::string read_head() const {
            std::string got;
            while (got.find("\r\n\r\n") == std::string::npos && read_some(got)) {
            }
            return got;
        }
        // got: what came so far. To size bytes after the head.
        void read_body(std::string &got, std::size_t size) const {
            const std::size_t whole = got.find("\r\n\r\n") + 4 + size;
            while (got.size() < whole && read_some(got)) {
            }
        }
        void say(std::string_view bytes) const {
            while (!bytes.empty()) {
                const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
                if (sent <= 0) return;
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            }
        }
        void wait_for_end() const {
            for (std::string ignored; read_some(ignored);) ignored.clear();
        }

      private:
        bool read_some(std::string &into) const {
            char bytes[4096];
            const ssize_t size = ::recv(fd_, bytes, sizeof bytes, 0);
            if (size > 0) into.append(bytes, static_cast<std::size_t>(size));
            return size > 0;
        }
        int fd_;
    };
    using Serve = std::function<void(const Peer &peer, int connection)>; // connection: 0 for the first

    explicit RawServer(Serve serve) : serve_(std::move(serve)), listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
        if (::bind(listener_, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 || ::listen(listener_, 8) != 0)
            throw std::runtime_error("no socket at " + path());
        thread_ = std::thread([this] {
            for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; ::close(fd))
                serve_(Peer(fd), count_++);
        });
    }
    RawServer(const RawServer &) = delete;
    RawServer &operator=(const RawServer &) = delete;
    ~RawServer() { // every client has hung up by now
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }

    std::string path() const { return folder_.path() + "/socket"; }
    int connections() const { return count_; }

  private:
    Folder folder_;
    Serve serve_;
    std::atomic<int> count_{0};
    int listener_;
    std::thread thread_;
};

} // namespace rsf::kubectl
