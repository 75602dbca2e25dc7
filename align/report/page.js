"use strict";
(() => {
  const started = performance.now();
  const $ = (id) => document.getElementById(id);
  const source = $("data");
  const data = JSON.parse(source.textContent);
  source.remove();

  // Names and small helpers

  const SIDES = [0, 1];
  const FACTS = new Set(["number", "date", "name"]);
  const LOW = 0.5;
  const MIDDLE = 0.8;
  const RIGHT_TO_LEFT = new Set(["ar", "fa", "ur", "he", "yi", "ps", "sd", "ug", "ckb", "dv", "syr", "arc"]);

  const sides = data.sides;
  const size = sides.map((side) => side.texts.length);
  const language = (code) => {
    try {
      return new Intl.DisplayNames(["en"], { type: "language" }).of(code.replaceAll("_", "-"));
    } catch {
      return code;
    }
  };
  sides.forEach((side) => {
    side.tag = side.lang.replaceAll("_", "-");
    side.name = language(side.lang);
    side.dir = RIGHT_TO_LEFT.has(side.lang.split(/[-_]/)[0]) ? "rtl" : "ltr";
  });
  const count = (n, one, many = one + "s") => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

  /** An element with properties (class, text, attributes, `on...` listeners) and children; text is only ever text. */
  function el(name, properties = {}, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (value === undefined || value === null || value === false) continue;
      if (key === "class") node.className = value;
      else if (key === "text") node.textContent = value;
      else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  function svg(name, attributes = {}, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }
  const bdi = (text, lang) => el("bdi", { text, dir: "auto", lang });

  // Flags by segment, blocks by segment

  const flags = data.flags;
  const flagsAt = SIDES.map((s) => Array.from({ length: size[s] }, () => null));
  flags.forEach((flag, id) => {
    flag.id = id;
    for (let k = flag.first; k <= flag.last; k++) (flagsAt[flag.side][k] ??= []).push(flag);
  });
  const blocksAt = SIDES.map((s) => new Map());
  data.blocks.forEach((block) => {
    SIDES.forEach((s) => {
      for (let k = block.spans[s][0]; k < block.spans[s][1]; k++) blocksAt[s].set(k, block);
    });
  });

  // The beads: [start, stop] a side, frozen; a correction is a list of splices, so that it can be taken back

  const keyOf = (spans) => spans.map(([a, b]) => (a === b ? "-" : `${a}-${b}`)).join("/");
  const originals = new Map();
  const original = data.beads.map(([a0, a1, b0, b1, sim, confidence]) => {
    const bead = Object.freeze({ spans: [[a0, a1], [b0, b1]], sim, confidence, accepted: false, edited: false });
    originals.set(keyOf(bead.spans), bead);
    return bead;
  });
  const length = (bead, s) => bead.spans[s][1] - bead.spans[s][0];
  const isAlone = (bead) => !length(bead, 0) || !length(bead, 1);
  const aloneOn = (bead) => (!length(bead, 1) ? 0 : !length(bead, 0) ? 1 : -1);
  const typeOf = (bead) => `${length(bead, 0)}:${length(bead, 1)}`;
  const isSet = (bead) => bead.accepted || bead.edited;
  const made = (first, second) =>
    originals.get(keyOf([first, second])) ??
    Object.freeze({ spans: [first, second], sim: null, confidence: null, accepted: false, edited: true });

  let rows = original.map((bead) => ({ bead, node: null, at: 0, folded: null }));
  rows.forEach((row, at) => (row.at = at));
  const rowOf = SIDES.map((s) => new Array(size[s]));
  const place = (row) => SIDES.forEach((s) => {
    for (let k = row.bead.spans[s][0]; k < row.bead.spans[s][1]; k++) rowOf[s][k] = row;
  });
  rows.forEach(place);
  const dismissed = new Set();
  let done = [];
  let undone = [];
  let savedAt = 0; // how many corrections stood when the file was last saved
  let changes = 0; // counts every step, undoing included
  let here = null;

  function flagsOf(bead, every = false) {
    const out = [];
    SIDES.forEach((s) => {
      for (let k = bead.spans[s][0]; k < bead.spans[s][1]; k++) {
        for (const flag of flagsAt[s][k] ?? []) {
          if (flag.first === k && (every || !dismissed.has(flag.id))) out.push(flag);
        }
      }
    });
    return out;
  }

  // Folding, so that spellings compare equal

  const dropped = new RegExp(data.fold.dropped, "gu");
  const pairs = new Map(Object.entries(data.fold.pairs));
  const foldable = new RegExp(`[${[...pairs.keys()].join("")}]`, "gu");
  const fold = (text) =>
    text.normalize("NFKC").replace(dropped, "").replace(foldable, (c) => pairs.get(c)).normalize("NFD")
      .replace(/\p{M}/gu, "").replace(/[‘’]/g, "'").replace(/[“”«»]/g, '"').toLowerCase();
  const foldedLine = (text) => fold(text).replace(/\s+/g, " ");
  const textOf = (bead, s) => sides[s].texts.slice(...bead.spans[s]).join(" ");

  // Rows

  const grid = $("rows");
  const needle = { words: [] };
  let built = 0;

  /** A segment's text with its flags as marks; pieces where flags overlap carry them all. */
  function writeText(node, s, k) {
    const text = sides[s].texts[k];
    const found = flagsAt[s][k];
    if (!found) {
      node.textContent = text;
      return;
    }
    const spans = found.map((flag) => ({
      flag,
      start: flag.first === k ? flag.from : 0,
      stop: flag.last === k ? flag.to : text.length,
    }));
    const cuts = [...new Set([0, text.length, ...spans.flatMap((x) => [x.start, x.stop])])].sort((a, b) => a - b);
    const opened = new Set();
    for (let i = 0; i + 1 < cuts.length; i++) {
      const over = spans.filter((x) => x.start <= cuts[i] && x.stop >= cuts[i + 1]).map((x) => x.flag);
      const part = text.slice(cuts[i], cuts[i + 1]);
      if (!over.length) {
        node.append(part);
        continue;
      }
      const open = over.filter((flag) => !dismissed.has(flag.id));
      const top = open[open.length - 1];
      const kind = !top ? "dismissed" : FACTS.has(top.kind) ? "fact" : top.kind === "boilerplate" ? "dull" : "part";
      const mark = el("mark", { class: `${kind} ${top ? top.relation : ""}`, text: part });
      mark.dataset.flags = over.map((flag) => flag.id).join(" ");
      const fresh = over.filter((flag) => !opened.has(flag.id) && flag.first === k);
      if (fresh.length) {
        mark.setAttribute("role", "button");
        mark.setAttribute("tabindex", "-1");
        mark.setAttribute("aria-roledescription", "flag");
        mark.setAttribute("aria-description", fresh.map(spoken).join("; "));
        fresh.forEach((flag) => opened.add(flag.id));
      }
      node.append(mark);
    }
  }
  const spoken = (flag) =>
    `${flag.kind}, ${flag.relation}, probability ${flag.probability.toFixed(2)}` + (dismissed.has(flag.id) ? ", dismissed" : "");

  function blockOf(bead) {
    for (const s of SIDES) {
      if (length(bead, s)) {
        const block = blocksAt[s].get(bead.spans[s][0]);
        if (block) return [block, s];
      }
    }
    return [null, 0];
  }

  function blockTag(bead) {
    const [block, s] = blockOf(bead);
    if (!block) return null;
    const other = 1 - s;
    if (block.kind !== "moved" || block.spans[other][0] === block.spans[other][1]) {
      return el("span", { class: "tag", text: "in a block" });
    }
    const inside = rowOf[other].slice(...block.spans[other]);
    if (inside.includes(rowOf[s][bead.spans[s][0]])) return null; // they have been paired
    const first = clamp(block.spans[other][0] + bead.spans[s][0] - block.spans[s][0], block.spans[other][0],
      block.spans[other][1] - 1);
    return el("button", {
      class: "tag", type: "button", tabindex: "-1", text: `moved ↔ ${sides[other].name} ${first + 1}`,
      "data-jump": `${other} ${first}`,
      "aria-label": `Moved: go to ${sides[other].name} segment ${first + 1}, where it stands in the other version`,
    });
  }

  function textCell(bead, s) {
    const [start, stop] = bead.spans[s];
    const cell = el("div", { class: stop - start > 1 ? `text text-${s} many` : `text text-${s}`, role: "gridcell" });
    if (start === stop) {
      cell.append(el("span", { class: "none", text: `only in ${sides[1 - s].name}` }));
      return cell;
    }
    cell.lang = sides[s].tag;
    cell.dir = sides[s].dir;
    for (let k = start; k < stop; k++) {
      const kind = sides[s].kinds[k];
      const part = el("span", { class: kind === "body" ? "seg" : `seg ${kind}` });
      part.dataset.k = k;
      writeText(part, s, k);
      cell.append(part, k + 1 < stop ? " " : "");
    }
    return cell;
  }

  function sureCell(bead) {
    const cell = el("div", { class: "sure", role: "gridcell" });
    if (bead.confidence !== null) {
      const value = bead.confidence;
      if (value < LOW) cell.className = "sure low";
      else if (value < MIDDLE) cell.className = "sure mid";
      const fill = el("i");
      fill.style.width = `${(clamp(value, 0, 1) * 100).toFixed(0)}%`;
      cell.append(el("span", { class: "v", text: value.toFixed(2) }), el("span", { class: "track" }, fill));
    }
    if (bead.edited) cell.append(el("span", { class: "state edited", text: "edited" }));
    if (bead.accepted) cell.append(el("span", { class: "state", text: "accepted" }));
    return cell;
  }

  function buildRow(row) {
    const { bead } = row;
    const alone = aloneOn(bead);
    const node = el("div", { class: alone < 0 ? "row" : `row alone-${alone}`, role: "row", tabindex: "-1" });
    const number = el("span", { class: "n" });
    const name = el("div", { class: "name", role: "gridcell" }, number,
      el("span", { text: alone < 0 ? typeOf(bead) : `${typeOf(bead)} ${sides[alone].lang} only` }), blockTag(bead));
    node.append(name, textCell(bead, 0), textCell(bead, 1), sureCell(bead));
    row.node = node;
    row.number = number;
    node.row = row;
    renumber(row);
    node.hidden = !matches(row);
    return node;
  }
  function renumber(row) {
    if (!row.node) return;
    row.number.textContent = row.at + 1;
    row.node.setAttribute("aria-rowindex", row.at + 2);
  }
  function rebuild(row) {
    if (!row.node) return;
    const old = row.node;
    const focused = old.contains(document.activeElement);
    old.replaceWith(buildRow(row));
    if (row === here) {
      dress(row);
      row.node.hidden = false;
      if (focused) row.node.focus({ preventScroll: true });
    }
  }

  function buildTo(stop) {
    if (built >= rows.length) return;
    const part = document.createDocumentFragment();
    for (; built < Math.min(stop, rows.length); built++) part.append(buildRow(rows[built]));
    grid.append(part);
  }
  function buildRest() {
    if (built >= rows.length) return;
    const until = performance.now() + 12;
    while (built < rows.length && performance.now() < until) buildTo(built + 100);
    if (built < rows.length) setTimeout(buildRest, 0);
    else document.documentElement.dataset.ready = "all";
  }

  // Filters

  const chosen = { flags: false, kind: "", sides: "", review: "", most: 1 };

  function matches(row) {
    const { bead } = row;
    if (chosen.flags || chosen.kind) {
      const open = flagsOf(bead);
      if (!open.length || (chosen.kind && !open.some((flag) => flag.kind === chosen.kind || flag.relation === chosen.kind))) return false;
    }
    const alone = aloneOn(bead);
    if (chosen.sides === "both" && alone >= 0) return false;
    if (chosen.sides === "one" && alone < 0) return false;
    if ((chosen.sides === "0" || chosen.sides === "1") && alone !== Number(chosen.sides)) return false;
    if (chosen.sides === "block" && !blockOf(bead)[0]) return false;
    if (chosen.review === "open" && isSet(bead)) return false;
    if (chosen.review === "accepted" && !bead.accepted) return false;
    if (chosen.review === "edited" && !bead.edited) return false;
    if (chosen.most < 1 && !(bead.confidence !== null && bead.confidence <= chosen.most)) return false;
    if (needle.words.length) {
      row.folded ??= SIDES.map((s) => foldedLine(textOf(bead, s)));
      if (!needle.words.every((word) => row.folded.some((text) => text.includes(word)))) return false;
    }
    return true;
  }

  function filter() {
    let shown = 0;
    for (const row of rows) {
      const fits = matches(row);
      shown += fits;
      if (row.node && row.node.hidden === fits) row.node.hidden = !fits;
    }
    $("shown").textContent = shown === rows.length ? `All ${count(shown, "bead")} shown.`
      : `${shown.toLocaleString("en")} of ${count(rows.length, "bead")} shown.`;
    $("nothing").hidden = shown > 0;
    highlight();
  }

  /** The words of a query: parted by spaces, but whole between quotation marks. */
  function wordsOf(query) {
    const text = foldedLine(query);
    return [...text.matchAll(/"([^"]+)"|[^\s"]+/g)].map((m) => (m[1] ?? m[0]).trim()).filter(Boolean);
  }

  /** Marks what was searched without touching the text: ranges of the rows near the eye. */
  function highlight() {
    if (!("highlights" in CSS)) return;
    CSS.highlights.delete("found");
    if (!needle.words.length) return;
    const ranges = [];
    for (const row of visibleRows()) {
      for (const part of row.node.querySelectorAll(".seg")) ranges.push(...rangesIn(part));
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  }
  function rangesIn(part) {
    let folded = "";
    const from = [];
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode;
      if (text.parentNode.closest(".cut")) continue;
      let at = 0;
      for (const c of text.data) {
        const piece = /\s/.test(c) ? (folded.endsWith(" ") ? "" : " ") : fold(c);
        for (let i = 0; i < piece.length; i++) from.push([text, at, at + c.length]);
        folded += piece;
        at += c.length;
      }
    }
    const out = [];
    for (const word of needle.words) {
      for (let at = folded.indexOf(word); at >= 0 && out.length < 200; at = folded.indexOf(word, at + word.length)) {
        const range = new Range();
        range.setStart(from[at][0], from[at][1]);
        const end = from[at + word.length - 1];
        range.setEnd(end[0], end[2]);
        out.push(range);
      }
    }
    return out;
  }
  function visibleRows() {
    const shown = [...grid.children].filter((node) => !node.hidden);
    let low = 0;
    let high = shown.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (shown[middle].getBoundingClientRect().bottom < -600) low = middle + 1;
      else high = middle;
    }
    const out = [];
    for (let i = low; i < shown.length && shown[i].getBoundingClientRect().top < innerHeight + 600; i++) out.push(shown[i].row);
    return out;
  }

  // Going about

  function go(row, { focus = true, center = false } = {}) {
    if (!row) return;
    buildTo(row.at + 50);
    row.node.hidden = false;
    choose(row);
    if (focus) row.node.focus({ preventScroll: true });
    row.node.scrollIntoView({ block: center ? "center" : "nearest" });
    if (center) {
      row.node.classList.remove("target");
      void row.node.offsetWidth;
      row.node.classList.add("target");
    }
  }
  function jump(s, k) {
    if (k >= 0 && k < size[s]) go(rowOf[s][k], { center: true });
  }
  function choose(row) {
    if (row === here) return;
    if (here?.node) undress(here);
    here = row;
    dress(row);
    showBead();
    showHere();
  }
  function dress(row) {
    const { node } = row;
    node.classList.add("here");
    node.setAttribute("tabindex", "0");
    node.setAttribute("aria-selected", "true");
    for (const part of node.querySelectorAll("mark[role], .name button")) part.setAttribute("tabindex", "0");
    SIDES.forEach((s) => {
      node.querySelectorAll(`.text-${s} .seg + .seg`).forEach((part) => {
        part.prepend(el("button", {
          class: "cut", type: "button", text: "✂", title: "Split here", "aria-label": `Split before ${sides[s].name} segment ${Number(part.dataset.k) + 1}`,
          lang: "en", dir: "ltr", onclick: () => split(row, s, Number(part.dataset.k)),
        }));
      });
    });
  }
  function undress(row) {
    const { node } = row;
    node.classList.remove("here", "target");
    node.setAttribute("tabindex", "-1");
    node.removeAttribute("aria-selected");
    for (const part of node.querySelectorAll("mark[role], .name button")) part.setAttribute("tabindex", "-1");
    for (const part of node.querySelectorAll(".cut")) part.remove();
  }
  function step(by) {
    if (!here) return go(rows.find(matches));
    for (let at = here.at + by; at >= 0 && at < rows.length; at += by) {
      if (matches(rows[at])) return go(rows[at]);
    }
  }
  function stepFlag(by) {
    const order = (row) => row.bead.spans.flatMap((span, s) => flagsOf(row.bead).filter((flag) => flag.side === s));
    const current = document.activeElement?.dataset?.flags?.split(" ").map(Number)[0];
    let at = here ? here.at : 0;
    let list = order(rows[at]);
    let i = list.findIndex((flag) => flag.id === current);
    i = i < 0 ? (by > 0 ? 0 : -1) : i + by;
    while (!list[i]) {
      at += by;
      if (!rows[at]) return say("No more flags this way.");
      list = order(rows[at]);
      i = by > 0 ? 0 : list.length - 1;
    }
    go(rows[at]);
    markOf(list[i])?.focus();
  }
  const markOf = (flag) => rowOf[flag.side][flag.first].node?.querySelector(`mark[role][data-flags~="${flag.id}"]`);

  // Corrections. A step: [{ at, out: [beads], in: [beads] }], flags to toggle, what was done, where to stand after it.

  function apply(splices, toggled, stand) {
    buildTo(Infinity);
    let least = rows.length;
    for (const { at, out, into } of splices) {
      const fresh = into.map((bead) => ({ bead, node: null, at: 0, folded: null }));
      const old = rows.splice(at, out.length, ...fresh);
      old.forEach((row) => {
        if (row === here) here = null;
        row.node.remove();
      });
      const before = rows[at + fresh.length]?.node ?? null;
      fresh.forEach((row, i) => {
        row.at = at + i;
        place(row);
      });
      fresh.forEach((row) => grid.insertBefore(buildRow(row), before));
      least = Math.min(least, at);
    }
    built = rows.length;
    for (let at = least; at < rows.length; at++) {
      rows[at].at = at;
      renumber(rows[at]);
    }
    for (const id of toggled) {
      if (!dismissed.delete(id)) dismissed.add(id);
    }
    for (const row of new Set(toggled.map((id) => rowOf[flags[id].side][flags[id].first]))) rebuild(row);
    changes++;
    picked = null;
    linkTags(splices);
    filter();
    hideTip();
    if (rows[stand]) {
      here = here && rows[here.at] === here && here.at === stand ? here : (here?.node && undress(here), null);
      go(rows[stand]);
    }
    showAll();
    remember();
  }
  /** Rows of moved blocks show where their counterpart stands, which a step may have changed. */
  function linkTags(splices) {
    const touched = new Set();
    for (const { out, into } of splices) {
      for (const bead of [...out, ...into]) {
        SIDES.forEach((s) => {
          for (let k = bead.spans[s][0]; k < bead.spans[s][1]; k++) {
            const block = blocksAt[s].get(k);
            if (block) touched.add(block);
          }
        });
      }
    }
    for (const block of touched) {
      const inside = new Set(SIDES.flatMap((s) => rowOf[s].slice(...block.spans[s])));
      inside.forEach((row) => rebuild(row));
    }
  }
  function correct(what, splices, toggled = [], stand = splices[0]?.at) {
    const came = here?.at ?? 0;
    done.push({ what, splices, toggled, stand, came });
    undone = [];
    if (done.length <= savedAt) savedAt = -1;
    apply(splices, toggled, stand);
    say(what + ".");
  }
  function undo() {
    const last = done.pop();
    if (!last) return say("Nothing to undo.");
    undone.push(last);
    apply(last.splices.toReversed().map(({ at, out, into }) => ({ at, out: into, into: out })), last.toggled, last.came);
    say(`Undone: ${last.what}.`);
  }
  function redo() {
    const next = undone.pop();
    if (!next) return say("Nothing to redo.");
    done.push(next);
    apply(next.splices, next.toggled, next.stand);
    say(`Redone: ${next.what}.`);
  }

  /** Two spans of one side as one, or null where they do not touch. */
  function joined(a, b) {
    if (a[0] === a[1]) return b;
    if (b[0] === b[1]) return a;
    return a[1] === b[0] ? [a[0], b[1]] : b[1] === a[0] ? [b[0], a[1]] : null;
  }

  function accept(row) {
    const { bead } = row;
    const next = Object.freeze({ ...bead, accepted: !bead.accepted });
    let stand = row.at;
    if (next.accepted) {
      for (let at = row.at + 1; at < rows.length; at++) {
        if (matches(rows[at])) {
          stand = at;
          break;
        }
      }
    }
    correct(`${next.accepted ? "Accepted" : "No longer accepted:"} bead ${row.at + 1}`,
      [{ at: row.at, out: [bead], into: [next] }], [], stand);
  }
  function mergedWith(row) {
    const next = rows[row.at + 1];
    if (!next) return null;
    const spans = SIDES.map((s) => joined(row.bead.spans[s], next.bead.spans[s]));
    return spans.every(Boolean) ? made(...spans) : null;
  }
  function merge(row) {
    const bead = mergedWith(row);
    if (!bead) return say("This bead and the next cannot be merged: their segments do not follow each other.");
    correct(`Merged beads ${row.at + 1} and ${row.at + 2}`,
      [{ at: row.at, out: [row.bead, rows[row.at + 1].bead], into: [bead] }]);
  }

  const weight = sides.map((side) => side.texts.map((text) => text.trim().length + 1));
  const ratio = sum(weight[0]) / Math.max(sum(weight[1]), 1);
  const heft = (s, a, b) => sum(weight[s].slice(a, b)) * (s ? ratio : 1);
  /** How badly two parts answer each other by their lengths. */
  const strain = (a0, a1, b0, b1) => (a0 === a1 || b0 === b1 ? 0 : Math.abs(Math.log(heft(0, a0, a1) / heft(1, b0, b1))));

  /** The best place to cut: at `k` on side `s` when given, at two-sided parts where there can be some. */
  function cutOf(bead, s, k) {
    const [[a0, a1], [b0, b1]] = bead.spans;
    let best = null;
    for (let a = a0; a <= a1; a++) {
      for (let b = b0; b <= b1; b++) {
        if ((a === a0 && b === b0) || (a === a1 && b === b1)) continue;
        if (k !== undefined && (s ? b : a) !== k) continue;
        const parts = [[a0, a, b0, b], [a, a1, b, b1]];
        const twoSided = parts.filter(([x, y, v, w]) => x < y && v < w).length;
        const score = strain(...parts[0]) + strain(...parts[1]) + 100 * (2 - twoSided);
        if (!best || score < best.score) best = { score, a, b };
      }
    }
    return best;
  }
  function split(row, s, k) {
    const [[a0, a1], [b0, b1]] = row.bead.spans;
    const cut = cutOf(row.bead, s, k);
    if (!cut) return say("One segment alone cannot be split.");
    const into = [made([a0, cut.a], [b0, cut.b]), made([cut.a, a1], [cut.b, b1])];
    correct(`Split bead ${row.at + 1}`, [{ at: row.at, out: [row.bead], into }]);
  }
  function unlink(row) {
    const [first, second] = row.bead.spans;
    if (isAlone(row.bead)) return say("This bead has one side only.");
    correct(`Unlinked bead ${row.at + 1}`, [{
      at: row.at, out: [row.bead],
      into: [made(first, [second[0], second[0]]), made([first[1], first[1]], second)],
    }]);
  }

  /** What moving the outermost segment of side `s` up (-1) or down (+1) gives: splice, or null where it cannot be. */
  function movedBy(row, s, by) {
    const other = rows[row.at + by];
    const [start, stop] = row.bead.spans[s];
    if (!other || start === stop) return null;
    const gone = by < 0 ? [start, start + 1] : [stop - 1, stop];
    const left = by < 0 ? [start + 1, stop] : [start, stop - 1];
    const there = joined(other.bead.spans[s], gone);
    if (!there) return null;
    const with_ = (bead, span) => SIDES.map((side) => (side === s ? span : bead.spans[side]));
    const mine = with_(row.bead, left);
    const theirs = made(...with_(other.bead, there));
    const isLeft = mine.some(([a, b]) => a < b);
    const [out, into] = by < 0
      ? [[other.bead, row.bead], isLeft ? [theirs, made(...mine)] : [theirs]]
      : [[row.bead, other.bead], isLeft ? [made(...mine), theirs] : [theirs]];
    return { at: Math.min(row.at, other.at), out, into };
  }
  function move(row, s, by) {
    const splice = movedBy(row, s, by);
    if (!splice) return say(`No ${sides[s].name} segment can be moved ${by < 0 ? "up" : "down"} from here.`);
    const stand = by < 0 && splice.into.length > 1 ? splice.at + 1 : splice.at;
    correct(`Moved a segment from bead ${row.at + 1} to bead ${row.at + 1 + by} (${sides[s].name})`, [splice], [], stand);
  }

  let picked = null;
  function link(row) {
    if (!isAlone(row.bead)) return say("Only beads with one side can be linked; unlink this one first.");
    if (!picked || picked === row) {
      pick(picked === row ? null : row);
      return;
    }
    if (aloneOn(picked.bead) === aloneOn(row.bead)) {
      return say(`Choose a bead that is only in ${sides[1 - aloneOn(picked.bead)].name}.`);
    }
    const [first, second] = aloneOn(row.bead) === 0 ? [row, picked] : [picked, row];
    pick(null);
    const bead = made(first.bead.spans[0], second.bead.spans[1]);
    // What was said of the two as standing alone no longer holds.
    const over = [...flagsOf(first.bead), ...flagsOf(second.bead)].filter((flag) =>
      flag.kind === "sentence" || flag.kind === "boilerplate").map((flag) => flag.id);
    const stays = { at: first.at, out: [first.bead], into: [bead] };
    const goes = { at: second.at, out: [second.bead], into: [] };
    correct(`Linked beads ${first.at + 1} and ${second.at + 1}`, [stays, goes], over,
      second.at < first.at ? first.at - 1 : first.at);
  }
  function pick(row) {
    picked?.node?.classList.remove("picked");
    picked = row;
    if (row) {
      row.node.classList.add("picked");
      say(`Choose the bead to link with bead ${row.at + 1} and press Link (L) there; Escape lets go.`);
    } else say("");
    showBead();
  }
  function dismiss(flag) {
    const back = dismissed.has(flag.id);
    correct(`${back ? "Brought back" : "Dismissed"} a flag (${flag.kind})`, [], [flag.id], rowOf[flag.side][flag.first].at);
  }

  // What a flag says

  function note(flag) {
    const other = sides[1 - flag.side];
    const kind = FACTS.has(flag.kind) ? "fact" : flag.kind === "boilerplate" ? "dull" : "part";
    const list = el("dl");
    const entry = (name, ...value) => list.append(el("dt", { text: name }), el("dd", {}, ...value));
    if (flag.counterpart) entry(`in ${other.name}`, bdi(flag.counterpart.text, other.tag));
    for (const [key, value] of Object.entries(flag.evidence)) {
      if (key !== "why") entry(key.replaceAll("_", " "), bdi(typeof value === "string" ? value : JSON.stringify(value)));
    }
    return el("div", { class: "note" },
      el("div", { class: "what" }, el("span", { class: `swatch ${kind}` }),
        `${flag.kind} · ${{ only: `only in ${sides[flag.side].name}`, moved: "stands elsewhere" }[flag.relation] ?? flag.relation} · `,
        `probability ${flag.probability.toFixed(2)} · ${flag.severity}`, dismissed.has(flag.id) ? " · dismissed" : ""),
      el("div", {}, bdi(flag.text, sides[flag.side].tag)),
      typeof flag.evidence.why === "string" ? el("div", { class: "why" }, bdi(flag.evidence.why)) : null,
      list.childElementCount ? list : null);
  }

  const tip = $("tip");
  let tipMark = null;
  let tipTimer = 0;
  function showTip(mark) {
    clearTimeout(tipTimer);
    if (mark === tipMark) return;
    hideTip();
    tipMark = mark;
    tip.replaceChildren(...mark.dataset.flags.split(" ").map((id) => note(flags[id])));
    mark.setAttribute("aria-describedby", "tip");
    tip.hidden = false;
    const box = mark.getClientRects()[0] ?? mark.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const below = box.bottom + 8 + own.height < innerHeight || box.top < own.height + 8;
    tip.style.left = `${clamp(box.left, 8, Math.max(8, innerWidth - own.width - 8))}px`;
    tip.style.top = `${below ? box.bottom + 8 : box.top - own.height - 8}px`;
  }
  function hideTip() {
    clearTimeout(tipTimer);
    tipMark?.removeAttribute("aria-describedby");
    tipMark = null;
    tip.hidden = true;
  }
  const hideSoon = () => {
    clearTimeout(tipTimer);
    tipTimer = setTimeout(() => document.activeElement !== tipMark && hideTip(), 250);
  };

  // The panel of the chosen bead

  function button(text, key, run, able = true) {
    return el("button", { type: "button", "aria-disabled": able ? undefined : "true", onclick: run },
      text, key ? el("kbd", { text: key }) : null);
  }
  function showBead() {
    const panel = $("bead");
    const row = here;
    panel.classList.toggle("empty", !row);
    if (!row) {
      panel.replaceChildren(el("h2", { id: "bead-h", text: "Selected bead" }),
        el("p", { class: "facts", text: "Choose a bead to review it." }));
      return;
    }
    const { bead } = row;
    const act = (run) => () => {
      run();
      // The panel is made anew; whoever clicked goes on in the row.
      if (!$("bead").contains(document.activeElement)) here?.node?.focus({ preventScroll: true });
    };
    const places = SIDES.map((s) => {
      const [a, b] = bead.spans[s];
      return a === b ? `no ${sides[s].name}` : `${sides[s].name} ${a + 1}${b - a > 1 ? `–${b}` : ""}`;
    });
    const figures = bead.confidence === null ? "edited"
      : `confidence ${bead.confidence.toFixed(3)}, similarity ${bead.sim.toFixed(3)}`;
    const tools = el("div", { class: "tools", role: "group", "aria-label": "Correct this bead" },
      button(bead.accepted ? "Accepted ✓" : "Accept", "A", act(() => accept(row))),
      button("Merge with next", "M", act(() => merge(row)), Boolean(mergedWith(row))),
      button("Split", "S", act(() => split(row)), Boolean(cutOf(bead))),
      button("Unlink", "U", act(() => unlink(row)), !isAlone(bead)),
      button(picked === row ? "Linking…" : picked ? "Link here" : "Link…", "L", act(() => link(row)), isAlone(bead)));
    const moves = el("div", { class: "moves", role: "group", "aria-label": "Move segments" });
    const keys = [["[", "]"], ["{", "}"]];
    SIDES.forEach((s) => {
      if (!length(bead, s)) return;
      const what = length(bead, s) > 1 ? ["↑ first to previous", "↓ last to next"] : ["↑ to previous", "↓ to next"];
      moves.append(el("span", { text: sides[s].name }),
        button(what[0], keys[s][0], act(() => move(row, s, -1)), Boolean(movedBy(row, s, -1))),
        button(what[1], keys[s][1], act(() => move(row, s, 1)), Boolean(movedBy(row, s, 1))));
    });
    const list = el("ul", { "aria-label": "Flags" });
    for (const flag of flagsOf(bead, true)) {
      const to = flag.counterpart;
      list.append(el("li", { class: dismissed.has(flag.id) ? "dismissed" : "" }, note(flag),
        el("div", { class: "tools" },
          button(dismissed.has(flag.id) ? "Bring back" : "Dismiss", "", act(() => dismiss(flag))),
          to && to.segment !== null && rowOf[1 - flag.side][to.segment] !== row
            ? button("Go to the counterpart", "", () => jump(1 - flag.side, to.segment)) : null)));
    }
    panel.replaceChildren(el("h2", { id: "bead-h", text: `Bead ${row.at + 1} · ${typeOf(bead)}` }),
      el("p", { class: "facts", text: `${places.join(", ")}; ${figures}` }), tools,
      moves.childElementCount ? moves : "", list.childElementCount ? list : "");
  }

  // Figures

  function table(head, body) {
    return el("table", { class: "sums" },
      el("thead", {}, el("tr", {}, ...head.map((text) => (text ? el("th", { scope: "col", text }) : el("td"))))),
      el("tbody", {}, ...body.map(([name, ...values], i) =>
        el("tr", { class: i === body.length - 1 ? "total" : "" }, el("th", { scope: "row", text: name }),
          ...values.map((value) => el("td", { text: value === null ? "" : value.toLocaleString("en") }))))));
  }
  function bars(entries) {
    const most = Math.max(...entries.map((entry) => entry[1]), 1);
    return el("dl", { class: "lines" }, ...entries.flatMap(([name, value, shown]) => {
      const stick = el("span", { class: "stick", "aria-hidden": "true" });
      stick.style.width = `${(100 * value) / most}%`;
      return [el("dt", { text: name }), el("dd", {}, stick, el("b", { text: shown ?? value.toLocaleString("en") }))];
    }));
  }
  function showFigures() {
    const beads = rows.map((row) => row.bead);
    const lone = SIDES.map((s) => beads.filter((bead) => aloneOn(bead) === s));
    const paired = beads.filter((bead) => !isAlone(bead));
    const inside = (list, s) => sum(list.map((bead) => length(bead, s)));
    $("sums").replaceChildren(table(["", sides[0].name, sides[1].name, "Beads"], [
      ["in pairs", inside(paired, 0), inside(paired, 1), paired.length],
      [`${sides[0].name} only`, inside(lone[0], 0), 0, lone[0].length],
      [`${sides[1].name} only`, 0, inside(lone[1], 1), lone[1].length],
      ["together", inside(beads, 0), inside(beads, 1), beads.length]]));

    const bins = new Array(20).fill(0);
    const known = paired.filter((bead) => bead.confidence !== null);
    known.forEach((bead) => bins[clamp(Math.floor(bead.confidence * 20), 0, 19)]++);
    const most = Math.max(...bins, 1);
    const mean = known.length ? sum(known.map((bead) => bead.confidence)) / known.length : 0;
    const low = known.filter((bead) => bead.confidence < LOW).length;
    const words = `${count(known.length, "pair")}, mean ${mean.toFixed(2)}, ${low.toLocaleString("en")} below ${LOW.toFixed(2)}`;
    const picture = svg("svg", { class: "hist", viewBox: "0 0 240 92", role: "img", "aria-label": `Histogram: ${words}` });
    bins.forEach((n, i) => {
      const high = n ? Math.max(1.5, (70 * n) / most) : 0;
      const bar = svg("rect", { x: i * 12 + 1, y: 74 - high, width: 10, height: high, rx: 1.5 });
      if (i < LOW * 20) bar.setAttribute("class", "low");
      const name = svg("title");
      name.textContent = `${(i / 20).toFixed(2)} to ${((i + 1) / 20).toFixed(2)}: ${count(n, "pair")}`;
      bar.append(name);
      picture.append(bar);
    });
    [0, 0.25, 0.5, 0.75, 1].forEach((value) => {
      const label = svg("text", { x: clamp(value * 240, 6, 230), y: 88 });
      label.textContent = value;
      picture.append(label);
    });
    $("hist-conf").replaceChildren(picture, el("p", { class: "caption", text: words }));

    const types = new Map();
    beads.forEach((bead) => types.set(typeOf(bead), (types.get(typeOf(bead)) ?? 0) + 1));
    const ranked = [...types].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const rest = ranked.slice(7);
    const shown = rest.length > 1 ? ranked.slice(0, 7) : ranked;
    if (rest.length > 1) shown.push([`${rest.length} others`, sum(rest.map((entry) => entry[1]))]);
    $("hist-type").replaceChildren(bars(shown));

    const kinds = new Map();
    const open = flags.filter((flag) => !dismissed.has(flag.id));
    open.forEach((flag) => kinds.set(flag.kind, (kinds.get(flag.kind) ?? 0) + 1));
    const entries = [...kinds].sort((a, b) => b[1] - a[1]);
    $("hist-flag").replaceChildren(flags.length ? bars(entries) : el("p", { text: "none" }),
      flags.length ? el("p", { class: "caption", text: `${open.length} open + ${dismissed.size} dismissed = ${flags.length}` }) : "");

    const reviewed = beads.filter(isSet).length;
    $("counts").textContent = `${count(size[0], "segment")} ${sides[0].name}, ${size[1].toLocaleString("en")} ${sides[1].name} · ` +
      `${count(beads.length, "bead")} · ${count(open.length, "open flag")} · ${reviewed.toLocaleString("en")} reviewed`;
    $("goto").max = beads.length;
  }

  const WIDE = 300;
  let drawn = null;
  function showPlot() {
    const [n, m] = size.map((value) => Math.max(value, 1));
    const x = (k) => 14 + ((WIDE - 18) * k) / m;
    const y = (k) => 20 + ((WIDE - 24) * k) / n;
    const paths = { pairs: [], low: [], "alone-0": [], "alone-1": [] };
    const box = (x0, y0, x1, y1) => `M${x0.toFixed(1)} ${y0.toFixed(1)}H${x1.toFixed(1)}V${y1.toFixed(1)}H${x0.toFixed(1)}z`;
    for (const { bead } of rows) {
      const [[a0, a1], [b0, b1]] = bead.spans;
      const alone = aloneOn(bead);
      if (alone === 0) paths["alone-0"].push(box(5, y(a0), 11, Math.max(y(a1), y(a0) + 0.7)));
      else if (alone === 1) paths["alone-1"].push(box(x(b0), 12, Math.max(x(b1), x(b0) + 0.7), 18));
      else paths[bead.confidence !== null && bead.confidence < LOW ? "low" : "pairs"].push(box(x(b0), y(a0), x(b1), y(a1)));
    }
    const moved = data.blocks.filter((block) => block.kind === "moved").map(({ spans: [[a0, a1], [b0, b1]] }) =>
      box(x(b0) - 1.5, y(a0) - 1.5, x(b1) + 1.5, y(a1) + 1.5));
    const label = (text, attributes) => {
      const node = svg("text", attributes);
      node.textContent = text;
      return node;
    };
    const across = svg("path", { class: "here" });
    drawn = { x, y, across };
    const picture = svg("svg", {
      viewBox: `0 0 ${WIDE} ${WIDE}`, role: "img",
      "aria-label": `Dot-plot of the alignment: ${sides[1].name} from left to right, ${sides[0].name} from top to bottom. ` +
        `${count(moved.length, "moved block")}.`,
    }, ...Object.entries(paths).map(([name, parts]) => svg("path", { class: name, d: parts.join("") })),
    svg("path", { class: "moved", d: moved.join("") }), across,
    label(`${sides[1].name} →`, { x: 14, y: 9.5 }), label(`${sides[0].name} ↓`, { x: 18, y: WIDE - 6 }));
    picture.addEventListener("click", (event) => {
      const frame = picture.getBoundingClientRect();
      const b = (((event.clientX - frame.left) / frame.width) * WIDE - 14) / (WIDE - 18) * m;
      const a = (((event.clientY - frame.top) / frame.height) * WIDE - 20) / (WIDE - 24) * n;
      go(nearest(a, b), { center: true });
    });
    $("plot").replaceChildren(picture);
    showHere();
  }
  function showHere() {
    if (!drawn) return;
    if (!here) return drawn.across.setAttribute("d", "");
    const [[a0, a1], [b0, b1]] = here.bead.spans;
    drawn.across.setAttribute("d", `M0 ${drawn.y((a0 + a1) / 2)}H${WIDE}M${drawn.x((b0 + b1) / 2)} 12V${WIDE}`);
  }
  /** The row nearest to a point of the plot, in segments. */
  function nearest(a, b) {
    if (b < 0) return rowOf[0][clamp(Math.floor(a), 0, size[0] - 1)];
    if (a < 0) return rowOf[1][clamp(Math.floor(b), 0, size[1] - 1)];
    let best = rows[0];
    let least = Infinity;
    for (const row of rows) {
      const [[a0, a1], [b0, b1]] = row.bead.spans;
      const far = Math.abs((a0 + a1) / 2 - a) / size[0] + Math.abs((b0 + b1) / 2 - b) / size[1];
      if (far < least) [best, least] = [row, far];
    }
    return best;
  }

  let sayTimer = 0;
  function say(text) {
    clearTimeout(sayTimer);
    $("say").textContent = text;
    sayTimer = setTimeout(() => ($("say").textContent = ""), 12000);
  }
  const open = () => (savedAt < 0 ? Math.max(done.length, 1) : Math.abs(done.length - savedAt));
  function showUnsaved() {
    const n = open();
    $("unsaved").textContent = n ? `${count(n, "unsaved change")}.` : "";
    document.title = (n ? "• " : "") + name;
    for (const [id, list] of [["undo", done], ["redo", undone]]) $(id).setAttribute("aria-disabled", String(!list.length));
  }
  let lateTimer = 0;
  function showAll() {
    showBead();
    showUnsaved();
    clearTimeout(lateTimer);
    lateTimer = setTimeout(() => {
      showFigures();
      showPlot();
    }, rows.length > 2000 ? 60 : 0);
  }

  // Saving, and coming back

  function corrections() {
    return {
      format: "muwazi corrections", schema: data.schema, version: data.version, signature: data.signature,
      saved: new Date().toISOString(),
      texts: Object.fromEntries(["ar", "en"].map((key, s) => [key, {
        id: sides[s].id, lang: sides[s].lang, digest: sides[s].digest,
        segments: sides[s].starts.map((start, k) => [start, sides[s].ends[k], sides[s].kinds[k]]),
      }])),
      beads: rows.map(({ bead }) => ({
        ar: bead.spans[0], en: bead.spans[1], sim: bead.sim, confidence: bead.confidence,
        accepted: bead.accepted, edited: bead.edited,
      })),
      blocks: data.blocks.map((block) => ({ ar: block.spans[0], en: block.spans[1], kind: block.kind, sim: block.sim })),
      flags: flags.map((flag) => ({
        side: ["ar", "en"][flag.side], start: flag.start, end: flag.end, kind: flag.kind, relation: flag.relation,
        probability: flag.probability, severity: flag.severity,
        counterpart: flag.counterpart ? [flag.counterpart.start, flag.counterpart.end] : null,
        evidence: flag.evidence, dismissed: dismissed.has(flag.id),
      })),
    };
  }
  function save() {
    const blob = new Blob([JSON.stringify(corrections()) + "\n"], { type: "application/json" });
    const link = el("a", { download: `${plain(sides[0].id)}-${plain(sides[1].id)}.corrections.json` });
    link.href = URL.createObjectURL(blob);
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    savedAt = done.length;
    forget();
    showUnsaved();
    say("Saved. Give the file to muwazi apply.");
  }
  const plain = (id) => id.split(/[\\/]/).pop().replace(/\.[A-Za-z0-9]{1,5}(\.(gz|xz|zst))?$/, "").replace(/[^\p{L}\p{N}_-]+/gu, "-")
    .slice(0, 60) || "text";

  const store = `muwazi corrections ${sides[0].digest} ${sides[1].digest} ${data.digest}`;
  let rememberTimer = 0;
  function remember() {
    clearTimeout(rememberTimer);
    rememberTimer = setTimeout(rememberNow, 400);
  }
  function rememberNow() {
    clearTimeout(rememberTimer);
    try {
      if (!open()) return localStorage.removeItem(store);
      localStorage.setItem(store, JSON.stringify({
        beads: rows.map(({ bead }) => [...bead.spans.flat(), Number(bead.accepted)]), dismissed: [...dismissed],
      }));
    } catch {
      // Storage may be full or forbidden; the file that is saved is what counts.
    }
  }
  function forget() {
    clearTimeout(rememberTimer);
    try {
      localStorage.removeItem(store);
    } catch {
      // Nothing was stored, then.
    }
  }
  /** The beads of a stored or opened state, or null where they are not a review of these texts. */
  function beadsOf(list) {
    const seen = SIDES.map((s) => new Uint8Array(size[s]));
    const beads = [];
    for (const [a0, a1, b0, b1, accepted] of list) {
      for (const [s, start, stop] of [[0, a0, a1], [1, b0, b1]]) {
        if (!(Number.isInteger(start) && Number.isInteger(stop) && 0 <= start && start <= stop && stop <= size[s])) return null;
        for (let k = start; k < stop; k++) {
          if (seen[s][k]++) return null;
        }
      }
      if (a0 === a1 && b0 === b1) return null;
      const bead = made([a0, a1], [b0, b1]);
      beads.push(accepted ? Object.freeze({ ...bead, accepted: true }) : bead);
    }
    return seen.every((side) => side.every(Boolean)) ? beads : null;
  }
  function take(list, off, what) {
    const beads = beadsOf(list);
    if (!beads) return say("These corrections do not fit this page.");
    const wanted = new Set(off.filter((id) => Number.isInteger(id) && id >= 0 && id < flags.length));
    const toggled = flags.map((flag) => flag.id).filter((id) => wanted.has(id) !== dismissed.has(id));
    const same = (a, b) => a && b && a.accepted === b.accepted && keyOf(a.spans) === keyOf(b.spans);
    let start = 0;
    while (start < beads.length && same(rows[start]?.bead, beads[start])) start++;
    let tail = 0;
    while (tail < Math.min(beads.length, rows.length) - start && same(rows[rows.length - 1 - tail].bead, beads[beads.length - 1 - tail])) tail++;
    const out = rows.slice(start, rows.length - tail).map((row) => row.bead);
    const into = beads.slice(start, beads.length - tail);
    if (!out.length && !into.length && !toggled.length) return say("Nothing differs from these corrections.");
    correct(what, out.length || into.length ? [{ at: start, out, into }] : [], toggled, start < beads.length ? start : 0);
  }
  function restore() {
    try {
      const kept = JSON.parse(localStorage.getItem(store) ?? "null");
      if (kept) take(kept.beads, kept.dismissed, "Took up unsaved work from last time (Undo drops it)");
    } catch {
      forget();
    }
  }
  async function openFile(file) {
    try {
      const found = JSON.parse(await file.text());
      if (found.format !== "muwazi corrections" || found.schema !== data.schema) throw new Error("format");
      if (["ar", "en"].some((key, s) => found.texts[key].digest !== sides[s].digest)) {
        return say("These corrections are of other texts.");
      }
      const known = new Map(flags.map((flag) => [`${flag.side} ${flag.start} ${flag.end} ${flag.kind}`, flag.id]));
      const off = found.flags.filter((flag) => flag.dismissed)
        .map((flag) => known.get(`${["ar", "en"].indexOf(flag.side)} ${flag.start} ${flag.end} ${flag.kind}`) ?? -1);
      take(found.beads.map((bead) => [...bead.ar, ...bead.en, bead.accepted]), off, "Opened corrections");
    } catch {
      say("This is not a file of corrections.");
    }
  }

  // Events

  const KEYS = [
    ["↓ ↑ or J K", "next, previous bead that is shown"], ["N, Shift+N", "next, previous flag"],
    ["Enter on a flag", "go to its counterpart"], ["A", "accept the bead and go on; again to take it back"],
    ["M", "merge with the next bead"], ["S", "split where the lengths fit best"], ["U", "unlink: each side on its own"],
    ["L … L", "link two beads that have one side each"],
    ["[ ]", `first ${sides[0].name} segment to the previous, last to the next bead`],
    ["{ }", `the same for ${sides[1].name}`], ["D", "dismiss the flag, or bring it back"],
    ["Ctrl+Z, Ctrl+Shift+Z", "undo, redo (also Z and Shift+Z)"], ["Ctrl+S", "save the corrections"],
    ["/", "search"], ["Home, End", "first, last bead"], ["Esc", "close the note, let go of a link"], ["?", "this list"],
  ];
  const typing = (target) => target.closest?.("input, select, textarea, dialog");

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      const key = event.key.toLowerCase();
      if (typing(event.target) && key !== "s") return;
      if (key === "s" || event.code === "KeyS") save();
      else if (key === "y" || event.code === "KeyY" || ((key === "z" || event.code === "KeyZ") && event.shiftKey)) redo();
      else if (key === "z" || event.code === "KeyZ") undo();
      else return;
      event.preventDefault();
      return;
    }
    if (event.key === "Escape") {
      if (!tip.hidden) hideTip();
      else if (picked) pick(null);
      return;
    }
    if (event.altKey || typing(event.target)) return;
    const inGrid = $("grid").contains(event.target) || event.target === document.body;
    if (!inGrid) return;
    // Letters by their place where the keyboard writes another script.
    const code = event.code.startsWith("Key") && !/^[a-z]$/i.test(event.key) ? event.code.slice(3) : event.key;
    const bracket = { BracketLeft: -1, BracketRight: 1 }[event.code] ?? { "[": -1, "{": -1, "]": 1, "}": 1 }[event.key];
    if (bracket && here) {
      move(here, event.shiftKey || "{}".includes(event.key) ? 1 : 0, bracket);
      event.preventDefault();
      return;
    }
    const key = code.length === 1 ? code.toLowerCase() : code;
    const onMark = event.target.closest?.("mark[data-flags]");
    const runs = {
      ArrowDown: () => step(1), ArrowUp: () => step(-1), j: () => step(1), k: () => step(-1),
      Home: () => go(rows.find(matches)), End: () => go(rows.findLast(matches)),
      n: () => stepFlag(event.shiftKey ? -1 : 1), "/": () => $("q").focus(), "?": () => $("keys").showModal(),
      z: () => (event.shiftKey ? redo() : undo()), y: redo,
      ...(here && { a: () => accept(here), m: () => merge(here), s: () => split(here), u: () => unlink(here), l: () => link(here),
        d: () => dismissFrom(onMark) }),
      ...(onMark && { Enter: () => counterpartOf(onMark), " ": () => counterpartOf(onMark) }),
    };
    if (!runs[key]) return;
    event.preventDefault();
    runs[key]();
  });
  function dismissFrom(mark) {
    const flag = mark ? flags[mark.dataset.flags.split(" ")[0]] : flagsOf(here.bead)[0];
    if (!flag) return say("No open flag here.");
    dismiss(flag);
    if (mark) markOf(flag)?.focus();
  }
  function counterpartOf(mark) {
    const flag = mark.dataset.flags.split(" ").map((id) => flags[id]).find((one) => one.counterpart && one.counterpart.segment !== null);
    if (!flag) return say("This flag has no counterpart on the other side.");
    jump(1 - flag.side, flag.counterpart.segment);
  }

  grid.addEventListener("focusin", (event) => {
    const row = event.target.closest(".row")?.row;
    if (row) choose(row);
    const mark = event.target.closest("mark[data-flags]");
    if (mark) showTip(mark);
  });
  grid.addEventListener("focusout", hideTip);
  grid.addEventListener("click", (event) => {
    const row = event.target.closest(".row")?.row;
    if (row) choose(row);
    const jumps = event.target.closest("[data-jump]");
    if (jumps) jump(...jumps.dataset.jump.split(" ").map(Number));
    const mark = event.target.closest("mark[data-flags]");
    if (mark) showTip(mark);
  });
  for (const node of [grid, tip]) {
    node.addEventListener("mouseover", (event) => {
      const mark = event.target.closest("mark[data-flags]");
      if (mark) showTip(mark);
      else if (node === tip) clearTimeout(tipTimer);
    });
    node.addEventListener("mouseout", (event) => (event.target.closest("mark[data-flags]") || node === tip) && hideSoon());
  }
  $("grid").addEventListener("focus", () => go(here ?? rows.find(matches)));

  let typed = 0;
  $("q").addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(() => {
      needle.words = wordsOf($("q").value);
      filter();
    }, 120);
  });
  $("q").addEventListener("keydown", (event) => {
    if (event.key === "Enter") go(rows.find(matches));
  });
  const bind = (id, kind, set) => $(id).addEventListener(kind, () => {
    set($(id));
    filter();
  });
  bind("only-flags", "change", (node) => (chosen.flags = node.checked));
  bind("kind", "change", (node) => (chosen.kind = node.value));
  bind("sides", "change", (node) => (chosen.sides = node.value));
  bind("review", "change", (node) => (chosen.review = node.value));
  bind("most", "input", (node) => {
    chosen.most = node.value / 100;
    $("most-out").textContent = chosen.most.toFixed(2);
  });
  $("goto").addEventListener("change", () => {
    const at = Math.round($("goto").valueAsNumber) - 1;
    if (rows[at]) go(rows[at], { center: true });
  });
  $("clear").addEventListener("click", () => {
    Object.assign(chosen, { flags: false, kind: "", sides: "", review: "", most: 1 });
    needle.words = [];
    for (const id of ["q", "kind", "sides", "review", "goto"]) $(id).value = "";
    $("only-flags").checked = false;
    $("most").value = 100;
    $("most-out").textContent = "1.00";
    filter();
    here?.node?.scrollIntoView({ block: "center" });
  });
  $("undo").addEventListener("click", undo);
  $("redo").addEventListener("click", redo);
  $("save").addEventListener("click", save);
  $("open").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", async () => {
    const [file] = $("file").files;
    if (file) await openFile(file);
    $("file").value = "";
  });
  $("more").addEventListener("click", () =>
    $("more").setAttribute("aria-expanded", String($("more").getAttribute("aria-expanded") !== "true")));
  $("help").addEventListener("click", () => $("keys").showModal());
  addEventListener("beforeunload", (event) => {
    if (!open()) return;
    rememberNow();
    event.preventDefault();
  });
  let scrolled = 0;
  addEventListener("scroll", () => {
    if (!tip.hidden && document.activeElement !== tipMark) hideTip();
    if (!needle.words.length) return;
    clearTimeout(scrolled);
    scrolled = setTimeout(highlight, 80);
  }, { passive: true });

  // On paper nobody hovers: the flags stand under their beads.
  addEventListener("beforeprint", () => {
    buildTo(Infinity);
    for (const row of rows) {
      const found = flagsOf(row.bead);
      if (found.length) {
        row.node.append(el("div", { class: "printed" }, ...found.map((flag) => el("div", {}, "⚑ ", spoken(flag), ": ",
          bdi(flag.text, sides[flag.side].tag), flag.evidence.why ? ` — ${flag.evidence.why}` : ""))));
      }
    }
  });
  addEventListener("afterprint", () => document.querySelectorAll(".printed").forEach((node) => node.remove()));

  // Beginning

  const name = sides.map((side) => side.id.split(/[\\/]/).pop()).join(" · ");
  $("title").replaceChildren(bdi(sides[0].id.split(/[\\/]/).pop()), " · ", bdi(sides[1].id.split(/[\\/]/).pop()));
  $("signature").textContent = data.signature || `muwazi ${data.version}`;
  SIDES.forEach((s) => {
    $(`head-${s}`).textContent = sides[s].name;
    $(`head-${s}`).dir = sides[s].dir;
  });
  const choices = (id, entries) => $(id).replaceChildren(...entries.map(([value, text]) => el("option", { value, text })));
  const held = (key) => [...new Set(flags.map((flag) => flag[key]))].sort();
  choices("kind", [["", "all"], ...held("kind").map((kind) => [kind, kind]), ...held("relation").map((kind) => [kind, `relation: ${kind}`])]);
  choices("sides", [["", "all"], ["both", "both"], ["one", "one side only"], ["0", `${sides[0].name} only`], ["1", `${sides[1].name} only`],
    ...(data.blocks.length ? [["block", "in a block"]] : [])]);
  $("keys-list").append(...KEYS.flatMap(([keys, text]) => [el("b", { text: keys }), el("span", { text })]));
  if (matchMedia("(max-width: 46rem)").matches) $("summary").open = $("map").open = false;
  $("grid").setAttribute("aria-rowcount", rows.length + 1);
  const bar = document.querySelector(".bar");
  new ResizeObserver(() => document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
  $("counts").textContent = "";
  buildTo(60);
  if (rows[0]) rows[0].node.setAttribute("tabindex", "0");
  showFigures();
  showPlot();
  showBead();
  showUnsaved();
  filter();
  restore();
  document.documentElement.dataset.ready = "yes";
  document.documentElement.dataset.took = (performance.now() - started).toFixed(1);
  setTimeout(buildRest, 0);
})();
