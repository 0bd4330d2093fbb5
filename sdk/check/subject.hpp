// SPDX-License-Identifier: Apache-2.0
//
// The driver that is being checked, in the process in which it is checked, and the exceptions that end a check. Used by one
// thread unless a check says otherwise.
#pragma once

#include "surroundings.hpp"

#include <resourcifier/fake_host.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::check {

// A check ends by returning, or by one of these.
struct Failed : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct Skipped : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void need(bool holds, const std::string &otherwise) {
    if (!holds) throw Failed(otherwise);
}

// What the checks deploy: given by the author, or a ConfigMap.
struct Sample {
    std::string type = "ConfigMap";
    json::object object{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", json::object()}, {"data", {{"a", "b"}}}};
    std::optional<json::object> changed{}; // the same object with a change, for replace
};

class Subject {
  public:
    // before: the process, before the driver's library was loaded.
    Subject(const rsf_entry &entry, json::object settings, std::vector<std::string> secrets, Sample sample,
            std::chrono::milliseconds patience, Surroundings before)
        : entry_(entry), settings_(std::move(settings)), secrets_(std::move(secrets)), sample_(std::move(sample)),
          patience_(patience), before_(std::move(before)) {}

    const rsf_entry &entry() const { return entry_; }
    const rsf_descriptor &descriptor() const { return *entry_.descriptor; }
    const json::object &settings() const { return settings_; }
    const std::vector<std::string> &secrets() const { return secrets_; }
    const Sample &sample() const { return sample_; }
    std::chrono::milliseconds patience() const { return patience_; } // with one call

    bool offers(std::uint32_t verb) const { return (descriptor().capabilities >> verb & 1) != 0; }
    // Skips the check unless the driver offers all of these.
    void only_with(std::initializer_list<std::uint32_t> verbs) const;

    const Surroundings &before() const { return before_; }

    // Created by the first call, destroyed by end().
    FakeHost &host();
    void end() { host_.reset(); }

    // A remark for the report.
    void say(std::string line) { said_.push_back(std::move(line)); }
    const std::vector<std::string> &said() const { return said_; }

    // object under another name, where it has one in its metadata.
    json::object named(json::object object, const std::string &name) const;

    // A call as an ordinary client makes it. name: what the object is called, unlike any other check's.
    FakeCall call(std::uint32_t verb, std::string_view name) const;
    FakeAnswer perform(const FakeCall &call);
    FakeAnswer perform(std::uint32_t verb, std::string_view name) { return perform(call(verb, name)); }

    // perform, for what must succeed, or must fail with code. what: "create of what is absent".
    FakeAnswer succeeding(std::uint32_t verb, std::string_view name, const std::string &what);
    void failing(std::uint32_t verb, std::string_view name, Code code, const std::string &what);

  private:
    const rsf_entry &entry_;
    const json::object settings_;
    const std::vector<std::string> secrets_;
    const Sample sample_;
    const std::chrono::milliseconds patience_;
    const Surroundings before_;
    std::unique_ptr<FakeHost> host_;
    std::vector<std::string> said_;
};

std::string_view name_of(std::uint32_t verb); // "create"

} // namespace rsf::check
