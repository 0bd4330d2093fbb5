// SPDX-License-Identifier: Apache-2.0
#include "config/credentials.hpp"

#include "base/regular_file.hpp"
#include "base/text.hpp"

#include <resourcifier/utf8.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace rsf::config {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest = 1u << 20; // systemd passes no larger ones

enum class Reference { content, file };
constexpr std::array<std::pair<std::string_view, Reference>, 2> references{
    {{"${credential:", Reference::content}, {"${credential_file:", Reference::file}}};

} // namespace

Credentials Credentials::of_this_process() {
    const char *folder = std::getenv("CREDENTIALS_DIRECTORY"); // NOLINT(concurrency-mt-unsafe): no thread sets variables
    return Credentials(folder ? folder : "");
}

Result<std::string> Credentials::fill_in(std::string_view text) {
    std::string filled;
    while (!text.empty()) {
        if (text.starts_with("$${credential")) {
            text.remove_prefix(1);
            filled += text.front();
            text.remove_prefix(1);
            continue;
        }
        const auto reference = std::ranges::find_if(references, [&](const auto &one) { return text.starts_with(one.first); });
        if (reference == references.end()) {
            filled += text.front();
            text.remove_prefix(1);
            continue;
        }
        const std::size_t end = text.find('}');
        if (end == text.npos)
            return invalid("a reference to a credential has no end: write " + std::string(reference->first) + "NAME}");
        const std::string_view name = text.substr(reference->first.size(), end - reference->first.size());
        if (reference->second == Reference::file) {
            const Result<fs::path> file = find(name);
            if (!file) return file.error();
            filled += file->string();
        } else {
            Result<std::string> content = read(name);
            if (!content) return content.error();
            filled += *content;
            secrets_.push_back(std::move(*content));
        }
        text.remove_prefix(end + 1);
    }
    return filled;
}

Result<fs::path> Credentials::find(std::string_view name) const {
    const std::string wanted = in_quotes(name);
    if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos)
        return invalid(wanted + " is not a credential's name");
    const std::string advice = "write LoadCredential=" + printable(name) + ":/path/of/its/file into the unit";
    if (folder_.empty())
        return invalid("there is no credential " + wanted + ", since systemd passes none: " + advice +
                       " (by hand: set CREDENTIALS_DIRECTORY)");
    fs::path file = folder_ / name;
    std::error_code failed; // a file that can't be examined counts as missing
    if (fs::exists(file, failed)) return file;
    const std::vector<std::string> all = names();
    const std::vector<std::string_view> known(all.begin(), all.end());
    return invalid("there is no credential " + wanted + " among those that systemd passes" + did_you_mean(name, known) + ": " +
                   advice);
}

Result<std::string> Credentials::read(std::string_view name) const {
    const Result<fs::path> file = find(name);
    if (!file) return file.error();
    Result<std::string> read = read_regular_file(*file, largest);
    if (!read) return invalid("the credential " + in_quotes(name) + " " + read.error().message);
    std::string content = *std::move(read);
    if (content.ends_with('\n')) content.pop_back();
    if (content.ends_with('\r')) content.pop_back();
    if (content.find('\0') != content.npos || !is_utf8(content))
        return invalid(
            "the credential " + in_quotes(name) +
            " is not a text: a setting that takes a file's path can have it as ${credential_file:" + std::string(name) + "}");
    return content;
}

std::vector<std::string> Credentials::names() const {
    std::vector<std::string> names;
    std::error_code failed; // then the list is empty
    for (fs::directory_iterator entry(folder_, failed), end; !failed && entry != end; entry.increment(failed))
        names.push_back(entry->path().filename());
    return names;
}

} // namespace rsf::config
