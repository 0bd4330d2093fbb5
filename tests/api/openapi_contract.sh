#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openapi_contract.sh FILE RESOURCIFIERD DRYRUN.so SABOTEUR.so: a daemon does what its OpenAPI document says, as Specmatic judges it. Specmatic sends the
# requests of the table below and compares each answer's status, media type and body with the document. What it can't ask for is in the second table, with
# the reason; every status of every operation is in one of the two.
set -euo pipefail
# shellcheck source=tests/api/npm_tool.sh
. "$(dirname "${BASH_SOURCE[0]}")/npm_tool.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
document=$1 program=$2 dryrun=$3 saboteur=$4
daemon=
trap '[[ ! $daemon ]] || kill "$daemon" 2>/dev/null; rm -rf "$work"' EXIT

command -v java >/dev/null || { echo "skipped: Specmatic needs Java."; exit 77; }
specmatic=$(npm_tool specmatic 2.55.1)/specmatic/specmatic.jar

config_map() { # NAME[.NAMESPACE]...
    jq -nc '{resources: [$ARGS.positional[] | (./"." | {name: .[0], namespace: (.[1] // "default")}) as $metadata
        | {name: ., type: "ConfigMap", properties: {apiVersion: "v1", kind: "ConfigMap", metadata: $metadata, data: {redis: "10.0.0.17:6379"}}}]}' --args "$@"
}
stranger='{"resources": [{"name": "a", "type": "Stranger", "properties": {}}]}' # no cluster has that
unclear='{"resources": [{"name": "a", "type": "ConfigMap", "properties": {"of": "$''(ref.nobody.metadata.uid)"}}]}'
stuck='{"resources": [{"name": "a", "type": "hang", "properties": {}}]}' # its driver does not come back
large=$(jq -nc '{resources: [{name: "a", type: "ConfigMap", properties: {text: ("x" * 70000)}}]}')

# STATUS METHOD PATH[#HEADER=VALUE] BODY; the operation of a path is found by its form. $ended, $running: ids of operations.
rows() {
    local base
    for base in "" /targets/prod; do
        local all=$base/configurations
        printf '%s\n' \
            "201 POST $all $(config_map "made${base//\//-}")" \
            "200 POST $all?strategy=apply $(config_map known.kube-public)" \
            "202 POST $all#Prefer=respond-async $(config_map "later${base//\//-}")" \
            "207 POST $all $stranger" \
            "502 POST $all#Prefer=handling=strict $stranger" \
            "400 POST $all $unclear" \
            "413 POST $all $large" \
            "422 POST $all#Idempotency-Key=taken $(config_map other)" \
            "200 PUT $all $(config_map settings)" \
            "202 PUT $all#Prefer=respond-async $(config_map known.kube-public)" \
            "207 PUT $all $stranger" \
            "502 PUT $all#Prefer=handling=strict $stranger" \
            "400 PUT $all $unclear" \
            "413 PUT $all $large" \
            "204 DELETE $all $(config_map "gone${base//\//-}")" \
            "202 DELETE $all#Prefer=respond-async $(config_map nobody)" \
            "413 DELETE $all $large" \
            "200 GET $all/cm" \
            "400 GET $all/cm?fieldSelector=x" \
            "404 GET $all/strangers" \
            "200 GET $all/cm/settings" \
            "404 GET $all/cm/nobody"
    done
    local unknown=/targets/nobody/configurations broken=/targets/broken/configurations
    printf '%s\n' \
        "404 POST $unknown $(config_map a)" \
        "404 PUT $unknown $(config_map a)" \
        "404 DELETE $unknown $(config_map a)" \
        "200 DELETE /targets/review/configurations?dryRun=All $(config_map settings)" \
        "501 PUT $broken $(config_map a)" \
        "501 DELETE $broken $(config_map a)" \
        "501 GET $broken/cm" \
        "409 GET $broken/conflict/a" \
        "502 GET $broken/segv/a" \
        "503 GET $broken/unavailable/a" \
        "504 GET $broken/hang/a" \
        "200 GET /operations" \
        "400 GET /operations?state=x" \
        "200 GET /operations/$ended" \
        "404 GET /operations/$nobody" \
        "204 GET /operations/$ended/events#Last-Event-ID=9999999" \
        "404 GET /operations/$nobody/events" \
        "202 POST /operations/$running/cancel" \
        "404 POST /operations/$nobody/cancel" \
        "409 POST /operations/$ended/cancel" \
        "200 GET /targets" \
        "200 GET /targets/prod" \
        "404 GET /targets/nobody"
    local probe
    for probe in /healthz /livez /readyz /metrics /targets/prod/healthz /targets/prod/readyz; do echo "200 GET $probe"; done
    for probe in healthz readyz; do echo "404 GET /targets/nobody/$probe"; done
}

# STATUS [METHOD PATH | NAME]: REASON
left_out() {
    cat <<'TEXT'
200 DELETE /configurations: only a target that plans has it, and the default one here does not
502 DELETE: nothing here refuses to go
200 GET /operations/{id}/events: Specmatic skips answers that are text/event-stream
200 GET /openapi.json: it is the document, and so is the example that it would have to be like
503 GET /readyz: no target is out of order for as long as that would take
503 GET /targets/{target}/readyz: the same
403: Java's client lets nobody set Origin or Sec-Fetch-Site
406: Specmatic takes no answer whose type the request did not accept
408: it would have to send a request in part
414: Specmatic expects JSON, and what is refused before its headers are read is answered with text
415: it sends no type that the document does not have
417: Java's client lets nobody set Expect
421: Java's client lets nobody set Host
431: its connection ends before the answer is read
500: a fault of the daemon's own
505: it speaks HTTP/1.1 only
default: what a later version may answer
TEXT
}

# Specmatic sends JSON only, and no Accept of its own; what the document gives as examples need not be in the cluster.
jq 'def of_json: if any(keys[]; test("json")) then with_entries(select(.key | test("json"))) else . end;
    .paths |= map_values(map_values(if type != "object" then . else
        .parameters += [{name: "Accept", in: "header", required: true, schema: {type: "string"}}]
        | (.requestBody.content | values) |= of_json
        | .responses |= map_values((.content | values) |= of_json) end))
    | .components.responses |= map_values((.content | values) |= of_json)
    | del(.paths[][].responses?[]?.content?[]?.examples, .paths[][].requestBody?.content?[]?.examples)' "$document" >"$work/api.json"

cat >"$work/settings.yaml" <<TEXT
listen: ["127.0.0.1:0"]
default_target: prod
limits: {body: 64KiB}
targets:
  prod: {driver: "$dryrun"}
  review: {driver: "$dryrun", settings: {over: prod}}
  broken: {driver: "$saboteur", timeout: 1s}
  stuck: {driver: "$saboteur", timeout: 5min}
TEXT
"$program" --settings "$work/settings.yaml" >"$work/log" 2>&1 &
daemon=$!
address=$(sed -n 's/.* listening on //p;/listening on/q' <(timeout 60 tail --follow --lines=+1 --pid="$daemon" "$work/log"))
[[ $address ]] || fail "The daemon does not start: $(cat "$work/log")"
write() { # PATH BODY [HEADER...]: prints the id of the operation
    local path=$1 body=$2 header all=()
    shift 2
    for header in 'Content-Type: application/json' "$@"; do all+=(--header "$header"); done
    curl --fail --silent --show-error --output "$work/written" --dump-header "$work/head" "${all[@]}" --data "$body" "http://$address$path"
    sed -n 's/^Resourcifier-Operation: \(.*\)\r$/\1/p' "$work/head"
}
ended=$(write /configurations "$(config_map settings known.kube-public gone gone-targets-prod)" 'Idempotency-Key: taken')
running=$(write /targets/stuck/configurations "$stuck" 'Prefer: respond-async')
nobody=0000000000000000000000000A

# One file a row.
mkdir "$work/examples"
rows | jq -Rc --slurpfile api "$document" -f "$here/openapi_examples.jq" >"$work/rows"
jq -c 'del(.answer)' "$work/rows" | split --lines=1 --additional-suffix=.json - "$work/examples/"

# Each answer of the document is asked for, or there is a reason; once for all where operations share it.
jq -r '.paths | to_entries[] | .key as $form | .value | to_entries[] | select(.value | type == "object") | (.key | ascii_upcase) as $method
    | .value.responses | to_entries[] | "\(.key) " + (.value."$ref" // "\($method) \($form)" | ltrimstr("#/components/responses/"))' \
    "$document" | sort -u >"$work/promised"
jq -r '.answer' "$work/rows" | sort -u >"$work/asked"
comm -23 "$work/promised" "$work/asked" | grep -vEf <(left_out | sed 's/:.*//; s/^/^/; s/[{}]/[&]/g; s/$/( |$)/') >"$work/missing" || true
[[ ! -s $work/missing ]] || fail "These answers are in the document, and neither asked for nor left out: $(<"$work/missing")"

cd "$work" # where it leaves its reports
timeout 300 java -jar "$specmatic" test --strict --timeout-in-ms=60000 --testBaseURL="http://$address" --examples=examples api.json >"$work/said" 2>&1 || true
asked=$(wc -l <rows)
if ! grep -qx "Tests run: $asked, Successes: $asked, Failures: 0, WIP: 0, Errors: 0" said; then
    sed -n '/^Unsuccessful Scenarios/,$p' said >&2
    fail "Specmatic does not find $asked answers as the document says: $(tail -n 20 said)"
fi
echo "$asked answers are as the document says. Left out:"
left_out
