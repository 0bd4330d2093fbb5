// SPDX-License-Identifier: Apache-2.0
//
// The driver and all that it can be run against without a cluster, with the names that tests of the driver as a whole share. Not
// thread-safe, but for FakeApi.
#pragma once

#include "kubectl/fakes/fake_api.hpp"
#include "kubectl/fakes/fake_kubectl.hpp"
#include "kubectl/kubectl_driver.hpp"

#include <resourcifier/fake_host.hpp>

#include <chrono>

using namespace rsf;
using rsf::kubectl::FakeApi;
using rsf::kubectl::FakeReply;
using rsf::kubectl::FakeRequest;
using rsf::kubectl::Folder;
using rsf::kubectl::ok;
using rsf::kubectl::refusal;

// A get of that ConfigMap, which may take this time.
inline FakeAnswer get_within(FakeHost &host, const char *name, std::chrono::milliseconds time) {
    FakeCall call;
    call.type = "cm";
    call.name = name;
    call.deadline = std::chrono::steady_clock::now() + time;
    return host.perform(call);
}
