# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What it costs to keep operations in a file of SQLite, beside memory; and with a long history, beside a short one. Two daemons take
# turns. Sourced by run.sh, after cluster.sh.

stores=$PWD/build/bench/stores # on the disk of the build: a folder for temporary files may be in memory, where a commit costs nothing
long=1000000                   # operations in the history
short=1000

start_with_store() { # NAME STORE TARGETS [LISTEN]: one daemon, which also listens there
    {
        printf '%s\n' "store: '$2'" "history: {count: 100000000}" "default_target: dryrun"
        settings "unix:$work/$1.socket" | sed "1s/]/${4:+, '$4'}]/"
        printf '%s\n' "$3"
    } >"$work/$1.yaml"
    start_daemon "$1"
}

send() { # DAEMON CONNECTIONS <REQUESTS: prints the seconds of all requests, and of one at the median
    build/bench/floor_client "unix:$work/$1.socket" "$2" 'Content-Type: application/json' 'Accept: application/json' \
        'Prefer: handling=strict'
}

# The median of the ratios of neighbouring turns: what else the machine does changes from minute to minute, and hardly between two.
ratio_of() { # OURS OTHERS: files with a number a line, of the same rounds
    paste "$1" "$2" | awk '{ print $1 / $2 }' >"$1.ratios"
    median "$1.ratios"
}

compare_times() { # WHAT NAME OURS OTHERS REACH: of the files NAME.OURS and NAME.OTHERS
    row "$1" "$(milliseconds "$(median "$work/$2.$3")")" "$(milliseconds "$(median "$work/$2.$4")")" \
        "$(ratio_of "$work/$2.$3" "$work/$2.$4")" "$5"
}

# The two in the order of this round, so that neither is always behind the other.
in_turn() { # ROUND ONE OTHER
    if (($1 % 2)); then echo "$2 $3"; else echo "$3 $2"; fi
}

post_of() { # NAME: a line for the floor client
    echo "POST /configurations {\"resources\":[{\"name\":\"$1\",\"type\":\"ConfigMap\",\"properties\":$(config_map "$1" default)}]}"
}
posts() { # PREFIX COUNT
    local i
    for ((i = 0; i < $2; i++)); do post_of "$1-$i"; done
}
same() { # COUNT TARGET
    local i
    for ((i = 0; i < $1; i++)); do echo "GET $2"; done
}

# Of one write that has to be on the disk.
disk_time() {
    seconds_of_command dd if=/dev/zero of="$stores/probe" bs=4k count=200 oflag=dsync status=none >"$work/probe"
    calculate "$(cat "$work/probe") / 200"
}

# Nothing but the store differs.
measure_against_memory() {
    local round who count port=$((20000 + SRANDOM % 12000))
    local -A on=([sqlite]=127.0.0.1:$port [memory]=127.0.0.1:$((port + 1))) store=([sqlite]=sqlite:$stores/new.db [memory]=memory)
    start_control_plane
    for who in memory sqlite; do
        start_with_store "$who" "${store[$who]}" "  dryrun: {driver: dryrun}
  cluster: {driver: kubectl, concurrency: $connections, settings: {kubectl: $RESOURCIFIER_KUBECTL, config: $KUBECONFIG}}" "${on[$who]}"
    done
    for count in 100 1000; do
        config_maps "stored" "$count" bench >"$work/stored.yaml"
        echo "POST /targets/cluster/configurations @$work/stored.yaml" >"$work/stored.post"
        requests_to_delete stored "$count" >"$work/stored.delete"
        # The first round is a warm-up.
        for ((round = 0; round <= 3 * rounds; round++)); do
            for who in $(in_turn "$round" memory sqlite); do
                build/bench/floor_client "unix:$work/$who.socket" 1 'Content-Type: application/yaml' 'Accept: application/json' \
                    'Prefer: handling=strict' <"$work/stored.post" | of_all >"$work/stored.seconds"
                ((!round)) || cat "$work/stored.seconds" >>"$work/stored.$count.$who"
                clear stored
            done
        done
    done
    for ((round = 0; round < 2 * rounds; round++)); do
        for who in $(in_turn "$round" memory sqlite); do
            requests_per_second "$work/rate.$who" -s bench/post.lua "http://${on[$who]}/configurations" -- "r$round-"
            posts "one-$round" 300 | send "$who" 1 | of_one >>"$work/one.$who"
        done
    done
    compare_times "POST of 100 ConfigMaps to a real API server, sqlite's time against memory's" stored.100 sqlite memory "<= 1.10"
    compare_times "POST of 1,000 ConfigMaps, likewise" stored.1000 sqlite memory "<= 1.10"
    row "POST of one object to dryrun, 32 connections: sqlite's rate against memory's" "$(median "$work/rate.sqlite")/s" \
        "$(median "$work/rate.memory")/s" "$(ratio_of "$work/rate.sqlite" "$work/rate.memory")" ">= 0.5"
    compare_times "POST of one object to dryrun, one after another, time" one sqlite memory ""
    local disk
    disk=$(disk_time)
    row "- one write of 4 KiB to that disk (dd oflag=dsync), of which an operation waits for two, ms" "$(milliseconds "$disk")" - "$(calculate "$disk * 1000")" ""
    end_daemons
}

end_daemons() { # the last two that were started
    local pid
    for pid in "${own[@]: -2}"; do kill "$pid" && wait "$pid" || true; done
    own=("${own[@]:0:${#own[@]}-2}")
}

resident() { awk '$1 == "VmRSS:" { print $2 / 1e3 }' "/proc/$1/status"; } # PID: prints MB

measure_history() {
    local round who middle begun
    local -A pid
    for who in short long; do
        build/bench/fill_store "$stores/$who.db" "${!who}"
        begun=$EPOCHREALTIME
        start_with_store "$who" "sqlite:$stores/$who.db" "  dryrun: {driver: dryrun}"
        calculate "$EPOCHREALTIME - $begun" >"$work/start.$who"
        pid[$who]=${own[-1]}
    done
    for ((round = 0; round < rounds; round++)); do
        for who in $(in_turn "$round" short long); do
            # The middle of the history, by time.
            middle=$(date -u -d '-15 days' +%Y-%m-%dT%H:%M:%SZ)
            same 50 /operations | send $who 1 | of_one >>"$work/page.$who"
            same 50 "/operations?until=$middle" | send $who 1 | of_one >>"$work/middle.$who"
            same 50 "/operations?target=dryrun&state=succeeded" | send $who 1 | of_one >>"$work/filtered.$who"
            same 50 "/operations?object=ConfigMap/bench/object-7" | send $who 1 | of_one >>"$work/object.$who"
            posts "new-$round" 300 | send $who 1 | of_one >>"$work/new.$who"
            posts "many-$round" 3000 | send $who 32 | of_all >>"$work/many.$who"
        done
    done
    for who in short long; do resident "${pid[$who]}" >"$work/resident.$who"; done
    compare_times "1,000,000 operations in the history: a page of the newest, time against that with 1,000" page long short "<= 1.5"
    compare_times "- a page from its middle" middle long short "<= 1.5"
    compare_times "- a page by target and state" filtered long short "<= 1.5"
    compare_times "- the operations of one object: 100 of the long one's, 1 of the short one's" object long short ""
    compare_times "- POST of one object to dryrun, a new operation" new long short "<= 1.5"
    compare_times "- 3,000 of them, 32 connections" many long short "<= 1.5"
    compare_times "- start until /healthz answers" start long short ""
    local ours others
    ours=$(median "$work/resident.long")
    others=$(median "$work/resident.short")
    row "- the daemon's resident memory afterwards, MB more" "$ours MB" "$others MB" "$(calculate "$ours - $others")" "<= 10"
    end_daemons
}

measure_store() {
    rm -rf "$stores"
    (umask 077 && mkdir -p "$stores")
    measure_against_memory
    measure_history
}
