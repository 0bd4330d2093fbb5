// SPDX-License-Identifier: Apache-2.0
//
// The page's search by text. Without scripts its input stays hidden, and nothing else is missing.
#pragma once

#include <string_view>

namespace rsf::render {

// Of html_script (SHA-256, Base64); a test tells the new one when the script changes.
inline constexpr std::string_view html_script_hash = "ThJHiB5hz4lijVqrXzoh2D/+WPVUJxycFv1BMwQhK3M=";

inline constexpr std::string_view html_script = R"js(
const search = document.getElementById("search");
const resources = [...document.querySelectorAll(".resource")].map(element => [element, element.textContent.toLowerCase()]);
search.hidden = false;
search.form.addEventListener("submit", event => event.preventDefault());
search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/);
    for (const [element, text] of resources) element.hidden = !words.every(word => text.includes(word));
});
)js";

} // namespace rsf::render
