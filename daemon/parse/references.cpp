// SPDX-License-Identifier: Apache-2.0
#include "parse/references.hpp"

#include "parse/number_text.hpp"
#include "parse/place_trail.hpp"
#include "parse/reference_text.hpp"
#include "parse/value_builder.hpp"
#include "text.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <utility>

namespace rsf::daemon {

namespace json = boost::json;

namespace {

constexpr std::size_t most_bytes = 32u << 20;

// Throws Refused with the pointer of where it is; within this file only.
[[noreturn]] void stop(Error error, std::string_view pointer) {
    if (error.place.pointer.empty()) error.place.pointer = pointer;
    throw Refused{std::move(error)};
}

// Visits every string of a value in document order with its pointer; keys that hold references are refused.
class Visitor {
  public:
    virtual ~Visitor() = default;

    void visit(json::value &value) {
        if (json::object *object = value.if_object())
            visit(*object);
        else if (json::array *array = value.if_array())
            visit(*array);
        else if (value.is_string() && may_hold_reference(value.get_string()))
            on_string(value);
    }

    void visit(json::object &object) {
        const std::size_t length = pointer_.size();
        for (auto &entry : object) {
            const std::string_view key = entry.key();
            append_token(pointer_, key);
            if (may_hold_reference(key)) refuse_in_key(key);
            visit(entry.value());
            pointer_.resize(length);
        }
    }

  protected:
    // A string that may hold references, and where it stands.
    virtual void on_string(json::value &value) = 0;

    std::string pointer_;

  private:
    void visit(json::array &array) {
        const std::size_t length = pointer_.size();
        for (std::size_t i = 0; i < array.size(); ++i) {
            pointer_ += '/';
            pointer_ += std::to_string(i);
            visit(array[i]);
            pointer_.resize(length);
        }
    }

    void refuse_in_key(std::string_view key) {
        auto pieces = split_references(key);
        const bool is_text = pieces && std::none_of(pieces->begin(), pieces->end(),
                                                    [](const Piece &piece) { return std::holds_alternative<Reference>(piece); });
        if (!is_text)
            stop(Error{Code::invalid, "The key '" + printable(key, 80) + "' holds a reference; only values may.", {}, {}},
                 pointer_);
    }
};

class Finder : public Visitor {
  public:
    std::vector<Reference> found;

  private:
    void on_string(json::value &value) override {
        auto pieces = split_references(value.get_string());
        if (!pieces) stop(pieces.error(), pointer_);
        for (Piece &piece : pieces.value()) {
            auto *reference = std::get_if<Reference>(&piece);
            if (!reference) continue;
            reference->pointer = pointer_;
            found.push_back(std::move(*reference));
        }
    }
};

class Resolver : public Visitor {
  public:
    explicit Resolver(const Lookup &lookup) : lookup_(lookup) {}

  private:
    void on_string(json::value &value) override {
        auto pieces = split_references(value.get_string());
        if (!pieces) stop(pieces.error(), pointer_);
        if (pieces->size() == 1 && std::holds_alternative<Reference>(pieces->front())) {
            value = look_up(std::get<Reference>(pieces->front()));
            return;
        }
        std::string text;
        for (Piece &piece : pieces.value()) {
            if (auto *plain = std::get_if<std::string>(&piece))
                text += *plain;
            else
                append(text, std::get<Reference>(piece));
        }
        value = json::string(text);
    }

    json::value look_up(Reference &reference) {
        reference.pointer = pointer_;
        auto value = lookup_(reference);
        if (!value) stop(value.error(), pointer_);
        bytes_ += cost_of(value.value()).bytes;
        if (bytes_ > most_bytes)
            stop(Error{Code::invalid, "The values that references put in take more than 32 MiB of memory.", {}, {}}, pointer_);
        return std::move(value.value());
    }

    void append(std::string &text, Reference &reference) {
        const json::value value = look_up(reference);
        switch (value.kind()) {
        case json::kind::string: text += std::string_view(value.get_string()); return;
        case json::kind::bool_: text += value.get_bool() ? "true" : "false"; return;
        case json::kind::int64: text += std::to_string(value.get_int64()); return;
        case json::kind::uint64: text += std::to_string(value.get_uint64()); return;
        case json::kind::double_: text += json_number(value.get_double()); return;
        default: break;
        }
        const std::string_view what = value.is_null() ? "null" : value.is_object() ? "a mapping" : "a list";
        stop(Error{Code::invalid,
                   "The reference " + printable(reference.text(), 200) + " stands within a longer text, where its value, " +
                       std::string(what) + ", can't be put in; let it be the whole text, or refer to a part of it.",
                   {},
                   {}},
             pointer_);
    }

    const Lookup &lookup_;
    std::size_t bytes_ = 0;
};

std::string keys_of(const json::object &object) {
    std::string keys;
    std::size_t n = 0;
    for (const auto &entry : object) {
        if (n++ == 8) return keys + ", …";
        keys += (keys.empty() ? "" : ", ") + printable(entry.key(), 40);
    }
    return keys.empty() ? "none" : keys;
}

std::string describe(const json::value &value) {
    if (const json::object *object = value.if_object()) return "a mapping with the keys " + keys_of(*object);
    if (const json::array *array = value.if_array()) return "a list of " + std::to_string(array->size());
    return value.is_null() ? "null" : value.is_string() ? "text" : value.is_bool() ? "a boolean" : "a number";
}

} // namespace

std::string Reference::text() const { return "$(ref." + name + "." + path + ")"; }

Result<std::vector<Reference>> find_references(const json::object &properties) {
    Finder finder;
    try {
        finder.visit(const_cast<json::object &>(properties)); // Finder changes nothing
    } catch (const Refused &refused) {
        return refused.error;
    }
    return std::move(finder.found);
}

Result<json::value> value_at(const json::value &object, std::string_view path) {
    std::string_view rest = path;
    auto steps = take_path(rest);
    if (!steps) return Error{Code::invalid, "The path '" + printable(path, 200) + "' " + steps.error().message + ".", {}, {}};
    if (!rest.empty())
        return Error{
            Code::invalid, "The path '" + printable(path, 200) + "' goes wrong at '" + printable(rest, 40) + "'.", {}, {}};
    const json::value *at = &object;
    std::string done; // of the path, for the message
    for (const PathStep &step : steps.value()) {
        const json::value *next = nullptr;
        std::string name;
        if (const auto *key = std::get_if<std::string>(&step)) {
            name = "the key '" + printable(*key, 80) + "'";
            if (const json::object *mapping = at->if_object()) next = mapping->if_contains(*key);
        } else {
            const std::size_t index = std::get<std::size_t>(step);
            name = "the entry [" + std::to_string(index) + "]";
            if (const json::array *list = at->if_array()) next = list->if_contains(index);
        }
        if (!next) {
            const std::string where = done.empty() ? "The object" : "What stands at " + done;
            return Error{Code::not_found, where + " has not " + name + ": it is " + describe(*at) + ".", {}, {}};
        }
        at = next;
        done += (done.empty() ? "" : " > ") + name;
    }
    return *at;
}

Result<json::object> resolve(const json::object &properties, const Lookup &lookup) {
    json::object resolved = properties;
    Resolver resolver(lookup);
    try {
        resolver.visit(resolved);
    } catch (const Refused &refused) {
        return refused.error;
    }
    return resolved;
}

} // namespace rsf::daemon
