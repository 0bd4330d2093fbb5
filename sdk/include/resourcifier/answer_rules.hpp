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
inline constexpr std::size_t max_answer_depth = 512;          // nesting of JSON in an answer
inline constexpr std::size_t max_selflink = 8 * 1024;         // bytes
inline constexpr std::size_t max_health = 64 * 1024;          // bytes of what a driver says of its health
inline constexpr std::size_t max_revision = 1024;             // bytes
inline constexpr std::size_t max_warnings = 16;               // sentences that are shown
inline constexpr std::size_t max_warning = 1024;              // bytes of one
inline constexpr std::size_t max_warnings_text = 1024 * 1024; // bytes of all of them as JSON
inline constexpr std::size_t max_progress = 512;              // bytes of a line that is shown
inline constexpr std::size_t max_type_name = 253;             // bytes of a type's group, and of its kind

// Whether a compiler could have written this size: structs are padded to their alignment.
template <class T> bool is_possible_size(const T *given) {
    return given->size >= sizeof given->size && given->size % alignof(T) == 0;
}

inline bool is_sound(rsf_text text) { return text.data != nullptr || text.size == 0; }

// Of a text that has not been read yet. member: "object". most: bytes.
inline std::string fault_of_text(rsf_text given, std::string_view member, std::size_t most = max_answer) {
    const std::string its = "its '" + std::string(member) + "' ";
    if (!is_sound(given)) return its + "has a size and no data";
    if (given.size <= most) return {};
    return its + "is " + std::to_string(given.size) + " bytes long, and at most " + std::to_string(most) + " are taken";
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

inline std::string fault_of_revision(std::string_view revision) {
    if (revision.size() > max_revision) return "its revision is longer than " + std::to_string(max_revision) + " bytes";
    const bool is_visible = std::all_of(revision.begin(), revision.end(), [](char c) { return c > ' ' && c < '\x7F'; });
    return is_visible ? "" : "its revision has a character that is not visible ASCII";
}

// Of warnings that were read: too many or too long ones are cut by who shows them.
inline std::string fault_of_warnings(const boost::json::value &warnings) {
    const boost::json::array *list = warnings.if_array();
    const bool are_texts =
        list && std::all_of(list->begin(), list->end(), [](const boost::json::value &each) { return each.is_string(); });
    return are_texts ? "" : "its warnings are not a JSON array of sentences";
}

// Of the group or the kind of a type.
inline bool is_type_name(std::string_view name) {
    return name.size() <= max_type_name && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                      c == '-';
           });
}

// Of what rsf.kind/1 answers, as extensions.h describes it.
inline std::string fault_of_kind(const boost::json::value &answer) {
    const boost::json::object *said = answer.if_object();
    const auto text = [&](const char *key) {
        const boost::json::value *value = said ? said->if_contains(key) : nullptr;
        return value ? value->if_string() : nullptr;
    };
    const boost::json::string *group = text("group"), *kind = text("kind");
    if (!group || !is_type_name({group->data(), group->size()})) return "what it says has no \"group\" that is a type's";
    if (!kind || kind->empty() || !is_type_name({kind->data(), kind->size()}))
        return "what it says has no \"kind\" that is a type's";
    const boost::json::value *namespaced = said->if_contains("namespaced"), *there = said->if_contains("there");
    if (!namespaced || !namespaced->is_bool()) return "what it says of the type has no \"namespaced\" that is true or false";
    if (!there || !(there->is_bool() || there->is_null()))
        return "what it says of the type has no \"there\" that is true, false or null";
    return {};
}

// Of what rsf.settle/1 answers, as extensions.h describes it.
inline std::string fault_of_settlement(const boost::json::value &answer) {
    const boost::json::object *said = answer.if_object();
    const boost::json::value *settled = said ? said->if_contains("settled") : nullptr;
    const boost::json::string *word = settled ? settled->if_string() : nullptr;
    if (!word || (*word != "done" && *word != "not-done" && *word != "unknown"))
        return "what it says is no object with \"settled\": \"done\", \"not-done\" or \"unknown\"";
    const boost::json::value *object = said->if_contains("object"), *reason = said->if_contains("reason");
    if (object && !object->is_object()) return "the \"object\" of the write is not an object";
    if (const boost::json::value *outcome = said->if_contains("outcome");
        outcome && *outcome != "created" && *outcome != "changed" && *outcome != "unchanged")
        return "the \"outcome\" of the write is none of \"created\", \"changed\" and \"unchanged\"";
    const boost::json::string *sentence = reason ? reason->if_string() : nullptr;
    if (*word == "unknown" && (!sentence || sentence->empty()))
        return "it does not know whether the write was done and has no \"reason\"";
    return {};
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
