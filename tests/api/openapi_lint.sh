#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openapi_lint.sh FILE: two public linters of OpenAPI accept the file, and reject one that is broken. redocly judges the structure and
# the examples, spectral the examples and the descriptions as well.
set -euo pipefail
# shellcheck source=tests/api/npm_tool.sh
. "$(dirname "${BASH_SOURCE[0]}")/npm_tool.sh"
trap 'rm -rf "$work"' EXIT
document=$1
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

redocly=$(npm_tool @redocly/cli 1.34.5) # the last line for Debian 12's Node.js is 1
spectral=$(npm_tool @stoplight/spectral-cli 6.16.3)

redocly() { timeout 200 "$redocly/.bin/redocly" lint --extends recommended-strict "$1"; }
echo 'extends: ["spectral:oas"]' >"$work/rules.yaml"
spectral() { timeout 200 "$spectral/.bin/spectral" lint --ruleset "$work/rules.yaml" --fail-severity=hint "$1"; }

# LINTER RULE FILTER: the linter takes the document, and not what the jq filter makes of it, for that rule.
check() {
    local said
    "$1" "$document" || fail "$1 does not take $document."
    jq "$3" "$document" >"$work/broken.json"
    ! said=$("$1" "$work/broken.json" 2>&1) || fail "$1 should not have taken what '$3' makes of the document: $said"
    [[ $said == *"$2"* ]] || fail "$1 failed for another reason: $said"
}
check redocly operation-summary 'del(.paths["/livez"].get.summary)'
check spectral operation-description 'del(.paths["/targets"].get.description)'
check spectral oas3-valid-media-example '.components.responses.NotFound.content["application/problem+json"].example.status = "404"'
