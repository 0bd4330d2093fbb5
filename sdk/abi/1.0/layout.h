/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of every struct and the value of every constant of ABI 1.0 on LP64 (x86-64, arm64), which drivers in the field have
 * compiled in. It is never changed; the headers of today are compiled with it. */
#include <resourcifier/resourcifier.h>

#include <assert.h>

#define SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type " changed its size")
#define GROWS(type, bytes) static_assert(sizeof(type) >= (bytes), #type " became smaller")
#define AT(type, member, offset) static_assert(offsetof(type, member) == (offset), #type "." #member " moved")
#define IS(name, value) static_assert((unsigned long long)(name) == (value), #name " changed its value")

SIZE(void *, 8);
SIZE(size_t, 8);

SIZE(rsf_text, 16);
AT(rsf_text, data, 0);
AT(rsf_text, size, 8);

GROWS(rsf_failure, 56);
AT(rsf_failure, size, 0);
AT(rsf_failure, code, 4);
AT(rsf_failure, message, 8);
AT(rsf_failure, retry, 24);
AT(rsf_failure, reserved, 28);
AT(rsf_failure, retry_after_ms, 32);
AT(rsf_failure, details, 40);

GROWS(rsf_result, 40);
AT(rsf_result, size, 0);
AT(rsf_result, outcome, 4);
AT(rsf_result, object, 8);
AT(rsf_result, selflink, 24);

GROWS(rsf_sink, 24);
AT(rsf_sink, size, 0);
AT(rsf_sink, reserved, 4);
AT(rsf_sink, succeed, 8);
AT(rsf_sink, fail, 16);

GROWS(rsf_call, 144);
AT(rsf_call, size, 0);
AT(rsf_call, verb, 4);
AT(rsf_call, flags, 8);
AT(rsf_call, reserved, 12);
AT(rsf_call, deadline_ns, 16);
AT(rsf_call, type, 24);
AT(rsf_call, name, 40);
AT(rsf_call, ns, 56);
AT(rsf_call, label_selector, 72);
AT(rsf_call, field_selector, 88);
AT(rsf_call, object, 104);
AT(rsf_call, request_id, 120);
AT(rsf_call, cancelled, 136);

GROWS(rsf_host, 72);
AT(rsf_host, size, 0);
AT(rsf_host, abi_major, 4);
AT(rsf_host, abi_minor, 8);
AT(rsf_host, reserved, 12);
AT(rsf_host, name, 16);
AT(rsf_host, version, 32);
AT(rsf_host, target, 48);
AT(rsf_host, get_extension, 64);

GROWS(rsf_descriptor, 112);
AT(rsf_descriptor, size, 0);
AT(rsf_descriptor, flags, 4);
AT(rsf_descriptor, capabilities, 8);
AT(rsf_descriptor, name, 16);
AT(rsf_descriptor, version, 32);
AT(rsf_descriptor, vendor, 48);
AT(rsf_descriptor, url, 64);
AT(rsf_descriptor, summary, 80);
AT(rsf_descriptor, settings_schema, 96);

GROWS(rsf_functions, 40);
AT(rsf_functions, size, 0);
AT(rsf_functions, reserved, 4);
AT(rsf_functions, create, 8);
AT(rsf_functions, destroy, 16);
AT(rsf_functions, perform, 24);
AT(rsf_functions, get_extension, 32);

GROWS(rsf_entry, 32);
AT(rsf_entry, size, 0);
AT(rsf_entry, magic, 4);
AT(rsf_entry, abi_major, 8);
AT(rsf_entry, abi_minor, 12);
AT(rsf_entry, descriptor, 16);
AT(rsf_entry, functions, 24);

SIZE(rsf_elf_note, 36);
AT(rsf_elf_note, name_size, 0);
AT(rsf_elf_note, desc_size, 4);
AT(rsf_elf_note, type, 8);
AT(rsf_elf_note, name, 12);
AT(rsf_elf_note, abi_major, 28);
AT(rsf_elf_note, abi_minor, 32);

GROWS(rsf_log, 16);
AT(rsf_log, size, 0);
AT(rsf_log, reserved, 4);
AT(rsf_log, write, 8);

GROWS(rsf_target, 24);
AT(rsf_target, size, 0);
AT(rsf_target, reserved, 4);
AT(rsf_target, perform, 8);
AT(rsf_target, describe, 16);

GROWS(rsf_resource, 56);
AT(rsf_resource, size, 0);
AT(rsf_resource, reserved, 4);
AT(rsf_resource, name, 8);
AT(rsf_resource, type, 24);
AT(rsf_resource, object, 40);

GROWS(rsf_order_sink, 16);
AT(rsf_order_sink, size, 0);
AT(rsf_order_sink, reserved, 4);
AT(rsf_order_sink, before, 8);

GROWS(rsf_order, 16);
AT(rsf_order, size, 0);
AT(rsf_order, reserved, 4);
AT(rsf_order, order, 8);

GROWS(rsf_batch_sink, 24);
AT(rsf_batch_sink, size, 0);
AT(rsf_batch_sink, reserved, 4);
AT(rsf_batch_sink, succeed, 8);
AT(rsf_batch_sink, fail, 16);

GROWS(rsf_batch, 16);
AT(rsf_batch, size, 0);
AT(rsf_batch, max_calls, 4);
AT(rsf_batch, perform, 8);

GROWS(rsf_dry_run, 8);
AT(rsf_dry_run, size, 0);
AT(rsf_dry_run, reserved, 4);

GROWS(rsf_health, 16);
AT(rsf_health, size, 0);
AT(rsf_health, reserved, 4);
AT(rsf_health, check, 8);

GROWS(rsf_plan_request, 40);
AT(rsf_plan_request, size, 0);
AT(rsf_plan_request, verb, 4);
AT(rsf_plan_request, ns, 8);
AT(rsf_plan_request, resources, 24);
AT(rsf_plan_request, count, 32);

GROWS(rsf_plan, 32);
AT(rsf_plan, size, 0);
AT(rsf_plan, reserved, 4);
AT(rsf_plan, begin, 8);
AT(rsf_plan, step, 16);
AT(rsf_plan, end, 24);

GROWS(rsf_secret, 24);
AT(rsf_secret, size, 0);
AT(rsf_secret, reserved, 4);
AT(rsf_secret, values, 8);

IS(RSF_ABI_MAJOR, 1);
IS(RSF_ENTRY_MAGIC, 0x31667372);
IS(RSF_NOTE_TYPE, 1);
IS(RSF_LIST, 1);
IS(RSF_GET, 2);
IS(RSF_CREATE, 3);
IS(RSF_REPLACE, 4);
IS(RSF_DELETE, 5);
IS(RSF_APPLY, 6);
IS(RSF_CALL_DRY_RUN, 1);
IS(RSF_CALL_ALL_NAMESPACES, 2);
IS(RSF_DRIVER_CONCURRENT, 1);
IS(RSF_CAN_LIST, 2);
IS(RSF_CAN_GET, 4);
IS(RSF_CAN_CREATE, 8);
IS(RSF_CAN_REPLACE, 16);
IS(RSF_CAN_DELETE, 32);
IS(RSF_CAN_APPLY, 64);
IS(RSF_NOT_FOUND, 1);
IS(RSF_ALREADY_EXISTS, 2);
IS(RSF_CONFLICT, 3);
IS(RSF_INVALID, 4);
IS(RSF_UNAUTHORIZED, 5);
IS(RSF_FORBIDDEN, 6);
IS(RSF_UNAVAILABLE, 7);
IS(RSF_TIMEOUT, 8);
IS(RSF_CANCELLED, 9);
IS(RSF_UNSUPPORTED, 10);
IS(RSF_INTERNAL, 11);
IS(RSF_DRIVER_CODES, 1000);
IS(RSF_RETRY_UNKNOWN, 0);
IS(RSF_RETRY_NEVER, 1);
IS(RSF_RETRY_LATER, 2);
IS(RSF_OUTCOME_DONE, 0);
IS(RSF_OUTCOME_UNCHANGED, 1);
IS(RSF_OUTCOME_CREATED, 2);
IS(RSF_OUTCOME_CHANGED, 3);
IS(RSF_LOG_DEBUG, 1);
IS(RSF_LOG_INFO, 2);
IS(RSF_LOG_WARNING, 3);
IS(RSF_LOG_ERROR, 4);
