// SPDX-License-Identifier: Apache-2.0
//
// What goes over the lines, and what a line does with bytes that nobody of ours sent.
#include "process/line.hpp"

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

drivers::Said some_failure() {
    drivers::Said said;
    said.answers = 2;
    said.fault = "a fault";
    said.broke = "it broke";
    said.first = drivers::Said::Failure{3, "somebody was faster", 2, 250, "{\"owner\":\"x\"}"};
    return said;
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
    asking.call.deadline = Line::Clock::time_point(5s);
    return asking;
}

struct Pair {
    Pair() {
        auto [a, b] = Line::make_pair();
        other = std::move(a);
        line.emplace(std::move(b));
    }
    void write(std::string_view bytes) const {
        CHECK(::write(other.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    }

    FileDescriptor other;
    std::optional<Line> line;
};

Line::Until soon() { return {Line::Clock::now() + 50ms, -1}; }

} // namespace

TEST_CASE("what is written is what is read") {
    drivers::Said said;
    REQUIRE(reads(bytes_of(some_failure()), said));
    const auto *failure = std::get_if<drivers::Said::Failure>(&said.first);
    REQUIRE(failure);
    CHECK(said.answers == 2);
    CHECK(said.fault == "a fault");
    CHECK(said.broke == "it broke");
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
    CHECK(asking.call.deadline == Line::Clock::time_point(5s));
}

TEST_CASE("what ends early, or too late, is not whole") {
    const std::string whole = bytes_of(std::vector<drivers::Said>{some_failure(), some_failure()});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        std::vector<drivers::Said> said;
        CHECK_FALSE(reads(std::string_view(whole).substr(0, size), said));
    }
    std::vector<drivers::Said> said;
    CHECK(reads(whole, said));
    CHECK_FALSE(reads(whole + "x", said));
}

TEST_CASE("a length that can't be takes no memory") {
    std::vector<drivers::Said> said;
    CHECK_FALSE(reads(std::string(8, '\xFF') + "abc", said));
    CHECK(said.empty());
    std::string text;
    CHECK_FALSE(reads(std::string(8, '\x7F') + "abc", text));
    CHECK(text.empty());
}

TEST_CASE("frames of any size go over a line, with what they are about") {
    auto [a, b] = Line::make_pair();
    Line from(std::move(a)), to(std::move(b));
    const std::vector<std::size_t> sizes{0, 1, 16'000, 16'384, 300'000, 5'000'000};
    std::thread sender([&] {
        for (const std::size_t size : sizes) from.send(Kind::log, size, {}, std::string(size, 'x'));
    });
    for (const std::size_t size : sizes) {
        Frame frame;
        std::string text;
        REQUIRE(to.receive(frame, {Line::Clock::now() + 1min, -1}) == Line::Status::done);
        CHECK(frame.kind == Kind::log);
        CHECK(frame.request == size);
        REQUIRE(frame.read(text));
        CHECK(text == std::string(size, 'x'));
    }
    sender.join();
}

TEST_CASE("texts that may be large go behind the rest, and where they are refused the rest is there") {
    const auto result = [](std::string object) {
        drivers::Said said;
        said.answers = 1;
        said.first = drivers::Said::Result{RSF_OUTCOME_CREATED, std::move(object), "/a/link"};
        return said;
    };
    const auto object_of = [](const drivers::Said &said) { return std::get<drivers::Said::Result>(said.first).object; };
    struct Row {
        const char *name;
        std::vector<drivers::Said> sent;
    };
    for (const Row &row : {Row{"one", {result(std::string(5'000'000, 'x'))}}, Row{"one that is empty", {result("")}},
                           Row{"some", {result("{}"), some_failure(), result(std::string(300'000, 'y')), result("")}},
                           Row{"many", std::vector<drivers::Said>(2000, result("{\"a\": 1}"))}}) {
        INFO(row.name);
        auto [a, b] = Line::make_pair();
        Line from(std::move(a)), to(std::move(b));
        std::thread sender([&] {
            for (int turn = 0; turn < 3; ++turn) from.send(Kind::answer, 1, {}, row.sent);
        });
        std::size_t size = 0;
        for (const drivers::Said &said : row.sent)
            if (said.first.index() == 1) size += object_of(said).size();
        for (int turn = 0; turn < 3; ++turn) {
            const bool is_refused = turn == 1;
            std::size_t asked = 0;
            Frame frame;
            std::vector<drivers::Said> got;
            REQUIRE(to.receive(frame, {Line::Clock::now() + 1min, -1}, [&](std::size_t bytes) {
                asked += bytes;
                return !is_refused;
            }) == Line::Status::done);
            CHECK(asked == size);
            REQUIRE(frame.read(got));
            REQUIRE(got.size() == row.sent.size());
            bool is_same = true;
            for (std::size_t i = 0; i < got.size(); ++i) {
                const auto *sent = std::get_if<drivers::Said::Result>(&row.sent[i].first);
                const auto *read = std::get_if<drivers::Said::Result>(&got[i].first);
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
    drivers::Said said;
    said.first = drivers::Said::Result{0, "abcd", "link"};
    const std::string front = bytes_of(said);
    for (const char *late : {"", "abc", "abcde"}) {
        INFO(late);
        Frame frame{Kind::answer, 1, front, late, false};
        drivers::Said got;
        CHECK_FALSE(frame.read(got));
    }
    Frame frame{Kind::answer, 1, front, "abcd", false};
    drivers::Said got;
    CHECK(frame.read(got));
    CHECK(std::get<drivers::Said::Result>(got.first).object == "abcd");
}

TEST_CASE("descriptors come with their frames, in order, and only to those that take them") {
    auto [a, b] = Line::make_pair();
    Line from(std::move(a)), to(std::move(b), Line::largest_control_frame, true);
    int first[2], second[2];
    REQUIRE((::pipe(first) == 0 && ::pipe(second) == 0));
    const FileDescriptor ends[]{FileDescriptor(first[0]), FileDescriptor(first[1]), FileDescriptor(second[0]),
                                FileDescriptor(second[1])};
    from.send(Kind::cancel, 1, {});
    from.send_with(first[1], Kind::open, 2, {});
    from.send_with(second[1], Kind::open, 3, {});
    for (int i = 0; i < 3; ++i) {
        Frame frame;
        REQUIRE(to.receive(frame, soon()) == Line::Status::done);
    }
    for (int *pipe : {first, second}) {
        const FileDescriptor got = to.take_descriptor();
        REQUIRE(got);
        char letter = 0;
        CHECK(::write(got.get(), "a", 1) == 1);
        CHECK(::read(pipe[0], &letter, 1) == 1);
    }
    CHECK_FALSE(to.take_descriptor());

    REQUIRE(to.send_with(first[1], Kind::open, 4, {}) == Line::Status::done);
    Frame frame;
    REQUIRE(from.receive(frame, soon()) == Line::Status::done);
    CHECK_FALSE(from.take_descriptor());
}

TEST_CASE("a line tells its end, lateness and nonsense apart") {
    Frame frame;
    {
        Pair pair;
        CHECK(pair.line->receive(frame, soon()) == Line::Status::late);
        pair.write("abc"); // too little for a frame
        CHECK(pair.line->receive(frame, soon()) == Line::Status::late);
        pair.other = FileDescriptor();
        CHECK(pair.line->receive(frame, soon()) == Line::Status::closed);
    }
    {
        Pair pair;
        pair.write(std::string(64, '\xFF')); // a frame of more bytes than there can be
        CHECK(pair.line->receive(frame, soon()) == Line::Status::nonsense);
    }
    {
        Pair pair; // nobody reads
        CHECK(pair.line->send(Kind::log, 0, soon(), std::string(10'000'000, 'x')) == Line::Status::late);
    }
    {
        Pair pair;
        pair.other = FileDescriptor();
        CHECK(pair.line->send(Kind::log, 0, soon(), std::string("x")) == Line::Status::unheard);
    }
    {
        Pair pair;
        CHECK(pair.line->send(Kind::log, 0, soon(), std::string("x")) == Line::Status::done);
        pair.other = FileDescriptor(); // without having read it
        CHECK(pair.line->receive(frame, soon()) == Line::Status::unheard);
    }
}

} // namespace rsf::process::test
