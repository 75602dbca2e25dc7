// Texts, flags and beads as the page holds them. The parts of the script share one scope.

// Names and small helpers

const SIDES = [0, 1];
const FACTS = new Set(["number", "date", "name", "placeholder"]);
const LOW = 0.5;
const MIDDLE = 0.8;
const RIGHT_TO_LEFT = new Set(["ar", "fa", "ur", "he", "yi", "ps", "sd", "ug", "ckb", "dv", "syr", "arc"]);

const sides = data.sides;
const size = sides.map((side) => side.texts.length);
const language = (code) => {
  try {
    return new Intl.DisplayNames([tongue], { type: "language" }).of(code.replaceAll("_", "-"));
  } catch {
    return code;
  }
};
sides.forEach((side) => {
  side.tag = side.lang.replaceAll("_", "-");
  side.name = language(side.lang);
  side.dir = RIGHT_TO_LEFT.has(side.lang.split(/[-_]/)[0]) ? "rtl" : "ltr";
});
const sum = (values) => values.reduce((a, b) => a + b, 0);
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}
const bdi = (text, lang) => el("bdi", { text, dir: "auto", lang });

// Flags by segment, blocks by segment. Flags only ever come: one that is no longer there is in the state "gone".

const flags = [];
const flagsAt = SIDES.map((s) => Array.from({ length: size[s] }, () => null));
const findings = [];
function addFlag(flag) {
  flag.id = flags.push(flag) - 1;
  for (let k = flag.first; k <= flag.last; k++) (flagsAt[flag.side][k] ??= []).push(flag);
  (findings[flag.finding] ??= { id: flag.finding, flags: [], node: null }).flags.push(flag);
  return flag;
}
data.flags.forEach(addFlag);
const blocksAt = SIDES.map((s) => new Map());
// A run that stands alone may hold one that has moved, which tells more.
[...data.blocks]
  .sort((a, b) => (a.kind === "moved") - (b.kind === "moved"))
  .forEach((block) => {
    SIDES.forEach((s) => {
      for (let k = block.spans[s][0]; k < block.spans[s][1]; k++) blocksAt[s].set(k, block);
    });
  });

// The beads: [start, stop] a side, frozen; a correction is a list of splices, so that it can be taken back

const keyOf = (spans) => spans.map(([a, b]) => (a === b ? "-" : `${a}-${b}`)).join("/");
const originals = new Map();
const original = data.beads.map(([a0, a1, b0, b1, sim, confidence]) => {
  const bead = Object.freeze({
    spans: [
      [a0, a1],
      [b0, b1],
    ],
    sim,
    confidence,
    accepted: false,
    edited: false,
  });
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
const place = (row) =>
  SIDES.forEach((s) => {
    for (let k = row.bead.spans[s][0]; k < row.bead.spans[s][1]; k++) rowOf[s][k] = row;
  });
rows.forEach(place);

// What a reviewer has said: the state of a flag (confirmed, dismissed, gone; else open), a comment by the first flag of
// its finding, the text of a segment (`side segment`) in place of the document's.
const state = new Map();
const comments = new Map();
const edits = new Map();
for (const flag of flags) {
  if (flag.state !== "open") state.set(flag.id, flag.state);
  if (flag.comment) comments.set(flag.id, flag.comment);
}
for (const [key, text] of data.edits) edits.set(key, text);
const stateOf = (flag) => state.get(flag.id) ?? "open";
const stands = (flag) => !["dismissed", "gone"].includes(stateOf(flag));
const isThere = (flag) => stateOf(flag) !== "gone";
/** What a segment says now. */
const textAt = (s, k) => edits.get(`${s} ${k}`) ?? sides[s].texts[k];

let done = [];
let undone = [];
let savedAt = 0; // how many corrections stood when the file was last saved
let here = null;

function flagsOf(bead, every = false) {
  const out = [];
  SIDES.forEach((s) => {
    for (let k = bead.spans[s][0]; k < bead.spans[s][1]; k++) {
      for (const flag of flagsAt[s][k] ?? []) {
        if (flag.first === k && (every ? isThere(flag) : stands(flag))) out.push(flag);
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
  text
    .normalize("NFKC")
    .replace(dropped, "")
    .replace(foldable, (c) => pairs.get(c))
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[‘’]/g, "'")
    .replace(/[“”«»]/g, '"')
    .toLowerCase();
const foldedLine = (text) => fold(text).replace(/\s+/g, " ");
const textOf = (bead, s) => {
  const out = [];
  for (let k = bead.spans[s][0]; k < bead.spans[s][1]; k++) out.push(textAt(s, k));
  return out.join(" ");
};

// Places: the script counts in UTF-16 units of a segment, files in code points of the document

const points = (text) => [...text].length;
const pointAt = (s, k, unit) => sides[s].starts[k] + points(sides[s].texts[k].slice(0, unit));
function unitAt(s, k, point) {
  let unit = 0;
  let at = sides[s].starts[k];
  for (const c of sides[s].texts[k]) {
    if (at >= point) break;
    unit += c.length;
    at += 1;
  }
  return unit;
}
/** The segment in which a place of the document lies. */
function segmentAt(s, point) {
  let [low, high] = [0, size[s]];
  while (low < high) {
    const mid = (low + high) >> 1;
    if (sides[s].starts[mid] <= point) low = mid + 1;
    else high = mid;
  }
  return Math.max(low - 1, 0);
}
/** How much of the beginning and of the end of a segment an edit has left as it was. */
function untouched(before, after) {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return [head, tail];
}
