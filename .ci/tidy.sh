#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over the daemon, the SDK, the drivers and what measures them (not their tests). It needs a configured tree, not a built one, and one without
# precompiled headers, since it can't read the compiler's. All are looked at in batches, whose headers are read once: a minute or two on 2 cores;
# "tidy.sh FILE..." looks at those files only, each for itself, so that it must include what it needs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tree=build/tidy batches=OFF what=files
if ((!$#)); then tree=build/tidy-batches batches=ON what='batches of files'; fi
cmake --preset release -B "$tree" -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_UNITY_BUILD=$batches -DCMAKE_UNITY_BUILD_BATCH_SIZE=12 >/dev/null
if (($#)); then
    files=("$@")
else
    mapfile -t files < <(jq -r '.[].file' "$tree/compile_commands.json" | grep -E "^$PWD/($tree/)?(daemon|plugins|sdk|bench)/" | grep -v '/openapi.cpp$' | sort -u)
fi
echo "clang-tidy looks at ${#files[@]} $what."
# The count of what it suppressed in the system's headers is of no use to anyone. In a batch a local name hides another source's, which is nothing:
# g++ looks for what matters of that.
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 1 clang-tidy -p "$tree" --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-shadow --extra-arg=-Wthread-safety --warnings-as-errors='*' 2> >(grep -v ' warnings\? generated' >&2)
