// SPDX-License-Identifier: Apache-2.0
//
// The driver that does what it should not, in a process of its own, and what the tests do with it.
#pragma once

#include "residence.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace rsf::daemon::test {

inline std::filesystem::path driver_file(const std::string &name) {
    return std::filesystem::path(TEST_BINARY_DIR) / "tests" / "drivers" / (name + ".so");
}

inline Result<std::unique_ptr<Driver>> try_saboteur(const std::string &settings, const std::function<void(Residence &)> &change,
                                                    Log log, std::shared_ptr<OtherTargets> others = nullptr) {
    Residence where = residence(Isolation::process);
    if (change) change(where);
    const auto kind = describe_apart(where.program)(taken(DriverFile::open(driver_file("saboteur"))));
    return create_driver(taken(kind), where, boost::json::parse(settings.empty() ? "{}" : settings).as_object(), std::move(log),
                         std::move(others));
}

inline std::unique_ptr<Driver> saboteur(const std::string &settings = {}, const std::function<void(Residence &)> &change = {},
                                        Log log = silent_log(), std::shared_ptr<OtherTargets> others = nullptr) {
    return taken(try_saboteur(settings, change, std::move(log), std::move(others)));
}

inline std::string refusal(const std::string &settings) {
    const auto made = try_saboteur(settings, {}, silent_log());
    return made ? "it was made" : to_string(made.error());
}

inline Call call(Verb verb, std::string type, std::string name = "x") {
    Call made;
    made.verb = verb;
    made.type = std::move(type);
    made.name = std::move(name);
    made.object = verb == Verb::create ? "{}" : "";
    made.request_id = "r-1";
    made.deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    return made;
}

inline Failure failed(const Answer &answer) {
    if (answer) FAIL("it succeeded with " + boost::json::serialize(answer->object));
    return answer.error();
}

inline std::string name_in(const Answer &answer) {
    return answer ? std::string(answer->object.at("name").as_string()) : answer.error().message;
}

// What the driver finds around itself.
inline boost::json::object surroundings(Driver &driver) {
    const Answer answer = driver.perform(call(Verb::get, "surroundings"));
    if (!answer) FAIL(answer.error().message);
    return answer->object.as_object();
}

// A log that can be read, and waited for.
class Lines {
  public:
    Lines() { log->set_pattern("%l %v"); }

    std::string read() const { return sink_->read(); }
    void wait_for(std::string_view text) const { sink_->wait_for(text); }

  private:
    class Sink final : public spdlog::sinks::base_sink<std::mutex> {
      public:
        std::string read() {
            const std::lock_guard lock(mutex_);
            return text_;
        }
        void wait_for(std::string_view wanted) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return text_.find(wanted) != text_.npos; });
        }

      private:
        void sink_it_(const spdlog::details::log_msg &message) override {
            spdlog::memory_buf_t formatted;
            formatter_->format(message, formatted);
            text_ += rsf::daemon::plain_text({formatted.data(), formatted.size()});
            changed_.notify_all();
        }
        void flush_() override {}

        std::condition_variable changed_;
        std::string text_;
    };

    const std::shared_ptr<Sink> sink_ = std::make_shared<Sink>();

  public:
    const Log log = std::make_shared<spdlog::logger>("test", sink_);
};

} // namespace rsf::daemon::test
