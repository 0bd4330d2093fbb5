// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/exec/kubectl_output.hpp"

#include "kubectl/text/json_parts.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

namespace rsf::kubectl::transports {

namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

void add(std::vector<LiveObject> &objects, json::object object, std::string_view text) {
    json::value *items = text::text_at(object, "kind") == "List" ? object.if_contains("items") : nullptr;
    if (!items || !items->is_array()) return objects.push_back({std::move(object), std::string(text)});
    for (json::value &item : items->get_array())
        if (item.is_object()) {
            std::string item_text = json_text(item);
            objects.push_back({std::move(item.get_object()), std::move(item_text)});
        }
}

// Other lines continue the error before them: a field of an invalid object, kubectl's advice.
bool begins_an_error(std::string_view line) {
    constexpr std::string_view beginnings[] = {
        "Error from server",           "error: ",   "Error: ", "error when ", "error validating ", "unable to ",
        "resource mapping not found ", "Unable to "};
    return std::any_of(std::begin(beginnings), std::end(beginnings),
                       [&](std::string_view beginning) { return line.starts_with(beginning); }) ||
           (line.starts_with("The ") && line.find("\" is invalid: ") != line.npos);
}

// One line for each error: kubectl writes the errors that it finds before it asks the cluster as "[error, error]".
std::string one_by_one(std::string_view message) {
    std::string lines;
    bool nested = false;
    while (!message.empty()) {
        const std::size_t end = message.find('\n');
        std::string_view line = message.substr(0, end);
        message = end == message.npos ? std::string_view{} : message.substr(end + 1);
        if (line.starts_with('[') && begins_an_error(line.substr(1))) {
            nested = true;
            line.remove_prefix(1);
        }
        if (nested) {
            for (std::size_t comma = line.find(", "); comma != line.npos; comma = line.find(", ", comma + 1)) {
                if (!begins_an_error(line.substr(comma + 2))) continue;
                lines.append(line.substr(0, comma)).append("\n");
                line.remove_prefix(comma + 2);
                comma = 0;
            }
            nested = !line.ends_with(']');
            if (!nested) line.remove_suffix(1);
        }
        lines.append(line).append(message.empty() ? "" : "\n");
    }
    return lines;
}

// Which of files the line is about, whose name it replaces by STDIN. The first name in it counts: what follows is text of the
// cluster, which may contain any name.
std::optional<std::size_t> replace_by_stdin(std::string &line, const std::vector<std::string> &files) {
    std::optional<std::size_t> found;
    std::size_t at = line.npos;
    for (std::size_t i = 0; i < files.size(); ++i)
        if (const std::size_t here = line.find('"' + files[i] + '"'); here < at) {
            at = here;
            found = i;
        }
    if (found) line.replace(at + 1, files[*found].size(), "STDIN");
    return found;
}

} // namespace

OutputObjects read_objects(std::string_view output) {
    OutputObjects parsed;
    while (true) {
        while (!output.empty() && is_space(output.front())) output.remove_prefix(1);
        if (output.empty()) return parsed;
        boost::system::error_code failed;
        std::string_view rest = output;
        json::value value = take_json_value(rest, failed);
        if (!value.is_object()) {
            parsed.complete = false;
            return parsed;
        }
        const std::size_t size = output.size() - rest.size();
        const std::string_view text = output.substr(0, output.find_last_not_of(" \n\r\t", size - 1) + 1);
        add(parsed.objects, std::move(value.get_object()), text);
        output = rest;
    }
}

OutputErrors read_errors(std::string_view message, const std::vector<std::string> &files) {
    OutputErrors parsed{std::vector<std::string>(files.size()), {}};
    std::string *current = &parsed.others;
    std::istringstream lines(one_by_one(message));
    for (std::string line; std::getline(lines, line);) {
        if (begins_an_error(line)) {
            const std::optional<std::size_t> file = replace_by_stdin(line, files);
            current = file ? &parsed.of_file[*file] : &parsed.others;
        }
        current->append(current->empty() ? "" : "\n").append(line);
    }
    return parsed;
}

} // namespace rsf::kubectl::transports
