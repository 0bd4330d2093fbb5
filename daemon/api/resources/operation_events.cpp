// SPDX-License-Identifier: Apache-2.0
#include "api/resources/operation_events.hpp"

#include "api/answer/operation_document.hpp"
#include "api/resources/operations.hpp"
#include "http/problem.hpp"
#include "http/syntax.hpp"
#include "operations/operations.hpp"
#include "store/operation_id.hpp"

#include <resourcifier/json_text.hpp>

#include <boost/json/object.hpp>
#include <spdlog/fmt/fmt.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace rsf::api {

namespace json = boost::json;

namespace {

constexpr std::size_t most_at_once = 200; // events in one piece
// Changes that come within this time are told together, each object once.
constexpr std::chrono::milliseconds time_to_gather(20);
constexpr std::chrono::seconds time_between_heartbeats(15);

// A change has twice its number as its id, and the end one more: a client that asks again after the end is told from one that
// lacks it, also when the changes are not numbered as before, since the daemon was restarted.
std::uint64_t id_of_change(std::uint64_t number) { return 2 * number; }
std::uint64_t id_of_end(std::uint64_t number) { return 2 * number + 1; }
bool is_id_of_end(std::uint64_t id) { return id % 2 == 1; }

void append(std::string &text, std::uint64_t id, std::string_view event, const json::object &data) {
    fmt::format_to(std::back_inserter(text), "id: {}\nevent: {}\ndata: {}\n\n", id, event, json_text(data));
}

json::object resource_event(std::size_t index, const store::Step &step) {
    json::object data{{"index", index}};
    for (auto &member : step_document(step)) data.emplace(member.key(), std::move(member.value()));
    return data;
}

std::string text_of(const operations::Changes &changes) {
    std::string text;
    bool is_state_told = !changes.state;
    const auto tell_state = [&] {
        is_state_told = true;
        const auto &[number, summary] = *changes.state;
        const bool is_end = is_final(summary.state);
        append(text, is_end ? id_of_end(number) : id_of_change(number), is_end ? "end" : "state",
               operation_document(summary, std::nullopt));
    };
    for (const operations::Changes::Step &change : changes.steps) {
        if (!is_state_told && changes.state->first < change.number) tell_state();
        if (change.said.empty())
            append(text, id_of_change(change.number), "resource", resource_event(change.index, change.step));
        else
            append(text, id_of_change(change.number), "progress",
                   {{"index", change.index}, {"name", change.step.name}, {"message", change.said}});
    }
    if (!is_state_told) tell_state();
    return text;
}

std::uint64_t last_of(const operations::Changes &changes, std::uint64_t before) {
    std::uint64_t last = changes.steps.empty() ? before : changes.steps.back().number;
    return changes.state ? std::max(last, changes.state->first) : last;
}

// Events that come by and by. Nothing is kept for a client that does not read: each time it asks, it gets how things are then.
class Live : public http::BodySource, public std::enable_shared_from_this<Live> {
  public:
    explicit Live(std::shared_ptr<const Tools> tools) : tools_(std::move(tools)) {}

    void next(std::function<void(std::string)> ready) final {
        if (has_ended_) return ready({});
        const auto piece = std::make_shared<Piece>();
        piece->ready = std::move(ready);
        const auto weak = weak_from_this();
        tools_->operations->timers().in(time_between_heartbeats, [weak, piece] {
            if (weak.lock() && !piece->is_taken.exchange(true)) piece->ready(": still under way\n\n");
        });
        when_changed([weak, piece, tools = tools_] {
            if (piece->is_taken.exchange(true)) return;
            tools->operations->timers().in(time_to_gather, [weak, piece, tools] {
                tools->later.offload([weak, piece] {
                    const auto self = weak.lock();
                    if (!self) return;
                    std::string text = self->tell();
                    piece->ready(text.empty() ? std::string(":\n\n") : std::move(text));
                });
            });
        });
    }

  protected:
    virtual void when_changed(std::function<void()> once) = 0;
    // What changed since; may block in the store. Ends the events with has_ended_.
    virtual std::string tell() = 0;
    const Tools &tools() const { return *tools_; }

    bool has_ended_ = false;

  private:
    struct Piece {
        std::function<void(std::string)> ready;
        std::atomic<bool> is_taken = false;
    };

    const std::shared_ptr<const Tools> tools_;
};

// Those of an operation that is under way.
class OfOperation final : public Live {
  public:
    OfOperation(std::shared_ptr<const Tools> tools, std::shared_ptr<operations::Running> running, std::uint64_t after)
        : Live(std::move(tools)), running_(std::move(running)), after_(after) {}

  private:
    void when_changed(std::function<void()> once) override { running_->when_changed(after_, std::move(once)); }
    std::string tell() override {
        const operations::Changes changes = running_->changes_since(after_, most_at_once);
        after_ = last_of(changes, after_);
        has_ended_ = changes.has_ended;
        return text_of(changes);
    }

    const std::shared_ptr<operations::Running> running_;
    std::uint64_t after_; // of one piece after another
};

// Those of all operations that fit: their states, first of those that have not ended.
class OfList final : public Live {
  public:
    OfList(std::shared_ptr<const Tools> tools, store::Filter filter, std::uint64_t after)
        : Live(std::move(tools)), filter_(std::move(filter)), after_(after) {
        if (feed().since(after_, 1).has_gap) begin_anew(); // now: what begins and ends before the first piece is told
    }

  private:
    void when_changed(std::function<void()> once) override {
        begins_anew_ ? once() : feed().when_changed(after_, std::move(once));
    }
    std::string tell() override {
        if (!begins_anew_ && feed().since(after_, 1).has_gap) begin_anew();
        std::string text = std::move(first_);
        first_.clear();
        begins_anew_ = false;
        const operations::Feed::News news = feed().since(after_, most_at_once);
        for (const operations::Feed::Change &change : news.changes) {
            after_ = change.number;
            if (fits(filter_, store::Operation{change.operation, {}, {}, {}})) append(text, change.operation, change.number);
        }
        return text;
    }
    void begin_anew() {
        begins_anew_ = true;
        after_ = feed().last(); // what changes meanwhile is told twice
        for (const store::Summary &each : tools().operations->under_way(filter_)) append(first_, each, after_);
    }
    static void append(std::string &text, const store::Summary &operation, std::uint64_t number) {
        api::append(text, number, is_final(operation.state) ? "end" : "state", operation_document(operation, std::nullopt));
    }
    operations::Feed &feed() { return tools().operations->feed(); }

    const store::Filter filter_;
    // Of one piece after another.
    std::uint64_t after_;
    bool begins_anew_ = false;
    std::string first_; // when it begins anew
};

// Those of an operation that has ended: how each resource ended, and its end.
class Replay final : public http::BodySource {
  public:
    explicit Replay(store::Operation operation) : operation_(std::move(operation)) {}

    void next(std::function<void(std::string)> ready) override {
        std::string text;
        const std::size_t end = std::min(next_ + most_at_once, operation_.steps.size());
        for (; next_ < end; ++next_)
            append(text, id_of_change(next_ + 1), "resource", resource_event(next_, operation_.steps[next_]));
        if (next_ == operation_.steps.size() && !std::exchange(is_end_told_, true))
            append(text, id_of_end(next_ + 1), "end", operation_document(static_cast<const store::Summary &>(operation_), {}));
        ready(std::move(text));
    }

  private:
    const store::Operation operation_;
    std::size_t next_ = 0;
    bool is_end_told_ = false;
};

struct LastEvent {
    std::uint64_t id = 0;
};

// What the client has seen already; 0: nothing.
OrProblem<LastEvent> read_last_id(const Headers &headers) {
    const auto values = header_values(headers, "Last-Event-ID");
    if (values.empty()) return LastEvent{};
    const std::string_view text = http::trimmed(values[0]);
    std::uint64_t id = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (values.size() > 1 || failed != std::errc{} || end != text.data() + text.size() || text.size() > 20)
        return Problem{400, "bad-header",
                       "The Last-Event-ID has to be the id of an event that was sent here before, which is a number."};
    return LastEvent{id};
}

Response stream_of(std::shared_ptr<http::BodySource> source) {
    Response response;
    response.status = 200;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.source = std::move(source);
    return response;
}

Response events_of(const std::shared_ptr<const Tools> &tools, const std::string &id, std::uint64_t last_id) {
    if (auto running = tools->operations->running(id)) {
        // An id that is not given yet is of a daemon before this one, or of nobody: all is told again.
        const std::uint64_t after = last_id / 2 <= running->last_change() ? last_id / 2 : 0;
        return stream_of(std::make_shared<OfOperation>(tools, std::move(running), after));
    }
    auto found = tools->operations->find(id);
    if (!found) return unreadable_store(found.error());
    if (!*found) return http::to_response(no_operation(id));
    if (is_id_of_end(last_id)) { // the client knows the end; 204 ends the reconnecting of an EventSource
        Response nothing;
        nothing.status = 204;
        return nothing;
    }
    return stream_of(std::make_shared<Replay>(std::move(**found)));
}

} // namespace

void answer_watch(const std::shared_ptr<const Tools> &tools, const Request &request, store::Filter filter, Respond respond) {
    const auto last_id = read_last_id(request.headers);
    if (!last_id) return respond(http::to_response(last_id.error()));
    respond(stream_of(std::make_shared<OfList>(tools, std::move(filter), last_id->id)));
}

void answer_events(const std::shared_ptr<const Tools> &tools, const Request &request, const Admitted &admitted, Respond respond) {
    const std::string &id = admitted.route.name;
    if (!store::is_operation_id(id)) return respond(http::to_response(no_operation(id)));
    const auto last_id = read_last_id(request.headers);
    if (!last_id) return respond(http::to_response(last_id.error()));
    tools->later(request.id, std::move(respond), [tools, id, last_id = last_id->id] { return events_of(tools, id, last_id); });
}

} // namespace rsf::api
