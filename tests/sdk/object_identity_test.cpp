// SPDX-License-Identifier: Apache-2.0
//
// What an object says of itself, and that the façade lets no driver answer a write with another object.
#include <resourcifier/fake_host.hpp>

#include "support/catch.hpp"

namespace {

using namespace rsf;

std::string shown(const ObjectIdentity &identity) {
    return identity.api_version + "|" + identity.kind + "|" + identity.ns + "|" + identity.name + "|" + identity.status;
}

// Answers every write with what its object has at "answer".
class Parrot : public Driver {
  public:
    static constexpr Description description{
        "parrot", "1.0.0", "Tests", "", "answers what it is told to", R"({"type": "object"})", true, true};
    Parrot(Host, const json::object &) {}
    Result create(const Call &call) override { return {call.object().at("answer")}; }
    Result replace(const Call &call) override { return create(call); }
    Result apply(const Call &call) override { return create(call); }
    std::vector<BatchAnswer> batch(const std::vector<Call> &calls) override {
        std::vector<BatchAnswer> answers;
        for (const Call &call : calls) answers.emplace_back(create(call));
        return answers;
    }
};

} // namespace

TEST_CASE("an object's identity is read from its text, wherever it stands in it") {
    struct Row {
        const char *title, *text, *says;
    };
    for (const Row &row : {
             Row{"all", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"b"}})", "v1|Pod|b|a|"},
             Row{"in any order",
                 R"({"metadata":{"labels":{"name":"x"},"namespace":"b","name":"a"},"kind":"Pod","apiVersion":"v1"})",
                 "v1|Pod|b|a|"},
             Row{"escapes", R"({"\u006bind":"P\u006fd"})", "|Pod|||"},
             Row{"a Status", R"({"kind":"Status","status":"Failure","metadata":{}})", "|Status|||Failure"},
             Row{"a status that is not a text", R"({"kind":"Pod","status":{"kind":"x","name":"y"}})", "|Pod|||"},
             Row{"not at the top", R"({"spec":{"kind":"x","metadata":{"name":"y"}},"list":[{"kind":"z"}]})", "||||"},
             Row{"not in metadata's depths", R"({"metadata":{"ownerReferences":[{"name":"x"}],"a":{"name":"y"}}})", "||||"},
             Row{"a metadata that is a list", R"({"metadata":[{"name":"x"}]})", "||||"},
             Row{"another one's member after metadata", R"({"metadata":{"name":"a"},"spec":{"name":"b"}})", "|||a|"},
             Row{"not texts", R"({"apiVersion":1,"kind":null,"metadata":{"name":true,"namespace":["a"]}})", "||||"},
             Row{"the last of two", R"({"kind":"A","kind":"B"})", "|B|||"},
             Row{"the last of two, not a text", R"({"kind":"A","kind":1})", "||||"},
             Row{"a list", R"([{"kind":"Pod","metadata":{"name":"x"}}])", "||||"},
             Row{"a text", R"("kind")", "||||"},
             Row{"no JSON", "kind: Pod", "||||"},
             Row{"nothing", "", "||||"},
         }) {
        INFO(row.title);
        CHECK(shown(read_identity(row.text)) == row.says);
    }
    CHECK(read_identity("{\"kind\":\"" + std::string(1 << 20, 'x') + "\"}").kind.size() < (1 << 20)); // no word is so long
    CHECK(shown(read_identity(std::string(100'000, '['))) == "||||");
}

TEST_CASE("objects differ where both have an identity and it is not the same") {
    const ObjectIdentity asked{"apps/v1", "Deployment", "n", "x", {}};
    CHECK(difference(asked, asked).empty());
    CHECK(difference(asked, {}).empty());
    CHECK(difference({}, asked).empty());
    CHECK(difference(asked, {"apps/v1beta2", "Deployment", "n", "x", {}}).empty());
    CHECK(difference(asked, {"extensions/v1beta1", "Deployment", "n", "x", {}}).empty()); // where it was before
    CHECK(difference(asked, {"example.org/v1", "Deployment", "n", "x", {}}) ==
          "its apiVersion is 'example.org/v1', not 'apps/v1'");
    CHECK(difference(asked, {"apps/v1", "ReplicaSet", "n", "x", {}}) == "its kind is 'ReplicaSet', not 'Deployment'");
    CHECK(difference(asked, {"apps/v1", "Deployment", "m", "x", {}}) == "its metadata.namespace is 'm', not 'n'");
    CHECK(difference(asked, {"apps/v1", "Deployment", "n", "y", {}}) == "its metadata.name is 'y', not 'x'");
    CHECK(difference(asked, {"v1", "Status", "", "", "Failure"}) == "it is a Status, 'Failure'");
    CHECK(difference({"v1", "Binding", "n", "x", {}}, {"v1", "Status", "", "", "Success"}).empty());
    CHECK(difference({"v1", "Binding", "n", "x", {}}, {"v1", "Status", "", "", "Failure"}) == "it is a Status, 'Failure'");
}

TEST_CASE("an empty object is one without members, however it is written") {
    for (const char *empty : {"{}", " {\n\t} \r\n"}) CHECK(is_empty_object(empty));
    for (const char *other : {"", "{", "[]", "{\"a\":1}", "{}}"}) CHECK_FALSE(is_empty_object(other));
}

TEST_CASE(
    "a write that is answered with another object fails, alone and in a batch; what has no such shape is the driver's own") {
    struct Row {
        const char *title, *answer, *says;
    };
    FakeHost host(driver_entry<Parrot>);
    for (const Row &row : {
             Row{"itself", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"x","namespace":"n"}})", ""},
             Row{"another", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"y","namespace":"n"}})",
                 "its metadata.name is 'y'"},
             Row{"a failure", R"({"apiVersion":"v1","kind":"Status","status":"Failure"})", "it is a Status, 'Failure'"},
             Row{"of another shape", R"({"id":17})", ""},
             Row{"nothing", "{}", "it is empty"},
         }) {
        INFO(row.title);
        const std::string text =
            std::string(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"x","namespace":"n"},"answer":)") + row.answer +
            "}";
        const json::object object = json::parse(text).as_object();
        FakeCall call;
        call.verb = RSF_CREATE;
        call.object = text;
        std::vector<FakeAnswer> answers = host.batch({call, call});
        for (const FakeAnswer &answer :
             {host.create("Pod", "x", object), host.replace("Pod", "x", object), host.apply("Pod", "x", object)})
            answers.push_back(answer);
        CHECK(answers.size() == 5);
        for (const FakeAnswer &answer : answers) {
            CHECK(answer.succeeded == !*row.says);
            if (answer.succeeded) continue;
            CHECK(answer.code == Code::internal);
            CHECK_THAT(answer.message, ContainsSubstring(row.says) && EndsWith("The change may have happened."));
        }
    }
}
