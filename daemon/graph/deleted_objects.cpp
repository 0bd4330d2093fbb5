// SPDX-License-Identifier: Apache-2.0
#include "graph/deleted_objects.hpp"

#include "base/text.hpp"
#include "graph/identity.hpp"
#include "graph/reference_value.hpp"
#include "graph/value_size.hpp"
#include "parse/reference_text.hpp"
#include "parse/references.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace rsf::graph {

namespace {

namespace json = boost::json;

bool holds_reference(const json::object &identity) {
    return std::ranges::any_of(identity, [](const auto &member) {
        const json::value &value = member.value();
        return value.is_object() ? holds_reference(value.get_object()) : parse::may_hold_reference(value.get_string());
    });
}

// Empty: no reference is in it.
json::object referring_identity(const json::object &properties) {
    json::object identity = identity_of(properties);
    return holds_reference(identity) ? identity : json::object();
}

json::object with_identity(json::object properties, const json::object &identity) {
    for (const auto &[key, value] : identity) {
        json::value &at = properties[key];
        if (at.is_object() && value.is_object())
            for (const auto &[inner, text] : value.get_object()) at.get_object()[inner] = text;
        else
            at = value;
    }
    return properties;
}

bool means_absent(const Error &error) { return error.code == Code::not_found || error.code == Code::invalid; }

class Resolving {
  public:
    Resolving(const parse::Configuration &configuration, const ReadLive &read_live)
        : configuration_(configuration), read_live_(read_live), objects_(configuration.resources.size()),
          posted_(configuration.resources.size()), live_(configuration.resources.size()) {}

    std::vector<DeletedObject> resolve_all();

  private:
    enum class Progress { due, begun, done };
    struct Bearers { // of one name
        std::size_t first = 0;
        std::size_t count = 0;
    };

    const DeletedObject &object_of(std::size_t resource);
    Result<json::value> look_up(const parse::Reference &reference);
    Result<json::value> posted_value(std::size_t resource, const parse::Reference &reference);
    Result<json::value> live_value(std::size_t resource, const parse::Reference &reference);
    const Result<LiveObject> &live(std::size_t resource);

    const parse::Configuration &configuration_;
    const ReadLive &read_live_;
    std::vector<DeletedObject> objects_;
    std::vector<Progress> progress_;
    std::vector<std::optional<json::value>> posted_; // what is referred to, as values
    std::vector<std::optional<Result<LiveObject>>> live_;
    boost::unordered_flat_map<std::string_view, Bearers> bearers_;
    std::vector<std::pair<std::size_t, std::string>> path_; // the posted values that are being looked up: resource and path
    std::size_t lookups_ = 0, bytes_ = 0;
};

std::vector<DeletedObject> Resolving::resolve_all() {
    const std::size_t count = configuration_.resources.size();
    progress_.assign(count, Progress::done);
    bool refers = false;
    for (std::size_t i = 0; i < count; ++i)
        if (!referring_identity(configuration_.resources[i].properties).empty()) {
            progress_[i] = Progress::due;
            refers = true;
        }
    if (!refers) return std::move(objects_);
    for (std::size_t i = 0; i < count; ++i) {
        Bearers &bearers = bearers_[configuration_.resources[i].name];
        if (bearers.count++ == 0) bearers.first = i;
    }
    for (std::size_t i = 0; i < count; ++i) object_of(i);
    return std::move(objects_);
}

const DeletedObject &Resolving::object_of(std::size_t resource) {
    DeletedObject &object = objects_[resource];
    if (progress_[resource] != Progress::due) return object;
    progress_[resource] = Progress::begun;
    const json::object &posted = configuration_.resources[resource].properties;
    const Result<json::object> identity =
        parse::resolve(referring_identity(posted), [this](const parse::Reference &reference) { return look_up(reference); });
    if (identity) {
        object.kind = DeletedObject::Kind::resolved;
        object.properties = with_identity(posted, *identity);
    } else {
        object.kind = means_absent(identity.error()) ? DeletedObject::Kind::absent : DeletedObject::Kind::unknown;
        object.reason = identity.error().message;
    }
    progress_[resource] = Progress::done;
    return object;
}

Result<json::value> Resolving::look_up(const parse::Reference &reference) {
    // A chain or a fan of references that was made to cost much.
    constexpr std::size_t most_lookups = 200'000, most_bytes = std::size_t{64} << 20, longest_path = 100;
    const auto problem = [&](Code code, const std::string &what) {
        return error_of(code, printable(reference.text()) + " tells no identity: " + what);
    };
    const auto bearer = bearers_.find(reference.name);
    if (bearer == bearers_.end()) return problem(Code::not_found, "no resource has that name.");
    if (bearer->second.count > 1) return problem(Code::not_found, "several resources have that name.");
    if (++lookups_ > most_lookups || bytes_ > most_bytes || path_.size() > longest_path)
        return problem(Code::internal, "the references that lead to it are too many.");
    const std::size_t resource = bearer->second.first;
    if (Result<json::value> value = posted_value(resource, reference); value || !means_absent(value.error())) return value;
    Result<json::value> value = live_value(resource, reference);
    if (value) return value;
    return problem(value.error().code, value.error().message);
}

// A value that holds references itself is resolved first.
Result<json::value> Resolving::posted_value(std::size_t resource, const parse::Reference &reference) {
    const Error circle = not_found("It refers to itself.");
    std::pair<std::size_t, std::string> here(resource, reference.path);
    if (std::ranges::find(path_, here) != path_.end()) return circle;
    const parse::Resource &of = configuration_.resources[resource];
    std::optional<json::value> &posted = posted_[resource];
    if (!posted) posted = of.properties;
    Result<json::value> value = value_for(*posted, reference.path, std::string());
    const bool is_name = reference.path == "metadata.name" || reference.path == "name";
    if (!value && is_name && !parse::value_at(*posted, "metadata.generateName")) value = json::value(of.name);
    if (!value) return value;
    bytes_ += value_size(*value);
    path_.push_back(std::move(here));
    Result<json::object> resolved =
        parse::resolve(json::object{{"", std::move(*value)}}, [this](const parse::Reference &next) { return look_up(next); });
    path_.pop_back();
    if (!resolved) return std::move(resolved).error();
    return std::move(resolved->at(""));
}

Result<json::value> Resolving::live_value(std::size_t resource, const parse::Reference &reference) {
    if (progress_[resource] == Progress::begun) return not_found("it refers to itself.");
    const DeletedObject &object = object_of(resource);
    if (object.kind == DeletedObject::Kind::absent) return not_found(object.reason);
    if (object.kind == DeletedObject::Kind::unknown) return internal(object.reason);
    const Result<LiveObject> &found = live(resource);
    if (!found) return found.error();
    Result<json::value> value = value_for(found->object, reference.path, found->selflink);
    if (value) bytes_ += value_size(*value);
    return value;
}

const Result<LiveObject> &Resolving::live(std::size_t resource) {
    std::optional<Result<LiveObject>> &found = live_[resource];
    const parse::Resource &of = configuration_.resources[resource];
    const DeletedObject &object = objects_[resource];
    if (!found) found = read_live_(of, object.kind == DeletedObject::Kind::resolved ? object.properties : of.properties);
    return *found;
}

} // namespace

std::vector<DeletedObject> deleted_objects(const parse::Configuration &configuration, const ReadLive &read_live) {
    return Resolving(configuration, read_live).resolve_all();
}

} // namespace rsf::graph
