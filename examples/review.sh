#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A plan of what a configuration would change, as Markdown for a pull request's comment. For CI jobs: curl and a shell are enough.
#
#   review.sh URL CONFIGURATION [POST|PUT|DELETE]     URL: the target, as in http://bastion:8080/targets/prod
#
# The comment's body is on standard output. The exit code tells scripts apart what the plan says:
#   0 nothing would change   1 something would   2 something would fail   3 there is no plan; standard error says why
set -u
url=${1:?usage: review.sh URL CONFIGURATION [POST|PUT|DELETE]} file=${2:?usage: review.sh URL CONFIGURATION [POST|PUT|DELETE]} method=${3:-PUT}
head=$(mktemp) body=$(mktemp)
trap 'rm -f "$head" "$body"' EXIT

code=$(curl -sS -X "$method" -D "$head" -o "$body" -w '%{http_code}' --data-binary "@$file" \
    -H 'Content-Type: application/yaml' -H 'Accept: text/markdown' "$url/configurations?dryRun=true") || exit 3
if [ "$code" != 200 ]; then
    cat "$body" >&2
    exit 3
fi
cat "$body"
header() { tr -d '\r' <"$head" | sed -n "s/^$1: //Ip"; }
[ "$(header Resourcifier-Failed)" = 0 ] || exit 2
[ "$(header Resourcifier-Changes)" = 0 ] || exit 1
