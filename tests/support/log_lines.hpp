// SPDX-License-Identifier: Apache-2.0
//
// A log that a test can read, and wait for.
#pragma once

#include "base/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::test {

// Keeps what is logged. Thread-safe.
class Lines {
  public:
    // spdlog's pattern: "%v" is the message, "%l" its level.
    explicit Lines(const std::string &pattern = "%v") : sink_(std::make_shared<Sink>(pattern)) {}

    // Waits until lines with this in them, the line's end included, were logged: as many as count.
    void wait_for(std::string_view text, std::size_t count = 1) const { sink_->wait_for(text, count); }

    std::vector<std::string> with(std::string_view text) const { return sink_->with(text); }

    // All lines, each with its end.
    std::string text() const {
        std::string all;
        for (const std::string &line : with("")) all += line + '\n';
        return all;
    }

  private:
    class Sink final : public spdlog::sinks::base_sink<std::mutex> {
      public:
        explicit Sink(const std::string &pattern) {
            set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::local, ""));
        }

        void wait_for(std::string_view text, std::size_t count) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] {
                return std::ranges::count_if(lines_, [&](const std::string &line) { return has(line, text); }) >=
                       static_cast<std::ptrdiff_t>(count);
            });
        }

        std::vector<std::string> with(std::string_view text) {
            const std::lock_guard lock(mutex_);
            std::vector<std::string> found;
            for (const std::string &line : lines_)
                if (has(line, text)) found.push_back(line);
            return found;
        }

      private:
        static bool has(const std::string &line, std::string_view text) { return (line + '\n').find(text) != std::string::npos; }

        void sink_it_(const spdlog::details::log_msg &message) override {
            spdlog::memory_buf_t formatted;
            formatter_->format(message, formatted);
            lines_.push_back(base::plain_text({formatted.data(), formatted.size()}));
            changed_.notify_all();
        }
        void flush_() override {}

        std::condition_variable changed_;
        std::vector<std::string> lines_;
    };

    const std::shared_ptr<Sink> sink_;

  public:
    const base::Log log = std::make_shared<spdlog::logger>("test", sink_);
};

} // namespace rsf::test
