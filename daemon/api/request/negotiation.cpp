// SPDX-License-Identifier: Apache-2.0
#include "api/request/negotiation.hpp"

#include "http/problem.hpp"
#include "http/syntax.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <span>
#include <vector>

namespace rsf::api {

namespace {

using http::same_word, http::split_list, http::trimmed;

struct Offer {
    std::string_view type;
    Format format;
};

// The first is the default.
constexpr std::array offers{
    Offer{"application/x-yaml", {Form::yaml, "application/x-yaml; charset=UTF-8"}},
    Offer{"application/json", {Form::json, "application/json"}},
    Offer{"application/yaml", {Form::yaml, "application/yaml"}},
    Offer{"text/yaml", {Form::yaml, "text/yaml; charset=UTF-8"}},
    Offer{"application/vnd.yaml", {Form::yaml, "application/vnd.yaml"}},
    Offer{"text/x-diff", {Form::diff, "text/x-diff; charset=UTF-8"}},
    Offer{"text/markdown", {Form::markdown, "text/markdown; charset=UTF-8"}},
    Offer{"text/html", {Form::html, "text/html; charset=UTF-8"}},
};

std::span<const Offer> offers_of(Answers answers) {
    const std::span<const Offer> all(offers);
    return answers == Answers::plans ? all : all.first(5);
}

std::string_view unquoted(std::string_view text) {
    return text.size() >= 2 && text.starts_with('"') && text.ends_with('"') ? text.substr(1, text.size() - 2) : text;
}

// A qvalue (RFC 9110, 12.4.2) in thousandths, or nothing.
std::optional<int> parse_q(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    int value = (text[0] - '0') * 1000;
    int unit = 100;
    for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (c < '0' || c > '9') return std::nullopt;
        value += (c - '0') * unit;
        unit /= 10;
    }
    return value <= 1000 ? std::optional(value) : std::nullopt;
}

struct Range {
    std::string_view type; // "a/b", "a/*" or "*/*"
    int q = 1000;
    std::size_t position = 0;
};

std::vector<Range> parse_accept(const Headers &headers) {
    std::vector<Range> ranges;
    for (const std::string_view value : header_values(headers, "Accept")) {
        for (const std::string_view element : split_list(value, ',')) {
            const auto parts = split_list(element, ';');
            Range range{parts[0], 1000, ranges.size()};
            bool good = range.type.find('/') != range.type.npos;
            for (std::size_t i = 1; i < parts.size(); ++i) {
                const auto equals = std::min(parts[i].find('='), parts[i].size());
                if (!same_word(trimmed(parts[i].substr(0, equals)), "q")) continue;
                const auto q = parse_q(trimmed(parts[i].substr(std::min(equals + 1, parts[i].size()))));
                good = good && q.has_value();
                range.q = q.value_or(0);
            }
            if (good) ranges.push_back(range);
        }
    }
    return ranges;
}

// How much the client prefers an offer: by its q, then by how precisely and how early it was named.
struct Preference {
    int q = 0;
    int precision = -1;
    std::size_t position = 0;
    bool beats(const Preference &other) const {
        if (q != other.q) return q > other.q;
        if (precision != other.precision) return precision > other.precision;
        return position < other.position;
    }
};

Preference preference_for(const std::vector<Range> &ranges, std::string_view type) {
    Preference best;
    const auto family = type.substr(0, type.find('/') + 1);
    for (const Range &range : ranges) {
        int precision = -1;
        if (same_word(range.type, type))
            precision = 2;
        else if (range.type.ends_with("/*") && same_word(range.type.substr(0, range.type.size() - 1), family))
            precision = 1;
        else if (range.type == "*/*")
            precision = 0;
        if (precision > best.precision) best = {range.q, precision, range.position};
    }
    return best;
}

std::string offered_labels(Answers answers = Answers::documents) {
    std::string list;
    for (const Offer &offer : offers_of(answers)) list += (list.empty() ? "" : ", ") + std::string(offer.type);
    return list;
}

} // namespace

OrProblem<Format> choose_format(const Headers &headers, Answers answers) {
    const auto ranges = parse_accept(headers);
    if (ranges.empty()) return offers[0].format;
    const Offer *chosen = nullptr;
    Preference best;
    for (const Offer &offer : offers_of(answers)) {
        const Preference now = preference_for(ranges, offer.type);
        if (now.q > 0 && (!chosen || now.beats(best))) {
            chosen = &offer;
            best = now;
        }
    }
    if (chosen) return chosen->format;
    return Problem{406, "not-acceptable",
                   "The Accept header allows none of the forms that answers come in (" + offered_labels(answers) +
                       "). Nothing was done."};
}

std::optional<Problem> check_body_label(const Headers &headers, bool has_body) {
    const auto refuse = [](std::string why) {
        return Problem{415, "unsupported-media-type", std::move(why), {}, {{"Accept", offered_labels()}}};
    };
    for (const std::string_view coding : header_values(headers, "Content-Encoding"))
        if (!same_word(trimmed(coding), "identity"))
            return refuse("The Content-Encoding " + in_quotes(coding) + " is not read here: send the body as it is.");
    const auto labels = header_values(headers, "Content-Type");
    if (labels.size() > 1) return refuse("The request has two Content-Type headers.");
    if (labels.empty() || trimmed(labels[0]).empty()) {
        if (!has_body) return std::nullopt;
        return refuse("The body has no Content-Type: send " + offered_labels() +
                      " (with curl: -H 'Content-Type: application/yaml').");
    }
    const auto parts = split_list(labels[0], ';');
    if (std::none_of(offers.begin(), offers.end(), [&](const Offer &offer) { return same_word(offer.type, parts[0]); }))
        return refuse("The Content-Type " + in_quotes(parts[0]) + " is not read here: send " + offered_labels() +
                      " (with curl: -H 'Content-Type: application/yaml').");
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto equals = std::min(parts[i].find('='), parts[i].size());
        if (!same_word(trimmed(parts[i].substr(0, equals)), "charset")) continue;
        const auto charset = unquoted(trimmed(parts[i].substr(std::min(equals + 1, parts[i].size()))));
        if (!same_word(charset, "utf-8") && !same_word(charset, "utf8") && !same_word(charset, "us-ascii"))
            return refuse("The charset " + in_quotes(charset) + " is not read here: send UTF-8.");
    }
    return std::nullopt;
}

std::optional<std::string_view> preference(const Headers &headers, std::string_view name) {
    for (const std::string_view value : header_values(headers, "Prefer")) {
        for (const std::string_view each : split_list(value, ',')) {
            const auto first = split_list(each, ';')[0];
            const auto equals = std::min(first.find('='), first.size());
            if (same_word(trimmed(first.substr(0, equals)), name))
                return unquoted(trimmed(first.substr(std::min(equals + 1, first.size()))));
        }
    }
    return std::nullopt;
}

bool prefers_strict(const Headers &headers) {
    const auto handling = preference(headers, "handling");
    return handling && same_word(*handling, "strict");
}

} // namespace rsf::api
