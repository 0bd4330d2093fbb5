// SPDX-License-Identifier: Apache-2.0
//
// What clients asked for, and what the daemon says became of it. Plain values.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::test::crash {

enum class Verb { create, replace, apply, remove };

std::string_view word_of(Verb verb); // as operations have it

// One resource that a client posts. The marker says, in the live object, whose write made it last.
struct Wanted {
    std::string object, marker;
    std::string refers_to; // the name of another one before it, whose uid becomes part of this one; or empty
};

// One request, sent once or, with a key, until it is answered.
struct Request {
    std::string id; // X-Request-Id
    std::string target;
    Verb verb = Verb::create;
    std::vector<Wanted> resources;
    std::string key; // or empty
    bool is_async = false;

    // What the client learnt.
    int status = 0;                      // of the last answer; 0: none came
    std::vector<std::string> operations; // that it was told; more than one if the first was refused
    std::string answer;                  // the body of an answer that tells how each resource ended; or empty
    std::string mistake;                 // an answer that can't be; or empty
};

std::string body_of(const Request &request);

// One write of one object, by whoever made it.
struct Step {
    Verb verb = Verb::create;
    std::string marker;
    std::string status, code, error; // of the resource
    std::string who;                 // the operation's id, or "foreign"
    std::int64_t created = 0;        // when it can have begun, in ms
    std::int64_t ended = 0;          // when it had ended for certain
    bool is_foreign = false;
};

// What the cluster did with an object, in order.
struct Event {
    enum class Kind { added, modified, deleted } kind;
    std::string marker; // empty: not known
};

std::int64_t now_in_ms();
// Of "2026-11-30T10:15:00.123Z".
std::int64_t ms_of(std::string_view time);

// Objects of a target by their names: their markers.
using Contents = std::map<std::string, std::string>;

} // namespace rsf::test::crash
