// SPDX-License-Identifier: Apache-2.0
// A static object whose constructor throws while the library is being loaded.
#include "plain.h"

namespace {
struct Thrower {
    Thrower() { throw 123; }
} thrower;
} // namespace

PLAIN_DRIVER("constructor-throws", plain_create, plain_destroy, plain_perform, plain_get_extension);
