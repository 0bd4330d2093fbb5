#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openapi_lint.sh FILE: whether a public linter of OpenAPI finds the file as it should be, and one that is broken not. The linter comes from npm and is
# kept in the user's cache by its version.
set -euo pipefail
document=$1
version=1.34.5 # the last line for Debian 12's Node.js is 1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/resourcifier
folder=$cache/redocly-$version
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

fail() { printf '%s\n' "$*" >&2; exit 1; }

mkdir -p "$cache"
work=$(mktemp -d -p "$cache")
trap 'rm -rf "$work"' EXIT
if [[ ! -x $folder/node_modules/.bin/redocly ]]; then
    timeout 500 npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/kept" "@redocly/cli@$version" ||
        fail "@redocly/cli $version can't be had from npm."
    # Another one may have been quicker.
    mv -T "$work/kept" "$folder" 2>/dev/null || [[ -x $folder/node_modules/.bin/redocly ]] || fail "$folder can't be made."
fi

lint() { timeout 200 "$folder/node_modules/.bin/redocly" lint --extends recommended-strict "$1"; }

lint "$document" || fail "The linter does not take $document."
jq 'del(.paths["/livez"].get.summary)' "$document" >"$work/broken.json"
! said=$(lint "$work/broken.json" 2>&1) || fail "The linter should not have taken a path without a summary: $said"
[[ $said == *operation-summary* ]] || fail "The linter failed for another reason: $said"
