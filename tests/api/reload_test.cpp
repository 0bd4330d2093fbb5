// SPDX-License-Identifier: Apache-2.0
//
// What becomes of requests whose targets are replaced: a reload waits for those that are carried out, and no other holds a
// target.
#include "api/room.hpp"

#include "drivers/call.hpp"
#include "support/catch.hpp"

using namespace rsf::api::test;

namespace {

const Request get{"GET", "/configurations/cm/a", {}, {}, "id"};

TargetSet waiting_for_prod(const Room &room) {
    TargetSet waiting = room.targets;
    waiting.by_name["prod"] = nullptr;
    waiting.planners.erase("prod");
    return waiting;
}

std::future<Response> begin(Room &room, const Request &request) {
    const auto promise = std::make_shared<std::promise<Response>>();
    room.api->admit(request)->answer(request, [promise](Response response) { promise->set_value(std::move(response)); });
    return promise->get_future();
}

bool is_there(const std::future<Response> &answer) {
    return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

} // namespace

TEST_CASE("a request whose body came during a reload waits and holds no target of before") {
    Room room;
    Request request{"POST", "/configurations", {{"Content-Type", "text/yaml"}}, {}, "id"};
    const std::unique_ptr<Admission> admission = room.api->admit(request);
    REQUIRE_FALSE(admission->refusal(request)); // its body may come
    const std::weak_ptr<Target> old = room.targets.by_name.at("prod");
    room.api->replace(waiting_for_prod(room));
    request.body = pair;
    std::promise<Response> answered;
    admission->answer(request, [&](Response response) { answered.set_value(std::move(response)); });
    room.targets = {};
    CHECK(old.expired());
    room.api->replace(fake_targets(room.cluster));
    CHECK(answered.get_future().get().status == 201);
}

TEST_CASE("a request that is answered after its targets were replaced is carried out on the new ones") {
    Room room;
    const auto other = std::make_shared<FakeCluster>();
    const std::unique_ptr<Admission> admission = room.api->admit(get);
    room.api->replace(fake_targets(other));
    std::promise<Response> answered;
    admission->answer(get, [&](Response response) { answered.set_value(std::move(response)); });
    CHECK(answered.get_future().get().status == 200);
    CHECK(room.cluster->calls().empty());
    CHECK(other->calls().size() == 1);
}

TEST_CASE("a target is not idle while the body of a write on it is being read") {
    Room room;
    std::vector<std::function<void()>> later;
    room.api = make_api(
        room.targets, [&](auto work) { later.push_back(std::move(work)); }, room.questions, room.metrics, silent_log());
    const std::shared_ptr<Target> target = room.targets.by_name.at("prod");
    const auto is_idle = [&] { return target->wait_idle(std::chrono::steady_clock::now()); };
    CHECK(is_idle());
    Request request{"POST", "/configurations", {{"Content-Type", "text/yaml"}}, std::string(pair), "id"};
    request.body += '#' + std::string(2000, '-') + '\n';
    std::future<Response> answer = begin(room, request);
    REQUIRE(later.size() == 1);
    CHECK_FALSE(is_idle());
    later.front()();
    later.clear();
    CHECK(answer.get().status == 201);
    CHECK(target->wait_idle(std::chrono::steady_clock::time_point::max()));
}

TEST_CASE("as many requests wait for a target that is being replaced as its queue takes, and others are served") {
    Room room;
    TargetSet waiting = waiting_for_prod(room);
    waiting.queues["prod"] = 2;
    room.api->replace(waiting);
    std::future<Response> first = begin(room, get), second = begin(room, get);
    const Response refused = begin(room, get).get();
    CHECK(refused.status == 503);
    CHECK(header(refused, "Retry-After") == "1");
    CHECK_THAT(refused.problem->detail,
               ContainsSubstring("target 'prod' is being replaced in a reload, and 2 requests wait for that"));
    CHECK(room.ask("GET", "/targets/review/configurations/cm/a").status == 200);
    CHECK_FALSE(is_there(first));
    CHECK_FALSE(is_there(second));
    room.api->replace(room.targets);
    CHECK(first.get().status == 200);
    CHECK(second.get().status == 200);
}

TEST_CASE("a request that waits for a target is not carried out once its client has left") {
    Room room;
    room.api->replace(waiting_for_prod(room));
    std::stop_source client;
    Request request = get;
    request.client_gone = client.get_token();
    std::future<Response> answer = begin(room, request);
    client.request_stop();
    room.api->replace(room.targets);
    CHECK(answer.get().problem->detail == "the client went away");
    CHECK(room.cluster->calls().empty());
}
