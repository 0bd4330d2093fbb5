// SPDX-License-Identifier: Apache-2.0
// All of Boost.JSON, in this one source.
#include <boost/json/src.hpp>
