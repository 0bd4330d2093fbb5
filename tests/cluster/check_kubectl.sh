#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The kubectl driver passes every check that authors of drivers have, against the control plane that is up, with each transport.
# usage: check_kubectl.sh DRIVER_CHECK KUBECTL_SO
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
install -m 755 "$2" "$work/kubectl.so"
for transport in proxy exec; do
    printf '%s\n' "kubectl: $RESOURCIFIER_KUBECTL" "config: $KUBECONFIG" "namespace: default" "transport: $transport" >"$work/settings.yaml"
    "$1" "$work/kubectl.so" --settings "$work/settings.yaml" --patience 60
done
