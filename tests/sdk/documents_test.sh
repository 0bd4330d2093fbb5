#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every sample in the SDK's documents stands in a file that is built and tested: above its fence a comment names the file
# (<!-- from: sdk/templates/cpp/notebook.cpp -->), and its lines are found there, in one piece.
# Fences of text, which are pictures, are no samples.
# usage: documents_test.sh SOURCE_DIR
set -eu
cd "$1"
failures=0
for document in docs/driver-abi.md docs/writing-a-driver.md; do
    awk -v document="$document" '
        /^<!-- from: .* -->$/ { from = $3; next }
        /^```text$/ && !inside { inside = 1; picture = 1; next }
        /^```/ && picture { inside = picture = 0; next }
        /^```/ && !inside { inside = 1; sample = ""; at = NR; next }
        /^```/ {
            inside = 0; samples++
            if (from == "") { printf "FAILED: %s:%d: the sample does not say where it is from.\n", document, at; bad++; next }
            file = ""
            while ((getline line < from) > 0) file = file line "\n"
            close(from)
            if (file == "") { printf "FAILED: %s:%d: there is no file %s.\n", document, at, from; bad++ }
            else if (index("\n" file, "\n" sample) == 0) { printf "FAILED: %s:%d: %s does not have this sample.\n", document, at, from; bad++ }
            from = ""; next
        }
        inside { sample = sample $0 "\n" }
        END { printf "%s: %d samples\n", document, samples; exit bad > 0 }
    ' "$document" || failures=1
done
exit "$failures"
