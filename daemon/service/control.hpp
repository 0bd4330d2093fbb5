// SPDX-License-Identifier: Apache-2.0
//
// The control socket: how an operator's command reaches the running daemon, and is answered once that is done. A Unix socket of
// packets (SOCK_SEQPACKET): one request, one answer of as many packets as it needs. Root and the daemon's own user may connect.
#pragma once

#include "base/error.hpp"
#include "base/file_descriptor.hpp"
#include "base/unix_socket.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace rsf::service {

// Where the daemon's socket is by default: in the folder that systemd made for it (RuntimeDirectory=); none: there is no such
// folder, and no socket.
std::optional<std::filesystem::path> own_control_path();
// Where commands look for it by default.
std::filesystem::path usual_control_path();

// A request that waits for its answer. If it is destroyed without one, the client sees that the daemon broke off.
class ControlRequest {
  public:
    ControlRequest(FileDescriptor connection, std::string text) : connection_(std::move(connection)), text_(std::move(text)) {}

    const std::string &text() const { return text_; } // "reload", "log-level debug"
    // What was done, or why it was not.
    void answer(const Result<std::string> &done) const;

  private:
    FileDescriptor connection_;
    std::string text_;
};

// Removes its file when it is destroyed. Not thread-safe.
class ControlSocket {
  public:
    // Replaces a socket that a daemon left behind; not one that a process listens on.
    static Result<std::unique_ptr<ControlSocket>> open(const std::filesystem::path &path);

    int descriptor() const { return listening_.get(); } // readable when a client connects
    // None: the client may not ask, or sent nothing.
    std::optional<ControlRequest> receive();

  private:
    ControlSocket(FileDescriptor listening, SocketFile file) : file_(std::move(file)), listening_(std::move(listening)) {}

    SocketFile file_; // removed after the socket is closed
    FileDescriptor listening_;
};

// Asks the daemon whose socket is at path, and waits for its answer: what was done, or why not.
Result<std::string> ask_daemon(const std::filesystem::path &path, std::string_view request);

} // namespace rsf::service
