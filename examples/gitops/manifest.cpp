// SPDX-License-Identifier: Apache-2.0
#include "manifest.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace gitops {

namespace {

namespace json = rsf::json;

// What YAML 1.1 takes for something else than text.
bool is_reserved(std::string_view text) {
    constexpr std::array<std::string_view, 11> words{"true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"};
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return text.size() == word.size() &&
               std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) { return (a | 0x20) == b; });
    });
}

// Plain where nobody can take it for anything else; else as JSON, which YAML reads alike.
std::string scalar(std::string_view text) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto is_plain = [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
    };
    if (!text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), is_plain) && !is_reserved(text))
        return std::string(text);
    return rsf::json_text(json::value(json::string(text.data(), text.size())));
}

void write(const json::value &value, const std::string &indent, bool in_list, std::string &out);

void write_members(const json::object &object, const std::string &indent, bool in_list, std::string &out) {
    bool first = true;
    for (const auto &member : object) {
        out += (first && in_list ? "" : indent) + scalar(member.key()) + ":";
        first = false;
        write(member.value(), indent, false, out);
    }
}

// After a key or a dash, which stand on the line already.
void write(const json::value &value, const std::string &indent, bool in_list, std::string &out) {
    if (const json::object *object = value.if_object(); object && !object->empty()) {
        out += in_list ? " " : "\n";
        write_members(*object, indent + "  ", in_list, out);
    } else if (const json::array *array = value.if_array(); array && !array->empty()) {
        out += "\n";
        const std::string inner = in_list ? indent + "  " : indent;
        for (const json::value &entry : *array) {
            out += inner + "-";
            write(entry, inner, true, out);
        }
    } else if (const json::string *text = value.if_string()) {
        out += " " + scalar({text->data(), text->size()}) + "\n";
    } else {
        out += " " + rsf::json_text(value) + "\n";
    }
}

template <class Number> bool read_number(const std::string &text, json::value &value) {
    Number number{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size()) return false;
    value = number;
    return true;
}

// left: how many values there may be yet, since aliases make much of little.
json::value value_of(const YAML::Node &node, std::size_t &left) {
    if (left-- == 0) throw YAML::Exception(node.Mark(), "it has too many values");
    switch (node.Type()) {
    case YAML::NodeType::Map: {
        json::object object;
        for (const auto &member : node) object[member.first.Scalar()] = value_of(member.second, left);
        return object;
    }
    case YAML::NodeType::Sequence: {
        json::array array;
        for (const YAML::Node &entry : node) array.push_back(value_of(entry, left));
        return array;
    }
    case YAML::NodeType::Scalar: break;
    default: return nullptr;
    }
    const std::string &text = node.Scalar();
    if (node.Tag() == "!") return json::value(json::string(text.data(), text.size())); // it was quoted
    bool truth = false;
    if (YAML::convert<bool>::decode(node, truth)) return truth;
    json::value number;
    const std::size_t digits = text.find_first_not_of('-');
    const bool may_be_number = digits <= 1 && digits < text.size() && text[digits] >= '0' && text[digits] <= '9';
    const bool is_octal = may_be_number && text[digits] == '0' && text.size() > digits + 1 && text[digits + 1] != '.';
    if (!may_be_number || is_octal) return json::value(json::string(text.data(), text.size()));
    if (read_number<std::int64_t>(text, number) || read_number<std::uint64_t>(text, number) || read_number<double>(text, number))
        return number;
    return json::value(json::string(text.data(), text.size()));
}

} // namespace

std::string write_manifest(const json::object &object) {
    std::string out;
    write_members(object, "", false, out);
    return out;
}

json::object read_manifest(const std::string &text, const std::string &file) {
    const auto refuse = [&](const std::string &why) {
        return rsf::Error(rsf::Code::conflict, "The file " + file + " of the branch is not one object: " + why + ".",
                          rsf::Retry::never);
    };
    try {
        const std::vector<YAML::Node> documents = YAML::LoadAll(text);
        if (documents.size() != 1 || !documents.front().IsMap()) throw refuse("it should be one YAML mapping");
        std::size_t left = 1'000'000;
        return value_of(documents.front(), left).as_object();
    } catch (const YAML::Exception &error) {
        throw refuse(error.what());
    }
}

} // namespace gitops
