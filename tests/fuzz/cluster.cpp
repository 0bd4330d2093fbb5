// SPDX-License-Identifier: Apache-2.0
//
// What a cluster and kubectl answer, in each way in which it is read. The first byte says how it came.
#include "fuzz.hpp"
#include "kubectl/errors/error_text.hpp"
#include "kubectl/transports/exec/kubectl_output.hpp"
#include "values.hpp"

using namespace rsf;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text = fuzz::text_of(data + 1, size - 1);
    const bool writes = (data[0] & 1) != 0;
    const Error refused = kubectl::errors::read_status(400u + data[0], text, writes);
    fuzz::require(refused.what()[0] != '\0', "an error has a message");
    const kubectl::errors::ErrorText words = kubectl::errors::sort_error_text(text);
    const Error read = kubectl::errors::read_error(words, data[0], writes);
    fuzz::require(read.what()[0] != '\0', "an error has a message");
    kubectl::transports::read_errors(words.message, {"/proc/self/fd/3", "/proc/self/fd/4", "a"});
    const kubectl::transports::OutputObjects parsed = kubectl::transports::read_objects(text);
    for (const kubectl::transports::LiveObject &object : parsed.objects) {
        boost::system::error_code failed;
        const json::value again = json_value(object.text, failed);
        fuzz::require(!failed && fuzz::same(again, object.object), "an object's text is the object");
    }
    return 0;
}
