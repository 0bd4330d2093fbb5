# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What others notice of clients that mean no good: the p99 of a client that asks for one object at a time, in one run without any, while
# they are at another daemon of this machine, whose processors they take, and while they are at its own. Sourced by run.sh.

p99() { # prints it in microseconds
    local answer
    answer=$(wrk -t1 -c2 -d3s --latency -H 'Accept: application/json' "http://$load_address/$load_object")
    [[ $answer != *"Non-2xx"* && $answer != *"Socket errors"* ]] || fail "Others were refused: $answer"
    awk '$1 == "99%" { v = $2 + 0; if ($2 ~ /ms$/) v *= 1e3; else if ($2 ~ /[0-9]s$/) v *= 1e6; print v }' <<<"$answer"
}

during() { # WHAT COMMAND...: two rows; AT in the command is the address of the daemon under attack
    local what=$1 round
    shift
    for ((round = 0; round < rounds; round++)); do
        p99 >>"$work/load.$what.without"
        p99_under "$other_address" "$@" >>"$work/load.$what.elsewhere"
        p99_under "$load_address" "$@" >>"$work/load.$what.here"
    done
    local without elsewhere here
    without=$(median "$work/load.$what.without")
    elsewhere=$(median "$work/load.$what.elsewhere")
    here=$(median "$work/load.$what.here")
    row "$what: p99 of others, times that with the same at another daemon" "$here us" "$elsewhere us" "$(calculate "$here / $elsewhere")" "<= 3"
    row "- times that without it" "$here us" "$without us" "$(calculate "$here / $without")"
}

p99_under() { # ADDRESS COMMAND...
    local address=$1 attacker
    shift
    "${@/AT/$address}" >/dev/null 2>&1 &
    attacker=$!
    own+=("$attacker")
    sleep 1 # until the attack is in full swing
    p99
    kill "$attacker" 2>/dev/null || true
    wait "$attacker" 2>/dev/null || true
}

slow() { # WHAT OPTION...: 1,000 clients of slowhttptest
    local what=$1
    shift
    during "$what" slowhttptest -c 1000 -r 1000 -l 60 -i 1 -u "http://AT/$load_object" "$@"
}

start_loaded() { # NAME ADDRESS: a daemon with one object and a target whose driver hangs
    mkfifo "$work/$1.gate"
    {
        echo "default_target: dryrun"
        settings "unix:$work/$1.socket" | sed "1s/]/, '$2']/"
        printf '%s\n' "  dryrun: {driver: dryrun}" "  slow: {driver: gate, timeout: 1s, queue: 64, settings: {gate: $work/$1.gate}}"
    } >"$work/$1.yaml"
    start_daemon "$1"
    config_maps bench 1 default |
        curl -sf -o /dev/null -H 'Prefer: handling=strict' -H 'Content-Type: application/yaml' --data-binary @- "http://$2/configurations"
}

measure_load() {
    local port=$((20000 + SRANDOM % 12000))
    load_address=127.0.0.1:$port
    other_address=127.0.0.1:$((port + 1))
    load_object=configurations/configmaps/bench-0
    install -m 755 -t "$work/drivers" build/tests/drivers/gate.so
    start_loaded load "$load_address"
    start_loaded other "$other_address"
    slow "1,000 clients slow with heads" -H
    slow "1,000 clients slow with bodies" -B -s 8192 -f application/yaml
    slow "1,000 clients slow to read" -X -w 1 -y 64 -n 1 -z 16
    slow "2,000 connections held open" -H -c 2000 -r 2000 -i 9
    during "thousands of connections a second, opened and dropped" wrk -t1 -c64 -d60s -H 'Connection: close' "http://AT/livez"
    during "a flood on a target whose driver hangs" wrk -t1 -c64 -d60s -s bench/post.lua "http://AT/targets/slow/configurations" -- flood-
}
