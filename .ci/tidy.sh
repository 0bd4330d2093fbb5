#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over the daemon, the SDK, the drivers and what measures them (not their tests). It needs a configured tree, not a built one, and one without
# precompiled headers, since it can't read the compiler's, and without batches, so that each source must include what it needs. About five minutes on 2 cores; "tidy.sh FILE..." looks at those files only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cmake --preset release -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_UNITY_BUILD=OFF >/dev/null
if (($#)); then
    files=("$@")
else
    mapfile -t files < <(jq -r '.[].file' build/tidy/compile_commands.json | grep -E "^$PWD/(daemon|plugins|sdk|bench)/" | sort -u)
fi
echo "clang-tidy looks at ${#files[@]} files."
# The count of what it suppressed in the system's headers is of no use to anyone.
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 1 clang-tidy -p build/tidy --quiet --extra-arg=-Wno-unknown-warning-option --warnings-as-errors='*' 2> >(grep -v ' warnings\? generated' >&2)
