// SPDX-License-Identifier: Apache-2.0
//
// The text that kubectl writes to standard error, and the answers of the API, read as errors. Every failure of kubectl has exit
// code 1; only its text tells which failure it was. The texts of 1.20 to 1.33 are known. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::errors {

// Standard error, sorted.
struct ErrorText {
    std::string message;               // what failed, without what is below; lines are kept
    std::vector<std::string> warnings; // "Warning: ..." lines, without the word
    std::vector<std::string> log;      // lines of kubectl's own log ("E1123 01:49:25.759875   31758 memcache.go:265] ...")
};

ErrorText sort_error_text(std::string_view standard_error);

// The error of a kubectl that ended with an exit code. writes: the call was to change the cluster.
Error read_error(const ErrorText &text, int exit_code, bool writes);

// The error for a program that the system can't run; error: its errno.
Error cant_be_run(const std::string &kubectl, int error);

// The error for an object of a kind that the cluster does not have.
Error unknown_kind(std::string_view kind, std::string_view api_version);

// The error for a word that names no type of the cluster.
Error no_such_type(std::string_view word);

// Whether an error of a read says that the cluster has no such type, and not that it has no such object.
bool is_no_such_type(const Error &error);

// Whether an error of a write says that the cluster has no path for the object.
bool is_no_such_path(const Error &error);

// The error for an object of a kind that the cluster answers and never stores, such as a SelfSubjectAccessReview.
Error never_stored(Code code, std::string_view kind);

// The error for one write of which there is no dry run, as rsf.dry_run/1 has it. why: a sentence.
Error without_dry_run(const std::string &why);

// The error that an answer of the API with a status of 400 or more means: a Status object, or whatever a proxy on the way wrote.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
Error read_status(unsigned http_status, std::string_view body, bool writes);

// Whether an answer that is no success leaves open whether the cluster did what it was asked: it failed on the way back, or in
// the cluster. Those that say that the request never reached it do not.
bool may_have_passed_on(unsigned http_status, std::string_view body);

// The server that kubectl is given where nothing names one, instead of its own default (http://localhost:8080). It is no URL, so
// that kubectl sends no request.
inline constexpr std::string_view no_server = "https://no server";

// Whether an error says that the cluster was not reached, or does not accept the credentials: every call would fail like that.
bool is_out_of_touch(const Error &error);

// Whether an error says that another client changed the object since it was read: the write may succeed if it is repeated.
bool is_overtaken(const Error &error);

// Whether an error says that no answer came in time: the cluster may be down, or one call may have been slow.
bool is_silence(const Error &error);

// The same as is_out_of_touch of an answer that came through kubectl proxy. One that the cluster gave, such as of a server behind
// it that it did not reach itself, says no such thing, unless its status is 401.
bool is_out_of_touch(unsigned http_status, std::string_view body);

} // namespace rsf::kubectl::errors
