// SPDX-License-Identifier: Apache-2.0
//
// The frame socket between the daemon and a driver's process: raw bytes as frames, and the body of each frame as every message.
// What is taken for a message is written as the same bytes again.
#include "fuzz.hpp"
#include "process/frame_socket.hpp"

#include <sys/socket.h>

#include <tuple>

using namespace rsf;
using namespace rsf::drivers;
using namespace rsf::process;

namespace {

template <class T> void read_as(const std::string &body) {
    T value{};
    wire::Reader reader(body);
    reader(value);
    if (!reader.is_whole()) return;
    wire::Writer writer;
    writer(value);
    T again{};
    const std::string written = writer.take();
    wire::Reader second(written);
    second(again);
    fuzz::require(second.is_whole() && written.size() == body.size(), "a message reads back");
}

template <class... T> void read_as_each(const std::string &body) { (read_as<T>(body), ...); }

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size > 65536) return 0; // more than a socket holds
    auto [mine, theirs] = FrameSocket::make_pair();
    fuzz::require(::send(theirs.get(), data, size, MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(size),
                  "a socket takes it");
    ::shutdown(theirs.get(), SHUT_WR);
    FrameSocket socket(std::move(mine), FrameSocket::largest_control_frame);
    Frame frame;
    for (;;) {
        const FrameSocket::Status status = socket.receive(frame, {});
        if (status != FrameSocket::Status::done) return 0;
        read_as_each<Greeting, Creation, ReportedDescriptor, Refused, ReportedOffered, LogLine, Asking, Describing, Described,
                     Ordering, Beginning, Stepping, Call, RawAnswer, Orderings, Begun, std::vector<Call>, std::vector<RawAnswer>,
                     std::string, std::uint64_t>(frame.body);
    }
}
