// SPDX-License-Identifier: Apache-2.0
//
// How the page looks. The filter by action and the switch between unified and side by side are in here: they need no script.
#pragma once

#include <string_view>

namespace rsf::render {

// Of html_style (SHA-256, Base64); a test tells the new one when the style changes.
inline constexpr std::string_view html_style_hash = "b2STzT7kAPeSItQvnFgpPF5XRlkVq7xQ6yXI0RGAJkQ=";

inline constexpr std::string_view html_style = R"css(
:root {
    color-scheme: light dark;
    --page: #fbfbfa; --paper: #fff; --text: #1d2126; --quiet: #59616b; --line: #e1e3e6; --link: #0b57b0;
    --create: #0f6a30; --create-wash: #e6f5ea; --create-mark: #b4e6c2;
    --update: #7a4d00; --update-wash: #fdf3d8;
    --delete: #b02020; --delete-wash: #fdecea; --delete-mark: #f9c6c1;
    --unchanged: #59616b; --unchanged-wash: #f0f1f3;
    --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
    :root {
        --page: #14171a; --paper: #1a1e22; --text: #dfe3e7; --quiet: #98a2ad; --line: #2e343a; --link: #79b4ff;
        --create: #6fd08c; --create-wash: #16291d; --create-mark: #245c37;
        --update: #e6b652; --update-wash: #2b2415;
        --delete: #ff8f85; --delete-wash: #331b1b; --delete-mark: #7a2c2a;
        --unchanged: #98a2ad; --unchanged-wash: #23282d;
    }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
    margin: 0 auto; max-width: 78rem; padding: 1.75rem clamp(.75rem, 3vw, 2rem) 5rem; background: var(--page); color: var(--text);
    font: .875rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif;
    overflow-wrap: anywhere;
}
h1, h2, h3, h4, p, ul, dl, dd, fieldset { margin: 0; padding: 0; border: 0; }
h1 { font-size: clamp(1.35rem, 4.5vw, 1.85rem); line-height: 1.2; font-weight: 650; letter-spacing: -.015em; margin: .15rem 0 .4rem; }
h2 { font-size: .95rem; font-weight: 650; margin-bottom: .35rem; }
h3 { font-size: .875rem; font-weight: 400; }
h4 { font-size: .75rem; font-weight: 600; color: var(--quiet); margin: 1rem 0 .35rem; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px; }
code, .value, .diff, .name, svg .name { font-family: var(--mono); font-size: .8125rem; }
section { margin-top: 1.75rem; }
.quiet, dt, legend { color: var(--quiet); }
.quiet strong { color: var(--text); font-weight: 600; }
h1 .bad { color: var(--delete); }
:focus-visible, input:focus-visible + label { outline: 2px solid var(--link); outline-offset: 2px; }

.points { background: var(--paper); border: 1px solid var(--line); border-left: 3px solid; border-radius: 6px; padding: .7rem 1rem; }
.points.bad { border-left-color: var(--delete); }
.points.careful { border-left-color: var(--update); }
.points + .points { margin-top: .75rem; }
.points.bad h2 { color: var(--delete); }
.points.careful h2 { color: var(--update); }
.points ul { list-style: none; max-height: 22rem; overflow: auto; }
.points li { padding: .15rem 0; white-space: pre-line; }

.canvas { overflow: auto; max-height: min(34rem, 75vh); background: var(--paper); border: 1px solid var(--line); border-radius: 6px; margin-top: .5rem; }
svg { display: block; }
.edges { fill: none; stroke: var(--quiet); stroke-opacity: .45; stroke-width: 1.25; }
.node rect { fill: var(--tone-wash); stroke: var(--tone); stroke-opacity: .55; }
.node.deferred rect { stroke-dasharray: 4 3; stroke-opacity: 1; }
.node.failed rect { stroke-width: 2; stroke-opacity: 1; }
.node .kind { fill: var(--quiet); font-size: .6875rem; }
.node .name { fill: var(--text); font-size: .75rem; }
.node .sign { fill: var(--tone); font: 700 1rem var(--mono); }
svg a:hover rect, svg a:focus-visible rect { stroke-opacity: 1; stroke-width: 2; }
svg a:focus-visible { outline: none; }

.create { --tone: var(--create); --tone-wash: var(--create-wash); }
.update { --tone: var(--update); --tone-wash: var(--update-wash); }
.delete, .failed { --tone: var(--delete); --tone-wash: var(--delete-wash); }
.unchanged { --tone: var(--unchanged); --tone-wash: var(--unchanged-wash); }
.sign { font-family: var(--mono); font-weight: 700; color: var(--tone); }

.toolbar {
    position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: center;
    background: var(--page); border-bottom: 1px solid var(--line); padding: .5rem 0; margin-bottom: .75rem;
}
.toolbar fieldset { display: flex; flex-wrap: wrap; align-items: center; gap: .15rem; min-width: 0; }
legend { float: left; padding: 0 .5rem 0 0; }
.toolbar input[type=radio] { position: absolute; opacity: 0; pointer-events: none; }
.toolbar label { padding: .15rem .45rem; border: 1px solid transparent; border-radius: 5px; cursor: pointer; white-space: nowrap; }
.toolbar label:hover { background: var(--unchanged-wash); }
.toolbar input:checked + label { background: var(--paper); border-color: var(--quiet); font-weight: 600; }
.count { color: var(--quiet); font-variant-numeric: tabular-nums; font-weight: 400; }
.toolbar input[type=search] {
    flex: 1 1 7rem; min-width: 0; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);
    border-radius: 5px; padding: .2rem .55rem;
}
.toolbar input::placeholder { color: var(--quiet); opacity: 1; }

.resource { background: var(--paper); border: 1px solid var(--line); border-radius: 6px; margin-bottom: .5rem; }
.resource[hidden] { display: none; }
.resource:target { border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .75rem; padding: .5rem .85rem; cursor: pointer; border-radius: 6px; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::after { content: "show"; margin-left: auto; color: var(--quiet); font-size: .75rem; }
details[open] > summary::after { content: "hide"; }
details[open] > summary { border-bottom: 1px solid var(--line); border-radius: 6px 6px 0 0; }
summary:hover { background: var(--unchanged-wash); }
summary .kind { margin-left: .35rem; color: var(--quiet); }
summary .name { font-weight: 600; }
.badge { display: inline-block; min-width: 6rem; padding: .05rem .5rem; border-radius: 4px; background: var(--tone-wash); color: var(--tone); font-size: .75rem; font-weight: 600; }
.badge.failed { background: var(--delete); color: var(--paper); }
.badge.failed .sign { color: inherit; }
.hint { font-size: .75rem; color: var(--quiet); }
.hint.bad { color: var(--delete); font-weight: 600; }
.hint.careful { color: var(--update); font-weight: 600; }
.body { padding: .75rem .85rem 1rem; }
.call { padding: .4rem .7rem; border-radius: 4px; margin-bottom: .5rem; max-height: 16rem; overflow: auto; white-space: pre-line; }
.call.bad { background: var(--delete-wash); }
.call.careful { background: var(--update-wash); }
.call.bad strong { color: var(--delete); }
.call.careful strong { color: var(--update); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1rem; }

.fields { width: 100%; border-collapse: collapse; table-layout: fixed; }
.fields th, .fields td { text-align: left; vertical-align: top; font-weight: 400; padding: .3rem .75rem .3rem 0; border-top: 1px solid var(--line); }
.fields thead th { color: var(--quiet); font-size: .75rem; border-top: 0; padding-top: 0; }
.fields th:first-child { width: 40%; }
.value { white-space: pre-wrap; max-height: 12rem; overflow: auto; }
.before .value { color: var(--delete); }
.after .value { color: var(--create); }

.diff { border: 1px solid var(--line); border-radius: 4px; max-height: 40rem; overflow: auto; line-height: 1.5; font-size: .78125rem; }
.hunk, .note { color: var(--quiet); padding: .1rem .75rem .1rem 3.6rem; }
.hunk { background: var(--unchanged-wash); }
.l { position: relative; padding: 0 .75rem 0 calc(3.6rem + 1ch); text-indent: -1ch; white-space: pre-wrap; min-height: 1.5em; tab-size: 4; }
.l::before { content: attr(data-n); position: absolute; left: 0; width: 3rem; text-indent: 0; text-align: right; color: var(--quiet); }
.change .old .l { background: var(--delete-wash); }
.change .new .l { background: var(--create-wash); }
mark { color: inherit; border-radius: 2px; }
.old mark { background: var(--delete-mark); }
.new mark { background: var(--create-mark); }
.same .new { display: none; }

@media (min-width: 48rem) {
    body:has(#view-two:checked) :is(.same, .change) { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
    body:has(#view-two:checked) .same .new { display: block; }
    body:has(#view-two:checked) :is(.same, .change) .new { border-left: 1px solid var(--line); }
}
body:has(#show-changes:checked) .resource.unchanged:not(:target),
body:has(#show-failed:checked) .resource:not(.failed, :target),
body:has(#show-delete:checked) .resource:not(.delete, :target),
body:has(#show-update:checked) .resource:not(.update, :target),
body:has(#show-create:checked) .resource:not(.create, :target),
body:has(#show-unchanged:checked) .resource:not(.unchanged, :target) { display: none; }

@media (max-width: 47.99rem) {
    .toolbar { position: static; }
    .canvas { max-height: 60vh; }
    html { scroll-padding-top: .5rem; }
    .view { display: none !important; }
    .toolbar label { padding: .3rem .5rem; }
    dl { grid-template-columns: minmax(0, 1fr); }
    dd { margin-bottom: .35rem; }
    .fields thead { display: none; }
    .fields tr, .fields th, .fields td { display: block; width: auto !important; }
    .fields tr { border-top: 1px solid var(--line); padding: .4rem 0; }
    .fields th, .fields td { border: 0; padding: .1rem 0; }
    .fields td { display: grid; grid-template-columns: 3.5rem minmax(0, 1fr); }
    .fields td::before { content: attr(data-label); color: var(--quiet); font-size: .75rem; }
    .hunk, .note { padding-left: 2.4rem; }
    .l { padding-left: calc(2.4rem + 1ch); }
    .l::before { width: 1.9rem; }
}
@media print {
    .toolbar { display: none; }
    .diff, .canvas, .points ul, .value, .call { max-height: none; }
}
)css";

} // namespace rsf::render
