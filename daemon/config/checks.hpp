// SPDX-License-Identifier: Apache-2.0
//
// Checks of settings that fit their form, made once all values of their record are set. Each reports to the reader. Thread-safe
// with a reader of its own.
#pragma once

#include "config/reader.hpp"
#include "config/settings.hpp"

namespace rsf::config {

void check_listen(Reader &, const boost::json::value &, const std::string &pointer, const Settings &);
void check_hosts(Reader &, const boost::json::value &, const std::string &pointer, const Settings &);
void check_store_keys(Reader &, const boost::json::value &, const std::string &pointer, const Settings &);
void check_store(Reader &, const boost::json::value &, const std::string &pointer, const Settings &);
void check_bodies(Reader &, const boost::json::value &, const std::string &pointer, const Settings &);
void check_default_target(Reader &, const boost::json::value &, const std::string &pointer, const Settings &);
void check_targets(Reader &, const boost::json::value &, const std::string &pointer, const Settings &);

void check_process(Reader &, const boost::json::value &, const std::string &pointer, const TargetSettings &);
void check_user(Reader &, const boost::json::value &, const std::string &pointer, const TargetSettings &);
void check_memory(Reader &, const boost::json::value &, const std::string &pointer, const TargetSettings &);

} // namespace rsf::config
