// SPDX-License-Identifier: Apache-2.0
//
// One end of a stream socket on which frames go both ways. Any number of threads may send; one at a time may receive.
#pragma once

#include "drivers/trust/trusted_file.hpp"
#include "process/messages.hpp"
#include "process/wire.hpp"
#include "shared/mutex.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::process {

struct Frame {
    Kind kind{};
    std::uint64_t request = 0; // on a call channel, which of its requests this is about
    std::string body;
    std::string late;          // texts that may be large, see wire.hpp
    bool without_late = false; // they were refused

    // False if its content is not exactly these values. Late texts are moved out of it.
    template <class... T> bool read(T &...values) {
        wire::Reader reader(body, late, without_late);
        reader(values...);
        return reader.is_whole();
    }
};

class FrameSocket {
  public:
    using Clock = std::chrono::steady_clock;

    // How long to wait, and the pidfd of the process at the other end, if its end is to end the wait.
    struct Until {
        Clock::time_point time = Clock::time_point::max();
        int ended = -1;
    };
    // unread: closed, and the other end never read what was sent to it last.
    enum class Status { done, closed, unread, late, malformed };

    static constexpr std::uint64_t largest_control_frame = 16u << 20; // enough for a descriptor, settings, a line of the log
    static constexpr std::uint64_t largest_call_frame =
        3 * std::uint64_t{max_answer}; // two texts of an answer, and what is around

    // largest: a frame with more bytes is malformed. takes_descriptors: whether those that come along are kept. The daemon's ends
    // take none.
    explicit FrameSocket(FileDescriptor socket, std::uint64_t largest = largest_call_frame, bool takes_descriptors = false)
        : socket_(std::move(socket)), largest_(largest), takes_descriptors_(takes_descriptors) {}
    static std::pair<FileDescriptor, FileDescriptor> make_pair(); // throws std::system_error

    int descriptor() const { return socket_.get(); }
    // Whether something was received already that receive() did not return yet.
    bool has_more() const { return begin_ != end_; }

    // descriptor: goes along; -1: none. With any status but done a frame may be half sent, and the socket can't be used any more.
    template <class... T> Status send(Kind kind, std::uint64_t request, const Until &until, const T &...values) {
        return send_with(-1, kind, request, until, values...);
    }
    template <class... T>
    Status send_with(int descriptor, Kind kind, std::uint64_t request, const Until &until, const T &...values) {
        wire::Writer writer(sizeof(Head));
        writer(values...);
        return send_bytes(kind, request, writer.take(), writer.late(), descriptor, until);
    }

    // Whether that many bytes of late texts are accepted; otherwise they are read and dropped.
    using Admit = std::function<bool(std::size_t)>;
    Status receive(Frame &frame, const Until &until, const Admit &admit = {});
    // Whether nothing came within that time. False, too, when the other end closed.
    bool is_quiet_for(std::chrono::milliseconds time) const;
    // The next of the received descriptors, in their order; an empty one if there is none.
    FileDescriptor take_descriptor();

  private:
    struct Head {
        std::uint64_t size; // of what comes first
        std::uint64_t late; // and of late texts
        std::uint64_t request;
        Kind kind;
        std::uint32_t reserved;
    };

    Status send_bytes(Kind kind, std::uint64_t request, std::string bytes, const std::vector<std::string_view> &late,
                      int descriptor, const Until &until);
    Status receive_text(std::string &text, std::uint64_t size, const Until &until);
    Status pass_over(std::uint64_t size, const Until &until);
    Status fill(char *to, std::size_t most, std::size_t &got, const Until &until);
    Status wait(short events, const Until &until) const;

    const FileDescriptor socket_;
    const std::uint64_t largest_;
    const bool takes_descriptors_;
    shared::Mutex sending_;
    std::vector<char> read_; // what was received already, from begin_ to end_
    std::size_t begin_ = 0, end_ = 0;
    std::deque<FileDescriptor> along_;
};

// What the other end did: "did not answer in time".
const char *to_string(FrameSocket::Status status);

} // namespace rsf::process
