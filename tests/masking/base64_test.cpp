// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "masking/base64.hpp"

using namespace rsf::masking;

TEST_CASE("base64 is read as the server reads it, and written") {
    struct Row {
        const char *text, *bytes;
    };
    for (const Row &row : {Row{"", ""},
                           {"Zg==", "f"},
                           {"Zm8=", "fo"},
                           {"Zm9v", "foo"},
                           {"Zm9vYg==", "foob"},
                           {"Zm9v\nYmFy\r\n", "foobar"},
                           {"+/+/", "\xfb\xff\xbf"}}) {
        INFO(row.text);
        std::string bytes;
        CHECK(decode_base64(row.text, bytes));
        CHECK(bytes == row.bytes);
        if (std::string_view(row.text).find("\n") == std::string_view::npos) CHECK(encode_base64(row.bytes) == row.text);
    }
    for (const char *text : {"Z", "Zg", "Zg=", "Zg===", "Zm9v=", "Zg==Zg==", "Zm-v", "Zm_v", "====", "Zm9 "}) {
        INFO(text);
        std::string bytes;
        CHECK_FALSE(decode_base64(text, bytes));
    }
}
