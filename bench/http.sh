# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The daemon's HTTP path against a Beast server that does nothing else, under the same load from wrk. Sourced by run.sh.

requests_per_second() { # FILE WRK-ARGUMENT...: appends to FILE
    local file=$1 answer
    shift
    answer=$(wrk -t1 -c32 -d2s "$@")
    [[ $answer != *"Non-2xx"* && $answer != *"Socket errors"* ]] || fail "wrk $* was refused: $answer"
    awk '/^Requests\/sec/ {print $2}' <<<"$answer" >>"$file"
}

compare_rates() { # WHAT NAME BARE [REACH]
    local ours theirs
    ours=$(median "$work/$2.daemon")
    theirs=$(median "$work/$3.bare")
    row "$1" "${ours%.*}/s" "${theirs%.*}/s" "$(calculate "$ours / $theirs")" "${4:-}"
}

measure_http() {
    local port=$((20000 + SRANDOM % 12000)) bare round target object=configurations/configmaps/bench-0
    # The daemon has a Unix socket too, to tell when it serves.
    {
        echo "default_target: dryrun"
        settings "unix:$work/http.socket" | sed "1s/]/, '127.0.0.1:$port']/"
        printf '%s\n' "  dryrun: {driver: dryrun, isolation: none}" "  apart: {driver: dryrun}"
    } >"$work/http.yaml"
    start_daemon http
    for target in dryrun apart; do
        config_maps bench 1 default |
            curl -sf -o /dev/null -H 'Prefer: handling=strict' -H 'Content-Type: application/yaml' --data-binary @- "http://127.0.0.1:$port/targets/$target/configurations"
    done
    curl -sf -H 'Accept: application/json' "http://127.0.0.1:$port/$object" >"$work/object.json"
    mkfifo "$work/bare.port"
    build/bench/bare_server 2 "$work/object.json" >"$work/bare.port" &
    own+=($!)
    read -r bare <"$work/bare.port"

    for ((round = 0; round < rounds; round++)); do
        requests_per_second "$work/health.bare" "http://127.0.0.1:$bare/healthz"
        requests_per_second "$work/health.daemon" "http://127.0.0.1:$port/healthz"
        requests_per_second "$work/get.bare" -H 'Accept: application/json' "http://127.0.0.1:$bare/$object"
        requests_per_second "$work/get.daemon" -H 'Accept: application/json' "http://127.0.0.1:$port/$object"
        requests_per_second "$work/post.bare" -s bench/post.lua "http://127.0.0.1:$bare/configurations" -- "r$round-"
        requests_per_second "$work/post.daemon" -s bench/post.lua "http://127.0.0.1:$port/configurations" -- "r$round-"
        requests_per_second "$work/get-apart.daemon" -H 'Accept: application/json' "http://127.0.0.1:$port/targets/apart/$object"
        requests_per_second "$work/post-apart.daemon" -s bench/post.lua "http://127.0.0.1:$port/targets/apart/configurations" -- "r$round-"
    done
    compare_rates "GET /healthz" health health ">= 0.85"
    compare_rates "GET of one object from dryrun, in the daemon's own process" get get ">= 0.6"
    compare_rates "POST of one object to dryrun, likewise" post post ">= 0.35"
    compare_rates "GET of one object from dryrun, in a process of its own" get-apart get
    compare_rates "POST of one object to dryrun, likewise" post-apart post
}
