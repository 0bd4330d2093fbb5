// SPDX-License-Identifier: Apache-2.0
//
// What ABI 1.1 added, in C++.
#include "facade_drivers.hpp"

#include "support/catch.hpp"

#include <resourcifier/other_target.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rsf::facade {

namespace {

class Newer : public Driver {
  public:
    static constexpr Description description{
        .name = "newer", .version = "1.1.0", .vendor = "", .url = "", .summary = "", .settings_schema = "{}", .revisions = true};

    Newer(Host host, const json::object &) : host_(host) {}

    Result get(const Call &call) override {
        host_.progress(call, "looking for " + std::string(call.name()));
        Result result(json::object{{"a", 1}});
        result.revision = call.name();
        if (call.type() == "old") result.warnings = {"It is old.", "It is very old."};
        return result;
    }
    Result replace(const Call &call) override {
        if (call.expected_revision() == "r0") throw Error(Code::conflict, "It is at r1.");
        return {json::object{{"operation", call.operation()}, {"step", call.step()}, {"expected", call.expected_revision()}},
                Outcome::changed};
    }
    Settlement settle(const Call &call) override {
        if (call.step() == 1) return Settlement::done(json::object{{"a", 1}}, "r1");
        if (call.step() == 2) return Settlement::not_done("r2");
        if (call.step() == 6) {
            Settlement made = Settlement::done(nullptr, {}, Outcome::created);
            made.warnings = {"It is late."};
            made.selflink = "/a";
            return made;
        }
        if (call.step() == 3) return Settlement::unknown("The cluster keeps no record.");
        if (call.step() == 4) return Settlement::unknown("");
        throw 123;
    }
    TypeName kind(const Call &call) override {
        if (call.type() == "bad") return {"a/b", "C"};
        if (call.type() == "none") throw Error(Code::not_found, "There is no such type.");
        return {"apps", "Deployment", true, call.object_text().empty() ? std::nullopt : std::optional(true)};
    }

  private:
    Host host_;
};

// Names of its own that 1.1 gave a meaning.
class Namesake : public Driver {
  public:
    static constexpr Description description{"namesake", "1.0.0", "", "", "", "{}"};
    Namesake(Host, const json::object &) {}
    std::string kind = "mine";
    int settle = 0;
};

// The sample of docs/writing-a-driver.md.
class Journal : public rsf::Driver {
  public:
    static constexpr rsf::Description description{
        "journal", "1.0.0", "Example Ltd", "https://example.org/journal", "knows who wrote what", "{}"};

    Journal(rsf::Host, const boost::json::object &) {}

    rsf::Result create(const rsf::Call &call) override {
        const auto [entry, is_new] = pages_.try_emplace(std::string(call.name()), Page{call.object(), by(call)});
        if (!is_new) throw rsf::Error(rsf::Code::already_exists, "That page is written.");
        if (tears_) throw rsf::with_effect(rsf::Effect::unknown, {rsf::Code::unavailable, "The line broke."});
        return {entry->second.object, rsf::Outcome::created};
    }

    rsf::Settlement settle(const rsf::Call &call) override {
        const auto entry = pages_.find(std::string(call.name()));
        if (entry == pages_.end() || entry->second.by != by(call)) return rsf::Settlement::not_done();
        return rsf::Settlement::done(entry->second.object);
    }

  private:
    using Step = std::pair<std::string, std::uint32_t>;
    static Step by(const rsf::Call &call) { return {std::string(call.operation()), call.step()}; }

    struct Page {
        boost::json::object object;
        Step by; // written together with the object
    };
    std::map<std::string, Page> pages_;
    bool tears_ = true;
};

FakeCall newer_call(std::uint32_t verb, std::string type, std::uint32_t step = 0) {
    FakeCall call;
    call.verb = verb;
    call.type = std::move(type);
    call.name = "na";
    if (verb != RSF_GET) call.object = "{}";
    call.operation = "op-7";
    call.step = step;
    return call;
}

} // namespace

TEST_CASE("a driver wants the minor of the newest ability that it has") {
    CHECK(driver_entry<Newer>.abi_minor == 1);
    CHECK(driver_entry<Everything>.abi_minor == 0);
    CHECK(driver_entry<Namesake>.abi_minor == 0);
    CHECK(driver_entry<Newer>.descriptor->flags == RSF_DRIVER_REVISIONS);
    FakeHost namesake(driver_entry<Namesake>);
    CHECK(namesake.extension<void>(RSF_EXT_KIND) == nullptr);
    CHECK(namesake.extension<void>(RSF_EXT_SETTLE) == nullptr);
    CHECK_THROWS_AS(namesake.kind({}), std::logic_error);
    CHECK_THROWS_AS(namesake.settle({}), std::logic_error);
}

TEST_CASE("operation, step and expected revision reach the driver, and revision and warnings the host") {
    FakeHost host(driver_entry<Newer>);
    FakeCall call = newer_call(RSF_REPLACE, "x", 42);
    call.expected_revision = "r1";
    CHECK(host.perform(call).object == json::value{{"operation", "op-7"}, {"step", 42u}, {"expected", "r1"}});
    call.expected_revision = "r0";
    CHECK(host.perform(call).code == Code::conflict);
    const FakeAnswer got = host.get("old", "r7");
    CHECK(got.revision == "r7");
    CHECK(got.warnings == std::vector<std::string>{"It is old.", "It is very old."});
    CHECK(host.get("new", "r7").warnings.empty());
    CHECK_THAT(host.get("x", "a b").fault, ContainsSubstring("its revision has a character that is not visible ASCII"));
}

TEST_CASE("a driver that does not say that it obeys revisions is not called with one") {
    FakeHost host(driver_entry<Everything>);
    FakeCall call = call_of(RSF_REPLACE);
    call.expected_revision = "r1";
    CHECK(host.perform(call).code == Code::unsupported);
    CHECK(host.batch({call})[0].code == Code::unsupported);
}

TEST_CASE("a call of a host of ABI 1.0 reads as empty at its end") {
    rsf_call raw{};
    raw.size = offsetof(rsf_call, operation);
    raw.operation = text("not to be read");
    raw.step = 7;
    raw.expected_revision = text("not to be read");
    raw.began_ms = 7;
    const Call call(raw);
    CHECK(call.operation().empty());
    CHECK(call.step() == 0);
    CHECK(call.expected_revision().empty());
    CHECK(call.began_ms() == 0);
}

TEST_CASE("a driver settles, and what it throws or forgets is a failure") {
    FakeHost host(driver_entry<Newer>);
    const FakeAnswer done = host.settle(newer_call(RSF_CREATE, "x", 1));
    CHECK(done.object == json::value{{"settled", "done"}, {"object", {{"a", 1}}}});
    CHECK(done.revision == "r1");
    CHECK(host.settle(newer_call(RSF_CREATE, "x", 2)).object == json::value{{"settled", "not-done"}});
    CHECK(host.settle(newer_call(RSF_CREATE, "x", 2)).revision == "r2");
    const FakeAnswer made = host.settle(newer_call(RSF_CREATE, "x", 6));
    CHECK(made.object == json::value{{"settled", "done"}, {"outcome", "created"}});
    CHECK(made.warnings == std::vector<std::string>{"It is late."});
    CHECK(made.selflink == "/a");
    CHECK(host.settle(newer_call(RSF_CREATE, "x", 3)).object.at("reason") == "The cluster keeps no record.");
    CHECK_THAT(host.settle(newer_call(RSF_CREATE, "x", 4)).fault, ContainsSubstring("has no \"reason\""));
    CHECK(host.settle(newer_call(RSF_CREATE, "x", 5)).code == Code::internal);
}

TEST_CASE("the journal knows its write though the answer was lost, and no other's") {
    FakeHost host(driver_entry<Journal>);
    const FakeCall write = newer_call(RSF_CREATE, "page");
    CHECK(host.settle(write).object.at("settled") == "not-done");
    const FakeAnswer lost = host.perform(write);
    CHECK(lost.code == Code::unavailable);
    CHECK(lost.effect == Effect::unknown);
    CHECK(host.settle(write).object.at("settled") == "done");
    CHECK(host.settle(newer_call(RSF_CREATE, "page", 1)).object.at("settled") == "not-done");
}

TEST_CASE("a driver names types, and what is no name is a fault") {
    FakeHost host(driver_entry<Newer>);
    CHECK(host.kind(newer_call(RSF_GET, "deploy")).object ==
          json::value{{"group", "apps"}, {"kind", "Deployment"}, {"namespaced", true}, {"there", nullptr}});
    CHECK(host.kind(newer_call(RSF_CREATE, "deploy")).object.at("there") == true);
    CHECK_THAT(host.kind(newer_call(RSF_GET, "bad")).fault, ContainsSubstring("no \"group\" that is a type's"));
    CHECK(host.kind(newer_call(RSF_GET, "none")).code == Code::not_found);
}

TEST_CASE("progress is heard by a host that offers it") {
    FakeHost host(driver_entry<Newer>);
    host.perform(newer_call(RSF_GET, "x"));
    REQUIRE(host.progress().size() == 1);
    CHECK(host.progress()[0].line == "looking for na");
    CHECK(host.progress()[0].request_id == "test-request");
    FakeHostOptions options;
    options.hears_progress = false;
    FakeHost deaf(driver_entry<Newer>, {}, options);
    CHECK(deaf.get("x", "na").succeeded);
    CHECK(deaf.progress().empty());
}

} // namespace rsf::facade
