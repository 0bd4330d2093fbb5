# SPDX-License-Identifier: Apache-2.0
# A file as a source of C++: cmake -D FILE=... -D SOURCE=... -D HEADER=... -D NAME=... -P embed.cmake defines rsf::api::NAME, a string_view.
file(READ ${FILE} bytes HEX)
string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
file(WRITE ${SOURCE} "// Made of ${FILE}.
#include \"${HEADER}\"

namespace rsf::api {

static constexpr char bytes_of_${NAME}[] = {${bytes}};
const std::string_view ${NAME}(bytes_of_${NAME}, sizeof bytes_of_${NAME});

} // namespace rsf::api
")
