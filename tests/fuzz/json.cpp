// SPDX-License-Identifier: Apache-2.0
//
// JSON: both readers agree, and what is written reads back the same, as JSON and as YAML.
#include "base/text.hpp"
#include "fuzz.hpp"
#include "parse/document.hpp"
#include "values.hpp"

#include <resourcifier/json_text.hpp>
#include <resourcifier/utf8.hpp>

using namespace rsf;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const auto document = parse::read_json(text, {});
    boost::system::error_code failed;
    const json::value drivers = json_value(text, failed);
    if (!document) {
        fuzz::require(!document.error().message.empty(), "a refusal has a reason");
        return 0;
    }
    if (!text.starts_with("\xEF\xBB\xBF"))
        fuzz::require(!failed && fuzz::same(drivers, document->value), "drivers read what the daemon reads");
    const std::string written = parse::write_json(document->value);
    fuzz::require(is_utf8(written), "what is written is UTF-8");
    const auto again = parse::read_json(written, {});
    fuzz::require(again && fuzz::same(again->value, document->value), "JSON reads back the same");
    const auto as_yaml = parse::read_yaml(parse::write_yaml(document->value), {});
    fuzz::require(as_yaml && fuzz::same(as_yaml->value, document->value), "YAML reads back the same");
    return 0;
}
