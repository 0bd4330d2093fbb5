#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Draws bench/RESULTS.md as docs/pictures/bench.svg: chart.sh, from the top of the tree. One bar for each row that has a bound
# ("reach"): how much of the bound its figure uses, which is figure/bound for "at most" and bound/figure for "at least". A bar that
# ends left of the line reaches the bound.
set -eu
cd "$(dirname "$0")/.."
awk -F ' *[|] *' '
    function escaped(text) { gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text); return text }
    function text_at(x, y, class, text) { body = body sprintf("<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", x, y, class, escaped(text)) }
    BEGIN { width = 960; labels = 590; unit = 250; y = 50 }
    /^Measured by/ { measured = $0; sub(/.* on /, "", measured) }
    /^## / { section = substr($0, 4) }
    $6 ~ /^at (most|least)/ {
        if (section != drawn) { y += 30; text_at(10, y, "section", section); drawn = section }
        what = $2
        if (what ~ /^- /) what = subject " " what; else { subject = what; sub(/, ms$/, "", subject) }
        if (length(what) > 96) what = substr(what, 1, 94) "…"
        split($6, bound, " ")
        used = bound[2] == "most" ? $5 / bound[3] : bound[3] / $5
        bar = (used > 1.35 ? 1.35 : used) * unit
        y += 20
        text_at(20, y, "label", what)
        body = body sprintf("<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"12\" class=\"%s\"/>\n", labels, y - 10, bar, used > 1 ? "over" : "under")
        body = body sprintf("<text x=\"%.0f\" y=\"%d\" class=\"figure\">%.2f</text>\n", labels + bar + 4, y, used)
    }
    END {
        y += 20
        print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" width "\" height=\"" y "\" viewBox=\"0 0 " width " " y "\" role=\"img\">"
        print "<style>text{font:11px sans-serif;fill:#24292f}.title{font-weight:bold;font-size:14px}.section{font-weight:bold}" \
              ".figure{fill:#57606a}.under{fill:#2f81f7}.over{fill:#cf222e}</style>"
        print "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
        print "<text x=\"10\" y=\"24\" class=\"title\">How much of its bound each measurement uses (1 or less: reached)</text>"
        print "<text x=\"10\" y=\"42\" class=\"figure\">bench/RESULTS.md of " measured "</text>"
        printf "%s", body
        printf "<line x1=\"%d\" y1=\"60\" x2=\"%d\" y2=\"%d\" stroke=\"#57606a\" stroke-dasharray=\"4 3\"/>\n", labels + unit, labels + unit, y - 8
        print "</svg>"
    }' bench/RESULTS.md >docs/pictures/bench.svg
