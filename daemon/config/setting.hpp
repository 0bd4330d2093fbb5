// SPDX-License-Identifier: Apache-2.0
//
// A row of the tables of settings. Pure.
#pragma once

#include "config/form.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace rsf::config {

class Reader;

// What a change needs to take effect.
enum class Change { reload, restart };

// The member of Record that a setting fills. Made by slot in slot.hpp.
template <class Record> struct Slot {
    // Sets the member from a value that fits the form; anything still wrong with it is reported to the reader.
    void (*take)(Reader &, const Form &, const boost::json::value &, const std::string &pointer, Record &) = nullptr;
    bool (*same)(const Record &, const Record &) = nullptr;
    void (*copy)(const Record &from, Record &to) = nullptr;
    // As a settings file has it; null: it is not set, and has no default.
    boost::json::value (*show)(const Form &, const Record &) = nullptr;
};

template <class Record> struct Setting {
    std::string_view key; // "limits.body": body inside limits
    Form form;
    Slot<Record> slot{}; // none: a group
    Change change = Change::reload;
    std::string_view text; // sentences for people; `literals` stand between backquotes
    // Reports to the reader what is wrong with a value in view of the others; called when all values are set. May be null.
    void (*check)(Reader &, const boost::json::value &, const std::string &pointer, const Record &) = nullptr;
};

} // namespace rsf::config
