#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures, and writes bench/RESULTS.md: run.sh [parse] [schedule] [process] [isolation] [http] [load] [cluster] [store], all of them by default. Expects the release
# build with the target "bench", and wrk: ./dev bench sees to that. README.md says what each row compares.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/stages.sh
. .ci/stages.sh
# shellcheck source=bench/rows.sh
. bench/rows.sh
# shellcheck source=bench/http.sh
. bench/http.sh
# shellcheck source=bench/load.sh
. bench/load.sh
# shellcheck source=bench/cluster.sh
. bench/cluster.sh
# shellcheck source=bench/store.sh
. bench/store.sh

parts=("$@")
((${#parts[@]})) || parts=(parse schedule process isolation http load cluster store)
rounds=5
work=$(mktemp -d)
own=() # processes to end

clean_up() {
    trap '' INT TERM HUP
    local pid
    for pid in "${own[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait || true
    [[ ! -d $work/cluster ]] || RESOURCIFIER_CLUSTER_DIR=$work/cluster tests/cluster/control_plane.sh down || true
    rm -rf "$work" build/bench/stores
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The daemon takes no driver from a folder that others may write, as a clone may be.
install -D -m 755 -t "$work/drivers" build/drivers/dryrun.so build/drivers/kubectl.so

settings() { # LISTEN: the head of a settings file; targets follow
    printf '%s\n' "listen: ['$1']" "driver_path: ['$work/drivers']" "log_level: warning" "targets:"
}

start_daemon() { # NAME: with $work/NAME.yaml, which listens on unix:$work/NAME.socket or a port; sets address
    build/bin/resourcifierd --settings "$work/$1.yaml" 2>"$work/$1.log" &
    own+=($!)
    local turn
    for ((turn = 0; turn < 100; turn++)); do
        ! health "$1" || return 0
        kill -0 "${own[-1]}" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/$1.log" >&2
    fail "The daemon did not start."
}

health() { curl -sf --unix-socket "$work/$1.socket" http://localhost/healthz >/dev/null; }

measure_parse() { build/bench/parse >>"$rows"; }
measure_schedule() { build/bench/schedule >>"$rows"; }

measure_process() {
    { settings "unix:$work/process.socket" && echo "  dryrun: {driver: dryrun}"; } >"$work/process.yaml"
    config_maps process 1000 default >"$work/thousand.yaml"
    build/bench/process build/bin/resourcifierd "$work/process.yaml" "$work/process.socket" /configurations "$work/thousand.yaml" >>"$rows"
}

measure_isolation() { build/bench/isolation >>"$rows"; }

title_of() {
    case $1 in
    parse) echo "A body becomes a configuration" ;;
    schedule) echo "A configuration becomes a schedule" ;;
    process) echo "The daemon as a process" ;;
    isolation) echo "A driver in a process of its own" ;;
    http) echo "Requests per second (wrk, 32 connections), against a bare Beast server" ;;
    load) echo "Others, while clients mean no good" ;;
    cluster) echo "A real API server" ;;
    store) echo "What the store costs" ;;
    *) fail "There is no part $1: they are parse, schedule, process, isolation, http, load, cluster and store." ;;
    esac
}

machine() {
    printf '%s\n' "Measured by \`./dev bench\` (README.md says what each row compares), on $(date -u +%Y-%m-%d), commit $commit." ""
    printf -- '- Machine: %s\n' "$(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sed -n 1p), $(awk '/MemTotal/ {printf "%.0f GB", $2 / 1e6}' /proc/meminfo), Linux $(uname -r)"
    printf -- '- Load: %s before, %s after (averages over one minute; what others did meanwhile counts, so run it on a quiet machine)\n' "$load_before" "$(load)"
    printf -- '- Versions: %s\n' "$(sed -n 1p < <(c++ --version)), $(packages libboost1.81-dev libboost-dev libyaml-cpp-dev wrk)${kubectl_version:+, $kubectl_version}"
}

packages() { dpkg-query -W -f '${Package} ${Version}, ' "$@" 2>/dev/null | sed 's/, $//'; }
load() { cut -d' ' -f1 /proc/loadavg; }

load_before=$(load)
commit=$(git describe --always --dirty)
tables=$work/tables.md
for part in "${parts[@]}"; do
    title=$(title_of "$part")
    rows=$work/$part.rows
    : >"$rows"
    printf '\n==== %s\n' "$title" >&2
    "measure_$part"
    { printf '\n## %s\n\n' "$title" && table <"$rows"; } | tee -a "$tables"
done
{ printf '# Results\n\n' && machine && cat "$tables"; } >bench/RESULTS.md
echo
echo "Written to bench/RESULTS.md."
