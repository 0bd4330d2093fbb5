// SPDX-License-Identifier: Apache-2.0
//
// pages_test.mjs CHROMIUM FOLDER PROFILE: looks at the pages that plan_pages wrote into FOLDER, as a reader would.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Browser } from "./browser.mjs";
import { contrasts, graph, sideBySide, visible } from "./in_page.mjs";

const [program, folder, profile] = process.argv.slice(2);
const browser = new Browser(program, profile);
const page = await browser.newPage();

// A phone's window grows with what does not fit into it, so the width is the one that was asked for.
async function fitsItsWidth(width) {
    const content = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(content <= width, `the page is ${content} wide in a window of ${width}`);
}

async function filtersByAction() {
    const choices = await page.evaluate(() => [...document.querySelectorAll(".show label")].map(
        label => ({ id: label.htmlFor, count: Number(label.querySelector(".count").textContent) })));
    for (const { id, count } of [...choices, choices[0]]) {
        await page.click(`label[for=${id}]`);
        const actions = await page.evaluate(visible);
        assert.equal(actions.length, count, `${id} shows as many as it says`);
        const wanted = id.slice("show-".length);
        for (const action of actions)
            assert.ok(wanted === "all" || action === wanted || (wanted === "changes" && action !== "unchanged"),
                `${id} shows ${action}`);
    }
}

async function drawsTheGraph(name) {
    const { overlaps, outside, missing, dead, nodes } = await page.evaluate(graph);
    assert.deepEqual({ overlaps, outside, missing, dead }, { overlaps: [], outside: [], missing: [], dead: [] });
    assert.equal(nodes > 0, name !== "0");
}

async function showsBothSides(width) {
    const before = await page.evaluate(sideBySide);
    assert.equal(before.together, 0, "unified diffs have one column");
    if (width < 768) return;
    await page.click("label[for=view-two]");
    const after = await page.evaluate(sideBySide);
    assert.equal(after.together, after.blocks, "diffs are side by side");
    await fitsItsWidth(width);
}

async function searches(scripts) {
    assert.equal(await page.evaluate(() => document.getElementById("search").checkVisibility()), scripts);
    if (!scripts) return;
    const all = (await page.evaluate(visible)).length;
    await page.click("#search");
    await page.send("Input.insertText", { text: "no such text" });
    assert.equal((await page.evaluate(visible)).length, 0);
    await page.evaluate(() => document.getElementById("search").select());
    await page.send("Input.insertText", { text: " " });
    assert.equal((await page.evaluate(visible)).length, all);
}

async function isReadable() {
    const faint = await page.evaluate(contrasts);
    assert.deepEqual(faint, [], "text that is hard to read");
    const [titles, mains] = await page.evaluate(() => ["h1", "main"].map(tag => document.querySelectorAll(tag).length));
    assert.deepEqual([titles, mains], [1, 1]);
}

// Whether this test would notice: a page that asks for an image, by a script for data, and says something.
async function noticesWhatAPageDoes(scripts) {
    const address = "http://127.0.0.1:9/"; // Chromium opens no connection to this port
    const file = path.join(folder, "loud.html");
    writeFileSync(file, `<!DOCTYPE html><title>loud</title><img src="${address}image" alt="">
<script>console.log("hello"); fetch("${address}data").catch(() => {});</script>`);
    await page.open(pathToFileURL(file).href, { width: 1280, scripts });
    const noticed = complaint => page.complaints.some(each => each.startsWith(complaint));
    assert.ok(noticed(`request: ${address}image`));
    assert.equal(noticed(`request: ${address}data`), scripts);
    assert.equal(noticed("console: "), scripts);
}

let failures = 0;
for (const scripts of [true, false]) {
    try {
        await noticesWhatAPageDoes(scripts);
        console.log(`ok: a page that uses the network is noticed, ${scripts ? "with" : "without"} scripts`);
    } catch (error) {
        ++failures;
        console.log(`FAILED: a page that uses the network is noticed: ${error.message}; noticed: ${page.complaints.join("; ")}`);
    }
}
for (const name of ["0", "1", "40", "400", "wide", "hostile"]) {
    for (const width of [360, 1280]) {
        for (const dark of [false, true]) {
            for (const scripts of [true, false]) {
                const title = `${name} at ${width} px, ${dark ? "dark" : "light"}, ${scripts ? "with" : "without"} scripts`;
                try {
                    await page.open(pathToFileURL(path.join(folder, `${name}.html`)).href, { width, dark, scripts });
                    await fitsItsWidth(width);
                    if (scripts) await isReadable(); // no color depends on them, and it takes longest
                    await drawsTheGraph(name);
                    await searches(scripts);
                    await filtersByAction(); // ends with all of them shown
                    await fitsItsWidth(width);
                    await showsBothSides(width);
                    assert.deepEqual(page.complaints, []);
                    console.log(`ok: ${title}`);
                } catch (error) {
                    ++failures;
                    console.log(`FAILED: ${title}: ${error.message}`);
                }
            }
        }
    }
}
await browser.close();
process.exit(failures === 0 ? 0 : 1);
