#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a command in the environment of the control plane that is up: with_control_plane.sh COMMAND ARGUMENT...
set -euo pipefail
settings=$("$(dirname "${BASH_SOURCE[0]}")/control_plane.sh" env) || exit 77
eval "$settings"
exec "$@"
