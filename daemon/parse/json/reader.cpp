// SPDX-License-Identifier: Apache-2.0
#include "parse/json/reader.hpp"

#include "base/text.hpp"
#include "parse/json/places.hpp"
#include "parse/place_trail.hpp"
#include "parse/source_text.hpp"
#include "parse/value_builder.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <charconv>
#include <cmath>
#include <exception>
#include <limits>

namespace rsf::parse {

namespace {

namespace json = boost::json;

// Boost.JSON's events made into a value. Spots hold the part's number instead of its line until an error wants them.
class JsonEvents {
  public:
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

    JsonEvents(const Limits &limits, std::size_t place_depth) : builder_(limits), place_depth_(place_depth) {}

    std::size_t memory() const { return builder_.bytes(); }
    json::value take() { return builder_.take(); }

    bool on_document_begin(json::error_code &) { return true; }
    bool on_document_end(json::error_code &) { return true; }
    bool on_object_begin(json::error_code &) {
        builder_.begin_map(value_part());
        return true;
    }
    bool on_array_begin(json::error_code &) {
        builder_.begin_list(value_part());
        return true;
    }
    bool on_object_end(std::size_t, json::error_code &) {
        builder_.end();
        return true;
    }
    bool on_array_end(std::size_t, json::error_code &) {
        builder_.end();
        return true;
    }
    bool on_key_part(json::string_view text, std::size_t, json::error_code &) {
        text_.append(text.data(), text.size());
        return true;
    }
    bool on_key(json::string_view text, std::size_t, json::error_code &) {
        builder_.key(whole(text), {++parts_, 0});
        text_.clear();
        return true;
    }
    bool on_string_part(json::string_view text, std::size_t, json::error_code &) {
        text_.append(text.data(), text.size());
        return true;
    }
    bool on_string(json::string_view text, std::size_t, json::error_code &) {
        builder_.add(json::value(json::string_view(whole(text))), value_part());
        text_.clear();
        return true;
    }
    bool on_number_part(json::string_view text, json::error_code &) {
        text_.append(text.data(), text.size());
        return true;
    }
    bool on_int64(std::int64_t number, json::string_view, json::error_code &) { return add(number); }
    bool on_uint64(std::uint64_t number, json::string_view, json::error_code &) { return add(number); }
    bool on_double(double number, json::string_view text, json::error_code &) {
        // Boost.JSON's own conversion is sometimes off by one in the last place; it is good enough to find what is too large or
        // too small.
        const std::string_view digits = whole(text);
        double exact = 0;
        if (std::from_chars(digits.data(), digits.data() + digits.size(), exact).ec == std::errc{}) number = exact;
        if (!std::isfinite(number)) {
            const Spot part = value_part();
            refuse("The number here is larger than any that can be held; quote it if it is meant as text.", part);
        }
        return add(number);
    }
    bool on_bool(bool value, json::error_code &) { return add(value); }
    bool on_null(json::error_code &) { return add(nullptr); }
    bool on_comment_part(json::string_view, json::error_code &) { return true; }
    bool on_comment(json::string_view, json::error_code &) { return true; }

  private:
    std::string_view whole(json::string_view text) {
        if (text_.empty()) return {text.data(), text.size()};
        text_.append(text.data(), text.size());
        return text_;
    }

    template <class T> bool add(T value) {
        text_.clear();
        builder_.add(json::value(value), value_part());
        return true;
    }

    Spot value_part() {
        const Spot part{++parts_, 0};
        if (builder_.depth() <= place_depth_) builder_.charge(0, PlaceTrail::cost, part);
        return part;
    }

    ValueBuilder builder_;
    const std::size_t place_depth_;
    std::size_t parts_ = 0;
    std::string text_; // of what comes in parts
};

// Quotes only a bracket, a comma or a colon of the text: anything else may be a password.
std::string sentence(const json::error_code &ec, std::string_view rest) {
    const bool is_mark = !rest.empty() && std::string_view("[]{},:").find(rest.front()) != std::string_view::npos;
    const std::string here = is_mark ? " at '" + std::string(rest.substr(0, 1)) + "'" : std::string(" here");
    if (ec == json::error::incomplete) return "The JSON ends too early: a quote, a bracket or a value is missing.";
    if (ec == json::error::extra_data) return "The JSON has ended before this; send one document at a time.";
    if (ec == json::error::exponent_overflow) return "The number's exponent is larger than any that can be held.";
    if (ec == json::error::too_deep) return "Lists and mappings are nested too deep here.";
    if (ec == json::error::illegal_leading_surrogate || ec == json::error::illegal_trailing_surrogate ||
        ec == json::error::expected_utf16_escape)
        return "An escape in this string is half of a surrogate pair; write both halves.";
    if (ec == json::error::expected_hex_digit) return "An escape in this string needs four hexadecimal digits.";
    return "The text is not JSON" + here + ".";
}

} // namespace

Result<Document> read_json(std::string_view text, const Limits &limits, std::size_t place_depth, bool &not_json) {
    not_json = false;
    text = without_mark(text);
    if (auto error = find_bad_text(text, TextKind::json)) return *std::move(error);
    json::parse_options options;
    options.max_depth = limits.depth + 1; // the builder refuses first, with a place
    json::basic_parser<JsonEvents> parser(options, limits, place_depth);
    try {
        json::error_code ec;
        const std::size_t size = parser.write_some(false, text.data(), text.size(), ec);
        if (!ec && size < text.size()) ec = json::error::extra_data;
        if (ec) {
            not_json = ec != json::error::exponent_overflow;
            return invalid(sentence(ec, text.substr(size))).at(place_at(text, size));
        }
        const std::size_t memory = parser.handler().memory();
        Document document{parser.handler().take(), {}, memory};
        record_json_places(text, place_depth, document.places);
        return document;
    } catch (const Refused &refused) {
        Error error = refused.error;
        const Spot spot = find_json_part(text, error.place.line);
        error.place.line = spot.line;
        error.place.column = spot.column;
        return error;
    } catch (const std::exception &problem) {
        return internal(std::string("The JSON can't be read: ") + problem.what() + ".");
    }
}

Result<Document> read_json(std::string_view text, const Limits &limits, std::size_t place_depth) {
    bool not_json = false;
    return read_json(text, limits, place_depth, not_json);
}

} // namespace rsf::parse
