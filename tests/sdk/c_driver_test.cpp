// SPDX-License-Identifier: Apache-2.0
//
// examples/stamp.c, a driver in C11, loaded from its file.
#include <resourcifier/fake_host.hpp>

#include "support/catch.hpp"

using namespace rsf;

TEST_CASE("a driver in plain C works from its file") {
    const rsf_entry &entry = open_driver(STAMP_DRIVER);
    CHECK(entry.magic == RSF_ENTRY_MAGIC);
    FakeHost host(entry);
    CHECK(view(host.descriptor().name) == "stamp");

    const json::object object{{"a", {1, "ü"}}};
    const FakeAnswer first = host.create("cm", "x", object);
    CHECK(first.fault == "");
    CHECK(first.succeeded);
    CHECK(first.object == object);
    CHECK(first.outcome == Outcome::created);
    CHECK(first.selflink == "stamp:1");
    CHECK(host.create("cm", "x", object).selflink == "stamp:2");
    REQUIRE(host.log().size() == 2);
    CHECK(host.log()[0].message == "stamped stamp:1");
    CHECK(host.log()[0].request_id == "test-request");

    CHECK(host.get("cm", "x").code == Code::unsupported);
    CHECK(host.get("cm", "x").retry == Retry::never);
    CHECK(host.remove("cm", "x", object).outcome == Outcome::unchanged);
    CHECK(host.list("cm").code == Code::unsupported);
    FakeCall dry;
    dry.verb = RSF_CREATE;
    dry.flags = RSF_CALL_DRY_RUN;
    CHECK(host.perform(dry).code == Code::unsupported);
    CHECK(host.extension<void>(RSF_EXT_ORDER) == nullptr);
}

TEST_CASE("two instances of one library are two drivers, also without a log") {
    FakeHostOptions silent;
    silent.keeps_log = false;
    FakeHost one(open_driver(STAMP_DRIVER)), two(open_driver(STAMP_DRIVER), {}, silent);
    CHECK(one.create("cm", "x", {}).selflink == "stamp:1");
    CHECK(two.create("cm", "x", {}).selflink == "stamp:1");
    CHECK(two.log().empty());
}
