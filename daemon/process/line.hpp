// SPDX-License-Identifier: Apache-2.0
//
// One end of a stream socket on which frames go both ways. Any number of threads may send; one at a time may receive.
#pragma once

#include "drivers/trusted_file.hpp"
#include "process/messages.hpp"
#include "process/wire.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::process {

struct Frame {
    Kind kind{};
    std::uint64_t request = 0; // on a call's line, which of its requests this is about
    std::string body;
    std::string late;          // texts that may be large, see wire.hpp
    bool without_late = false; // they were refused

    // False when it is not just that. Late texts are moved out of it.
    template <class... T> bool read(T &...values) {
        wire::Reader reader(body, late, without_late);
        reader(values...);
        return reader.is_whole();
    }
};

class Line {
  public:
    using Clock = std::chrono::steady_clock;

    // How long to wait, and the pidfd of the process at the other end, if its end is an end of the waiting.
    struct Until {
        Clock::time_point time = Clock::time_point::max();
        int ended = -1;
    };
    // unheard: closed, and the other end never read what was sent to it last.
    enum class Status { done, closed, unheard, late, nonsense };

    static constexpr std::uint64_t largest_control_frame = 16u << 20; // room for a descriptor, settings, a line of the log
    static constexpr std::uint64_t largest_call_frame =
        3 * std::uint64_t{max_answer}; // two texts of an answer, and what is around

    // largest: more bytes in one frame are nonsense. takes_descriptors: whether those that come along are kept. A line of the
    // daemon's takes none.
    explicit Line(FileDescriptor socket, std::uint64_t largest = largest_call_frame, bool takes_descriptors = false)
        : socket_(std::move(socket)), largest_(largest), takes_descriptors_(takes_descriptors) {}
    static std::pair<FileDescriptor, FileDescriptor> make_pair(); // throws std::system_error

    int descriptor() const { return socket_.get(); }
    // Whether something was received already that receive() did not return yet.
    bool has_more() const { return begin_ != end_; }

    // descriptor: goes along; -1: none. Nothing is left half sent unless the status is other than done; then the line is of no
    // more use.
    template <class... T> Status send(Kind kind, std::uint64_t request, const Until &until, const T &...values) {
        return send_with(-1, kind, request, until, values...);
    }
    template <class... T>
    Status send_with(int descriptor, Kind kind, std::uint64_t request, const Until &until, const T &...values) {
        wire::Writer writer(sizeof(Head));
        writer(values...);
        return send_bytes(kind, request, writer.take(), writer.late(), descriptor, until);
    }

    // Whether so many bytes of late texts are taken; those that are not are read and thrown away.
    using Admit = std::function<bool(std::size_t)>;
    Status receive(Frame &frame, const Until &until, const Admit &admit = {});
    // Whether nothing came within that time. Also of a line that ended: not.
    bool is_quiet_for(std::chrono::milliseconds time) const;
    // The next descriptor of those that came along, in their order; none: an empty one.
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
    Status fill(char *to, std::size_t room, std::size_t &got, const Until &until);
    Status wait(short events, const Until &until) const;

    const FileDescriptor socket_;
    const std::uint64_t largest_;
    const bool takes_descriptors_;
    std::mutex sending_;
    std::vector<char> read_; // what was received already, from begin_ to end_
    std::size_t begin_ = 0, end_ = 0;
    std::deque<FileDescriptor> along_;
};

// What an end of a line did: "did not answer in time".
const char *to_string(Line::Status status);

} // namespace rsf::process
