// SPDX-License-Identifier: Apache-2.0
#include "drivers/answer_sink.hpp"

#include "drivers/driver_values.hpp"

#include <utility>

namespace rsf::drivers {

namespace {

// False, with a fault, when it can't be copied.
bool copy_text(rsf_text given, const char *member, std::string &copy, std::string &fault) {
    fault = fault_of_text(given, member);
    if (fault.empty()) copy = view(given);
    return fault.empty();
}

} // namespace

AnswerSink::AnswerSink(std::shared_ptr<Share> memory)
    : rsf_sink{sizeof(rsf_sink), 0, take_result, take_failure}, memory_(std::move(memory)) {}

Said AnswerSink::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    memory_.reset();
    return std::exchange(said_, {});
}

template <class Given, class Copy> void AnswerSink::take(const Given *given, const char *what, Copy copy) noexcept {
    const std::lock_guard lock(mutex_);
    if (closed_ || ++said_.answers > 1) return;
    try {
        if (given == nullptr || !is_possible_size(given))
            said_.fault = std::string("it gave no proper ") + what;
        else
            copy(whole(given));
    } catch (...) { // no memory
        said_.first = std::monostate{};
        said_.fault = "no memory"; // fits a std::string without any
    }
}

void AnswerSink::take_result(rsf_sink *sink, const rsf_result *result) noexcept {
    auto &self = *static_cast<AnswerSink *>(sink);
    self.take(result, "rsf_result", [&self, &said = self.said_](const rsf_result &given) {
        auto &copy = said.first.emplace<Said::Result>();
        copy.outcome = given.outcome;
        if (is_sound(given.object) && given.object.size > small_memory && self.memory_ && !self.memory_->add(given.object.size))
            copy.dropped = given.object.size;
        else
            copy_text(given.object, "object", copy.object, said.fault);
        if (said.fault.empty()) copy_text(given.selflink, "selflink", copy.selflink, said.fault);
    });
}

void AnswerSink::take_failure(rsf_sink *sink, const rsf_failure *failure) noexcept {
    auto &self = *static_cast<AnswerSink *>(sink);
    self.take(failure, "rsf_failure", [&said = self.said_](const rsf_failure &given) {
        auto &copy = said.first.emplace<Said::Failure>();
        copy.code = given.code;
        copy.retry = given.retry;
        copy.retry_after_ms = given.retry_after_ms;
        copy_text(given.message, "message", copy.message, said.fault) &&
            copy_text(given.details, "details", copy.details, said.fault);
    });
}

} // namespace rsf::drivers
