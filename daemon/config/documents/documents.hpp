// SPDX-License-Identifier: Apache-2.0
//
// The documents that describe the settings, made of templates (etc/settings/) and the tables. In a template, a line that is only
// @NAME@ stands for rows of a table. ./dev settings writes them; a test compares them with what is in the repository. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace rsf::config {

// @settings@: the file's settings, with comments. @target@: those of one target, four blanks further in. The last row of each
// begins a mapping, which the template goes on with.
std::string example_file(std::string_view source);

// mdoc(7). @settings@: the file's settings. @limits@: those below limits. @target@: those of a target.
std::string manual_page(std::string_view source);

struct SettingsDocument {
    const char *source, *file; // paths in the repository
    std::string (*make)(std::string_view source);
};

inline constexpr std::array documents{
    SettingsDocument{"etc/settings/resourcifierd.yaml.in", "etc/resourcifierd.yaml", example_file},
    SettingsDocument{"etc/settings/resourcifierd.yaml.5.in", "etc/man/resourcifierd.yaml.5", manual_page},
};

} // namespace rsf::config
