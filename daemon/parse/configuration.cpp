// SPDX-License-Identifier: Apache-2.0
#include "parse/configuration.hpp"

#include "base/json_pointer.hpp"
#include "base/text.hpp"
#include "parse/document.hpp"
#include "parse/number_text.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace rsf::parse {

namespace json = boost::json;

namespace {

constexpr std::size_t most_causes = 20;

bool same_word(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
        return lower(x) == lower(y);
    });
}

std::string kind_of(const json::value &value) {
    if (value.is_object()) return "a mapping";
    if (value.is_array()) return "a list";
    if (value.is_string()) return "text";
    return value.is_bool() ? "a boolean" : value.is_null() ? "null" : "a number";
}

// The text of a scalar, as the original took it; none for what is no scalar.
std::optional<std::string> text_of(const json::value &value) {
    switch (value.kind()) {
    case json::kind::string: return std::string(value.get_string());
    case json::kind::bool_: return value.get_bool() ? "true" : "false";
    case json::kind::int64: return std::to_string(value.get_int64());
    case json::kind::uint64: return std::to_string(value.get_uint64());
    case json::kind::double_: return json_number(value.get_double());
    default: return std::nullopt;
    }
}

// Reads a document's value and gathers everything that is wrong with it, up to a bound.
class Reader {
  public:
    explicit Reader(Document document, const Limits &limits) : document_(std::move(document)), limits_(limits) {}

    Result<Configuration> read() {
        json::object *top = document_.value.if_object();
        if (document_.value.is_null()) {
            problem("",
                    "The body is empty; send a configuration: a mapping with 'resources', a list of name, type and properties.");
        } else if (!top) {
            problem("", "The body is " + kind_of(document_.value) + "; send a configuration: a mapping with 'resources'.");
        } else {
            static constexpr std::array<std::string_view, 1> known = {"resources"};
            const auto fields = fields_of<1>(*top, "", known, [] { return std::string("The configuration"); });
            if (fields[0].value)
                read_resources(*fields[0].value, pointer_to("", fields[0]));
            else if (causes_.empty())
                problem("", "The configuration has no 'resources'; give at least one.");
        }
        configuration_.memory = document_.memory;
        if (causes_.empty()) return std::move(configuration_);
        if (causes_.size() == 1) return std::move(causes_.front());
        Error error{
            Code::invalid, "The configuration has " + std::to_string(problems_) + " problems.", causes_.front().place, {}};
        if (problems_ > causes_.size()) error.message += " These are the first " + std::to_string(causes_.size()) + ".";
        error.causes = std::move(causes_);
        return error;
    }

  private:
    struct Field {
        json::value *value = nullptr;
        std::string_view key; // as it is spelt
    };

    void problem(std::string_view pointer, std::string message) {
        ++problems_;
        if (causes_.size() < most_causes) causes_.push_back(invalid(std::move(message)).at(document_.places.find(pointer)));
    }

    static std::string pointer_to(const std::string &pointer, const Field &field) { return below(pointer, field.key); }

    // The values of the known keys, whatever their case; every other key is a problem. whose() is for sentences.
    template <std::size_t N, class Whose>
    std::array<Field, N> fields_of(json::object &object, const std::string &pointer, const std::array<std::string_view, N> &known,
                                   Whose whose) {
        std::array<Field, N> fields;
        for (auto &entry : object) {
            const std::string_view key = entry.key();
            const Field here{&entry.value(), key};
            const auto match = std::find_if(known.begin(), known.end(), [&](std::string_view k) { return same_word(k, key); });
            if (match == known.end()) {
                problem(pointer_to(pointer, here),
                        whose() + " has an unknown key " + in_quotes(key) + did_you_mean(key, known) + ".");
                continue;
            }
            Field &field = fields[static_cast<std::size_t>(match - known.begin())];
            if (field.value)
                problem(pointer_to(pointer, here),
                        whose() + " has the key '" + std::string(*match) + "' twice, in different case; remove one.");
            field = here;
        }
        return fields;
    }

    void read_resources(json::value &value, const std::string &pointer) {
        json::array *list = value.if_array();
        if (!list) return problem(pointer, "'resources' is " + kind_of(value) + "; it must be a list.");
        if (list->empty()) return problem(pointer, "'resources' is empty; give at least one.");
        if (list->size() > limits_.resources)
            return problem(pointer, "The configuration has " + std::to_string(list->size()) + " resources, more than the " +
                                        std::to_string(limits_.resources) + " that are taken at once; send it in parts.");
        configuration_.resources.reserve(list->size());
        for (std::size_t i = 0; i < list->size(); ++i) read_resource((*list)[i], i, below(pointer, i));
    }

    static std::string title_of(const json::object &object, std::size_t index) {
        const std::string number = "number " + std::to_string(index + 1);
        std::string title = "Resource " + number;
        for (const auto &entry : object) {
            const auto text = same_word(entry.key(), "name") ? text_of(entry.value()) : std::nullopt;
            if (text && !text->empty()) title = "Resource '" + printable(*text, 80) + "' (" + number + ")";
        }
        return title;
    }

    void read_resource(json::value &value, std::size_t index, const std::string &pointer) {
        json::object *object = value.if_object();
        if (!object)
            return problem(pointer, "Resource number " + std::to_string(index + 1) + " is " + kind_of(value) +
                                        "; it must be a mapping with name and type.");
        Resource resource;
        std::string title; // told once, and only when something is wrong
        const auto whose = [&]() -> const std::string & {
            if (title.empty()) title = title_of(*object, index);
            return title;
        };
        static constexpr std::array<std::string_view, 4> known = {"name", "type", "properties", "state"};
        const auto fields = fields_of<4>(*object, pointer, known, whose);
        read_text(fields[0], pointer, "name", whose, resource.name);
        read_text(fields[1], pointer, "type", whose, resource.type);
        if (json::value *properties = fields[2].value; properties && !properties->is_null()) {
            if (json::object *given = properties->if_object())
                resource.properties = std::move(*given);
            else
                problem(pointer_to(pointer, fields[2]),
                        whose() + " has properties that are " + kind_of(*properties) + "; they must be a mapping.");
        }
        resource.place = document_.places.find(pointer);
        configuration_.resources.push_back(std::move(resource));
    }

    template <class Whose>
    void read_text(const Field &field, const std::string &pointer, const char *name, Whose whose, std::string &text) {
        if (!field.value || field.value->is_null()) return problem(pointer, whose() + " has no " + name + "; give it one.");
        auto given = text_of(*field.value);
        if (!given)
            return problem(pointer_to(pointer, field),
                           whose() + " has a " + name + " that is " + kind_of(*field.value) + "; it must be text.");
        if (given->empty()) return problem(pointer_to(pointer, field), whose() + " has an empty " + name + "; give it one.");
        text = std::move(*given);
    }

    Document document_;
    const Limits limits_;
    Configuration configuration_;
    std::vector<Error> causes_;
    std::size_t problems_ = 0;
};

json::object to_value(const State &state) {
    json::object object{{"status", to_string(state.status)}};
    if (!state.selflink.empty()) object.emplace("selflink", state.selflink);
    if (!state.errors.empty()) object.emplace("errors", json::array(state.errors.begin(), state.errors.end()));
    if (!state.warnings.empty()) object.emplace("warnings", json::array(state.warnings.begin(), state.warnings.end()));
    if (!state.failure) return object;
    object.emplace("code", state.failure->code);
    if (!state.failure->details.is_null()) object.emplace("details", state.failure->details);
    if (state.failure->retry_after.count() != 0) object.emplace("retryAfter", state.failure->retry_after.count());
    return object;
}

} // namespace

std::string_view to_string(Status status) {
    switch (status) {
    case Status::created: return "Created";
    case Status::replaced: return "Replaced";
    case Status::unchanged: return "Unchanged";
    case Status::deleted: return "Deleted";
    case Status::failed: return "Failed";
    case Status::aborted: return "Aborted";
    case Status::unknown: return "Unknown";
    }
    return "Failed";
}

std::optional<Status> status_of(std::string_view word) {
    for (std::size_t i = 0; i < status_count; ++i)
        if (to_string(static_cast<Status>(i)) == word) return static_cast<Status>(i);
    return std::nullopt;
}

Result<Configuration> read_configuration(std::string_view body, const Limits &limits) {
    auto document = read_document(body, limits, 3);
    if (!document) return document.error();
    return Reader(std::move(document.value()), limits).read();
}

json::value to_value(Configuration configuration) {
    json::array resources;
    resources.reserve(configuration.resources.size());
    for (Resource &resource : configuration.resources) {
        json::object object;
        object.reserve(4);
        object.emplace("name", resource.name);
        object.emplace("type", resource.type);
        object.emplace("properties", std::move(resource.properties));
        if (resource.state) object.emplace("state", to_value(*resource.state));
        resources.emplace_back(std::move(object));
    }
    return json::object{{"resources", std::move(resources)}};
}

} // namespace rsf::parse
