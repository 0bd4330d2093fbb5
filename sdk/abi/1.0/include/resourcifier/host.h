/* SPDX-License-Identifier: Apache-2.0 */
/* host.h: who loaded the driver, and what it can be asked for. */
#ifndef RESOURCIFIER_HOST_H
#define RESOURCIFIER_HOST_H

#include "abi.h"

RSF_BEGIN

/* Made by the host, one for each driver instance; valid from create until destroy returns. */
struct rsf_host {
    uint32_t size;      /* sizeof(rsf_host) */
    uint32_t abi_major; /* what the host speaks */
    uint32_t abi_minor;
    uint32_t reserved;
    rsf_text name;    /* "resourcifierd" */
    rsf_text version; /* of the host, semver.org */
    rsf_text target;  /* what the settings call this instance */
    /* The table of something that the host can do (extensions.h) by its id, or NULL when it can't. Lives as long as the host.
     * [any-thread] */
    const void *(*get_extension)(const rsf_host *host, rsf_text id);
};

RSF_END

#endif
