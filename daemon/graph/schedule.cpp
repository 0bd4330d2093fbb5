// SPDX-License-Identifier: Apache-2.0
#include "graph/schedule.hpp"

#include "base/text.hpp"
#include "graph/reference_value.hpp"
#include "graph/relations.hpp"
#include "graph/value_size.hpp"
#include "parse/references.hpp"

#include <functional>
#include <limits>
#include <new>
#include <queue>
#include <utility>

namespace rsf::graph {

namespace {

// kept_bytes of an object that is not kept: it is too large, or there was no memory to measure it.
constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();

// Of all objects together that are kept for references. What references insert into one resource is limited by resolve.
constexpr std::size_t most_kept_bytes = 256u << 20;

struct Node {
    Verdict::Kind kind = Verdict::Kind::waiting;
    std::size_t waits_for = 0;        // how many that come before it are not settled
    std::size_t because_of = no_node; // aborted: the resource next to it that it could not do without
    std::size_t root = no_node;       // aborted: the one that all this began with
    std::string reason;               // failed, or nothing to delete: why
    std::size_t readers = 0;          // how many resources have yet to read its object
    std::size_t kept_bytes = 0;
    boost::json::value object;
    Knowledge knowledge = Knowledge::whole;
    std::optional<std::string> selflink;
};

bool is_final(Verdict::Kind kind) { return kind != Verdict::Kind::waiting && kind != Verdict::Kind::running; }

std::size_t size_of(const boost::json::value &object) {
    try {
        return value_size(object);
    } catch (const std::bad_alloc &) {
        return unbounded;
    }
}

// Numbers below a bound, each at most once; the lowest comes out first. Those added by begin_with() come out in constant time.
// Allocates only in its constructor.
class LowestFirst {
  public:
    explicit LowestFirst(std::size_t bound) {
        first_.reserve(bound);
        std::vector<std::size_t> room;
        room.reserve(bound);
        later_ = decltype(later_)(std::greater<>(), std::move(room));
    }

    // Called in ascending order, before anything else.
    void begin_with(std::size_t number) { first_.push_back(number); }
    void push(std::size_t number) { later_.push(number); }
    bool empty() const { return at_ == first_.size() && later_.empty(); }

    std::size_t pop() {
        if (at_ < first_.size() && (later_.empty() || first_[at_] < later_.top())) return first_[at_++];
        const std::size_t lowest = later_.top();
        later_.pop();
        return lowest;
    }

  private:
    std::vector<std::size_t> first_;
    std::size_t at_ = 0;
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> later_;
};

DependencyGraph reversed(const DependencyGraph &graph) {
    std::vector<Edge> edges;
    for (std::size_t node = 0; node < graph.size(); ++node)
        for (const DependencyGraph::Successor &successor : graph.successors(node))
            edges.push_back({successor.node, node, successor.kind});
    return DependencyGraph(graph.size(), edges);
}

} // namespace

// A resource is settled once its verdict is final and all that comes before it is settled: only then may what comes after it
// begin. So a sequence holds even through a resource that was aborted early.
struct Schedule::Progress {
    Progress(const parse::Configuration &of, Direction walked, Relations relations, std::vector<DeletedObject> to_delete);

    std::optional<Step> next_ready();
    Result<std::optional<Step>> take(std::size_t resource);
    Result<std::optional<Step>> take_to_delete(std::size_t resource);
    Result<boost::json::value> look_up(const parse::Reference &reference, std::vector<std::string> &unknown) const;
    void end(std::size_t resource, Verdict::Kind kind);
    void abort_what_needs(std::size_t resource);
    void settle(std::size_t resource);
    void done_reading(std::size_t resource);
    std::string reason(const Node &node) const;

    const parse::Configuration &configuration;
    const Direction direction;
    const Names by_name;
    const std::vector<bool> to_resolve;
    const DependencyGraph references;   // from each resource to those that it refers to
    const DependencyGraph order;        // in the direction that is walked
    std::vector<DeletedObject> objects; // to be deleted; empty: as posted
    std::vector<Node> nodes;
    LowestFirst ready;
    std::vector<std::size_t> worklist; // scratch; its capacity is every node, so that noting an end allocates nothing
    std::size_t unfinished;
    std::size_t kept_bytes = 0;
    bool stopped = false;
    std::string stop_reason;
};

Schedule::Progress::Progress(const parse::Configuration &of, Direction walked, Relations relations,
                             std::vector<DeletedObject> to_delete)
    : configuration(of), direction(walked), by_name(std::move(relations.by_name)), to_resolve(std::move(relations.to_resolve)),
      references(std::move(relations.references)),
      order(walked == Direction::dependencies_first ? std::move(relations.order) : reversed(relations.order)),
      objects(std::move(to_delete)), nodes(of.resources.size()), ready(nodes.size()), unfinished(nodes.size()) {
    worklist.reserve(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].waits_for = order.predecessor_count(i);
        nodes[i].readers = direction == Direction::dependencies_first ? references.predecessor_count(i) : 0;
        if (nodes[i].waits_for == 0) ready.begin_with(i);
    }
}

std::optional<Step> Schedule::Progress::next_ready() {
    while (!ready.empty()) {
        const std::size_t resource = ready.pop();
        if (nodes[resource].kind != Verdict::Kind::waiting) continue; // aborted while it was ready
        nodes[resource].kind = Verdict::Kind::running;
        const bool deletes = direction == Direction::dependants_first && !objects.empty();
        Result<std::optional<Step>> step = deletes ? take_to_delete(resource) : take(resource);
        done_reading(resource);
        if (step && *step) return std::move(*step);
        if (!step) nodes[resource].reason = std::move(step.error().message);
        end(resource, step ? Verdict::Kind::succeeded : Verdict::Kind::failed);
    }
    return std::nullopt;
}

// None: nothing can be there to delete, and the node's reason says why.
Result<std::optional<Step>> Schedule::Progress::take_to_delete(std::size_t resource) {
    DeletedObject &object = objects[resource];
    switch (object.kind) {
    case DeletedObject::Kind::posted: break;
    case DeletedObject::Kind::resolved: return std::optional(Step{resource, std::move(object.properties), {}});
    case DeletedObject::Kind::absent: nodes[resource].reason = std::move(object.reason); return std::optional<Step>();
    case DeletedObject::Kind::unknown: return internal(std::move(object.reason));
    }
    return std::optional(Step{resource, std::nullopt, {}});
}

Result<std::optional<Step>> Schedule::Progress::take(std::size_t resource) {
    if (direction == Direction::dependants_first || !to_resolve[resource]) return std::optional(Step{resource, std::nullopt, {}});
    try {
        std::vector<std::string> unknown;
        Result<boost::json::object> resolved =
            parse::resolve(configuration.resources[resource].properties,
                           [&](const parse::Reference &reference) { return look_up(reference, unknown); });
        if (!resolved) return std::move(resolved).error();
        return std::optional(Step{resource, std::move(*resolved), std::move(unknown)});
    } catch (const std::bad_alloc &) {
        return internal("out of memory");
    }
}

Result<boost::json::value> Schedule::Progress::look_up(const parse::Reference &reference,
                                                       std::vector<std::string> &unknown) const {
    const auto problem = [&](const std::string &what) {
        return invalid(printable(reference.text()) + " at " + printable(reference.pointer) + " can't be resolved: " + what);
    };
    const Node &node = nodes[by_name.at(reference.name)];
    if (node.kept_bytes > most_kept_bytes)
        return problem("the objects that references wait for are larger than " + std::to_string(most_kept_bytes >> 20) + " MiB");
    Result<boost::json::value> value = value_for(node.object, reference.path, node.selflink);
    if (value) return value;
    if (node.knowledge == Knowledge::nothing)
        return problem("the daemon had no memory for the object when it came: send what refers to it again");
    if (node.knowledge == Knowledge::whole && !is_unknown_selflink(reference.path, node.selflink))
        return problem(value.error().message);
    unknown.push_back(reference.pointer);
    return boost::json::value("(known after " + reference.name + ")");
}

void Schedule::Progress::end(std::size_t resource, Verdict::Kind kind) {
    nodes[resource].kind = kind;
    --unfinished;
    if (kind != Verdict::Kind::succeeded && direction == Direction::dependencies_first) abort_what_needs(resource);
    settle(resource);
}

void Schedule::Progress::abort_what_needs(std::size_t resource) {
    worklist.assign(1, resource);
    while (!worklist.empty()) {
        const std::size_t node = worklist.back();
        worklist.pop_back();
        for (const DependencyGraph::Successor &successor : order.successors(node)) {
            Node &next = nodes[successor.node];
            if (successor.kind != EdgeKind::requirement || next.kind != Verdict::Kind::waiting) continue;
            next.kind = Verdict::Kind::aborted;
            next.because_of = node;
            next.root = resource;
            --unfinished;
            done_reading(successor.node);
            worklist.push_back(successor.node);
        }
    }
}

void Schedule::Progress::settle(std::size_t resource) {
    worklist.assign(1, resource);
    while (!worklist.empty()) {
        const std::size_t node = worklist.back();
        worklist.pop_back();
        for (const DependencyGraph::Successor &successor : order.successors(node)) {
            Node &next = nodes[successor.node];
            if (--next.waits_for != 0) continue;
            if (is_final(next.kind))
                worklist.push_back(successor.node);
            else
                ready.push(successor.node);
        }
    }
}

// Frees objects that no reference reads any more.
void Schedule::Progress::done_reading(std::size_t resource) {
    if (direction == Direction::dependants_first) return;
    for (const DependencyGraph::Successor &read : references.successors(resource)) {
        Node &node = nodes[read.node];
        if (--node.readers != 0) continue;
        node.object = nullptr;
        if (node.kept_bytes <= most_kept_bytes) kept_bytes -= node.kept_bytes;
        node.kept_bytes = 0;
    }
}

std::string Schedule::Progress::reason(const Node &node) const {
    if (node.kind != Verdict::Kind::aborted) return node.reason;
    if (node.root == no_node) return "aborted: " + stop_reason;

    const auto name = [&](std::size_t of) { return in_quotes(configuration.resources[of].name); };
    const std::string what = " failed: " + printable(nodes[node.root].reason);
    const std::string link = "it refers to " + name(node.because_of) + ", which";
    if (node.because_of == node.root) return "aborted: " + link + what;
    return "aborted: " + link + " was aborted because " + name(node.root) + what;
}

Result<Schedule> Schedule::make(const parse::Configuration &configuration, Direction direction,
                                const std::vector<OrderEdge> &order, std::vector<DeletedObject> objects) {
    if (direction == Direction::dependants_first)
        return Schedule(std::make_unique<Progress>(configuration, direction, relate_as_far_as_possible(configuration, order),
                                                   std::move(objects)));
    Result<Relations> relations = relate(configuration, order);
    if (!relations) return std::move(relations).error();
    return Schedule(std::make_unique<Progress>(configuration, direction, std::move(*relations), std::vector<DeletedObject>()));
}

Schedule::Schedule(std::unique_ptr<Progress> progress) : progress_(std::move(progress)) {}
Schedule::Schedule(Schedule &&) noexcept = default;
Schedule &Schedule::operator=(Schedule &&) noexcept = default;
Schedule::~Schedule() = default;

std::optional<Step> Schedule::next_ready() { return progress_->next_ready(); }

bool Schedule::more_to_do() const { return progress_->unfinished != 0; }

bool Schedule::succeeded(std::size_t resource, boost::json::value object, Knowledge knowledge,
                         std::optional<std::string> selflink) {
    Node &node = progress_->nodes[resource];
    node.knowledge = knowledge;
    if (node.readers != 0) {
        node.selflink = std::move(selflink);
        node.kept_bytes = size_of(object);
        if (node.kept_bytes <= most_kept_bytes - progress_->kept_bytes) {
            progress_->kept_bytes += node.kept_bytes;
            node.object = std::move(object);
        } else {
            node.kept_bytes = unbounded;
        }
    }
    const bool is_kept = node.readers != 0 && node.kept_bytes != unbounded;
    progress_->end(resource, Verdict::Kind::succeeded);
    return is_kept;
}

void Schedule::failed(std::size_t resource, std::string reason) {
    progress_->nodes[resource].reason = std::move(reason);
    progress_->end(resource, Verdict::Kind::failed);
}

void Schedule::not_begun(std::size_t resource) { progress_->end(resource, Verdict::Kind::aborted); }

void Schedule::abort_waiting(std::string reason) {
    if (std::exchange(progress_->stopped, true)) return;
    progress_->stop_reason = std::move(reason);
    for (std::size_t i = 0; i < progress_->nodes.size(); ++i) {
        Node &node = progress_->nodes[i];
        if (node.kind != Verdict::Kind::waiting) continue;
        node.kind = Verdict::Kind::aborted;
        --progress_->unfinished;
        progress_->done_reading(i);
    }
}

Verdict Schedule::verdict(std::size_t resource) const {
    const Node &node = progress_->nodes[resource];
    const bool has_root = node.kind == Verdict::Kind::aborted && node.root != no_node;
    return {node.kind, progress_->reason(node), has_root ? std::optional(node.root) : std::nullopt};
}

std::vector<std::size_t> Schedule::refers_to(std::size_t resource) const {
    std::vector<std::size_t> result;
    for (const DependencyGraph::Successor &successor : progress_->references.successors(resource))
        result.push_back(successor.node);
    return result;
}

} // namespace rsf::graph
