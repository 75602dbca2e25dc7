// What the status line says

// Keys that a page with a program behind it has beside these.
const KEYS_MORE = [];
const moreKeys = {};

let sayTimer = 0;
function say(text) {
  clearTimeout(sayTimer);
  $("say").textContent = text;
  sayTimer = setTimeout(() => ($("say").textContent = ""), 12000);
}
const open = () => (savedAt < 0 ? Math.max(done.length, 1) : Math.abs(done.length - savedAt));
let showUnsaved = () => {
  const n = open();
  $("unsaved").textContent = n ? `${count(n, "unsaved change")}.` : "";
  document.title = (n ? "• " : "") + name;
  for (const [id, list] of [
    ["undo", done],
    ["redo", undone],
  ])
    $(id).setAttribute("aria-disabled", String(!list.length));
};
let lateTimer = 0;
function showAll(changes) {
  showBead();
  showUnsaved();
  if (changes) refreshCards(changes);
  else showFindings();
  clearTimeout(lateTimer);
  lateTimer = setTimeout(
    () => {
      showFigures();
      showPlot();
    },
    rows.length > 2000 ? 60 : 0,
  );
}

// Saving, and coming back

function corrections() {
  return {
    format: "muwazi corrections",
    schema: data.schema,
    version: data.version,
    signature: data.signature,
    saved: new Date().toISOString(),
    texts: Object.fromEntries(
      SIDE_NAMES.map((key, s) => [
        key,
        {
          id: sides[s].id,
          lang: sides[s].lang,
          digest: sides[s].digest,
          segments: sides[s].starts.map((start, k) => [start, sides[s].ends[k], sides[s].kinds[k]]),
        },
      ]),
    ),
    beads: rows.map(({ bead }) => ({
      ar: bead.spans[0],
      en: bead.spans[1],
      sim: bead.sim,
      confidence: bead.confidence,
      accepted: bead.accepted,
      edited: bead.edited,
    })),
    blocks: data.blocks.map((block) => ({
      ar: block.spans[0],
      en: block.spans[1],
      kind: block.kind,
      sim: block.sim,
    })),
    flags: flags.filter(isThere).map((flag) => ({
      side: SIDE_NAMES[flag.side],
      start: flag.start,
      end: flag.end,
      kind: flag.kind,
      relation: flag.relation,
      probability: flag.probability,
      severity: flag.severity,
      counterpart: flag.counterpart ? [flag.counterpart.start, flag.counterpart.end] : null,
      evidence: flag.evidence,
      state: stateOf(flag),
      comment: comments.get(flag.id) ?? "",
      finding: flag.finding,
    })),
    edits: [...edits].map(([key, text]) => {
      const [s, k] = key.split(" ").map(Number);
      return { side: SIDE_NAMES[s], segment: k, text };
    }),
  };
}
let save = () => {
  download("corrections.json", JSON.stringify(corrections()) + "\n", "application/json");
  markSaved();
  say(t("Saved. Open the file here again, or give it to muwazi apply."));
};
function markSaved() {
  savedAt = done.length;
  forget();
  showUnsaved();
}

let store = `muwazi corrections ${sides[0].digest} ${sides[1].digest} ${data.digest}`;
let rememberTimer = 0;
let remember = () => {
  clearTimeout(rememberTimer);
  rememberTimer = setTimeout(rememberNow, 400);
};
function rememberNow() {
  clearTimeout(rememberTimer);
  try {
    if (!open()) return localStorage.removeItem(store);
    localStorage.setItem(
      store,
      JSON.stringify({
        time: Date.now(),
        beads: rows.map(({ bead }) => shortly(bead)),
        states: flags.slice(0, data.flags.length).map((flag) => state.get(flag.id) ?? 0),
        more: flags.slice(data.flags.length).map((flag) => [flag, state.get(flag.id) ?? 0]),
        comments: [...comments],
        edits: [...edits],
      }),
    );
  } catch {
    // Storage may be full or forbidden; the file that is saved is what counts.
  }
}
/** A bead in a stored state: measures only where the page does not hold them. */
const shortly = (bead) => {
  const short = [...bead.spans.flat(), Number(bead.accepted)];
  return originals.has(keyOf(bead.spans)) || bead.edited ? short : [...short, bead.sim, bead.confidence];
};
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
  for (const [a0, a1, b0, b1, accepted, sim = null, confidence = null] of list) {
    for (const [s, start, stop] of [
      [0, a0, a1],
      [1, b0, b1],
    ]) {
      if (!(Number.isInteger(start) && Number.isInteger(stop) && 0 <= start && start <= stop && stop <= size[s]))
        return null;
      for (let k = start; k < stop; k++) {
        if (seen[s][k]++) return null;
      }
    }
    if (a0 === a1 && b0 === b1) return null;
    let bead = made([a0, a1], [b0, b1]);
    if (bead.edited && confidence !== null) bead = Object.freeze({ ...bead, sim, confidence, edited: false });
    beads.push(accepted ? Object.freeze({ ...bead, accepted: true }) : bead);
  }
  return seen.every((side) => side.every(Boolean)) ? beads : null;
}
/** Changes that make a store hold what `wanted` does. */
function changesTo(store_, wanted) {
  const keys = new Set([...store_.keys(), ...wanted.keys()]);
  return [...keys]
    .filter((key) => store_.get(key) !== wanted.get(key))
    .map((key) => change(store_, key, wanted.get(key)));
}
/** The splice that makes the rows those of `beads`, as short as can be. */
function spliceTo(beads) {
  const same = (a, b) =>
    a && b && a.accepted === b.accepted && a.confidence === b.confidence && keyOf(a.spans) === keyOf(b.spans);
  let start = 0;
  while (start < beads.length && same(rows[start]?.bead, beads[start])) start++;
  let tail = 0;
  while (
    tail < Math.min(beads.length, rows.length) - start &&
    same(rows[rows.length - 1 - tail].bead, beads[beads.length - 1 - tail])
  )
    tail++;
  const out = rows.slice(start, rows.length - tail).map((row) => row.bead);
  const into = beads.slice(start, beads.length - tail);
  return out.length || into.length ? [{ at: start, out, into }] : [];
}
function take(list, wanted, what) {
  const beads = beadsOf(list);
  if (!beads) return say(t("These corrections do not fit this page."));
  const changes = [
    ...changesTo(state, wanted.states),
    ...changesTo(comments, wanted.comments),
    ...changesTo(edits, wanted.edits),
  ];
  const splices = spliceTo(beads);
  if (!splices.length && !changes.length) return say(t("Nothing differs from these corrections."));
  const stand = splices[0]?.at ?? 0;
  correct(what, splices, changes, stand < beads.length ? stand : 0);
}
let begin = () => restore();
function restore() {
  try {
    const left = JSON.parse(localStorage.getItem(store) ?? "null");
    if (!left) return;
    const states = new Map(left.states.map((one, id) => [id, one]).filter(([, one]) => one));
    for (const [flag, its] of left.more) {
      const fresh = addFlag({ ...flag });
      state.set(fresh.id, "gone");
      if (its) states.set(fresh.id, its);
    }
    take(
      left.beads,
      { states, comments: new Map(left.comments), edits: new Map(left.edits) },
      t("Took up unsaved work from last time (Undo drops it)"),
    );
  } catch {
    forget();
  }
}

const keyOfFlag = (flag) => `${flag.side} ${flag.start} ${flag.end} ${flag.kind} ${flag.relation}`;
/** A flag that the page did not know, out of saved corrections. */
function flagFrom(record, finding) {
  const side = SIDE_NAMES.indexOf(record.side);
  const [first, last] = [segmentAt(side, record.start), segmentAt(side, Math.max(record.end - 1, record.start))];
  const place = { side, first, from: unitAt(side, first, record.start), last, to: unitAt(side, last, record.end) };
  let counterpart = null;
  if (record.counterpart) {
    const [start, end] = record.counterpart;
    const segment = segmentAt(1 - side, start);
    const until = segmentAt(1 - side, Math.max(end - 1, start));
    const there = {
      side: 1 - side,
      first: segment,
      from: unitAt(1 - side, segment, start),
      last: until,
      to: unitAt(1 - side, until, end),
    };
    counterpart = { start, end, segment, text: textIn(there) };
  }
  const { start, end, kind, relation, probability, severity, evidence } = record;
  return {
    ...place,
    start,
    end,
    kind,
    relation,
    probability,
    severity,
    evidence,
    counterpart,
    finding,
    text: textIn(place),
  };
}
/** Corrections as a state of this page: flags that it lacks are added, those that the corrections lack are gone. */
function wantedBy(record) {
  const mine = new Map(flags.map((flag) => [keyOfFlag(flag), flag]));
  const keyed = record.flags.map((one) => [
    one,
    mine.get(`${SIDE_NAMES.indexOf(one.side)} ${one.start} ${one.end} ${one.kind} ${one.relation}`),
  ]);
  const group = new Map(keyed.filter(([, flag]) => flag).map(([one, flag]) => [one.finding, flag.finding]));
  const states = new Map(flags.map((flag) => [flag.id, "gone"]));
  const said = new Map();
  for (const [one, known_] of keyed) {
    let flag = known_;
    if (!flag) {
      const finding = group.get(one.finding) ?? findings.length;
      if (one.finding !== undefined) group.set(one.finding, finding);
      flag = addFlag(flagFrom(one, finding));
      state.set(flag.id, "gone");
    }
    const its = one.state ?? (one.dismissed ? "dismissed" : "open");
    if (its === "open") states.delete(flag.id);
    else states.set(flag.id, its);
    if (one.comment) said.set(flag.id, String(one.comment));
  }
  const texts = (record.edits ?? []).map(({ side, segment, text }) => [
    `${SIDE_NAMES.indexOf(side)} ${segment}`,
    String(text),
  ]);
  return { states, comments: said, edits: new Map(texts) };
}
const beadsIn = (record) =>
  record.beads.map((bead) => [
    ...bead.ar,
    ...bead.en,
    bead.accepted,
    ...(bead.edited ? [] : [bead.sim, bead.confidence]),
  ]);
async function openFile(file) {
  try {
    const found = JSON.parse(await file.text());
    if (found.format !== "muwazi corrections" || ![1, data.schema].includes(found.schema)) throw new Error("format");
    if (SIDE_NAMES.some((key, s) => found.texts[key].digest !== sides[s].digest)) {
      return say(t("These corrections are of other texts."));
    }
    take(beadsIn(found), wantedBy(found), t("Opened corrections"));
  } catch {
    say(t("This is not a file of corrections."));
  }
}
