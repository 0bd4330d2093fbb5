#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pages_test.sh PLAN_PAGES FOLDER: the pages of plans in Chromium. Exits with 77 where there is no Chromium or no Node.
set -euo pipefail
plan_pages=$1 folder=$2

for program in chromium node; do
    command -v "$program" >/dev/null || { echo "Skipped: there is no $program on this machine." && exit 77; }
done
rm -rf "$folder"
mkdir -p "$folder"
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
"$plan_pages" "$folder"
HOME=$profile timeout 600 node "$(dirname "${BASH_SOURCE[0]}")/pages_test.mjs" chromium "$folder" "$profile"
