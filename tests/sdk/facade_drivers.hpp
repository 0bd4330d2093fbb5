// SPDX-License-Identifier: Apache-2.0
//
// Drivers that are made with driver.hpp, for its tests. Thread-safe, as their descriptions say.
#pragma once

#include <resourcifier/fake_host.hpp>

#include <chrono>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace rsf::facade {

struct Wordless : std::exception {
    const char *what() const noexcept override { return nullptr; }
};

// Says which verb was called with what; names that begin with "throw-" make it throw.
class Everything : public Driver {
  public:
    static constexpr Description description{"everything",
                                             "1.2.3",
                                             "Tests",
                                             "https://example.org",
                                             "answers all verbs",
                                             R"({"type": "object", "properties": {"greeting": {"default": "hello"},
                                                 "refuse": {"type": "boolean"}}})",
                                             true,
                                             true,
                                             R"([{"types": ["*"], "paths": ["/password"]}])",
                                             7};

    Everything(Host host, const json::object &settings) : host_(host) {
        if (settings.contains("refuse")) throw Error(Code::invalid, "The setting refuse is set.", Retry::never, {}, {{"at", 1}});
        if (settings.contains("throw_int")) throw 123;
        greeting_ = settings.at("greeting").as_string();
    }

    Result list(const Call &call) override { return {json::object{{"items", json::array{said("list", call)}}}}; }
    Result get(const Call &call) override {
        if (call.name() == "throw-int") throw 123;
        if (call.name() == "throw-exception") throw std::runtime_error("of a kind");
        if (call.name() == "throw-wordless") throw Wordless();
        if (call.name() == "throw-memory") throw std::bad_alloc();
        if (call.name() == "throw-empty") throw Error(Code::conflict, "");
        if (call.name() == "throw-own") throw Error(static_cast<Code>(RSF_DRIVER_CODES + 7), "It rains.");
        if (call.name() == "throw-retry")
            throw Error(Code::unavailable, "Busy.", Retry::later, std::chrono::milliseconds(1500), {{"queue", 12}});
        return said("get", call);
    }
    Result create(const Call &call) override { return {said("create", call), Outcome::created, "https://cluster/x"}; }
    Result replace(const Call &call) override { return {said("replace", call), Outcome::changed}; }
    Result remove(const Call &call) override {
        host_.log(LogLevel::warning, "removing", &call);
        return Result::from_text("", Outcome::unchanged);
    }
    Result apply(const Call &call) override { return {said("apply", call), Outcome::unchanged}; }
    std::vector<BatchAnswer> batch(const std::vector<Call> &calls) override {
        std::vector<BatchAnswer> answers;
        for (const Call &call : calls) {
            if (call.name() == "throw-int") throw 123;
            if (call.name() == "lost") continue;
            if (call.name() == "bad")
                answers.emplace_back(Error(Code::conflict, "It is bad.", Retry::never));
            else
                answers.emplace_back(Result(said("batch", call), Outcome::created, "https://cluster/x"));
        }
        return answers;
    }
    json::object health() const override {
        if (greeting_ == "throw") throw 123;
        if (greeting_ == "hello") return {{"ok", true}, {"uptime", 7}};
        return {{"ok", false}, {"reason", greeting_}};
    }
    std::vector<Before> order(std::string_view ns, const std::vector<Resource> &resources) override {
        if (ns == "throw-int") throw 123;
        if (ns == "throw-error") throw Error(Code::internal, "No order today.");
        if (ns == "outside") return {{0, resources.size(), "wrong"}};
        std::vector<Before> edges;
        for (std::size_t i = 1; i < resources.size(); ++i)
            if (resources[i].type == "thing" && resources[i].object_text == R"({"a":1})") edges.push_back({i, 0, "things first"});
        return edges;
    }
    const void *extension(std::string_view id) override {
        if (id == "throw") throw 123;
        return id == "org.example.greeting/1" ? &greeting_ : nullptr;
    }

  private:
    json::object said(const char *verb, const Call &call) {
        json::object all{{"verb", verb},
                         {"greeting", greeting_},
                         {"type", call.type()},
                         {"name", call.name()},
                         {"ns", call.ns()},
                         {"labels", call.label_selector()},
                         {"fields", call.field_selector()},
                         {"request", call.request_id()},
                         {"dry_run", call.dry_run()},
                         {"all_namespaces", call.all_namespaces()},
                         {"cancelled", call.cancelled()},
                         {"late", call.deadline() < std::chrono::steady_clock::now()}};
        if (!call.object_text().empty()) all["object"] = call.object();
        return all;
    }

    Host host_;
    json::string greeting_;
};

class ReadsOnly : public Driver {
  public:
    static constexpr Description description{"reads-only", "1.0.0", "", "", "", R"({"type": "object"})"};
    ReadsOnly(Host, const json::object &) {}
    Result get(const Call &) override { return json::object{}; }
};

class ReadsMore : public ReadsOnly { // overrides in a base count
  public:
    using ReadsOnly::ReadsOnly;
    Result list(const Call &) override { return {json::object{{"items", json::array{}}}}; }
};

inline FakeCall call_of(std::uint32_t verb) {
    FakeCall call;
    call.verb = verb;
    call.type = "ty";
    call.name = verb == RSF_LIST ? "" : "na";
    call.ns = "space";
    call.label_selector = "l=1";
    call.field_selector = "f=2";
    call.request_id = "r-1";
    if (verb >= RSF_CREATE) call.object = R"({"a": [1, "ü"]})";
    return call;
}

} // namespace rsf::facade
