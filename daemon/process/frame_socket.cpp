// SPDX-License-Identifier: Apache-2.0
#include "process/frame_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace rsf::process {

namespace {

constexpr std::size_t read_at_once = 16 * 1024;
constexpr std::size_t grown_at_once = 1024 * 1024; // memory is taken only for bytes that arrive
constexpr std::size_t most_parts = 512;            // of one message; the system takes 1024

} // namespace

std::pair<FileDescriptor, FileDescriptor> FrameSocket::make_pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        throw std::system_error(errno, std::generic_category(), "socketpair");
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

// Returns at once when nothing bounds the waiting: the socket itself blocks.
FrameSocket::Status FrameSocket::wait(short events, const Until &until) const {
    if (until.ended < 0 && until.time == Clock::time_point::max()) return Status::done;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until.time - Clock::now()).count();
        if (left <= 0) return Status::late;
        pollfd polled[2] = {{socket_.get(), events, 0}, {until.ended, POLLIN, 0}};
        const int ready = ::poll(polled, until.ended < 0 ? 1 : 2, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
        if (ready < 0 && errno != EINTR) return Status::closed;
        if (ready <= 0) continue;
        if (polled[0].revents != 0) return Status::done; // also when the process ended: its last frames count
        return Status::closed;
    }
}

FrameSocket::Status FrameSocket::send_bytes(Kind kind, std::uint64_t request, std::string bytes,
                                            const std::vector<std::string_view> &late, int descriptor, const Until &until) {
    std::vector<iovec> parts;
    parts.reserve(1 + late.size());
    parts.push_back({bytes.data(), bytes.size()});
    std::uint64_t late_size = 0;
    for (const std::string_view text : late) {
        parts.push_back({const_cast<char *>(text.data()), text.size()});
        late_size += text.size();
    }
    const Head head{bytes.size() - sizeof(Head), late_size, request, kind, 0};
    std::memcpy(bytes.data(), &head, sizeof head);
    const bool blocks = until.ended < 0 && until.time == Clock::time_point::max();
    const shared::Lock lock(sending_);
    bool has_begun = false;
    for (std::size_t next = 0; next < parts.size();) {
        msghdr message{};
        message.msg_iov = &parts[next];
        message.msg_iovlen = std::min(parts.size() - next, most_parts);
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptor)]{};
        if (descriptor >= 0 && !has_begun) {
            message.msg_control = control;
            message.msg_controllen = sizeof control;
            cmsghdr *const along = CMSG_FIRSTHDR(&message);
            along->cmsg_level = SOL_SOCKET;
            along->cmsg_type = SCM_RIGHTS;
            along->cmsg_len = CMSG_LEN(sizeof descriptor);
            std::memcpy(CMSG_DATA(along), &descriptor, sizeof descriptor);
        }
        const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | (blocks ? 0 : MSG_DONTWAIT));
        if (sent >= 0) {
            has_begun = true;
            auto left = static_cast<std::size_t>(sent);
            while (next < parts.size() && left >= parts[next].iov_len) left -= parts[next++].iov_len;
            if (left == 0) continue;
            parts[next].iov_base = static_cast<char *>(parts[next].iov_base) + left;
            parts[next].iov_len -= left;
        } else if (errno == EAGAIN) {
            if (const Status status = wait(POLLOUT, until); status != Status::done) return status;
        } else if (errno != EINTR) {
            return errno == EPIPE || errno == ECONNRESET ? Status::unread : Status::closed;
        }
    }
    return Status::done;
}

bool FrameSocket::is_quiet_for(std::chrono::milliseconds time) const {
    if (has_more()) return false;
    pollfd polled{socket_.get(), POLLIN, 0};
    return ::poll(&polled, 1, static_cast<int>(time.count())) == 0;
}

// At least one byte.
FrameSocket::Status FrameSocket::fill(char *to, std::size_t most, std::size_t &got, const Until &until) {
    for (;;) {
        if (const Status status = wait(POLLIN, until); status != Status::done) return status;
        iovec part{to, most};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))]{};
        if (takes_descriptors_) {
            message.msg_control = control;
            message.msg_controllen = sizeof control;
        }
        const ssize_t size = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && errno == ECONNRESET)
            return Status::unread; // the kernel's report of a stream that was closed with bytes unread
        if (size <= 0) return Status::closed;
        if (const cmsghdr *sent = takes_descriptors_ ? CMSG_FIRSTHDR(&message) : nullptr; sent && sent->cmsg_type == SCM_RIGHTS) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(sent), sizeof number);
            along_.emplace_back(number);
        }
        got = static_cast<std::size_t>(size);
        return Status::done;
    }
}

FileDescriptor FrameSocket::take_descriptor() {
    if (along_.empty()) return {};
    FileDescriptor next = std::move(along_.front());
    along_.pop_front();
    return next;
}

FrameSocket::Status FrameSocket::receive(Frame &frame, const Until &until, const Admit &admit) {
    read_.resize(read_at_once);
    while (end_ - begin_ < sizeof(Head)) {
        if (begin_ > 0) {
            std::copy(read_.begin() + static_cast<std::ptrdiff_t>(begin_), read_.begin() + static_cast<std::ptrdiff_t>(end_),
                      read_.begin());
            end_ -= begin_;
            begin_ = 0;
        }
        std::size_t got = 0;
        if (const Status status = fill(read_.data() + end_, read_.size() - end_, got, until); status != Status::done)
            return status;
        end_ += got;
    }
    Head head;
    std::memcpy(&head, read_.data() + begin_, sizeof head);
    begin_ += sizeof head;
    if (head.size > largest_ || head.late > largest_ - head.size) return Status::malformed;
    frame.kind = head.kind;
    frame.request = head.request;
    frame.late.clear();
    frame.without_late = false;
    if (const Status status = receive_text(frame.body, head.size, until); status != Status::done) return status;
    if (head.late == 0) return Status::done;
    frame.without_late = admit && !admit(head.late);
    if (frame.without_late) return pass_over(head.late, until);
    frame.late.reserve(head.late + 1); // of one block, which takes no memory before it is written to
    return receive_text(frame.late, head.late, until);
}

FrameSocket::Status FrameSocket::receive_text(std::string &text, std::uint64_t size, const Until &until) {
    const std::size_t here = std::min<std::size_t>(size, end_ - begin_);
    text.assign(read_.data() + begin_, here);
    begin_ += here;
    while (text.size() < size) {
        const std::size_t before = text.size();
        text.resize(std::min<std::size_t>(size, before + grown_at_once));
        std::size_t got = 0;
        const Status status = fill(text.data() + before, text.size() - before, got, until);
        if (status != Status::done) return status;
        text.resize(before + got);
    }
    return Status::done;
}

FrameSocket::Status FrameSocket::pass_over(std::uint64_t size, const Until &until) {
    const std::size_t here = std::min<std::size_t>(size, end_ - begin_);
    begin_ += here;
    std::string thrown_away(std::min<std::uint64_t>(size - here, grown_at_once), '\0');
    for (std::uint64_t left = size - here; left > 0;) {
        std::size_t got = 0;
        const Status status =
            fill(thrown_away.data(), static_cast<std::size_t>(std::min<std::uint64_t>(left, thrown_away.size())), got, until);
        if (status != Status::done) return status;
        left -= got;
    }
    return Status::done;
}

const char *to_string(FrameSocket::Status status) {
    switch (status) {
    case FrameSocket::Status::done: return "answered";
    case FrameSocket::Status::late: return "did not answer in time";
    case FrameSocket::Status::malformed: return "sent the daemon bytes that are no message";
    case FrameSocket::Status::closed:
    case FrameSocket::Status::unread: break;
    }
    return "closed its connection to the daemon";
}

} // namespace rsf::process
