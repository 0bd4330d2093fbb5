# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The daemon, kubectl and a bare keep-alive client against one real API server, taking turns. Sourced by run.sh.

connections=16 # of the floor client, and the targets' concurrency: their default

# Lines for the floor client: one request to the API server for each of COUNT objects.
requests_to_create() { # PREFIX COUNT [QUERY]
    local i
    for ((i = 0; i < $2; i++)); do echo "POST /api/v1/namespaces/bench/configmaps${3:-} $(config_map "$1-$i" bench)"; done
}
requests_to_delete() { # PREFIX COUNT
    local i
    for ((i = 0; i < $2; i++)); do echo "DELETE /api/v1/namespaces/bench/configmaps/$1-$i"; done
}

floor() { # CONNECTIONS FILE: prints the seconds of all requests, and of one at the median
    build/bench/floor_client "unix:$work/proxy.socket" "$1" 'Content-Type: application/json' 'Accept: application/json' <"$2"
}
through_daemon() { # FILE: the same
    build/bench/floor_client "unix:$work/cluster.socket" 1 'Content-Type: application/yaml' 'Accept: application/json' \
        'Prefer: handling=strict' <"$1"
}
of_all() { cut -d' ' -f1; }
of_one() { cut -d' ' -f2; }

seconds_of_command() { # COMMAND...
    local begun=$EPOCHREALTIME
    "$@" >/dev/null
    calculate "$EPOCHREALTIME - $begun"
}

kubectl() { "$RESOURCIFIER_KUBECTL" "$@"; }
create_in_turn() { # PREFIX COUNT
    local i
    for ((i = 0; i < $2; i++)); do kubectl create -f "$work/$1/$i.json"; done
}

clear() { floor $connections "$work/$1.delete" >/dev/null; } # PREFIX

# NAME COUNT: the configuration, the same as requests and as a list for kubectl, and what removes it.
prepare() {
    local i
    config_maps "$1" "$2" bench >"$work/$1.yaml"
    requests_to_create "$1" "$2" >"$work/$1.create"
    requests_to_delete "$1" "$2" >"$work/$1.delete"
    mkdir "$work/$1"
    for ((i = 0; i < $2; i++)); do config_map "$1-$i" bench >"$work/$1/$i.json"; done
    jq -s '{apiVersion: "v1", kind: "List", items: .}' <(sed 's/^[^{]*//' "$work/$1.create") >"$work/$1.list"
    local transport
    for transport in proxy exec; do echo "POST /targets/$transport/configurations @$work/$1.yaml" >"$work/$1.$transport"; done
    echo "POST /targets/proxy/configurations?dryRun=true @$work/$1.yaml" >"$work/$1.plan"
}

prepare_chain() { # COUNT: each ConfigMap holds the uid of the one before it
    config_maps chain "$1" bench | awk '
        /^- name: / { if (name) previous = name; name = $3 }
        { print }
        /greeting:/ && previous { print "      previous: $(ref." previous ".metadata.uid)" }' >"$work/chain-refs.yaml"
    echo "POST /targets/proxy/configurations @$work/chain-refs.yaml" >"$work/chain.refs"
}

# Once a run. The parts cluster and store share it.
start_control_plane() {
    [[ ! -d $work/cluster ]] || return 0
    export RESOURCIFIER_CLUSTER_DIR=$work/cluster
    tests/cluster/control_plane.sh up
    eval "$(tests/cluster/control_plane.sh env)"
    kubectl_version="kubectl $(kubectl version --client -o json | jq -r .clientVersion.gitVersion), API server $(kubectl version -o json | jq -r .serverVersion.gitVersion)"
    kubectl create namespace bench >/dev/null
    "$RESOURCIFIER_KUBECTL" proxy --unix-socket="$work/proxy.socket" >"$work/proxy.log" &
    own+=($!)
}

begin_cluster() {
    start_control_plane
    local transport
    {
        settings "unix:$work/cluster.socket"
        for transport in proxy exec; do
            echo "  $transport: {driver: kubectl, concurrency: $connections, settings: {transport: $transport, kubectl: $RESOURCIFIER_KUBECTL, config: $KUBECONFIG}}"
        done
        echo "default_target: proxy"
    } >"$work/cluster.yaml"
    start_daemon cluster
}

measure_create() {
    local round who
    for ((round = 0; round <= rounds; round++)); do
        floor $connections "$work/hundred.create" | of_all >>"$work/floor.100" && clear hundred
        for who in proxy exec; do through_daemon "$work/hundred.$who" | of_all >>"$work/$who.100" && clear hundred; done
        seconds_of_command kubectl create -f "$work/hundred.list" >>"$work/create.100" && clear hundred
        seconds_of_command kubectl apply -f "$work/hundred.list" >>"$work/apply.100" && clear hundred
        seconds_of_command create_in_turn hundred 100 >>"$work/turn.100" && clear hundred
        floor $connections "$work/thousand.create" | of_all >>"$work/floor.1000" && clear thousand
        through_daemon "$work/thousand.proxy" | of_all >>"$work/proxy.1000" && clear thousand
    done
}

measure_chain_and_plan() {
    local round
    for ((round = 0; round <= rounds; round++)); do
        floor 1 "$work/chain.create" | of_all >>"$work/turn.chain" && clear chain
        through_daemon "$work/chain.refs" | of_all >>"$work/proxy.chain" && clear chain
        floor $connections "$work/plan.dry" | of_all >>"$work/floor.plan"
        through_daemon "$work/plan.plan" | of_all >>"$work/proxy.plan"
    done
}

measure_get() {
    local round i
    floor 1 <(requests_to_create one 1) >/dev/null
    for ((i = 0; i < 500; i++)); do
        echo "GET /api/v1/namespaces/bench/configmaps/one-0" >>"$work/get.floor"
        echo "GET /targets/proxy/configurations/configmaps/one-0?namespace=bench" >>"$work/get.requests"
    done
    for ((round = 0; round <= rounds; round++)); do
        floor 1 "$work/get.floor" | of_one >>"$work/floor.get"
        through_daemon "$work/get.requests" | of_one >>"$work/proxy.get"
    done
}

# OURS and OTHERS are files of seconds; "faster" turns the ratio around.
compare() { # WHAT OURS OTHERS REACH [faster]
    local ours theirs file
    # The first round is a warm-up.
    for file in "$2" "$3"; do tail -n +2 "$work/$file" >"$work/$file.warm"; done
    ours=$(median "$work/$2.warm")
    theirs=$(median "$work/$3.warm")
    [[ $ours && $theirs ]] || fail "Nothing was measured for: $1"
    local ratio="$ours / $theirs"
    [[ ! ${5:-} ]] || ratio="$theirs / $ours"
    row "$1" "$(milliseconds "$ours")" "$(milliseconds "$theirs")" "$(calculate "$ratio")" "$4"
}

measure_cluster() {
    begin_cluster
    prepare hundred 100
    prepare thousand 1000
    prepare chain 50
    prepare plan 400
    prepare_chain 50
    requests_to_create plan 400 '?dryRun=All' >"$work/plan.dry"
    measure_create
    measure_chain_and_plan
    measure_get
    compare "POST of 100 ConfigMaps, time against the floor client's" proxy.100 floor.100 "<= 1.25"
    compare "POST of 1,000 ConfigMaps, time against the floor client's" proxy.1000 floor.1000 "<= 1.25"
    compare "100 ConfigMaps, times faster than kubectl create -f of the list" proxy.100 create.100 ">= 4" faster
    compare "100 ConfigMaps, times faster than kubectl apply -f of the list" proxy.100 apply.100 "" faster
    compare "100 ConfigMaps, times faster than one kubectl after another" proxy.100 turn.100 ">= 100" faster
    compare "exec transport: 100 ConfigMaps, time against kubectl create -f of the list" exec.100 create.100 "<= 1.3"
    compare "exec transport: times faster than one kubectl after another" exec.100 turn.100 "" faster
    compare "GET of one ConfigMap, median time against the floor client's" proxy.get floor.get "<= 1.4"
    compare "chain of 50 references, time against 50 requests one after another" proxy.chain turn.chain "<= 1.2"
    compare "plan (dryRun) of 400 ConfigMaps, time against 400 dry-run requests of the floor client" proxy.plan floor.plan "<= 2"
}
