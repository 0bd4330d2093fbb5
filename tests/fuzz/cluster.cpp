// SPDX-License-Identifier: Apache-2.0
//
// What a cluster and kubectl answer, in each way in which it is read. The first byte says how it came.
#include "error_text.hpp"
#include "fuzz.hpp"
#include "spoken.hpp"
#include "values.hpp"

using namespace rsf;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text = fuzz::text_of(data + 1, size - 1);
    const bool writes = (data[0] & 1) != 0;
    const Error refused = kubectl::read_status(400u + data[0], text, writes);
    fuzz::require(refused.what()[0] != '\0', "an error has a message");
    const kubectl::ErrorText words = kubectl::sort_error_text(text);
    const Error read = kubectl::read_error(words, data[0], writes);
    fuzz::require(read.what()[0] != '\0', "an error has a message");
    kubectl::read_errors(words.message, {"/proc/self/fd/3", "/proc/self/fd/4", "a"});
    const kubectl::SpokenObjects spoken = kubectl::read_objects(text);
    for (const kubectl::LiveObject &object : spoken.objects) {
        boost::system::error_code failed;
        const json::value again = json_value(object.text, failed);
        fuzz::require(!failed && fuzz::same(again, object.object), "an object's text is the object");
    }
    return 0;
}
