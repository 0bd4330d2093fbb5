// SPDX-License-Identifier: Apache-2.0
//
// Checks that an answer of the cluster fits the request: same kind, name and namespace. Each function throws Error (internal)
// with a sentence if not. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>

#include <string_view>

namespace rsf::kubectl::errors {

// text: JSON of an object, said to be the one asked for. effect: what may have happened all the same, or empty. Empty members of
// asked are not compared.
void check_object(const kubernetes::Identity &asked, std::string_view text, std::string_view effect = {});

// A write's answer, for the object that it was made for.
void check_written(const Call &call, std::string_view text);

// The answer to a deletion: a Status that says Success, or the object.
void check_deleted(const kubernetes::Identity &asked, std::string_view text, std::string_view effect);

// The items of a list (list_text.hpp): objects of its kind, in the namespace if one was asked for. They may leave out apiVersion
// and kind. What is no list is not judged.
void check_items(const kubernetes::Identity &asked, std::string_view list);

} // namespace rsf::kubectl::errors
