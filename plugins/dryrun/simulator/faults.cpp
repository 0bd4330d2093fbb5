// SPDX-License-Identifier: Apache-2.0
#include "faults.hpp"

namespace rsf::dryrun::simulator {

std::string Faults::shown(const json::value &value) const {
    if (!show_values_) return {};
    constexpr std::size_t longest = 200; // a longer one is left out: secrets in a cut value would not be recognised
    const std::string text = json_text(value);
    if (text.size() > longest) return {};
    return text + ": ";
}

void Faults::unsupported(std::string path, const json::value &value, std::string_view allowed) {
    std::string list;
    for (std::string_view rest = allowed; !rest.empty();) {
        const auto space = rest.find(' ');
        list += (list.empty() ? "\"" : ", \"") + std::string(rest.substr(0, space)) + "\"";
        rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
    }
    add("FieldValueNotSupported", std::move(path), "Unsupported value: " + shown(value) + "supported values: " + list);
}

void Faults::add(std::string_view reason, std::string path, std::string message) {
    constexpr std::size_t most = 50; // the message would be too long to read
    if (causes_.size() == most) return;
    text_ += (text_.empty() ? "" : ", ") + path + ": " + message;
    causes_.push_back(json::object{{"reason", reason}, {"message", message}, {"field", path}});
}

void Faults::throw_if_any(std::string_view qualified, std::string_view name) const {
    if (causes_.empty()) return;
    const bool is_in_place = text_.find("field is immutable") != std::string::npos;
    throw Error(Code::invalid,
                std::string(qualified) + " \"" + std::string(name) +
                    "\" is invalid: " + (causes_.size() == 1 ? text_ : "[" + text_ + "]") +
                    (is_in_place ? ". To change it, delete the object and create it anew." : ""),
                Retry::never, {}, json::object{{"reason", "Invalid"}, {"causes", causes_}});
}

} // namespace rsf::dryrun::simulator
