// SPDX-License-Identifier: Apache-2.0
#include "drivers/json_survey.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace rsf::drivers {

namespace {

namespace json = boost::json;
using boost::system::error_code;

constexpr std::size_t short_string = 16; // it lies in the value itself

// What Boost's parser calls. The names are its.
struct Handler {
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    bool on_document_begin(error_code &) { return true; }
    bool on_document_end(error_code &) { return true; }
    bool on_object_begin(error_code &) {
        if (depth == 0) survey.is_object = true;
        note_items(false);
        return begin();
    }
    bool on_object_end(std::size_t members, error_code &) {
        survey.size += members * (sizeof(json::key_value_pair) - sizeof(json::value) + sizeof(std::uint32_t));
        return end();
    }
    bool on_array_begin(error_code &) {
        note_items(true);
        return begin();
    }
    bool on_array_end(std::size_t, error_code &) { return end(); }
    bool on_key_part(json::string_view part, std::size_t, error_code &) { return add_to_key(part); }
    bool on_key(json::string_view part, std::size_t size, error_code &) {
        add_to_key(part);
        survey.size += size + 1;
        if (depth == 1) is_items = key == "items";
        key.clear();
        return true;
    }
    bool on_string_part(json::string_view, std::size_t, error_code &) { return true; }
    bool on_string(json::string_view, std::size_t size, error_code &) {
        if (size >= short_string) survey.size += size + short_string;
        return scalar();
    }
    bool on_number_part(json::string_view, error_code &) { return true; }
    bool on_int64(std::int64_t, json::string_view, error_code &) { return scalar(); }
    bool on_uint64(std::uint64_t, json::string_view, error_code &) { return scalar(); }
    bool on_double(double, json::string_view, error_code &) {
        survey.has_fractions = true;
        return scalar();
    }
    bool on_bool(bool, error_code &) { return scalar(); }
    bool on_null(error_code &) { return scalar(); }
    bool on_comment_part(json::string_view, error_code &) { return true; }
    bool on_comment(json::string_view, error_code &) { return true; }

    bool begin() {
        ++depth;
        survey.size += sizeof(json::value) + short_string; // and the head of what it holds
        return true;
    }
    bool end() {
        --depth;
        return true;
    }
    bool scalar() {
        note_items(false);
        survey.size += sizeof(json::value);
        return true;
    }
    void note_items(bool is_array) {
        if (depth == 1 && is_items) survey.has_items = is_array; // of two members with one name the last counts
    }
    bool add_to_key(json::string_view part) {
        if (depth == 1 && key.size() + part.size() <= 64) key.append(part.data(), part.size());
        return true;
    }

    JsonSurvey survey;
    std::size_t depth = 0;
    std::string key;       // of the outermost object, as far as it has come
    bool is_items = false; // that key is "items"
};

} // namespace

JsonSurvey survey_json(std::string_view text, std::size_t max_depth) {
    json::parse_options options;
    options.max_depth = max_depth;
    json::basic_parser<Handler> parser(options);
    error_code failed;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), failed);
    if (!failed && text.find_first_not_of(" \t\r\n", read) != text.npos) failed = json::error::extra_data;
    JsonSurvey survey = std::move(parser.handler().survey);
    if (failed) survey.fault = failed.message();
    return survey;
}

} // namespace rsf::drivers
