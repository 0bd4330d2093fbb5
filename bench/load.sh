# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What others notice of clients that mean no good: the p99 of a client that asks for one object at a time, during each attack and
# without it, in one run. Sourced by run.sh.

p99() { # prints it in microseconds
    local answer
    answer=$(wrk -t1 -c2 -d3s --latency -H 'Accept: application/json' "http://127.0.0.1:$load_port/$load_object")
    [[ $answer != *"Non-2xx"* && $answer != *"Socket errors"* ]] || fail "Others were refused: $answer"
    awk '$1 == "99%" { v = $2 + 0; if ($2 ~ /ms$/) v *= 1e3; else if ($2 ~ /[0-9]s$/) v *= 1e6; print v }' <<<"$answer"
}

during() { # WHAT COMMAND...: a row
    local what=$1 round attacker
    shift
    for ((round = 0; round < rounds; round++)); do
        p99 >>"$work/load.$what.without"
        "$@" >/dev/null 2>&1 &
        attacker=$!
        own+=("$attacker")
        sleep 1 # until the attack is in full swing
        p99 >>"$work/load.$what.with"
        kill "$attacker" 2>/dev/null || true
        wait "$attacker" 2>/dev/null || true
    done
    local with without
    with=$(median "$work/load.$what.with")
    without=$(median "$work/load.$what.without")
    row "$what: p99 of others, times that without it" "$with us" "$without us" "$(calculate "$with / $without")" "<= 3"
}

slow() { # WHAT OPTION...: 1,000 clients of slowhttptest
    local what=$1
    shift
    during "$what" slowhttptest -c 1000 -r 1000 -l 60 -i 1 -u "http://127.0.0.1:$load_port/$load_object" "$@"
}

measure_load() {
    load_port=$((20000 + SRANDOM % 12000))
    load_object=configurations/configmaps/bench-0
    mkfifo "$work/gate"
    install -m 755 -t "$work/drivers" build/tests/drivers/gate.so
    {
        echo "default_target: dryrun"
        settings "unix:$work/load.socket" | sed "1s/]/, '127.0.0.1:$load_port']/"
        printf '%s\n' "  dryrun: {driver: dryrun}" "  slow: {driver: gate, timeout: 1s, queue: 64, settings: {gate: $work/gate}}"
    } >"$work/load.yaml"
    start_daemon load
    config_maps bench 1 default |
        curl -sf -o /dev/null -H 'Prefer: handling=strict' -H 'Content-Type: application/yaml' --data-binary @- "http://127.0.0.1:$load_port/configurations"
    slow "1,000 clients slow with heads" -H
    slow "1,000 clients slow with bodies" -B -s 8192 -f application/yaml
    slow "1,000 clients slow to read" -X -w 1 -y 64 -n 1 -z 16
    slow "2,000 connections held open" -H -c 2000 -r 2000 -i 9
    during "thousands of connections a second, opened and dropped" wrk -t1 -c64 -d60s -H 'Connection: close' "http://127.0.0.1:$load_port/livez"
    during "a flood on a target whose driver hangs" wrk -t1 -c64 -d60s -s bench/post.lua "http://127.0.0.1:$load_port/targets/slow/configurations" -- flood-
}
