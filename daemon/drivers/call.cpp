// SPDX-License-Identifier: Apache-2.0
#include "drivers/call.hpp"

#include <stdexcept>

namespace rsf::drivers {

std::string_view to_string(Verb verb) {
    switch (verb) {
    case Verb::list: return "list";
    case Verb::get: return "get";
    case Verb::create: return "create";
    case Verb::replace: return "replace";
    case Verb::remove: return "delete";
    case Verb::apply: return "apply";
    }
    return "unknown verb";
}

std::optional<Verb> write_of(std::string_view word) {
    for (const Verb verb : {Verb::create, Verb::replace, Verb::remove, Verb::apply})
        if (to_string(verb) == word) return verb;
    return std::nullopt;
}

bool may_have_happened(const Failure &failure) {
    if (failure.effect != Failure::Effect::unsaid) return failure.effect == Failure::Effect::unknown;
    return failure.number != 0 && (failure.code == Code::timeout || failure.code == Code::cancelled);
}

void throw_exception_from_error(const Failure &failure, const boost::source_location &where) {
    throw std::logic_error("an unchecked failure at " + where.to_string() + ": " + failure.message);
}

} // namespace rsf::drivers
