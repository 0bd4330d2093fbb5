// SPDX-License-Identifier: Apache-2.0
//
// Operations that lack memory while they begin: each allocation on the thread that begins them fails once.
#include "run/bench.hpp"
#include "support/catch.hpp"

#include <cstdlib>
#include <new>

using namespace rsf::run::test;

// A sanitizer's allocator stays in the libraries, and takes back nothing that another one gave.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

TEST_CASE("a lack of memory is tried in builds without a sanitizer") {
    WARN("not run: the allocator of a sanitizer can't be replaced");
}

#else

namespace {

thread_local std::size_t fails_at = 0; // the allocation of this number on this thread; 0: none

void *allocate(std::size_t size) {
    if (fails_at != 0 && --fails_at == 0) throw std::bad_alloc();
    if (void *memory = std::malloc(size != 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}

} // namespace

void *operator new(std::size_t size) { return allocate(size); }
void *operator new[](std::size_t size) { return allocate(size); }
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete[](void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void *memory, std::size_t) noexcept { std::free(memory); }

TEST_CASE("an operation that lacks memory while it begins ends all the same, and its target is idle then") {
    const std::vector<std::string> names = GENERATE(std::vector<std::string>{"a"}, std::vector<std::string>{"a", "b"});
    std::size_t failed = 0;
    for (std::size_t at = 1;; ++at) {
        INFO(names.size() << " resources, allocation " << at);
        Bench bench;
        Target &target = bench.target();
        Operation operation{Verb::create, plain(names), "here", "r1"};
        std::promise<Report> ended;
        const std::function<void(Report)> done = [&](Report report) { ended.set_value(std::move(report)); };
        bool is_thrown = false;
        fails_at = at;
        try {
            bench.runner.write(target, std::move(operation), done);
        } catch (const std::bad_alloc &) {
            is_thrown = true;
        }
        const bool had_enough = std::exchange(fails_at, 0) != 0;
        if (!is_thrown) {
            std::future<Report> report = ended.get_future();
            REQUIRE(report.wait_for(std::chrono::minutes(1)) == std::future_status::ready);
            if (had_enough) CHECK(report.get().has_value());
        }
        REQUIRE(target.wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
        if (had_enough) break;
        ++failed;
    }
    CHECK(failed > 5); // it was tried
}

#endif
