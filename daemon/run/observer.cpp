// SPDX-License-Identifier: Apache-2.0
#include "run/observer.hpp"

#include <exception>

namespace rsf::run {

std::optional<drivers::Failure> Observers::admitted(const Subject &subject) const {
    for (const std::shared_ptr<Observer> &observer : all_) {
        try {
            if (std::optional<drivers::Failure> refusal = observer->admitted(subject)) return refusal;
        } catch (const std::exception &error) { // what can't be recorded is not done
            return drivers::transient(unavailable(std::string("the operation can't be recorded: ") + error.what()), {});
        } catch (...) {
            return drivers::transient(unavailable("the operation can't be recorded"), {});
        }
    }
    return std::nullopt;
}

template <class Tell> void Observers::tell_all(Tell tell) const noexcept {
    for (const std::shared_ptr<Observer> &observer : all_) {
        try {
            tell(*observer);
        } catch (...) { // the operation matters more
        }
    }
}

void Observers::step_begun(const Subject &subject, std::size_t resource) const noexcept {
    tell_all([&](Observer &observer) { observer.step_begun(subject, resource); });
}

void Observers::step_said(const Subject &subject, std::size_t resource, std::string_view line) const noexcept {
    tell_all([&](Observer &observer) { observer.step_said(subject, resource, line); });
}

void Observers::step_ended(const Subject &subject, std::size_t resource, const drivers::Answer &answer) const noexcept {
    tell_all([&](Observer &observer) { observer.step_ended(subject, resource, answer); });
}

void Observers::ended(const Subject &subject, const Outcome &outcome) const noexcept {
    tell_all([&](Observer &observer) { observer.ended(subject, outcome); });
}

} // namespace rsf::run
