#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The example project of docs/writing-a-driver.md builds outside this tree, with no flags of this tree's, and its test passes.
# usage: examples_test.sh SOURCE_DIR BUILD_DIR
set -eu
cd "$1/tests/sdk/examples"
RESOURCIFIER=$1
build=$2
if command -v ccache >/dev/null; then export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
rm -rf "$build"
cmake -B "$build" -DRESOURCIFIER_SOURCE="$RESOURCIFIER"
cmake --build "$build"
ctest --test-dir "$build" --output-on-failure
sh "$1/tests/sdk/symbols_test.sh" "$build"/drivers/notebook.so "$build"/drivers/stamp.so
