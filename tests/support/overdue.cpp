// SPDX-License-Identifier: Apache-2.0
//
// A case that hangs ends its program before ctest would, which could only say which program that was: this says which case, and
// after which assertion.
#include "support/overdue.hpp"

#include "support/catch.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <string>

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 10min;

// Of the case that runs; read by a signal handler.
std::atomic<const char *> name, file;
std::atomic<std::size_t> line;

void write_text(const char *text) {
    if (text && ::write(STDERR_FILENO, text, std::strlen(text)) < 0) return;
}

void give_up(int) {
    char digits[24] = {};
    char *at = digits + sizeof digits - 1; // behind the last digit
    std::size_t rest = line;
    do *--at = static_cast<char>('0' + rest % 10);
    while ((rest /= 10) > 0);
    write_text("\nThis case takes too long and is given up: ");
    write_text(name);
    if (file) {
        write_text("\nIts last assertion: ");
        write_text(file);
        write_text(":");
        write_text(at);
    }
    write_text("\n");
    ::_exit(1);
}

#if CATCH_VERSION_MAJOR >= 3
using Listener = Catch::EventListenerBase;
#else
using Listener = Catch::TestEventListenerBase;
#endif

class Overdue : public Listener {
  public:
    using Listener::Listener;

    void testCaseStarting(const Catch::TestCaseInfo &info) override {
        name_ = info.name;
        name = name_.c_str();
        file = nullptr;
        std::signal(SIGALRM, give_up);
        rsf::test::may_take(patience);
    }
    void assertionStarting(const Catch::AssertionInfo &info) override {
        line = info.lineInfo.line;
        file = info.lineInfo.file;
    }
    void testCaseEnded(const Catch::TestCaseStats &) override { ::alarm(0); }

  private:
    std::string name_;
};

} // namespace

CATCH_REGISTER_LISTENER(Overdue)

namespace rsf::test {

void may_take(std::chrono::seconds time) { ::alarm(static_cast<unsigned>(time.count())); }

} // namespace rsf::test
