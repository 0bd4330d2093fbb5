// SPDX-License-Identifier: Apache-2.0
#include "crash/writer.hpp"

#include "crash/objects.hpp"
#include "support/http_client.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>

namespace rsf::test::crash {

using namespace std::chrono_literals;

namespace {

constexpr int most_tries = 12;             // of a request with a key
constexpr std::size_t longest_pause = 500; // ms between two requests

} // namespace

Writer::Writer(std::vector<Target> targets, std::function<std::string()> address, std::string prefix, std::uint64_t seed)
    : targets_(std::move(targets)), address_(std::move(address)), prefix_(std::move(prefix)), random_(seed) {}

// Mostly few. After a restart each resource costs the exec transport a kubectl or two.
std::size_t Writer::choose_size(bool is_slow) {
    const std::size_t weight = random(is_slow ? 400 : 100);
    if (weight == 0) return 300 + random(201);
    if (!is_slow && weight < 6) return 50 + random(250);
    if (weight % (is_slow ? 12 : 5) == 1) return 6 + random(is_slow ? 15 : 35);
    return 1 + random(is_slow ? 3 : 5);
}

Request Writer::make() {
    Request request;
    request.id = prefix_ + std::to_string(++count_);
    const std::size_t target = random(targets_.size() + (targets_.size() > 1 ? 2 : 0)); // the last one is slow
    request.target = targets_[target % targets_.size()].name;
    const std::size_t dice = random(100);
    request.verb = dice < 35 ? Verb::create : dice < 52 ? Verb::apply : dice < 70 ? Verb::replace : Verb::remove;
    request.is_async = random(2) == 0;
    if (random(3) != 0) request.key = request.id;

    const std::size_t size = choose_size(request.target == "exec");
    const std::size_t first = size > 5 ? random(all_objects) : random(hot_objects);
    for (std::size_t i = 0; i < size; ++i) {
        Wanted &wanted = request.resources.emplace_back();
        wanted.object = size > 5 ? object_name((first + i) % all_objects) : hot_object(first + i);
        if (request.verb != Verb::remove) wanted.marker = request.id + "." + std::to_string(i);
        if (i > 0 && random(3) == 0) wanted.refers_to = request.resources[random(i)].object;
    }
    return request;
}

// Asks for the same objects with the same contents, as an operation of its own.
Request Writer::make_twin(const Request &other) {
    Request twin;
    twin.id = prefix_ + std::to_string(++count_);
    twin.target = other.target;
    twin.verb = Verb::create;
    twin.resources = other.resources;
    twin.is_async = random(2) == 0;
    return twin;
}

void post(const std::string &address, Request &request) {
    const std::string path = "/targets/" + request.target + "/configurations" +
                             (request.verb == Verb::apply    ? "?strategy=apply"
                              : request.verb == Verb::remove ? ""
                                                             : "?strategy=create-replace");
    const std::string_view method = request.verb == Verb::replace ? "PUT" : request.verb == Verb::remove ? "DELETE" : "POST";
    HttpHeaders headers{{"Accept", "application/json"}, {"Content-Type", "application/json"}, {"X-Request-Id", request.id}};
    if (request.is_async) headers["Prefer"] = "respond-async";
    if (!request.key.empty()) headers["Idempotency-Key"] = request.key;
    const HttpAnswer answer = HttpClient(address).send(method, path, body_of(request), headers);
    request.status = answer.status;
    if (answer.status == 200 || answer.status == 201 || answer.status == 207) request.answer = answer.body;
    const auto told = answer.headers.find("resourcifier-operation");
    if (told == answer.headers.end()) {
        const bool is_accepted = answer.status / 100 == 2;
        if (is_accepted || answer.status == 400 || answer.status == 422)
            request.mistake =
                "it was answered with " + std::to_string(answer.status) + " and no operation: " + answer.body.substr(0, 500);
        return;
    }
    if (std::ranges::find(request.operations, told->second) == request.operations.end())
        request.operations.push_back(told->second);
}

void Writer::send(Request &request, const std::atomic<bool> &stops) {
    for (int turn = 0; turn < most_tries; ++turn) try {
            post(address_(), request);
            // Somebody who does not trust the answer asks again.
            if (request.status == 202 && !request.key.empty() && random(4) == 0) continue;
            return;
        } catch (const std::exception &) { // the daemon was killed
            if (request.key.empty() || stops) return;
            std::this_thread::sleep_for(100ms);
        }
}

std::vector<Request> Writer::write(const std::atomic<bool> &stops) {
    std::vector<Request> posted;
    while (!stops) {
        const bool is_twin = !posted.empty() && random(10) == 0 && posted.back().verb != Verb::remove;
        posted.push_back(is_twin ? make_twin(posted.back()) : make());
        send(posted.back(), stops);
        std::this_thread::sleep_for(std::chrono::milliseconds(random(longest_pause)));
    }
    return posted;
}

} // namespace rsf::test::crash
