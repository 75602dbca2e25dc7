// Rows

const grid = $("rows");
const needle = { words: [] };
let built = 0;

/** Where a flag's place in a segment stands in its text as it is now; null where an edit has touched it. */
function placeNow(s, k, start, stop) {
  const before = sides[s].texts[k];
  const after = textAt(s, k);
  if (before === after) return [start, stop];
  const [head, tail] = untouched(before, after);
  const by = after.length - before.length;
  if (stop <= head) return [start, stop];
  return start >= before.length - tail ? [start + by, stop + by] : null;
}
/** A placeholder is code and runs from left to right, in an Arabic sentence too. */
const runOf = (flag) => (flag.kind === "placeholder" ? "ltr" : null);
const lookOf = (flag) => (FACTS.has(flag.kind) ? "fact" : flag.kind === "boilerplate" ? "dull" : "part");

/** A segment's text with its flags as marks; pieces where flags overlap carry them all. */
function writeText(node, s, k) {
  const text = textAt(s, k);
  const spans = [];
  for (const flag of flagsAt[s][k] ?? []) {
    if (!isThere(flag)) continue;
    const whole = sides[s].texts[k].length;
    const place = placeNow(s, k, flag.first === k ? flag.from : 0, flag.last === k ? flag.to : whole);
    if (place) spans.push({ flag, start: place[0], stop: place[1] });
  }
  if (!spans.length) {
    node.textContent = text;
    return;
  }
  const cuts = [...new Set([0, text.length, ...spans.flatMap((x) => [x.start, x.stop])])].sort((a, b) => a - b);
  const opened = new Set();
  for (let i = 0; i + 1 < cuts.length; i++) {
    const over = spans.filter((x) => x.start <= cuts[i] && x.stop >= cuts[i + 1]).map((x) => x.flag);
    const part = text.slice(cuts[i], cuts[i + 1]);
    if (!over.length) {
      node.append(part);
      continue;
    }
    const top = over.findLast(stands);
    const look = top ? `${lookOf(top)} ${top.relation}` : "dismissed";
    const mark = el("mark", { class: look, text: part, dir: runOf(top ?? over.at(-1)) });
    mark.dataset.flags = over.map((flag) => flag.id).join(" ");
    const fresh = over.filter((flag) => !opened.has(flag.id) && flag.first === k);
    if (fresh.length) {
      mark.setAttribute("role", "button");
      mark.setAttribute("tabindex", "-1");
      mark.setAttribute("aria-roledescription", t("flag"));
      mark.setAttribute("aria-description", fresh.map(spoken).join("; "));
      fresh.forEach((flag) => opened.add(flag.id));
    }
    node.append(mark);
  }
}
const KIND_NAMES = { boilerplate: "page furniture", untranslated: "not translated" };
const kindOf = (kind) => t(KIND_NAMES[kind] ?? kind);
const percent = (value) => t("{n}%", { n: number(Math.floor(value * 100)) });
const spoken = (flag) =>
  [kindOf(flag.kind), relationOf(flag), t("reliability {share}", { share: percent(flag.probability) })].join(t(", ")) +
  (stateOf(flag) === "open" ? "" : t(", ") + t(stateOf(flag)));
const relationOf = (flag) =>
  flag.relation === "only"
    ? t("only in {language}", { language: sides[flag.side].name })
    : flag.relation === "moved"
      ? t("stands elsewhere")
      : flag.relation === "mismatch"
        ? t("stated differently")
        : flag.relation;

function blockOf(bead) {
  for (const s of SIDES) {
    if (length(bead, s)) {
      const block = blocksAt[s].get(bead.spans[s][0]);
      if (block) return [block, s];
    }
  }
  return [null, 0];
}

/** The segment of a moved block's other side that stands where a bead's first one stands on its own. */
function counterpartIn(block, s, bead) {
  const [start, stop] = block.spans[1 - s];
  return clamp(start + bead.spans[s][0] - block.spans[s][0], start, stop - 1);
}

function blockTag(bead) {
  const [block, s] = blockOf(bead);
  if (!block) return null;
  const other = 1 - s;
  if (block.kind !== "moved" || block.spans[other][0] === block.spans[other][1]) {
    const [start, stop] = block.spans[s];
    return bead.spans[s][0] === start
      ? el("span", { class: "tag", text: t("{n} in a run", { n: number(stop - start) }) })
      : null;
  }
  const inside = rowOf[other].slice(...block.spans[other]);
  if (inside.includes(rowOf[s][bead.spans[s][0]])) return null; // they have been paired
  const first = counterpartIn(block, s, bead);
  return el("button", {
    class: "tag",
    type: "button",
    tabindex: "-1",
    text: t("moved ↔ {language} {n}", { language: sides[other].name, n: number(first + 1) }),
    "data-jump": `${other} ${first}`,
    "aria-label": t("Moved: go to {language} segment {n}, where it stands in the other version", {
      language: sides[other].name,
      n: number(first + 1),
    }),
  });
}

// A row is copied whole from this one and filled, which takes half the time of making each element.
const blankSegment = el("span", { class: "seg" });
const blankRow = el(
  "div",
  { class: "row", role: "row", tabindex: "-1" },
  el("div", { class: "name", role: "gridcell" }, el("span", { class: "n" }), el("span")),
  ...sides.map((side, s) => el("div", { class: `text text-${s}`, role: "gridcell", dir: side.dir, lang: side.tag })),
  el("div", { class: "sure", role: "gridcell" }, el("span", { class: "v" }), el("span", { class: "track" }, el("i"))),
);

function fillText(cell, bead, s) {
  const [start, stop] = bead.spans[s];
  if (start === stop) {
    cell.removeAttribute("lang");
    const text = t("only in {language}", { language: sides[1 - s].name });
    cell.append(el("span", { class: "none", text, lang: tongue, dir: document.documentElement.dir }));
  }
  if (stop - start > 1) cell.classList.add("many");
  for (let k = start; k < stop; k++) {
    const part = blankSegment.cloneNode();
    const kind = sides[s].kinds[k];
    if (kind !== "body") part.classList.add(...kind.split(/\s+/).filter(Boolean));
    part.k = k;
    if (edits.has(`${s} ${k}`)) part.classList.add("changed");
    writeText(part, s, k);
    if (k > start) cell.append(" ");
    cell.append(part);
  }
}

function fillSure(cell, bead) {
  if (bead.confidence === null) {
    cell.replaceChildren();
  } else {
    const value = bead.confidence;
    if (value < LOW) cell.classList.add("low");
    else if (value < MIDDLE) cell.classList.add("mid");
    cell.firstChild.textContent = value.toFixed(2);
    cell.lastChild.firstChild.style.width = `${(clamp(value, 0, 1) * 100).toFixed(0)}%`;
  }
  if (bead.edited) cell.append(el("span", { class: "state edited", text: t("edited") }));
  if (SIDES.some((s) => isChanged(bead, s)))
    cell.append(el("span", { class: "state edited", text: t("text changed") }));
  if (bead.accepted) cell.append(el("span", { class: "state", text: t("accepted") }));
}

function isChanged(bead, s) {
  for (let k = bead.spans[s][0]; edits.size && k < bead.spans[s][1]; k++) if (edits.has(`${s} ${k}`)) return true;
  return false;
}
function buildRow(row) {
  const { bead } = row;
  const alone = aloneOn(bead);
  const node = blankRow.cloneNode(true);
  const [name, first, second, sure] = node.children;
  name.lastChild.textContent =
    alone < 0 ? typeOf(bead) : t("{type} {language} only", { type: typeOf(bead), language: sides[alone].name });
  const tag = blockTag(bead);
  if (tag) name.append(tag);
  fillText(first, bead, 0);
  fillText(second, bead, 1);
  fillSure(sure, bead);
  if (alone >= 0) node.classList.add(`alone-${alone}`);
  row.node = node;
  row.number = name.firstChild;
  node.row = row;
  renumber(row);
  if (!matches(row)) node.hidden = true;
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

// Rows live in chunks, of which the browser lays out those near the eye; the others are as high as they were last, or
// as rows commonly are.
const CHUNK = 50;
const COMMON = 96;
const heights = new ResizeObserver((entries) => {
  for (const { target, borderBoxSize } of entries) {
    const high = borderBoxSize[0]?.blockSize;
    if (high) target.style.containIntrinsicBlockSize = `${high}px`;
  }
});
function fit(chunk, shown) {
  if (chunk.shown === shown) return;
  chunk.shown = shown;
  chunk.hidden = !shown;
  chunk.style.containIntrinsicBlockSize = `${shown * COMMON}px`;
}
function buildTo(stop) {
  while (built < Math.min(stop, rows.length)) {
    const chunk = el("div", { class: "chunk", role: "rowgroup" });
    const part = rows.slice(built, built + CHUNK);
    chunk.append(...part.map(buildRow));
    fit(chunk, part.filter((row) => !row.node.hidden).length);
    grid.append(chunk);
    heights.observe(chunk);
    built += part.length;
  }
}
function buildRest() {
  const until = performance.now() + 12;
  while (built < rows.length && performance.now() < until) buildTo(built + CHUNK);
  if (built < rows.length) setTimeout(buildRest, 0);
  else document.documentElement.dataset.ready = "all";
}
