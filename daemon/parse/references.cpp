// SPDX-License-Identifier: Apache-2.0
#include "parse/references.hpp"

#include "base/json_pointer.hpp"
#include "base/text.hpp"
#include "parse/number_text.hpp"
#include "parse/reference_text.hpp"
#include "parse/value_builder.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace rsf::parse {

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
        way_.emplace_back();
        for (auto &entry : object) {
            way_.back().key = entry.key();
            if (may_hold_reference(entry.key())) refuse_in_key(entry.key());
            visit(entry.value());
        }
        way_.pop_back();
    }

  protected:
    // A string that may hold references, and where it stands.
    virtual void on_string(json::value &value) = 0;

    // Of what is being visited.
    std::string pointer() const {
        std::string text;
        for (const Part &part : way_) append_token(text, part.index ? std::to_string(*part.index) : std::string(part.key));
        return text;
    }

  private:
    struct Part {
        std::string_view key;
        std::optional<std::size_t> index;
    };

    void visit(json::array &array) {
        way_.emplace_back();
        for (std::size_t i = 0; i < array.size(); ++i) {
            way_.back().index = i;
            visit(array[i]);
        }
        way_.pop_back();
    }

    void refuse_in_key(std::string_view key) {
        auto pieces = split_references(key);
        const bool is_text = pieces && std::none_of(pieces->begin(), pieces->end(),
                                                    [](const Piece &piece) { return std::holds_alternative<Reference>(piece); });
        if (!is_text) stop(invalid("The key '" + printable(key, 80) + "' holds a reference; only values may."), pointer());
    }

    std::vector<Part> way_; // from the root; few values have their pointer asked for
};

class Finder : public Visitor {
  public:
    References found;

  private:
    void on_string(json::value &value) override {
        found.to_resolve = true;
        auto pieces = split_references(value.get_string());
        if (!pieces) stop(pieces.error(), pointer());
        for (Piece &piece : *pieces) {
            auto *reference = std::get_if<Reference>(&piece);
            if (!reference) continue;
            reference->pointer = pointer();
            found.all.push_back(std::move(*reference));
        }
    }
};

class Resolver : public Visitor {
  public:
    explicit Resolver(const Lookup &lookup) : lookup_(lookup) {}

  private:
    void on_string(json::value &value) override {
        auto pieces = split_references(value.get_string());
        if (!pieces) stop(pieces.error(), pointer());
        if (pieces->size() == 1 && std::holds_alternative<Reference>(pieces->front())) {
            value = look_up(std::get<Reference>(pieces->front()));
            return;
        }
        std::string text;
        for (Piece &piece : *pieces) {
            if (auto *plain = std::get_if<std::string>(&piece))
                text += *plain;
            else
                append(text, std::get<Reference>(piece));
        }
        value = json::string(text);
    }

    json::value look_up(Reference &reference) {
        reference.pointer = pointer();
        auto value = lookup_(reference);
        if (!value) stop(value.error(), pointer());
        bytes_ += cost_of(*value).bytes;
        if (bytes_ > most_bytes) stop(invalid("The values that references put in take more than 32 MiB of memory."), pointer());
        return std::move(*value);
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
        stop(invalid("The reference " + printable(reference.text(), 200) + " is part of a longer text, where its value, " +
                     std::string(what) + ", can't be put in; let it be the whole text, or refer to a part of it."),
             pointer());
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

std::string name_of(const PathStep &step) {
    if (const auto *key = std::get_if<std::string>(&step)) return "the key '" + printable(*key, 80) + "'";
    return "the entry [" + std::to_string(std::get<std::size_t>(step)) + "]";
}

std::string describe(const json::value &value) {
    if (const json::object *object = value.if_object()) return "a mapping with the keys " + keys_of(*object);
    if (const json::array *array = value.if_array()) return "a list of " + std::to_string(array->size());
    return value.is_null() ? "null" : value.is_string() ? "text" : value.is_bool() ? "a boolean" : "a number";
}

} // namespace

std::string Reference::text() const { return "$(ref." + name + "." + path + ")"; }

Result<References> find_references(const json::object &properties) {
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
    if (!steps) return invalid("The path '" + printable(path, 200) + "' " + steps.error().message + ".");
    if (!rest.empty()) return invalid("The path '" + printable(path, 200) + "' goes wrong at '" + printable(rest, 40) + "'.");
    const json::value *at = &object;
    for (auto step = steps->begin(); step != steps->end(); ++step) {
        const json::value *next = nullptr;
        if (const auto *key = std::get_if<std::string>(&*step)) {
            if (const json::object *mapping = at->if_object()) next = mapping->if_contains(*key);
        } else if (const json::array *list = at->if_array()) {
            next = list->if_contains(std::get<std::size_t>(*step));
        }
        if (!next) {
            std::string where;
            for (auto done = steps->begin(); done != step; ++done) where += (where.empty() ? "" : " > ") + name_of(*done);
            where = where.empty() ? "The object" : "The value at " + where;
            return not_found(where + " does not have " + name_of(*step) + ": it is " + describe(*at) + ".");
        }
        at = next;
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

} // namespace rsf::parse
