// SPDX-License-Identifier: Apache-2.0
//
// Functions that are sent into a page as text: each stands alone.

// The actions of the resources that can be seen.
export const visible = () => [...document.querySelectorAll(".resource")].filter(element => element.checkVisibility()).map(
    element => element.classList[1]);

export const graph = () => {
    const svg = document.querySelector("svg")?.getBoundingClientRect();
    const nodes = [...document.querySelectorAll("svg a")].map(link => {
        const { left, right, top, bottom } = link.querySelector("rect").getBoundingClientRect();
        return { id: link.getAttribute("href").slice(1), left, right, top, bottom };
    });
    const overlaps = [];
    nodes.forEach((a, i) => nodes.slice(i + 1).forEach(b => {
        if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) overlaps.push([a.id, b.id]);
    }));
    const drawn = new Set(nodes.map(node => node.id));
    const changed = [...document.querySelectorAll(".resource:not(.unchanged)")].map(element => element.id);
    return {
        nodes: nodes.length, overlaps,
        outside: nodes.filter(a => a.left < svg.left || a.right > svg.right || a.top < svg.top || a.bottom > svg.bottom),
        missing: changed.filter(id => !drawn.has(id)),
        dead: [...drawn].filter(id => !document.getElementById(id)),
    };
};

// How many blocks of diffs there are, and how many have their two sides next to each other.
export const sideBySide = () => {
    const blocks = [...document.querySelectorAll("details[open] :is(.same, .change)")].filter(block => block.checkVisibility());
    const together = blocks.filter(block => {
        const [before, after] = [...block.children].map(side => side.getBoundingClientRect());
        return after.width > 0 && after.left >= before.right - 1 && Math.abs(after.top - before.top) < 1;
    });
    return { blocks: blocks.length, together: together.length };
};

// Texts with less contrast than WCAG 2 asks for (4.5), each kind once.
export const contrasts = () => {
    const channels = color => color.match(/[\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255).map(
        c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const background = element => {
        const node = element.closest("g.node");
        if (node) return channels(getComputedStyle(node.querySelector("rect")).fill);
        for (let at = element; at; at = at.parentElement) {
            const color = channels(getComputedStyle(at).backgroundColor);
            if (color.length === 3 || color[3] === 1) return color;
        }
        return [255, 255, 255];
    };
    const found = new Map();
    for (const element of document.querySelectorAll("body *")) {
        const speaks = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
        if (!speaks || element.closest("script, title, option") || !element.checkVisibility()) continue;
        const style = getComputedStyle(element);
        const colors = [element.namespaceURI.endsWith("svg") ? style.fill : style.color];
        if (element.matches(".l")) colors.push(getComputedStyle(element, "::before").color);
        const behind = luminance(background(element));
        for (const color of colors) {
            const [low, high] = [luminance(channels(color)), behind].sort((a, b) => a - b);
            const ratio = (high + 0.05) / (low + 0.05);
            const kind = `${element.parentElement.className}/${element.tagName}.${element.className}: ${color} ${ratio.toFixed(2)}`;
            if (ratio < 4.5) found.set(kind, kind);
        }
    }
    return [...found.values()].slice(0, 20);
};
