// SPDX-License-Identifier: Apache-2.0
#include "dryrun_driver.hpp"

RSF_CPP_DRIVER(rsf::dryrun::DryrunDriver)
