// Filters

const NOTHING = { flags: false, kind: "", sides: "", review: "", most: 1, type: "", bin: null };
const chosen = { ...NOTHING };
const binOf = (bead) => clamp(Math.floor(bead.confidence * 20), 0, 19);
const isOfKind = (flag) => !chosen.kind || flag.kind === chosen.kind || flag.relation === chosen.kind;

function matches(row) {
  const { bead } = row;
  if (chosen.flags || chosen.kind) {
    if (!flagsOf(bead).some(isOfKind)) return false;
  }
  const alone = aloneOn(bead);
  if (chosen.sides === "both" && alone >= 0) return false;
  if (chosen.sides === "one" && alone < 0) return false;
  if ((chosen.sides === "0" || chosen.sides === "1") && alone !== Number(chosen.sides)) return false;
  if (chosen.sides === "block" && !blockOf(bead)[0]) return false;
  if (chosen.type && typeOf(bead) !== chosen.type) return false;
  if (chosen.bin !== null && (isAlone(bead) || bead.confidence === null || binOf(bead) !== chosen.bin)) return false;
  if (chosen.review === "open" && isSet(bead)) return false;
  if (chosen.review === "changed" && !SIDES.some((s) => isChanged(bead, s))) return false;
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
  const inChunk = new Map([...grid.children].map((chunk) => [chunk, 0]));
  for (const row of rows) {
    const fits = matches(row);
    shown += fits;
    if (!row.node) continue;
    if (row.node.hidden === fits) row.node.hidden = !fits;
    if (fits) inChunk.set(row.node.parentNode, inChunk.get(row.node.parentNode) + 1);
  }
  inChunk.forEach((n, chunk) => fit(chunk, n));
  $("shown").textContent =
    shown === rows.length
      ? t("All {beads} shown.", { beads: count(shown, "bead") })
      : t("{n} of {beads} shown.", { n: number(shown), beads: count(rows.length, "bead") });
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
  const isNear = (node) => {
    const { top, bottom } = node.getBoundingClientRect();
    return bottom > -600 && top < innerHeight + 600;
  };
  return [...grid.children]
    .filter((chunk) => !chunk.hidden && isNear(chunk))
    .flatMap((chunk) => [...chunk.children].filter((node) => !node.hidden && isNear(node)).map((node) => node.row));
}
