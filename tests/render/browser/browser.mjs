// SPDX-License-Identifier: Apache-2.0
//
// Chromium without a window, spoken to by the DevTools protocol over a pipe. Needs nothing but Node.
import { spawn } from "node:child_process";

export class Browser {
    #pending = new Map(); // by id, who waits for an answer
    #last = 0;
    #listeners = new Set();

    constructor(program, profile) {
        const options = ["--headless=new", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "--no-first-run",
            "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--hide-scrollbars", "about:blank"];
        if (process.getuid() === 0) options.unshift("--no-sandbox"); // Chromium has none for root
        this.process = spawn(program, options, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
        this.ended = new Promise(resolve => this.process.on("exit", resolve));
        this.process.on("error", error => this.#fail(error));
        this.ended.then(code => this.#fail(new Error(`${program} ended with ${code}`)));
        this.process.stdio[3].on("error", () => {});
        let rest = [];
        this.process.stdio[4].on("data", bytes => {
            for (let end; (end = bytes.indexOf(0)) >= 0; bytes = bytes.subarray(end + 1)) {
                this.#receive(JSON.parse(Buffer.concat([...rest, bytes.subarray(0, end)]).toString()));
                rest = [];
            }
            rest.push(bytes);
        });
    }

    #fail(error) {
        for (const { reject } of this.#pending.values()) reject(error);
        this.#pending.clear();
    }

    #receive(message) {
        if (!message.id) {
            for (const listener of this.#listeners) listener(message);
            return;
        }
        const { resolve, reject, method } = this.#pending.get(message.id);
        this.#pending.delete(message.id);
        if (message.error) reject(new Error(`${method}: ${message.error.message}`));
        else resolve(message.result);
    }

    send(method, params = {}, sessionId = undefined) {
        const id = ++this.#last;
        this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
        return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject, method }));
    }

    async newPage() {
        const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
        const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
        const page = new Page(this, targetId, sessionId);
        this.#listeners.add(message => message.sessionId === sessionId && page.hear(message));
        for (const domain of ["Page", "Runtime", "Network", "Log"]) await page.send(`${domain}.enable`);
        return page;
    }

    async close() {
        await this.send("Browser.close").catch(() => {});
        await this.ended;
    }
}

class Page {
    complaints = []; // what the console and the security policy said, and what left for the network
    #waiting = new Map();

    constructor(browser, targetId, sessionId) {
        Object.assign(this, { browser, targetId, sessionId });
    }

    send(method, params) {
        return this.browser.send(method, params, this.sessionId);
    }

    hear({ method, params }) {
        if (method === "Log.entryAdded") this.complaints.push(`log: ${params.entry.text}`);
        if (method === "Runtime.consoleAPICalled") this.complaints.push(`console: ${JSON.stringify(params.args)}`);
        if (method === "Runtime.exceptionThrown") this.complaints.push(`exception: ${params.exceptionDetails.text}`);
        if (method === "Network.requestWillBeSent" && params.type !== "Document")
            this.complaints.push(`request: ${params.request.url}`);
        this.#waiting.get(method)?.();
    }

    async open(url, { width, height = 800, dark = false, scripts = true }) {
        await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
        await this.send("Emulation.setEmulatedMedia",
            { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] });
        await this.send("Emulation.setScriptExecutionDisabled", { value: !scripts });
        // From a blank page, since going to another part of the same page would load nothing.
        for (const next of ["about:blank", url]) {
            const loaded = new Promise(resolve => this.#waiting.set("Page.loadEventFired", resolve));
            this.complaints = [];
            await this.send("Page.navigate", { url: next });
            await loaded;
        }
    }

    // Works in pages that may run no scripts of their own, too.
    async evaluate(code, ...values) {
        const expression = `(${code})(${values.map(value => JSON.stringify(value)).join(", ")})`;
        const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, returnByValue: true });
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        return result.value;
    }

    // A real click in the middle of the element.
    async click(selector) {
        const { x, y } = await this.evaluate(chosen => {
            const element = document.querySelector(chosen);
            element.scrollIntoView({ block: "center" });
            const box = element.getBoundingClientRect();
            return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        }, selector);
        for (const type of ["mousePressed", "mouseReleased"])
            await this.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
    }

    async screenshot(whole = false) {
        const { data } = await this.send("Page.captureScreenshot", { captureBeyondViewport: whole });
        return Buffer.from(data, "base64");
    }
}
