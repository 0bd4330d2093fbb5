// SPDX-License-Identifier: Apache-2.0
//
// What goes over frame sockets, and what a frame socket does with bytes that no daemon or driver process sent.
#include "process/frame_socket.hpp"

#include "support/catch.hpp"

#include <chrono>
#include <cstring>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace rsf::process::test {

using namespace std::chrono_literals;

namespace {

template <class T> std::string bytes_of(const T &value) {
    wire::Writer writer;
    writer(value);
    return writer.take();
}

template <class T> bool reads(std::string_view bytes, T &value) {
    wire::Reader reader(bytes);
    reader(value);
    return reader.is_whole();
}

drivers::RawAnswer some_failure() {
    drivers::RawAnswer raw;
    raw.answers = 2;
    raw.fault = "a fault";
    raw.broke = "it broke";
    raw.first = drivers::RawAnswer::Failure{3, "somebody was faster", 2, 250, "{\"owner\":\"x\"}", RSF_EFFECT_UNKNOWN};
    return raw;
}

Asking some_asking() {
    Asking asking;
    asking.during = 7;
    asking.other = "prod";
    asking.call.verb = drivers::Verb::create;
    asking.call.dry_run = true;
    asking.call.type = "ConfigMap";
    asking.call.name = "a";
    asking.call.ns = "blue";
    asking.call.object = "{}";
    asking.call.request_id = "r-1";
    asking.call.operation = "op-7";
    asking.call.step = 42;
    asking.call.expected_revision = "r1";
    asking.call.began_ms = 1'796'126'400'123;
    asking.call.deadline = FrameSocket::Clock::time_point(5s);
    return asking;
}

struct Pair {
    Pair() {
        auto [a, b] = FrameSocket::make_pair();
        other = std::move(a);
        socket.emplace(std::move(b));
    }
    void write(std::string_view bytes) const {
        CHECK(::write(other.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    }

    FileDescriptor other;
    std::optional<FrameSocket> socket;
};

FrameSocket::Until soon() { return {FrameSocket::Clock::now() + 50ms, -1}; }

} // namespace

TEST_CASE("what is written is what is read") {
    drivers::RawAnswer raw;
    REQUIRE(reads(bytes_of(some_failure()), raw));
    const auto *failure = std::get_if<drivers::RawAnswer::Failure>(&raw.first);
    REQUIRE(failure);
    CHECK(raw.answers == 2);
    CHECK(raw.fault == "a fault");
    CHECK(raw.broke == "it broke");
    CHECK(failure->code == 3);
    CHECK(failure->message == "somebody was faster");
    CHECK(failure->retry == 2);
    CHECK(failure->retry_after_ms == 250);
    CHECK(failure->details == "{\"owner\":\"x\"}");

    Asking asking;
    REQUIRE(reads(bytes_of(some_asking()), asking));
    CHECK(asking.during == 7);
    CHECK(asking.other == "prod");
    CHECK(asking.call.verb == drivers::Verb::create);
    CHECK(asking.call.dry_run);
    CHECK_FALSE(asking.call.all_namespaces);
    CHECK(asking.call.ns == "blue");
    CHECK(asking.call.request_id == "r-1");
    CHECK(asking.call.operation == "op-7");
    CHECK(asking.call.step == 42);
    CHECK(asking.call.expected_revision == "r1");
    CHECK(asking.call.began_ms == 1'796'126'400'123);
    CHECK(asking.call.deadline == FrameSocket::Clock::time_point(5s));
}

TEST_CASE("a result's revision and warnings are read as they were written") {
    drivers::RawAnswer raw;
    raw.first = drivers::RawAnswer::Result{RSF_OUTCOME_CREATED, "", "/a/link", 0, "r1", "[\"It is old.\"]"};
    drivers::RawAnswer read;
    REQUIRE(reads(bytes_of(raw), read));
    CHECK(std::get<drivers::RawAnswer::Result>(read.first).revision == "r1");
    CHECK(std::get<drivers::RawAnswer::Result>(read.first).warnings == "[\"It is old.\"]");
    Progress progress;
    REQUIRE(reads(bytes_of(Progress{3, "half"}), progress));
    CHECK((progress.call == 3 && progress.line == "half"));
}

TEST_CASE("what ends early, or too late, is not whole") {
    const std::string whole = bytes_of(std::vector<drivers::RawAnswer>{some_failure(), some_failure()});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        std::vector<drivers::RawAnswer> raw;
        CHECK_FALSE(reads(std::string_view(whole).substr(0, size), raw));
    }
    std::vector<drivers::RawAnswer> raw;
    CHECK(reads(whole, raw));
    CHECK_FALSE(reads(whole + "x", raw));
}

TEST_CASE("a length that can't be takes no memory") {
    std::vector<drivers::RawAnswer> raw;
    CHECK_FALSE(reads(std::string(8, '\xFF') + "abc", raw));
    CHECK(raw.empty());
    std::string text;
    CHECK_FALSE(reads(std::string(8, '\x7F') + "abc", text));
    CHECK(text.empty());
}

TEST_CASE("frames of any size go over a frame socket, with what they are about") {
    auto [a, b] = FrameSocket::make_pair();
    FrameSocket from(std::move(a)), to(std::move(b));
    const std::vector<std::size_t> sizes{0, 1, 16'000, 16'384, 300'000, 5'000'000};
    std::thread sender([&] {
        for (const std::size_t size : sizes) from.send(Kind::log, size, {}, std::string(size, 'x'));
    });
    for (const std::size_t size : sizes) {
        Frame frame;
        std::string text;
        REQUIRE(to.receive(frame, {FrameSocket::Clock::now() + 1min, -1}) == FrameSocket::Status::done);
        CHECK(frame.kind == Kind::log);
        CHECK(frame.request == size);
        REQUIRE(frame.read(text));
        CHECK(text == std::string(size, 'x'));
    }
    sender.join();
}

TEST_CASE("texts that may be large go behind the rest, and where they are refused the rest is there") {
    const auto result = [](std::string object) {
        drivers::RawAnswer raw;
        raw.answers = 1;
        raw.first = drivers::RawAnswer::Result{RSF_OUTCOME_CREATED, std::move(object), "/a/link"};
        return raw;
    };
    const auto object_of = [](const drivers::RawAnswer &raw) { return std::get<drivers::RawAnswer::Result>(raw.first).object; };
    struct Row {
        const char *name;
        std::vector<drivers::RawAnswer> sent;
    };
    for (const Row &row : {Row{"one", {result(std::string(5'000'000, 'x'))}}, Row{"one that is empty", {result("")}},
                           Row{"some", {result("{}"), some_failure(), result(std::string(300'000, 'y')), result("")}},
                           Row{"many", std::vector<drivers::RawAnswer>(2000, result("{\"a\": 1}"))}}) {
        INFO(row.name);
        auto [a, b] = FrameSocket::make_pair();
        FrameSocket from(std::move(a)), to(std::move(b));
        std::thread sender([&] {
            for (int turn = 0; turn < 3; ++turn) from.send(Kind::answer, 1, {}, row.sent);
        });
        std::size_t size = 0;
        for (const drivers::RawAnswer &raw : row.sent)
            if (raw.first.index() == 1) size += object_of(raw).size();
        for (int turn = 0; turn < 3; ++turn) {
            const bool is_refused = turn == 1;
            std::size_t asked = 0;
            Frame frame;
            std::vector<drivers::RawAnswer> got;
            REQUIRE(to.receive(frame, {FrameSocket::Clock::now() + 1min, -1}, [&](std::size_t bytes) {
                asked += bytes;
                return !is_refused;
            }) == FrameSocket::Status::done);
            CHECK(asked == size);
            REQUIRE(frame.read(got));
            REQUIRE(got.size() == row.sent.size());
            bool is_same = true;
            for (std::size_t i = 0; i < got.size(); ++i) {
                const auto *sent = std::get_if<drivers::RawAnswer::Result>(&row.sent[i].first);
                const auto *read = std::get_if<drivers::RawAnswer::Result>(&got[i].first);
                is_same = is_same && (sent != nullptr) == (read != nullptr);
                if (!sent || !read) continue;
                is_same = is_same && read->outcome == sent->outcome && read->selflink == sent->selflink &&
                          read->object == (is_refused ? "" : sent->object) &&
                          read->dropped == (is_refused ? sent->object.size() : 0);
            }
            CHECK(is_same);
        }
        sender.join();
    }
}

TEST_CASE("late texts that are not what the rest says of them make a frame that is not whole") {
    drivers::RawAnswer raw;
    raw.first = drivers::RawAnswer::Result{0, "abcd", "link"};
    const std::string front = bytes_of(raw);
    for (const char *late : {"", "abc", "abcde"}) {
        INFO(late);
        Frame frame{Kind::answer, 1, front, late, false};
        drivers::RawAnswer got;
        CHECK_FALSE(frame.read(got));
    }
    Frame frame{Kind::answer, 1, front, "abcd", false};
    drivers::RawAnswer got;
    CHECK(frame.read(got));
    CHECK(std::get<drivers::RawAnswer::Result>(got.first).object == "abcd");
}

TEST_CASE("descriptors come with their frames, in order, and only to those that take them") {
    auto [a, b] = FrameSocket::make_pair();
    FrameSocket from(std::move(a)), to(std::move(b), FrameSocket::largest_control_frame, true);
    int first[2], second[2];
    REQUIRE((::pipe(first) == 0 && ::pipe(second) == 0));
    const FileDescriptor ends[]{FileDescriptor(first[0]), FileDescriptor(first[1]), FileDescriptor(second[0]),
                                FileDescriptor(second[1])};
    from.send(Kind::cancel, 1, {});
    from.send_with(first[1], Kind::open, 2, {});
    from.send_with(second[1], Kind::open, 3, {});
    for (int i = 0; i < 3; ++i) {
        Frame frame;
        REQUIRE(to.receive(frame, soon()) == FrameSocket::Status::done);
    }
    for (int *pipe : {first, second}) {
        const FileDescriptor got = to.take_descriptor();
        REQUIRE(got);
        char letter = 0;
        CHECK(::write(got.get(), "a", 1) == 1);
        CHECK(::read(pipe[0], &letter, 1) == 1);
    }
    CHECK_FALSE(to.take_descriptor());

    REQUIRE(to.send_with(first[1], Kind::open, 4, {}) == FrameSocket::Status::done);
    Frame frame;
    REQUIRE(from.receive(frame, soon()) == FrameSocket::Status::done);
    CHECK_FALSE(from.take_descriptor());
}

TEST_CASE("a frame socket tells its end, lateness and malformed frames apart") {
    Frame frame;
    {
        Pair pair;
        CHECK(pair.socket->receive(frame, soon()) == FrameSocket::Status::late);
        pair.write("abc"); // too little for a frame
        CHECK(pair.socket->receive(frame, soon()) == FrameSocket::Status::late);
        pair.other = FileDescriptor();
        CHECK(pair.socket->receive(frame, soon()) == FrameSocket::Status::closed);
    }
    {
        Pair pair;
        pair.write(std::string(64, '\xFF')); // a frame of more bytes than there can be
        CHECK(pair.socket->receive(frame, soon()) == FrameSocket::Status::malformed);
    }
    {
        Pair pair; // nobody reads
        CHECK(pair.socket->send(Kind::log, 0, soon(), std::string(10'000'000, 'x')) == FrameSocket::Status::late);
    }
    {
        Pair pair;
        pair.other = FileDescriptor();
        CHECK(pair.socket->send(Kind::log, 0, soon(), std::string("x")) == FrameSocket::Status::unread);
    }
    {
        Pair pair;
        CHECK(pair.socket->send(Kind::log, 0, soon(), std::string("x")) == FrameSocket::Status::done);
        pair.other = FileDescriptor(); // without having read it
        CHECK(pair.socket->receive(frame, soon()) == FrameSocket::Status::unread);
    }
}

} // namespace rsf::process::test
