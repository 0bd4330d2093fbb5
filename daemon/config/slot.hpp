// SPDX-License-Identifier: Apache-2.0
//
// Sets the members of a record from the values of settings: one function for each type of member. Each takes a value that fits
// the form; if it is still wrong, this is reported to the reader, and to stays as it is. And the values of settings from the
// members. Not thread-safe.
#pragma once

#include "config/reader.hpp"
#include "config/settings.hpp"

namespace rsf::config {

void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, bool &to);
void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, std::size_t &to);
void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, std::chrono::milliseconds &to);
void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, std::chrono::seconds &to);
void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, std::string &to);
void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, std::vector<std::string> &to);
void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, std::vector<std::filesystem::path> &to);
void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, std::vector<http::ListenAddress> &to);
void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, process::Isolation &to);
void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, std::optional<Strategy> &to);
// These two with the credentials that their texts refer to.
void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, SecretTexts &to);
void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, boost::json::object &to);
void take(Reader &, const Form &, const boost::json::value &, const std::string &pointer, std::vector<TargetSettings> &to);

// The value of a setting, or null.
boost::json::value show(const Form &, const bool &);
boost::json::value show(const Form &, const std::size_t &);
boost::json::value show(const Form &, const std::chrono::milliseconds &);
boost::json::value show(const Form &, const std::chrono::seconds &);
boost::json::value show(const Form &, const std::string &);
boost::json::value show(const Form &, const std::vector<std::string> &);
boost::json::value show(const Form &, const SecretTexts &); // "***" for each
boost::json::value show(const Form &, const std::vector<std::filesystem::path> &);
boost::json::value show(const Form &, const std::vector<http::ListenAddress> &);
boost::json::value show(const Form &, const process::Isolation &);
boost::json::value show(const Form &, const std::optional<Strategy> &);
boost::json::value show(const Form &, const boost::json::object &);         // null: a driver's, which may hold secrets
boost::json::value show(const Form &, const std::vector<TargetSettings> &); // null: the table of targets has them

// One entry of listen, which fits its schema.
http::ListenAddress address_of(const boost::json::value &entry);

template <auto First, auto... Rest> constexpr auto &follow(auto &record) {
    if constexpr (sizeof...(Rest) == 0)
        return record.*First;
    else
        return follow<Rest...>(record.*First);
}

// The member at Path of Record: slot<Settings, &Settings::limits, &http::HttpLimits::body>.
template <class Record, auto... Path>
constexpr Slot<Record> slot{[](Reader &reader, const Form &form, const boost::json::value &value, const std::string &pointer,
                               Record &record) { take(reader, form, value, pointer, follow<Path...>(record)); },
                            [](const Record &one, const Record &other) { return follow<Path...>(one) == follow<Path...>(other); },
                            [](const Record &from, Record &to) { follow<Path...>(to) = follow<Path...>(from); },
                            [](const Form &form, const Record &record) { return show(form, follow<Path...>(record)); }};

} // namespace rsf::config
