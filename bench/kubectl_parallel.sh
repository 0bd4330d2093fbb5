#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 100 independent ConfigMaps through the daemon and the kubectl driver, one kubectl at a time and several at once, in one run.
# Needs ./dev build and a control plane: ./dev cluster up && bench/kubectl_parallel.sh [ROUNDS]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rounds=${1:-5}
eval "$("$root/dev" cluster env)"
work=$(mktemp -d)
daemon=
trap '[[ -z $daemon ]] || { kill "$daemon" && wait "$daemon" || true; }; rm -rf "$work"' EXIT

target() { # NAME CONCURRENCY
    echo "  $1: {driver: kubectl, concurrency: $2, settings: {kubectl: $RESOURCIFIER_KUBECTL, config: $KUBECONFIG}}"
}
{
    echo "listen: ['unix:$work/socket']"
    echo "driver_path: ['$root/build/drivers']"
    echo "log_level: warning"
    echo "default_target: in-turn"
    echo "targets:"
    target in-turn 1
    target at-once-4 4
    target at-once-16 16
} >"$work/settings.yaml"
{
    echo "resources:"
    for i in {1..100}; do
        echo "- {name: b$i, type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: bench-$i}, data: {n: '$i'}}}"
    done
} >"$work/body.yaml"

"$root/build/bin/resourcifierd" --settings "$work/settings.yaml" &
daemon=$!
curl -sf --retry 50 --retry-delay 0 --retry-all-errors --unix-socket "$work/socket" http://localhost/healthz >/dev/null

request() { # METHOD TARGET: prints the seconds it took
    curl -sf -o /dev/null -w '%{time_total}\n' -H 'Prefer: handling=strict' -H 'Content-Type: application/yaml' \
        --unix-socket "$work/socket" -X "$1" \
        --data-binary "@$work/body.yaml" "http://localhost/targets/$2/configurations"
}

median() { sort -n "$1" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

targets=(in-turn at-once-4 at-once-16)
for ((round = 0; round < rounds; round++)); do
    for name in "${targets[@]}"; do
        request POST "$name" >>"$work/$name"
        request DELETE at-once-16 >/dev/null
    done
done
echo "seconds for a POST of 100 ConfigMaps, median of $rounds rounds, $(nproc) cores, $("$RESOURCIFIER_KUBECTL" version --client --short)"
for name in "${targets[@]}"; do printf '%-12s %s\n' "$name" "$(median "$work/$name")"; done
