// SPDX-License-Identifier: Apache-2.0
#include "drivers/abi/answer_sink.hpp"

#include "drivers/abi/driver_values.hpp"

#include <utility>

namespace rsf::drivers {

namespace {

// False, with a fault, when it can't be copied.
bool copy_text(rsf_text given, const char *member, std::string &copy, std::string &fault, std::size_t most = max_answer) {
    fault = fault_of_text(given, member, most);
    if (fault.empty()) copy = view(given);
    return fault.empty();
}

} // namespace

AnswerSink::AnswerSink(std::shared_ptr<Share> memory)
    : rsf_sink{sizeof(rsf_sink), 0, take_result, take_failure}, memory_(std::move(memory)) {}

RawAnswer AnswerSink::close() {
    const shared::Lock lock(mutex_);
    closed_ = true;
    memory_.reset();
    return std::exchange(said_, {});
}

template <class Given, class Copy> void AnswerSink::take(const Given *given, const char *what, Copy copy) noexcept {
    const shared::Lock lock(mutex_);
    if (closed_ || ++said_.answers > 1) return;
    try {
        if (given == nullptr || !is_possible_size(given))
            said_.fault = std::string("it gave no proper ") + what;
        else
            copy(whole(given), said_, memory_.get());
    } catch (...) { // no memory
        said_.first = std::monostate{};
        said_.fault = "no memory"; // fits a std::string without any
    }
}

void AnswerSink::take_result(rsf_sink *sink, const rsf_result *result) noexcept {
    auto &self = *static_cast<AnswerSink *>(sink);
    self.take(result, "rsf_result", [](const rsf_result &given, RawAnswer &raw, Share *memory) {
        auto &copy = raw.first.emplace<RawAnswer::Result>();
        copy.outcome = given.outcome;
        if (is_sound(given.object) && given.object.size > small_memory && memory && !memory->add(given.object.size))
            copy.dropped = given.object.size;
        else
            copy_text(given.object, "object", copy.object, raw.fault);
        if (raw.fault.empty()) copy_text(given.selflink, "selflink", copy.selflink, raw.fault);
        if (raw.fault.empty()) copy_text(given.revision, "revision", copy.revision, raw.fault, max_revision);
        if (raw.fault.empty()) copy_text(given.warnings, "warnings", copy.warnings, raw.fault, max_warnings_text);
    });
}

void AnswerSink::take_failure(rsf_sink *sink, const rsf_failure *failure) noexcept {
    auto &self = *static_cast<AnswerSink *>(sink);
    self.take(failure, "rsf_failure", [](const rsf_failure &given, RawAnswer &raw, Share *) {
        auto &copy = raw.first.emplace<RawAnswer::Failure>();
        copy.code = given.code;
        copy.retry = given.retry;
        copy.retry_after_ms = given.retry_after_ms;
        copy.effect = given.effect;
        copy_text(given.message, "message", copy.message, raw.fault) &&
            copy_text(given.details, "details", copy.details, raw.fault);
    });
}

} // namespace rsf::drivers
