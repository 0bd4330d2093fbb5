// SPDX-License-Identifier: Apache-2.0
//
// YAML: what is read is UTF-8, and reads back the same from what is written as YAML and as JSON.
#include "base/text.hpp"
#include "fuzz.hpp"
#include "parse/document.hpp"
#include "values.hpp"

#include <resourcifier/utf8.hpp>

using namespace rsf;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto document = parse::read_yaml(fuzz::text_of(data, size), {});
    if (!document) {
        fuzz::require(!document.error().message.empty(), "a refusal has a reason");
        return 0;
    }
    const std::string json = parse::write_json(document->value), yaml = parse::write_yaml(document->value);
    fuzz::require(is_utf8(json) && is_utf8(yaml), "what is written is UTF-8");
    const auto from_json = parse::read_json(json, {});
    fuzz::require(from_json && fuzz::same(from_json->value, document->value), "JSON reads back the same");
    const auto from_yaml = parse::read_yaml(yaml, {});
    fuzz::require(from_yaml && fuzz::same(from_yaml->value, document->value), "YAML reads back the same");
    return 0;
}
