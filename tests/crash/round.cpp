// SPDX-License-Identifier: Apache-2.0
#include "crash/round.hpp"

#include "crash/objects.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <future>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace rsf::test::crash {

namespace json = boost::json;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t writers = 4;
constexpr auto time_to_tell = 30s; // what it waits for
constexpr auto time_to_end = 480s; // for all operations, once nothing dies any more

std::string text_at(const json::value &object, std::string_view key) {
    const json::value *found = object.as_object().if_contains(key);
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::string error_of(const json::value &resource) {
    const json::value *errors = resource.as_object().if_contains("errors");
    return errors && !errors->as_array().empty() ? std::string(errors->as_array()[0].as_string()) : std::string();
}

std::optional<std::string> marker_in(const Contents &contents, const std::string &object) {
    const auto found = contents.find(object);
    return found == contents.end() ? std::nullopt : std::optional(found->second);
}

} // namespace

Rounds::Rounds(const Clusters &clusters, Killer &killer, std::filesystem::path kept, std::uint64_t seed)
    : clusters_(clusters), killer_(killer), kept_(std::move(kept)), seed_(seed), folder_watch_(clusters.state_files()) {
    for (const Target &target : clusters_.targets()) {
        before_[target.name] = clusters_.read(target);
        if (target.is_real()) watches_[target.name] = std::make_unique<Watch>(clusters_, target);
    }
}

void Rounds::wrong(std::string what) {
    std::cout << "WRONG, in round " << totals_.rounds << ": " << what << std::endl;
    totals_.wrongs.push_back(std::move(what));
}

json::value Rounds::get(const std::string &path) const {
    const HttpAnswer answer = HttpClient(killer_.address()).send("GET", path, {}, wants_json);
    if (answer.status != 200) throw std::runtime_error("GET " + path + " was answered with " + std::to_string(answer.status));
    return json::parse(answer.body);
}

bool Rounds::play(std::size_t strikes) {
    ++totals_.rounds;
    const std::size_t wrongs_before = totals_.wrongs.size();
    const auto began = Clock::now();
    killer_.keep_up();
    std::atomic<bool> stops = false;
    std::vector<std::future<std::vector<Request>>> crew;
    for (std::size_t i = 0; i < writers; ++i) {
        const std::string prefix = "r" + std::to_string(totals_.rounds) + "w" + std::to_string(i) + "n";
        const auto address = [this] { return killer_.address(); };
        crew.push_back(std::async(std::launch::async, [this, &stops, prefix, address, seed = seed_ + 1000 * totals_.rounds + i] {
            return Writer(clusters_.targets(), address, prefix, seed).write(stops);
        }));
    }
    std::string broken;
    try {
        for (std::size_t i = 0; i < strikes; ++i) killer_.strike();
        killer_.make_peace();
    } catch (const std::exception &error) {
        broken = error.what();
    }
    stops = true;
    totals_.last_struck = Clock::now() - began;
    bool all_ended = false;
    if (broken.empty()) try {
            all_ended = wait_for_ends();
        } catch (const std::exception &error) {
            broken = std::string("The daemon does not answer, though nothing was killed: ") + error.what() +
                     "\nthe daemon's log:\n" + killer_.log();
        }
    totals_.last_ended = Clock::now() - began;
    if (!all_ended) killer_.kill_daemon(); // or its clients would wait on
    Played played;
    for (auto &each : crew)
        for (Request &request : each.get()) played.requests.emplace(request.id, std::move(request));
    if (!broken.empty()) wrong(broken);
    if (!all_ended) return false;
    try {
        repeat_keys(played);
        if (!wait_for_ends()) return false;
        read_operations(played);
        check_requests(played);
        check_objects(played);
    } catch (const std::exception &error) {
        wrong(std::string("The daemon or the cluster does not answer, though nothing was killed: ") + error.what() +
              "\nthe daemon's log:\n" + killer_.log());
    }
    totals_.last_checked = Clock::now() - began;
    if (totals_.wrongs.size() > wrongs_before) keep(played);
    return true;
}

// Whether all operations have ended.
bool Rounds::wait_for_ends() {
    json::value open;
    auto tell = Clock::now() + time_to_tell;
    for (const auto end = Clock::now() + time_to_end; Clock::now() < end; std::this_thread::sleep_for(50ms)) {
        if (Clock::now() > tell) {
            tell += time_to_tell;
            const json::value &first = open.at("operations").at(0);
            std::cout << "still " << text_at(first, "state") << ": " << open.at("operations").as_array().size()
                      << " operations, of which " << json::serialize(first) << std::endl;
        }
        bool is_done = true;
        for (const char *state : {"queued", "running", "waiting", "settling"}) {
            json::value list = get(std::string("/operations?limit=20&state=") + state);
            if (list.at("operations").as_array().empty()) continue;
            is_done = false;
            open = std::move(list);
            break;
        }
        if (is_done) return true;
    }
    wrong("These operations did not end within " + std::to_string(time_to_end.count()) + " s: " + json::serialize(open));
    return false;
}

// A client that has no answer asks again. What its key stands for is checked with the history.
void Rounds::repeat_keys(Played &played) {
    for (auto &[id, request] : played.requests) {
        if (request.status == 0) ++totals_.unanswered;
        if (request.key.empty() || (request.status != 0 && request.status != 202)) continue;
        request.is_async = true;
        post(killer_.address(), request);
    }
}

void Rounds::read_operations(Played &played) {
    std::string after, newest;
    for (bool is_more = true; is_more;) {
        const json::value page = get("/operations?limit=1000" + (after.empty() ? "" : "&after=" + after));
        is_more = page.as_object().contains("next");
        for (const json::value &each : page.at("operations").as_array()) {
            after = text_at(each, "id");
            if (newest.empty()) newest = after;
            if (after <= last_operation_) {
                is_more = false;
                break;
            }
            played.operations.emplace(after, get("/operations/" + after));
        }
    }
    if (!newest.empty()) last_operation_ = newest;
    for (const auto &[id, operation] : played.operations) check_operation(played, operation);
}

void Rounds::check_operation(Played &played, const json::value &operation) {
    static const std::set<std::string> final{"Created", "Replaced", "Unchanged", "Deleted", "Failed", "Aborted", "Unknown"};
    ++totals_.operations;
    const std::string id = text_at(operation, "id"), state = text_at(operation, "state");
    const auto bad = [&](const std::string &what) { wrong("Operation " + id + " " + what + ": " + json::serialize(operation)); };
    const auto asked = played.requests.find(text_at(operation, "request_id"));
    if (asked == played.requests.end()) return bad("is of no request");
    const Request &request = asked->second;
    const json::array &resources = operation.at("resources").as_array();
    if (resources.size() != request.resources.size()) return bad("does not have the resources of its request");
    std::size_t failed = 0;
    bool was_settled = false; // after a restart, and not known
    for (std::size_t i = 0; i < resources.size(); ++i) {
        const json::value &resource = resources[i];
        const std::string status = text_at(resource, "status");
        ++totals_.resources;
        ++totals_.statuses[status];
        if (!final.contains(status)) return bad("has a resource that has not ended");
        if (text_at(resource, "name") != request.resources[i].object) return bad("has other resources than its request");
        const bool is_bad = status == "Failed" || status == "Aborted" || status == "Unknown";
        failed += is_bad ? 1 : 0;
        was_settled =
            was_settled || (status == "Unknown" && error_of(resource).find("The daemon ended while") != std::string::npos);
        if (status == "Unknown" && error_of(resource).empty()) bad("has an Unknown without a reason");
        Step step{request.verb,
                  request.resources[i].marker,
                  status,
                  text_at(resource, "code"),
                  error_of(resource),
                  id,
                  ms_of(text_at(operation, "created")),
                  ms_of(text_at(operation, "ended"))};
        played.steps[request.target][request.resources[i].object].push_back(std::move(step));
    }
    const std::string expected = failed == 0 ? "succeeded" : "failed";
    if (state != expected) bad("should have " + expected);
    if (was_settled && killer_.queued_at_crash().contains(id)) {
        const auto known = static_cast<std::size_t>(Known::unknown_of_queued);
        if (totals_.known[known]++ == 0) totals_.first_known[known] = "operation " + json::serialize(operation);
    }
}

// What clients were told is in the history, once.
void Rounds::check_requests(const Played &played) {
    std::map<std::string, std::vector<std::string>> carried_out; // by request
    for (const auto &[id, operation] : played.operations)
        if (!operation.as_object().contains("failure")) carried_out[text_at(operation, "request_id")].push_back(id);
    for (const auto &[id, request] : played.requests) {
        ++totals_.requests;
        if (!request.mistake.empty()) wrong("Request " + id + ": " + request.mistake);
        for (const std::string &operation : request.operations)
            if (!played.operations.contains(operation)) wrong("Operation " + operation + " was told to a client, and is lost");
        const std::vector<std::string> &done = carried_out[id];
        if (done.size() > 1)
            wrong("Request " + id + " was carried out " + std::to_string(done.size()) + " times: " + done[0] + ", " + done[1]);
        const auto answered =
            request.operations.empty() ? played.operations.end() : played.operations.find(request.operations.back());
        if (answered != played.operations.end()) check_answer(request, answered->second);
    }
}

// A client that got an answer was told what the history says.
void Rounds::check_answer(const Request &request, const json::value &operation) {
    const auto bad = [&](const std::string &what) {
        wrong("Request " + request.id + " was answered with " + std::to_string(request.status) + what +
              ", and its operation is " + json::serialize(operation));
    };
    const bool is_success = request.status == 200 || request.status == 201 || request.status == 204;
    if (is_success && text_at(operation, "state") != "succeeded") return bad("");
    if (request.answer.empty()) return;
    const json::value told = json::parse(request.answer);
    const json::array &resources = operation.at("resources").as_array(), &answers = told.at("resources").as_array();
    for (std::size_t i = 0; i < resources.size() && i < answers.size(); ++i)
        if (const std::string status = text_at(answers[i].at("state"), "status"); status != text_at(resources[i], "status"))
            return bad(" and " + status + " for " + text_at(resources[i], "name"));
    if (resources.size() != answers.size()) bad(" for " + std::to_string(answers.size()) + " resources");
}

void Rounds::check_objects(Played &played) {
    for (Killer::Foreign &made : killer_.take_foreign()) {
        Step step{Verb::create, made.marker, "Created", {}, {}, "a foreign client", made.began, made.ended, true};
        played.steps[made.target][made.object].push_back(std::move(step));
        ++totals_.foreign;
    }
    for (const Target &target : clusters_.targets()) {
        const auto events = target.is_real() ? watches_.at(target.name)->take() : folder_watch_.take();
        if (!events) std::cout << "round " << totals_.rounds << ": the events of target " << target.name << " are not whole\n";
        judge_target(target, played.steps[target.name], events ? &*events : nullptr);
    }
}

void Rounds::judge_target(const Target &target, Objects &steps, const std::map<std::string, std::vector<Event>> *events) {
    static const std::vector<Event> none;
    Contents now = clusters_.read(target);
    Contents &before = before_[target.name];
    for (const Contents *contents : {&before, &now})
        for (const auto &[object, marker] : *contents) steps[object];
    for (const auto &[object, writes] : steps) {
        ++totals_.objects;
        const auto was = marker_in(before, object), is = marker_in(now, object);
        const std::vector<Event> *seen = nullptr;
        if (events) seen = events->contains(object) ? &events->at(object) : &none;
        const Verdict verdict = judge(was, is, writes, seen);
        totals_.open += verdict.is_open ? 1 : 0;
        const std::string story = "object " + object + " of target " + target.name + ", in round " +
                                  std::to_string(totals_.rounds) + ":\n" + story_of(was, is, writes, seen);
        for (const Known known : std::set<Known>(verdict.known.begin(), verdict.known.end()))
            if (totals_.known[static_cast<std::size_t>(known)]++ == 0)
                totals_.first_known[static_cast<std::size_t>(known)] = story;
        if (!verdict.wrong.empty()) wrong(verdict.wrong + "\n" + story);
    }
    before = std::move(now);
}

void Rounds::keep(const Played &played) const {
    json::array operations;
    for (const auto &[id, operation] : played.operations) operations.push_back(operation);
    const std::string name = "seed-" + std::to_string(seed_) + "-round-" + std::to_string(totals_.rounds);
    write_file(kept_ / (name + ".json"), json::serialize(operations));
    write_file(kept_ / (name + ".log"), killer_.log());
    std::cout << "The operations of this round, and the last daemon's log: " << (kept_ / name).string() << ".*\n";
}

void Rounds::write_all_again() {
    killer_.make_peace();
    for (const Target &target : clusters_.targets())
        for (const Verb verb : {Verb::remove, Verb::create}) end_well(target.name, verb);
}

void Rounds::end_well(const std::string &target, Verb verb) {
    Request request;
    request.id = "last-" + target + "-" + std::string(word_of(verb));
    request.target = target;
    request.verb = verb;
    request.is_async = true;
    for (std::size_t i = 0; i < all_objects; ++i)
        request.resources.push_back({object_name(i), verb == Verb::remove ? "" : "last", {}});
    post(killer_.address(), request);
    if (!wait_for_ends()) return;
    const json::value operation = get("/operations/" + (request.operations.empty() ? "none" : request.operations[0]));
    if (text_at(operation, "state") != "succeeded")
        wrong("The last " + std::string(word_of(verb)) + " of all objects of " + target +
              " did not succeed: " + json::serialize(operation).substr(0, 2000));
}

} // namespace rsf::test::crash
