// SPDX-License-Identifier: Apache-2.0
//
// The id of a request goes on to the cluster, unless it is one that a header can't carry.
#include "support/catch.hpp"

#include "kubectl/fakes/proxied.hpp"
#include "kubectl/transports/proxy/request_gate.hpp"

namespace {

using namespace rsf::kubectl;
using namespace rsf::kubectl::proxied;

struct RequestId {
    const char *title;
    std::string id;
    bool goes_on;
};

const std::vector<RequestId> given_ids{
    {"one that the daemon makes", "122aab0653ea01b395ecf553fc11c56f", true},
    {"a UUID", "6a1c5b1e-6c4b-4c55-8a0e-52a1b6a0c9d1", true},
    {"all that may be in it", "aZ09-._:", true},
    {"the longest", std::string(64, 'a'), true},
    {"one too long", std::string(65, 'a'), false},
    {"none", "", false},
    {"the end of the comment", "a)evil/1.0(b", false},
    {"an escape", "a\\b", false},
    {"a space", "a b", false},
    {"a list", "a,b", false},
    {"another header", "a\r\nX-Remote-User: admin", false},
    {"not ASCII", "\xC3\xA4", false},
};

} // namespace

TEST_CASE("the id of a request is the Audit-ID and in the user agent of each request to the cluster") {
    Fake fake(answering("POST", {{201, json::serialize(live)}}));
    for (const RequestId &given : given_ids) {
        INFO(given.title);
        CHECK(transports::is_audit_id(given.id) == given.goes_on);
        FakeCall call;
        call.verb = RSF_CREATE;
        call.type = "cm";
        call.name = "x";
        call.object = json::serialize(config_map());
        call.request_id = given.id;
        const FakeAnswer answer = fake.host->perform(call);
        INFO(answer.message);
        REQUIRE(answer.succeeded);
        const FakeRequest last = fake.api.last();
        CHECK(last.method == "POST");
        CHECK(last.audit_id == (given.goes_on ? given.id : ""));
        const std::string rest = last.agent.substr(std::min(last.agent.find(' '), last.agent.size()));
        CHECK(last.agent.starts_with("resourcifierd/"));
        CHECK(rest == (given.goes_on ? " (request " + given.id + ")" : ""));
    }
}

TEST_CASE("an audit id that could be read as another header is refused by the gate, too") {
    CHECK_THROWS_AS(transports::check_request({"GET", "/a", {}, "application/json", "a\r\nX: y"}), rsf::Error);
    CHECK_NOTHROW(transports::check_request({"GET", "/a", {}, "application/json", "r-17"}));
}
