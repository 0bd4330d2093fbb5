// SPDX-License-Identifier: Apache-2.0
#include "api/answer/in_time.hpp"

#include "base/text.hpp"
#include "http/problem.hpp"
#include "operations/operations.hpp"
#include "targets/target.hpp"

#include <atomic>
#include <memory>
#include <utility>

namespace rsf::api {

namespace {

// Owned by what is to respond.
struct Deadline {
    // The source is copied first: the stop may end this, and the function with it.
    struct PassOn {
        std::stop_source source;
        void operator()() const { std::stop_source(source).request_stop(); }
    };
    Deadline(std::stop_token client_gone, Respond to) : respond(std::move(to)), gone(std::move(client_gone), PassOn{stop}) {}

    bool take() { return !is_answered.exchange(true); }

    const Respond respond;
    std::stop_source stop;
    std::atomic<bool> is_answered = false;
    const std::stop_callback<PassOn> gone; // last: it uses the source
};

} // namespace

std::string answer_within_of(const targets::Target &target) {
    const auto time = target.answer_within();
    const std::string text =
        time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + "s" : std::to_string(time.count()) + "ms";
    return "the " + text + " that target " + in_quotes(target.name()) + " gives with answer_within";
}

InTime answered_in_time(const Tools &tools, const targets::Target &target, std::stop_token client_gone, Respond respond) {
    if (target.answer_within().count() == 0) return {std::move(respond), std::move(client_gone)};
    const auto deadline = std::make_shared<Deadline>(std::move(client_gone), std::move(respond));
    const auto pass = [weak = std::weak_ptr(deadline), offload = tools.later.offload, given = answer_within_of(target)] {
        if (weak.expired()) return;
        offload([weak, given] {
            const auto late = weak.lock();
            if (!late || !late->take()) return;
            late->respond(http::to_response(Problem{
                504, "timeout", "There was no answer within " + given + ". Nothing was changed; ask again, or for less."}));
            late->stop.request_stop();
        });
    };
    tools.operations->timers().at(operations::Timers::Clock::now() + target.answer_within(), pass);
    return {[deadline](Response response) {
                if (deadline->take()) deadline->respond(std::move(response));
            },
            deadline->stop.get_token()};
}

} // namespace rsf::api
