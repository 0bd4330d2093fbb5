#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over every source of the release build that is the tree's own: the daemon, the drivers and their tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

jq -r '.[].file' build/compile_commands.json | grep "^$PWD/\(daemon\|plugins\|sdk\)/" | sort -u |
    xargs -r -P "$(nproc)" -n 1 clang-tidy -p build --quiet --warnings-as-errors='*'
