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
  `${flag.kind}, ${flag.relation}, probability ${flag.probability.toFixed(2)}` +
  (dismissed.has(flag.id) ? ", dismissed" : "");

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
    return bead.spans[s][0] === start ? el("span", { class: "tag", text: `${stop - start} in a run` }) : null;
  }
  const inside = rowOf[other].slice(...block.spans[other]);
  if (inside.includes(rowOf[s][bead.spans[s][0]])) return null; // they have been paired
  const first = counterpartIn(block, s, bead);
  return el("button", {
    class: "tag",
    type: "button",
    tabindex: "-1",
    text: `moved ↔ ${sides[other].name} ${first + 1}`,
    "data-jump": `${other} ${first}`,
    "aria-label": `Moved: go to ${sides[other].name} segment ${first + 1}, where it stands in the other version`,
  });
}

function textCell(bead, s) {
  const [start, stop] = bead.spans[s];
  const cell = el("div", { class: stop - start > 1 ? `text text-${s} many` : `text text-${s}`, role: "gridcell" });
  cell.dir = sides[s].dir;
  if (start === stop) {
    cell.append(el("span", { class: "none", text: `only in ${sides[1 - s].name}`, lang: "en", dir: "ltr" }));
    return cell;
  }
  cell.lang = sides[s].tag;
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
  const name = el(
    "div",
    { class: "name", role: "gridcell" },
    number,
    el("span", { text: alone < 0 ? typeOf(bead) : `${typeOf(bead)} ${sides[alone].name} only` }),
    blockTag(bead),
  );
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
  const until = performance.now() + 12;
  while (built < rows.length && performance.now() < until) buildTo(built + 100);
  if (built < rows.length) setTimeout(buildRest, 0);
  else document.documentElement.dataset.ready = "all";
}
