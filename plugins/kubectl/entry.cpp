// SPDX-License-Identifier: Apache-2.0
#include "kubectl/kubectl_driver.hpp"

RSF_CPP_DRIVER(rsf::kubectl::KubectlDriver)
