// SPDX-License-Identifier: Apache-2.0
//
// Forward declarations of the types of http/problem.hpp, for headers that only name them: problem.hpp takes all of Boost.JSON.
#pragma once

#include <boost/system/result.hpp>

namespace rsf::http {

struct ProblemPart;
struct Problem;

template <class T> using OrProblem = boost::system::result<T, Problem>;

} // namespace rsf::http
