// SPDX-License-Identifier: Apache-2.0
//
// answer_rules.hpp: the rules that an answer is judged by, as text for people. The daemon, fake_host.hpp and
// resourcifier-driver-check use these, so that what passes the check is not refused by the daemon. Header-only C++17. Pure.
//
// A fault_of_... function says what is wrong, or is empty. A host refuses an answer with such a fault. What departure_from_abi()
// finds is against answer.h as well, but the daemon takes the answer: the change has happened, and nothing is lost by it.
#ifndef RESOURCIFIER_ANSWER_RULES_HPP
#define RESOURCIFIER_ANSWER_RULES_HPP

#include "answer.h"
#include "call.h"
#include "json_text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace rsf {

// The most bytes that one text of an answer may have: some 100,000 objects of a cluster.
inline constexpr std::size_t max_answer = std::size_t{256} * 1024 * 1024;
inline constexpr std::size_t max_answer_depth = 512;  // nesting of JSON in an answer
inline constexpr std::size_t max_selflink = 8 * 1024; // bytes
inline constexpr std::size_t max_health = 64 * 1024;  // bytes of what a driver says of its health

// Whether a compiler could have written this size: structs are padded to their alignment.
template <class T> bool is_possible_size(const T *given) {
    return given->size >= sizeof given->size && given->size % alignof(T) == 0;
}

inline bool is_sound(rsf_text text) { return text.data != nullptr || text.size == 0; }

// Of a text that has not been read yet. member: "object".
inline std::string fault_of_text(rsf_text given, std::string_view member) {
    const std::string its = "its '" + std::string(member) + "' ";
    if (!is_sound(given)) return its + "has a size and no data";
    if (given.size <= max_answer) return {};
    return its + "is " + std::to_string(given.size) + " bytes long, and at most " + std::to_string(max_answer) + " are taken";
}

// RFC 3986's characters: nothing that could be taken for a header, markup or a second line.
inline bool is_uri_reference(std::string_view text) {
    constexpr std::string_view marks = "-._~:/?#[]@!$&'()*+,;=%";
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != marks.npos;
    });
}

inline std::string fault_of_selflink(std::string_view selflink) {
    if (selflink.size() > max_selflink) return "its selflink is too long";
    return is_uri_reference(selflink) ? "" : "its selflink is no URI";
}

inline std::string fault_of_outcome(std::uint32_t outcome) {
    return outcome <= RSF_OUTCOME_CHANGED ? std::string() : "its outcome " + std::to_string(outcome) + " is none of ABI 1's";
}

// What text says in JSON; fault says why that can't be read.
inline boost::json::value read_answer(std::string_view text, std::string &fault) {
    boost::system::error_code failed;
    boost::json::value value = json_value(text, failed, max_answer_depth);
    if (failed)
        fault = failed == boost::json::error::exponent_overflow ? "a number is too large for its readers" : failed.message();
    return value;
}

// Of the object of an answer to verb, which is any but RSF_DELETE.
inline std::string fault_of_object(std::uint32_t verb, const boost::json::value &object) {
    if (!object.is_object()) return "its object is JSON, but not a JSON object";
    if (verb != RSF_LIST) return {};
    const boost::json::value *items = object.get_object().if_contains("items");
    return items && items->is_array() ? "" : "its object has no array \"items\"";
}

// Any code is taken: see answer.h.
inline std::string fault_of_failure(std::int32_t code, std::string_view message) {
    if (!is_utf8(message)) return "the message of its failure is not UTF-8";
    return message.empty() ? "it failed with code " + std::to_string(code) + " and no message" : std::string();
}

// Whether the code is one that this ABI, or the driver itself, gives a meaning to. Any other reads as RSF_INTERNAL.
inline bool is_failure_code(std::int32_t code) {
    return (code >= RSF_NOT_FOUND && code <= RSF_INTERNAL) || code >= RSF_DRIVER_CODES;
}

inline std::string departure_from_abi(std::uint32_t verb, std::uint32_t outcome, bool has_object) {
    const bool reads = verb == RSF_LIST || verb == RSF_GET;
    if ((reads || verb == RSF_DELETE) && (outcome == RSF_OUTCOME_CREATED || outcome == RSF_OUTCOME_CHANGED))
        return "its outcome says that it created or changed an object, which this verb does not do";
    if (reads && outcome == RSF_OUTCOME_UNCHANGED)
        return "its outcome says that the object was as wanted already, which is for verbs that change objects";
    if (verb == RSF_CREATE && (outcome == RSF_OUTCOME_UNCHANGED || outcome == RSF_OUTCOME_CHANGED))
        return "its outcome says that the object was there before create, which fails with RSF_ALREADY_EXISTS then";
    if (verb == RSF_REPLACE && outcome == RSF_OUTCOME_CREATED)
        return "its outcome says that the object was absent before replace, which fails with RSF_NOT_FOUND then";
    if (verb == RSF_DELETE && has_object) return "it answers delete with an object, which answer.h leaves empty";
    return {};
}

} // namespace rsf

#endif
