// SPDX-License-Identifier: Apache-2.0
#include "subject.hpp"

#include <unistd.h>

namespace rsf::check {

std::string_view name_of(std::uint32_t verb) {
    constexpr std::string_view names[] = {"", "list", "get", "create", "replace", "delete", "apply"};
    return verb < std::size(names) ? names[verb] : "an unknown verb";
}

void Subject::only_with(std::initializer_list<std::uint32_t> verbs) const {
    for (const std::uint32_t verb : verbs)
        if (!offers(verb)) throw Skipped("the driver does not offer " + std::string(name_of(verb)));
}

FakeHost &Subject::host() {
    if (!host_) host_ = std::make_unique<FakeHost>(entry_, settings_);
    return *host_;
}

json::object Subject::named(json::object object, const std::string &name) const {
    if (json::value *metadata = object.if_contains("metadata"); metadata && metadata->is_object())
        metadata->get_object()["name"] = name;
    return object;
}

FakeCall Subject::call(std::uint32_t verb, std::string_view name) const {
    FakeCall call;
    call.verb = verb;
    call.type = sample_.type;
    call.deadline = std::chrono::steady_clock::now() + patience_;
    if (verb == RSF_LIST) return call;
    call.name = "rsf-check-" + std::string(name) + "-" + std::to_string(::getpid());
    if (verb == RSF_GET) return call;
    call.object = json_text(named(sample_.object, call.name));
    return call;
}

FakeAnswer Subject::perform(const FakeCall &call) {
    FakeAnswer answer = host().perform(call);
    need(answer.fault.empty(), std::string(name_of(call.verb)) + ": " + answer.fault);
    return answer;
}

FakeAnswer Subject::succeeding(std::uint32_t verb, std::string_view name, const std::string &what) {
    FakeAnswer answer = perform(verb, name);
    need(answer.succeeded, what + " failed: " + answer.message);
    return answer;
}

void Subject::failing(std::uint32_t verb, std::string_view name, Code code, const std::string &what) {
    const FakeAnswer answer = perform(verb, name);
    need(!answer.succeeded, what + " succeeded");
    need(answer.code == code, what + " failed with code " + std::to_string(static_cast<int>(answer.code)) + " instead of " +
                                  std::to_string(static_cast<int>(code)) + ": " + answer.message);
}

} // namespace rsf::check
