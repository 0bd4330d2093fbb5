#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The control plane itself: up, env and down do what they say. 77 means skipped, with the reason printed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/assets.sh" path >/dev/null || exit 77

RESOURCIFIER_CLUSTER_DIR=$(mktemp -d)/cluster
export RESOURCIFIER_CLUSTER_DIR
trap '"$here/control_plane.sh" down; rm -rf "${RESOURCIFIER_CLUSTER_DIR%/cluster}"' EXIT

passed=0
failed=0
check() { # TITLE COMMAND...
    local title=$1
    shift
    if "$@"; then
        passed=$((passed + 1)) && echo "ok: $title"
    else
        failed=$((failed + 1)) && echo "NOT ok: $title"
    fi
}
refused() { ! "$@"; }
says() { # PATTERN COMMAND...
    local pattern=$1 text
    shift
    text=$("$@" 2>&1) || true
    # shellcheck disable=SC2053 # a pattern is meant
    [[ $text == $pattern ]] || { echo "$text" && false; }
}
kubectl() { "$RESOURCIFIER_KUBECTL" "$@"; }
reader() { kubectl --kubeconfig="$RESOURCIFIER_KUBECONFIG_READER" "$@"; }
nobody() { kubectl --kubeconfig="$RESOURCIFIER_KUBECONFIG_NOBODY" "$@"; }
pids() { cat "$RESOURCIFIER_CLUSTER_DIR"/*.pid | cut -d' ' -f1; }
none_alive() { ! kill -0 "$@" 2>/dev/null; }

check "env before up says what to do" says "*'./dev cluster up' first*" "$here/control_plane.sh" env
check "up starts it" "$here/control_plane.sh" up
mapfile -t first < <(pids)
check "up again says that it runs" says "*runs already*" "$here/control_plane.sh" up
check "up again starts nothing" test "$(pids)" = "$(printf '%s\n' "${first[@]}")"
eval "$("$here/control_plane.sh" env)"

check "the default namespace is there" says "namespace/default" kubectl get namespace default -o name
check "a ConfigMap can be created" says "configmap/here created" kubectl create configmap here --from-literal=is=it
check "the reader reads it" says "it" reader get configmap here -o 'jsonpath={.data.is}'
check "the reader may not write" says "*forbidden*" reader create configmap other
check "nobody may not even read" says "*forbidden*" nobody get configmap here
if [[ -s $RESOURCIFIER_CLUSTER_DIR/kube-controller-manager.pid ]]; then
    kubectl create namespace passing >/dev/null
    check "a namespace can be deleted to the end" kubectl delete namespace passing --timeout=60s
fi

kill -KILL "${first[0]}"
check "up mends a control plane that lost a process" "$here/control_plane.sh" up
mapfile -t second < <(pids)
check "nothing of the first one is left" none_alive "${first[@]}"
check "the new one is empty" says "*NotFound*" kubectl get configmap here
check "down ends it" "$here/control_plane.sh" down
check "no process is left" none_alive "${second[@]}"
check "no file is left" refused test -e "$RESOURCIFIER_CLUSTER_DIR"
check "down again is fine" "$here/control_plane.sh" down

echo "$passed passed, $failed failed"
((failed == 0))
