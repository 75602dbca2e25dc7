// What the status line says

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
  for (const [id, list] of [
    ["undo", done],
    ["redo", undone],
  ])
    $(id).setAttribute("aria-disabled", String(!list.length));
}
let lateTimer = 0;
function showAll() {
  showBead();
  showUnsaved();
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
      ["ar", "en"].map((key, s) => [
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
    flags: flags.map((flag) => ({
      side: ["ar", "en"][flag.side],
      start: flag.start,
      end: flag.end,
      kind: flag.kind,
      relation: flag.relation,
      probability: flag.probability,
      severity: flag.severity,
      counterpart: flag.counterpart ? [flag.counterpart.start, flag.counterpart.end] : null,
      evidence: flag.evidence,
      dismissed: dismissed.has(flag.id),
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
const plain = (id) =>
  id
    .split(/[\\/]/)
    .pop()
    .replace(/\.[A-Za-z0-9]{1,5}(\.(gz|xz|zst))?$/, "")
    .replace(/[^\p{L}\p{N}_-]+/gu, "-")
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
    localStorage.setItem(
      store,
      JSON.stringify({
        beads: rows.map(({ bead }) => [...bead.spans.flat(), Number(bead.accepted)]),
        dismissed: [...dismissed],
      }),
    );
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
  while (
    tail < Math.min(beads.length, rows.length) - start &&
    same(rows[rows.length - 1 - tail].bead, beads[beads.length - 1 - tail])
  )
    tail++;
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
    const off = found.flags
      .filter((flag) => flag.dismissed)
      .map((flag) => known.get(`${["ar", "en"].indexOf(flag.side)} ${flag.start} ${flag.end} ${flag.kind}`) ?? -1);
    take(
      found.beads.map((bead) => [...bead.ar, ...bead.en, bead.accepted]),
      off,
      "Opened corrections",
    );
  } catch {
    say("This is not a file of corrections.");
  }
}
