// Corrections. A step: [{ at, out: [beads], in: [beads] }], flags to toggle, what was done, where to stand after it.

function apply(splices, toggled, stand) {
  buildTo(Infinity);
  let least = rows.length;
  const isBig = splices.some(({ into }) => into.length > 4 * CHUNK);
  for (const { at, out, into } of splices) {
    const fresh = into.map((bead) => ({ bead, node: null, at: 0, folded: null }));
    const old = rows.splice(at, out.length, ...fresh);
    for (const row of old) {
      if (row === here) here = null;
      row.node.remove();
    }
    const before = rows[at + fresh.length]?.node ?? null;
    const chunk = before?.parentNode ?? grid.lastElementChild;
    fresh.forEach((row, i) => {
      row.at = at + i;
      place(row);
    });
    if (!isBig) fresh.forEach((row) => chunk.insertBefore(buildRow(row), before));
    least = Math.min(least, at);
  }
  built = rows.length;
  for (let at = least; at < rows.length; at++) {
    rows[at].at = at;
    renumber(rows[at]);
  }
  if (isBig) {
    here = null;
    built = 0;
    rows.forEach((row) => (row.node = null));
    grid.replaceChildren();
    buildTo(Infinity);
  }
  for (const id of toggled) {
    if (!dismissed.delete(id)) dismissed.add(id);
  }
  for (const row of new Set(toggled.map((id) => rowOf[flags[id].side][flags[id].first]))) rebuild(row);
  picked?.node?.classList.remove("picked");
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
  apply(
    last.splices.toReversed().map(({ at, out, into }) => ({ at, out: into, into: out })),
    last.toggled,
    last.came,
  );
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
  correct(
    `${next.accepted ? "Accepted" : "No longer accepted:"} bead ${row.at + 1}`,
    [{ at: row.at, out: [bead], into: [next] }],
    [],
    stand,
  );
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
  correct(`Merged beads ${row.at + 1} and ${row.at + 2}`, [
    { at: row.at, out: [row.bead, rows[row.at + 1].bead], into: [bead] },
  ]);
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
      const parts = [
        [a0, a, b0, b],
        [a, a1, b, b1],
      ];
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
  correct(`Unlinked bead ${row.at + 1}`, [
    {
      at: row.at,
      out: [row.bead],
      into: [made(first, [second[0], second[0]]), made([first[1], first[1]], second)],
    },
  ]);
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
  const [out, into] =
    by < 0
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
  const other = picked;
  pick(null);
  pair(row, other);
}
function pair(row, other) {
  const [first, second] = aloneOn(row.bead) === 0 ? [row, other] : [other, row];
  const bead = made(first.bead.spans[0], second.bead.spans[1]);
  // What was said of the two as standing alone no longer holds.
  const over = [...flagsOf(first.bead), ...flagsOf(second.bead)]
    .filter((flag) => ["sentence", "heading", "boilerplate"].includes(flag.kind))
    .map((flag) => flag.id);
  const stays = { at: first.at, out: [first.bead], into: [bead] };
  const goes = { at: second.at, out: [second.bead], into: [] };
  correct(
    `Linked beads ${first.at + 1} and ${second.at + 1}`,
    [stays, goes],
    over,
    second.at < first.at ? first.at - 1 : first.at,
  );
}
/** The row with which one that stands alone most likely belongs: where a flag or a moved block says it has gone. */
function partnerOf(row) {
  const s = aloneOn(row.bead);
  if (s < 0) return null;
  const [block] = blockOf(row.bead);
  const places = flagsOf(row.bead, true).map((flag) => flag.relation === "moved" && flag.counterpart?.segment);
  if (block?.kind === "moved") places.push(counterpartIn(block, s, row.bead));
  const found = places.filter(Number.isInteger).map((k) => rowOf[1 - s][k]);
  return found.find((other) => aloneOn(other.bead) === 1 - s) ?? null;
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
  correct(
    `${back ? "Brought back" : "Dismissed"} a flag (${flag.kind})`,
    [],
    [flag.id],
    rowOf[flag.side][flag.first].at,
  );
}
