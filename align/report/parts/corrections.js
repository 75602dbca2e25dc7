// Corrections. A step: [{ at, out: [beads], into: [beads] }], changes [{ store, key, from, to }] of what a reviewer said,
// what was done, where to stand after it and where one stood before.

function apply(splices, changes, stand) {
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
  for (const { store, key, to } of changes) {
    if (to === undefined) store.delete(key);
    else store.set(key, to);
  }
  for (const row of new Set(changes.flatMap(rowsOfChange))) {
    row.folded = null;
    rebuild(row);
  }
  picked?.node?.classList.remove("picked");
  picked = null;
  linkTags(splices);
  filter();
  hideTip();
  if (rows[stand] && !walksFindings()) {
    here = here && rows[here.at] === here && here.at === stand ? here : (here?.node && undress(here), null);
    go(rows[stand]);
  }
  showAll(splices.length ? null : changes);
  remember();
}
function rowsOfChange({ store, key }) {
  if (store === edits) {
    const [s, k] = key.split(" ").map(Number);
    return [rowOf[s][k]];
  }
  if (store !== state) return [];
  const flag = flags[key];
  return rowOf[flag.side].slice(flag.first, flag.last + 1);
}
/** A change that sets a key of a store, as a step holds it. */
const change = (store, key, to) => ({ store, key, from: store.get(key), to });
const reversed = (changes) =>
  changes.toReversed().map(({ store, key, from, to }) => ({ store, key, from: to, to: from }));
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
function correct(what, splices, changes = [], stand = splices[0]?.at) {
  const came = here?.at ?? 0;
  if (done.length < savedAt) savedAt = -1; // what was saved lies on a way that is no longer gone
  done.push({ what, splices, changes, stand, came });
  undone = [];
  apply(splices, changes, stand);
  say(what + ".");
}
function undo() {
  const last = done.pop();
  if (!last) return say(t("Nothing to undo."));
  undone.push(last);
  apply(
    last.splices.toReversed().map(({ at, out, into }) => ({ at, out: into, into: out })),
    reversed(last.changes),
    last.came,
  );
  say(t("Undone: {what}.", { what: last.what }));
}
function redo() {
  const next = undone.pop();
  if (!next) return say(t("Nothing to redo."));
  done.push(next);
  apply(next.splices, next.changes, next.stand);
  say(t("Redone: {what}.", { what: next.what }));
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
    t(next.accepted ? "Accepted bead {n}" : "No longer accepted: bead {n}", { n: number(row.at + 1) }),
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
  if (!bead) return say(t("This bead and the next cannot be merged: their segments do not follow each other."));
  correct(t("Merged beads {a} and {b}", { a: number(row.at + 1), b: number(row.at + 2) }), [
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
  if (!cut) return say(t("One segment alone cannot be split."));
  const into = [made([a0, cut.a], [b0, cut.b]), made([cut.a, a1], [cut.b, b1])];
  correct(t("Split bead {n}", { n: number(row.at + 1) }), [{ at: row.at, out: [row.bead], into }]);
}
function unlink(row) {
  const [first, second] = row.bead.spans;
  if (isAlone(row.bead)) return say(t("This bead has one side only."));
  correct(t("Unlinked bead {n}", { n: number(row.at + 1) }), [
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
  if (!splice)
    return say(
      t(
        by < 0
          ? "No {language} segment can be moved up from here."
          : "No {language} segment can be moved down from here.",
        { language: sides[s].name },
      ),
    );
  const stand = by < 0 && splice.into.length > 1 ? splice.at + 1 : splice.at;
  const told = { a: number(row.at + 1), b: number(row.at + 1 + by), language: sides[s].name };
  correct(t("Moved a segment from bead {a} to bead {b} ({language})", told), [splice], [], stand);
}

let picked = null;
function link(row) {
  if (!isAlone(row.bead)) return say(t("Only beads with one side can be linked; unlink this one first."));
  if (!picked || picked === row) {
    pick(picked === row ? null : row);
    return;
  }
  if (aloneOn(picked.bead) === aloneOn(row.bead)) {
    return say(t("Choose a bead that is only in {language}.", { language: sides[1 - aloneOn(picked.bead)].name }));
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
    .map((flag) => change(state, flag.id, "dismissed"));
  const stays = { at: first.at, out: [first.bead], into: [bead] };
  const goes = { at: second.at, out: [second.bead], into: [] };
  correct(
    t("Linked beads {a} and {b}", { a: number(first.at + 1), b: number(second.at + 1) }),
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
    say(
      t("Choose the bead to link with bead {n} and press Link (L) there; Escape lets go.", { n: number(row.at + 1) }),
    );
  } else say("");
  showBead();
}

// Findings and flags. What is said of one side of a mismatch holds for both.

/** The flags that a reviewer means with one: all of its finding where that has two sides. */
function meant(flag) {
  const all = findings[flag.finding].flags.filter(isThere);
  return new Set(all.map((one) => one.side)).size > 1 ? all : [flag];
}
/** Sets the state of flags, or takes it back where all have it. */
function judge(chosen_, to) {
  const back = chosen_.every((flag) => stateOf(flag) === to);
  const words = { confirmed: ["Confirmed", "No longer confirmed"], dismissed: ["Dismissed", "Brought back"] }[to];
  const what = t(`${words[Number(back)]}: {kind}`, { kind: kindOf(chosen_[0].kind) });
  correct(
    what,
    [],
    chosen_.map((flag) => change(state, flag.id, back ? undefined : to)),
    rowOf[chosen_[0].side][chosen_[0].first].at,
  );
}
const dismiss = (flag) => judge(meant(flag), "dismissed");
const confirm_ = (flag) => judge(meant(flag), "confirmed");
function comment(finding, text) {
  const [first] = finding.flags;
  if ((comments.get(first.id) ?? "") === text) return;
  correct(
    t(text ? "Commented on a finding" : "Removed a comment"),
    [],
    [change(comments, first.id, text || undefined)],
    rowOf[first.side][first.first].at,
  );
}
/** Puts a reviewer's own text in the place of a segment's, or the segment's own back. */
function edit(row, texts) {
  const changes = [];
  for (const [s, k, text] of texts) {
    const to = text === sides[s].texts[k] ? undefined : text;
    if (to !== edits.get(`${s} ${k}`)) changes.push(change(edits, `${s} ${k}`, to));
  }
  if (!changes.length) return;
  correct(t("Changed the text of bead {n}", { n: number(row.at + 1) }), [], changes, row.at);
}
/** A finding of the reviewer's own: parts are [side, first segment, unit, last segment, unit]. */
function addOwn(parts_, relation, kind, words) {
  const finding = findings.length;
  const made_ = parts_.map(([side, first, from, last, to]) => {
    const [start, end] = [pointAt(side, first, from), pointAt(side, last, to)];
    const flag = { side, first, from, last, to, start, end, kind, relation, finding, counterpart: null };
    return Object.assign(flag, { probability: 1, severity: "high", evidence: { by: "reviewer" }, text: textIn(flag) });
  });
  if (made_.length === 2) {
    made_.forEach((flag, i) => {
      const other = made_[1 - i];
      flag.counterpart = { start: other.start, end: other.end, text: other.text, segment: other.first };
    });
  }
  made_.forEach(addFlag);
  made_.forEach((flag) => state.set(flag.id, "gone"));
  const changes = made_.map((flag) => change(state, flag.id, "confirmed"));
  if (words) changes.push(change(comments, made_[0].id, words));
  correct(t("Added a finding"), [], changes, rowOf[made_[0].side][made_[0].first].at);
}
/** What stands in the document where a flag lies. */
function textIn({ side, first, from, last, to }) {
  const { texts } = sides[side];
  if (first === last) return texts[first].slice(from, to);
  return [texts[first].slice(from), ...texts.slice(first + 1, last), texts[last].slice(0, to)].join("\n");
}
