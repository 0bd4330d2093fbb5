// SPDX-License-Identifier: Apache-2.0
#include "masking/secret_search.hpp"

#include "masking/base64.hpp"
#include "masking/plain_words.hpp"

#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <cstring>

namespace rsf::masking {

namespace {

constexpr std::size_t longest_head = 1024;
constexpr int most_layers = 2; // of escapes and encodings

static_assert(shortest_searched == sizeof(std::uint64_t));

std::uint64_t beginning(std::string_view text) {
    std::uint64_t value = 0;
    std::memcpy(&value, text.data(), sizeof value);
    return value;
}

std::size_t common_length(std::string_view one, std::string_view other) {
    const auto ends = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
    return static_cast<std::size_t>(ends.first - one.begin());
}

// Whether it may hold further layers: bytes that no text has are the result of decoding base64 at the wrong offset.
bool is_text(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == 0x7f || (byte < 0x20 && c != '\n' && c != '\r' && c != '\t');
    });
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_base64(char c) { return base64_digit(c) >= 0 || c == '='; }

} // namespace

void SecretSearch::add(std::string_view bytes, const std::string &tag) {
    const std::string text = without_spaces(bytes);
    if (text.empty() || !whole_.emplace(text, tag).second) return;
    if (text.size() < shortest_searched || is_plain_word(text)) return;
    values_[text.substr(0, longest_head)].push_back({text, tag});
    beginnings_.insert(beginning(text));
}

// ---- finding ----

// The longest part at the beginning of text that is a value; empty: none. A mere beginning of one does not count: whoever
// controls text could find out a value byte by byte.
std::string_view SecretSearch::match(std::string_view text, const std::string **tag) const {
    if (text.size() < shortest_searched || beginnings_.count(beginning(text)) == 0) return {};
    std::string_view at_most = text.substr(0, longest_head);
    while (at_most.size() >= shortest_searched) {
        // Of the heads that text begins with, the longest is the greatest, and none of them is greater than at_most.
        auto head = values_.upper_bound(at_most);
        if (head == values_.begin()) return {};
        --head;
        const std::size_t common = common_length(head->first, at_most);
        if (common < head->first.size()) {
            at_most = at_most.substr(0, common);
            continue;
        }
        const Value *longest = nullptr;
        for (const Value &value : head->second)
            if (text.starts_with(value.text) && (!longest || value.text.size() > longest->text.size())) longest = &value;
        if (longest) {
            *tag = &longest->tag;
            return text.substr(0, longest->text.size());
        }
        at_most = at_most.substr(0, head->first.size() - 1);
    }
    return {};
}

// hits: null where it is enough to know whether there are any.
bool SecretSearch::search(const TextView &view, Hits *hits) const {
    const std::string_view text = view.text;
    bool any = false;
    for (std::size_t i = 0; i + shortest_searched <= text.size();) {
        const std::string *tag = nullptr;
        const std::string_view found = match(text.substr(i), &tag);
        if (found.empty()) {
            ++i;
            continue;
        }
        any = true;
        if (!hits) return any;
        hits->push_back({view.begin[i], view.end[i + found.size() - 1], tag});
        i += found.size();
    }
    return any;
}

bool SecretSearch::look(const TextView &view, int layers, Hits *hits) const {
    const TextView plain = without_spaces(view);
    bool any = search(plain, hits);
    if (layers == 0 || (any && !hits)) return any;
    const auto look_below = [&](const std::optional<TextView> &below) {
        if (below && (hits || !any)) any = look(*below, layers - 1, hits) || any;
    };
    look_below(unescaped(view));
    look_below(percent_decoded(view, false));
    look_below(percent_decoded(view, true));
    look_below(without_entities(view));
    look_below(without_doubled_quotes(view));
    if (hits || !any)
        each_hex(plain, shortest_searched, [&](const TextView &said) { any = search(without_spaces(said), hits) || any; });
    if (hits || !any) any = look_in_base64(plain, layers, hits) || any;
    return any;
}

bool SecretSearch::look_in_base64(const TextView &view, int layers, Hits *hits) const {
    bool any = false;
    each_base64(view, shortest_searched, [&](const TextView &said) {
        if (any && !hits) return;
        any = (is_text(said.text) ? look(said, layers - 1, hits) : search(without_spaces(said), hits)) || any;
    });
    return any;
}

// ---- masking ----

std::string SecretSearch::masked_text(std::string text) const {
    if (values_.empty() || !look(TextView::of(text, false), most_layers, nullptr)) return masked_quotes(std::move(text));
    Hits hits;
    look(TextView::of(text, true), most_layers, &hits);
    for (Hit &hit : hits) { // the base64 digits next to it hold some bits of it
        const std::string_view part = std::string_view(text).substr(hit.begin, hit.end - hit.begin);
        const bool may_be_base64 = std::all_of(part.begin(), part.end(), [](char c) { return is_base64(c) || is_space(c); });
        if (!may_be_base64 || search(without_spaces(TextView::of(part, false)), nullptr)) continue;
        while (hit.begin > 0 && base64_digit(text[hit.begin - 1]) >= 0) --hit.begin;
        while (hit.end < text.size() && is_base64(text[hit.end])) ++hit.end;
    }
    std::sort(hits.begin(), hits.end(), [](const Hit &one, const Hit &other) {
        return one.begin != other.begin ? one.begin < other.begin : one.end > other.end;
    });
    std::string result;
    std::size_t copied = 0;
    for (const Hit &hit : hits) {
        if (hit.begin >= copied) result.append(text, copied, hit.begin - copied).append(*hit.tag);
        copied = std::max(copied, hit.end);
    }
    return masked_quotes(result.append(text, copied));
}

// A value that an error quotes counts as a whole value: Invalid value: "x".
std::string SecretSearch::masked_quotes(std::string text) const {
    constexpr std::string_view mark = "alue: \"";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
        at += mark.size();
        std::size_t end = at;
        while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
        if (end >= text.size()) break;
        const std::optional<TextView> plain = unescaped(TextView::of(std::string_view(text).substr(at, end - at), false));
        if (const std::string *tag = tag_of_whole(plain ? plain->text : text.substr(at, end - at)))
            text.replace(at, end - at, *tag);
    }
    return text;
}

const std::string *SecretSearch::tag_of_whole(std::string_view text) const {
    const auto find = [this](std::string_view said) {
        const auto found = whole_.find(without_spaces(said));
        return found == whole_.end() ? nullptr : &found->second;
    };
    if (const std::string *tag = find(text)) return tag;
    std::string bytes;
    if (decode_base64(without_spaces(text), bytes))
        if (const std::string *tag = find(bytes)) return tag;
    const std::optional<TextView> decoded = percent_decoded(TextView::of(text, false), false);
    return decoded ? find(decoded->text) : nullptr;
}

std::string SecretSearch::masked_value(std::string text) const {
    if (empty()) return text;
    if (const std::string *tag = tag_of_whole(text)) return *tag;
    return masked_text(std::move(text));
}

void SecretSearch::mask(json::value &value) const {
    if (empty()) return;
    if (json::string *text = value.if_string()) {
        const std::string result = masked_value(std::string(*text));
        if (result != std::string_view(*text)) *text = result;
    } else if (json::array *list = value.if_array()) {
        for (json::value &entry : *list) mask(entry);
    } else if (json::object *object = value.if_object()) {
        for (auto &member : *object) mask(member.value());
        mask_keys(*object);
    } else if (value.is_number()) { // short ones are too common
        const std::string number = json_text(value);
        if (number.size() >= shortest_searched)
            if (const std::string *tag = tag_of_whole(number)) value = *tag;
    }
}

// In their order. Two keys that read alike then are counted.
void SecretSearch::mask_keys(json::object &object) const {
    if (values_.empty()) return;
    const auto is_secret = [this](const auto &member) { return masked_text(std::string(member.key())) != member.key(); };
    if (std::none_of(object.begin(), object.end(), is_secret)) return;
    json::object result(object.storage());
    for (auto &member : object) {
        const std::string key = masked_text(std::string(member.key()));
        std::string unique = key;
        for (int count = 2; result.contains(unique) || (unique != member.key() && object.contains(unique)); ++count)
            unique = key + " " + std::to_string(count);
        result.emplace(unique, std::move(member.value()));
    }
    object = std::move(result);
}

} // namespace rsf::masking
