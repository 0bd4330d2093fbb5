#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A throwaway Kubernetes control plane on the loopback interface: etcd, kube-apiserver and, where the binaries include it,
# kube-controller-manager. Nothing runs pods. It lives in one folder, RESOURCIFIER_CLUSTER_DIR if set, so that tests can have their own.
#   control_plane.sh up      starts it, or says that it runs already; the first time it is built. up --if-built ends with 77 instead
#   control_plane.sh env     prints shell lines to eval: KUBECONFIG and the others below
#   control_plane.sh down    ends its processes and removes the folder
#   control_plane.sh again   starts the API server again, which was killed, with all that etcd has
# With RESOURCIFIER_CLUSTER_AUDIT=1, up has every request noted in audit.log in that folder before it is handled: who, what, which object.
# With RESOURCIFIER_CLUSTER_WHOLE_WATCHES=1 a watch that ends with the API server can go on where it was.
# Three users, a kubeconfig each: admin may do anything, reader may only read, nobody may do nothing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
state=${RESOURCIFIER_CLUSTER_DIR:-${XDG_RUNTIME_DIR:-/tmp}/resourcifier-cluster-$UID}
[[ $state == /* ]] || state=$PWD/$state
users=(admin reader nobody)

say() { printf '%s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# One up or down at a time. The folder is its own lock; whoever waited for one that was removed meanwhile starts again.
lock_state() {
    while :; do
        (umask 077 && mkdir -p "$state")
        [[ -O $state && ! -L $state ]] || fail "$state belongs to somebody else: set RESOURCIFIER_CLUSTER_DIR to a folder of your own."
        exec 9<"$state"
        flock 9
        [[ ! $state -ef /dev/fd/9 ]] || return 0
    done
}

# The start time tells a process of ours from a later one with the same pid.
start_time() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    read -r -a stat <<<"${stat##*) }"
    echo "${stat[19]}"
}

runs() { # NAME
    local pid started
    [[ -f $state/$1.pid ]] && read -r pid started <"$state/$1.pid" && [[ $(start_time "$pid") == "$started" ]]
}

start() { # NAME ARGUMENT...: in the background, in the state folder, away from this terminal's signals
    local name=$1 pid
    shift
    (cd "$state" && exec setsid "$assets/$name" "$@" </dev/null >"$state/$name.log" 2>&1 9>&-) &
    pid=$!
    echo "$pid $(start_time "$pid")" >"$state/$name.pid"
}

stop() { # NAME: politely, then not; it holds nothing worth a long wait
    local pid _ turn
    for signal in TERM KILL; do
        for ((turn = 0; turn < 30; turn++)); do
            runs "$1" || return 0
            read -r pid _ <"$state/$1.pid"
            ((turn)) || kill -"$signal" "$pid" 2>/dev/null || true
            sleep 0.1
        done
    done
    fail "The process $pid ($1) can't be ended."
}

take_down() {
    local name
    for name in kube-controller-manager kube-apiserver etcd; do stop "$name"; done
    rm -rf "$state"
}

give_up() { # NAME SENTENCE
    say "---- the last lines of $1's log"
    tail -n 25 "$state/$1.log" >&2
    fail "$2"
}

token_of() { cat "$state/$1.token"; }

make_credentials() {
    local user groups
    umask 077
    openssl genrsa -out "$state/service-accounts.key" 2048 2>/dev/null
    for user in "${users[@]}"; do
        openssl rand -hex 16 >"$state/$user.token"
        groups=''
        [[ $user != admin ]] || groups=,system:masters
        echo "$(token_of "$user"),$user,$user$groups"
    done >"$state/tokens.csv"
}

write_kubeconfigs() { # PORT
    local user
    for user in "${users[@]}"; do
        cat >"$state/$user.kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters:
- name: throwaway
  cluster: {server: "https://127.0.0.1:$1", certificate-authority-data: $(base64 -w0 <"$state/certificates/apiserver.crt")}
users:
- name: $user
  user: {token: $(token_of "$user")}
contexts:
- name: $user
  context: {cluster: throwaway, user: $user}
current-context: $user
YAML
    done
}

# etcd is private to the API server: sockets in the state folder, no port.
start_etcd() {
    start etcd --data-dir=etcd --unsafe-no-fsync --listen-client-urls=unix://localhost:1 --advertise-client-urls=unix://localhost:1 \
        --listen-peer-urls=unix://localhost:2 --initial-advertise-peer-urls=unix://localhost:2 --initial-cluster=default=unix://localhost:2
}

start_api_server() { # PORT
    local audit=() watches=()
    if [[ ${RESOURCIFIER_CLUSTER_AUDIT:-} == 1 ]]; then
        # Of a delete its body, too, since that is where clients say that it is a dry run.
        cat >"$state/audit-policy.json" <<JSON
{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Request", "verbs": ["delete", "deletecollection"]}, {"level": "Metadata"}]}
JSON
        audit=(--audit-policy-file=audit-policy.json --audit-log-path=audit.log --audit-log-mode=blocking)
    fi
    # Its cache begins anew with the API server: without it a watch can begin at any revision that etcd still has.
    [[ ${RESOURCIFIER_CLUSTER_WHOLE_WATCHES:-} != 1 ]] || watches=(--watch-cache=false)
    start kube-apiserver --etcd-servers=unix://localhost:1 --cert-dir=certificates --bind-address=127.0.0.1 --secure-port="$1" \
        --advertise-address=127.0.0.1 --endpoint-reconciler-type=none --service-cluster-ip-range=10.96.0.0/16 \
        --authorization-mode=RBAC --token-auth-file=tokens.csv --disable-admission-plugins=ServiceAccount \
        --service-account-key-file=service-accounts.key --service-account-signing-key-file=service-accounts.key \
        --service-account-issuer=https://kubernetes.default.svc --shutdown-delay-duration=0s "${audit[@]}" "${watches[@]}"
}

start_controllers() {
    local insecure_port=()
    if [[ ! -x $assets/kube-controller-manager ]]; then
        say "$assets has no kube-controller-manager: namespaces will never finish being deleted."
        return
    fi
    # Before 1.24 it also served plain HTTP unless told not to; later ones refuse the flag.
    [[ $("$assets/kube-controller-manager" --help) != *"--port int"* ]] || insecure_port=(--port=0)
    start kube-controller-manager --kubeconfig=admin.kubeconfig --leader-elect=false --secure-port=0 "${insecure_port[@]}" \
        --service-account-private-key-file=service-accounts.key --root-ca-file=certificates/apiserver.crt
}

ready() { # PORT
    curl -sf --max-time 5 --cacert "$state/certificates/apiserver.crt" -H @- "https://127.0.0.1:$1/readyz" \
        <<<"Authorization: Bearer $(token_of admin)" >/dev/null 2>&1
}

# 0: it serves; 1: it ended; 2: neither in three minutes, which a busy machine may need
wait_until_ready() { # PORT
    local until=$((SECONDS + 180))
    while ((SECONDS < until)); do
        runs kube-apiserver || return 1
        ! ready "$1" || return 0
        sleep 0.2
    done
    return 2
}

# There is no asking kube-apiserver for any free port, so one is drawn, below the kernel's own, until it could bind it.
start_api_server_somewhere() {
    local port turn ended
    for ((turn = 0; turn < 20; turn++)); do
        port=$((20000 + SRANDOM % 12000))
        start_api_server "$port"
        ended=0
        wait_until_ready "$port" || ended=$?
        ((ended)) || { echo "$port" >"$state/port" && return; }
        ((ended == 1)) || give_up kube-apiserver "The API server was not ready within three minutes."
        runs etcd || give_up etcd "etcd ended."
        grep -q 'address already in use' "$state/kube-apiserver.log" || give_up kube-apiserver "The API server ended."
    done
    give_up kube-apiserver "No free port was found in $turn tries."
}

let_reader_read() {
    "$assets/kubectl" --kubeconfig="$state/admin.kubeconfig" create -f - >/dev/null <<'YAML' || give_up kube-apiserver "The reader's role could not be made."
apiVersion: v1
kind: List
items:
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: reader}
  rules: [{apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch]}]
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: reader}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
  subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: reader}]
YAML
}

up() { # [--if-built]
    if [[ ${1:-} == --if-built ]]; then "$here/assets.sh" path >/dev/null || exit 77; else "$here/assets.sh" make; fi
    assets=$("$here/assets.sh" path)
    lock_state
    if [[ -f $state/assets ]] && runs etcd && runs kube-apiserver && ready "$(cat "$state/port")"; then
        say "The control plane runs already, in $state."
        return
    fi
    take_down
    lock_state
    trap take_down EXIT
    trap 'exit 130' INT TERM HUP
    make_credentials
    start_etcd
    start_api_server_somewhere
    write_kubeconfigs "$(cat "$state/port")"
    start_controllers
    let_reader_read
    echo "$assets" >"$state/assets" # last: its presence says that all of this was done
    trap - EXIT
    say "The control plane is up at https://127.0.0.1:$(cat "$state/port"), after $SECONDS s. For kubectl: eval \"\$(./dev cluster env)\""
}

again() {
    [[ -f $state/assets ]] || fail "No control plane is up in $state."
    lock_state
    assets=$(cat "$state/assets")
    local port turn
    port=$(cat "$state/port")
    for ((turn = 0; turn < 5; turn++)); do
        runs kube-apiserver || start_api_server "$port"
        ! wait_until_ready "$port" || return 0
    done
    give_up kube-apiserver "The API server does not come back."
}

print_env() {
    [[ -f $state/assets ]] || fail "No control plane is up in $state: run './dev cluster up' first."
    printf 'export %s=%q\n' RESOURCIFIER_CLUSTER_DIR "$state" KUBECONFIG "$state/admin.kubeconfig" \
        RESOURCIFIER_KUBECONFIG_READER "$state/reader.kubeconfig" RESOURCIFIER_KUBECONFIG_NOBODY "$state/nobody.kubeconfig" \
        RESOURCIFIER_KUBECTL "$(cat "$state/assets")/kubectl"
}

case ${1:-} in
up) up "${2:-}" ;;
env) print_env ;;
down)
    if [[ -d $state ]]; then lock_state && take_down && say "The control plane is down."; else say "No control plane is up in $state."; fi
    ;;
again) again ;;
build) exec "$here/assets.sh" make ;;
*) fail "usage: control_plane.sh up|down|env|again|build" ;;
esac
