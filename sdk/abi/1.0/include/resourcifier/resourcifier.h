/* SPDX-License-Identifier: Apache-2.0 */
/* resourcifier.h: the whole driver ABI. */
#ifndef RESOURCIFIER_RESOURCIFIER_H
#define RESOURCIFIER_RESOURCIFIER_H

#include "abi.h"
#include "answer.h"
#include "call.h"
#include "driver.h"
#include "extensions.h"
#include "host.h"

#endif
