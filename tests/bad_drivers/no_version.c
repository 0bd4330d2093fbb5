/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

static const rsf_descriptor descriptor = {
    sizeof(rsf_descriptor), 0,           RSF_CAN_ALL_V1, RSF_TEXT("no-version"), RSF_TEXT(""), RSF_TEXT(""), RSF_TEXT(""),
    RSF_TEXT(""),           RSF_TEXT("")};
static const rsf_functions functions = PLAIN_FUNCTIONS;
RSF_DRIVER_ENTRY(&descriptor, &functions);
