#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs one fuzz target that is built: run.sh TARGET SECONDS. What it finds new is kept in build/fuzz/found/, what fails in build/fuzz/failed/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
target=$1 seconds=$2
folder=build/fuzz log=build/fuzz/$1.log
mkdir -p "$folder/found/$target" "$folder/failed"
"$folder/targets/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
    -artifact_prefix="$folder/failed/$target-" "$folder/found/$target" "tests/fuzz/corpus/$target" >"$log" 2>&1 ||
    { tail -n 60 "$log" && echo "The fuzz target $target failed; its input is in $folder/failed/. When it is mended, it belongs in tests/fuzz/corpus/$target/." && exit 1; }
echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
