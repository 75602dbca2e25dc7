// With the studio behind it the page saves straight to disk, and can align again

const studio = data.studio;
let revision = studio.revision;
const WINDOW = Array.from(crypto.getRandomValues(new Uint8Array(8)), (one) => one.toString(16).padStart(2, "0")).join(
  "",
);
async function askStudio(path, method = "GET", value = undefined, headers = {}) {
  const body = value === undefined ? undefined : JSON.stringify(value);
  const answer = await fetch(path, { method, body, headers: { "X-Muwazi": "1", ...headers } });
  const told = await answer.json().catch(() => ({}));
  return { ok: answer.ok, code: answer.status, ...told };
}

// Saving: a moment after each change; what cannot be saved stays in the browser's storage until it can

let saveTimer = 0;
let saving = null;
let savedState = ""; // what was going on when the last save failed
save = () => flush().then((good) => good && say(t("Saved.")));
const showUnsavedAlone = showUnsaved;
showUnsaved = () => {
  showUnsavedAlone();
  $("unsaved").classList.toggle("good", !savedState && !open());
  if (savedState) $("unsaved").textContent = savedState;
  else if (!open()) $("unsaved").textContent = done.length || revision ? t("All changes are saved.") : "";
  else $("unsaved").textContent = t("Saving…");
};
remember = () => {
  rememberNow();
  clearTimeout(saveTimer);
  saveTimer = setTimeout(flush, 500);
};
/** Saves until nothing is left to save; false where that fails. */
async function flush() {
  clearTimeout(saveTimer);
  while (saving) await saving;
  if (!open()) return true;
  saving = send_();
  const good = await saving;
  saving = null;
  if (good && open()) return flush();
  showUnsaved();
  return good;
}
async function send_(on = revision) {
  const length_ = done.length;
  const record = corrections();
  let told;
  try {
    told = await askStudio("corrections", "PUT", record, { "If-Match": String(on), "X-Window": WINDOW });
  } catch {
    savedState = t("Not saved: the studio does not answer. The changes are kept in this browser.");
    saveTimer = setTimeout(flush, 3000);
    return false;
  }
  if (told.code === 409) {
    askWhose(told.revision);
    return false;
  }
  if (!told.ok) {
    savedState = t("Not saved: {why}", { why: told.error ?? told.code });
    return false;
  }
  revision = told.revision;
  savedState = "";
  savedAt = length_;
  if (!open()) forget();
  return true;
}
/** Two windows: whose work goes on is for the reviewer to say; the other's is kept among the earlier versions. */
function askWhose(theirs) {
  savedState = t("Another window has saved this review.");
  showUnsaved();
  const box = $("whose");
  if (box.open) return;
  box.returnValue = "";
  box.onclose = async () => {
    savedState = "";
    if (box.returnValue === "mine") {
      saving = send_(theirs);
      const good = await saving;
      saving = null;
      if (good) say(t("Saved. The other window's work is among the earlier versions."));
      showUnsaved();
    } else if (box.returnValue === "theirs") {
      await takeOver(true);
      say(t("Taken over. Your work is among the earlier versions."));
    } else saveTimer = setTimeout(flush, 20000);
  };
  box.showModal();
}
/** Takes over what another window has saved. */
async function takeOver(isAsked = false) {
  const found = await askStudio(isAsked ? "corrections" : `corrections?after=${revision}`).catch(() => null);
  if (!found?.record || (!isAsked && open())) return;
  takeBase(found.record, found.revision);
  if (!isAsked) say(t("Taken over what another window has saved."));
}
function takeBase(record, number_) {
  take(beadsIn(record), wantedBy(record), "");
  clearTimeout(saveTimer);
  done = [];
  undone = [];
  savedAt = 0;
  revision = number_;
  forget();
  showUnsaved();
}
const look = () => document.visibilityState === "visible" && !open() && !saving && takeOver();
document.addEventListener("visibilitychange", look);
addEventListener("focus", look);
setInterval(look, 4000);

// Each window has a place of its own in the browser's storage, so that none writes over what another could not save.
const places = store;
store = `${places} ${WINDOW}`;
/** What windows that are gone could not save, the latest first: [place, state]. */
function leftBehind() {
  const found = [];
  try {
    for (const place_ of Object.keys(localStorage)) {
      if (place_.startsWith(places)) found.push([place_, JSON.parse(localStorage.getItem(place_))]);
    }
  } catch {
    return [];
  }
  return found.sort(([, a], [, b]) => (b.time ?? 0) - (a.time ?? 0));
}
begin = () => {
  const [latest] = leftBehind();
  if (studio.record) takeBase(studio.record, studio.revision);
  $("say").textContent = "";
  if (!latest) return;
  // It comes back on top of what was saved; where there is more, the next window takes that up.
  localStorage.setItem(store, JSON.stringify(latest[1]));
  restore();
  rememberNow();
  localStorage.removeItem(latest[0]);
};

// What only the studio has

$("open").hidden = true;
$("save").title = t("Changes are saved by themselves; this saves at once");
document.querySelector(".titles").prepend(el("a", { class: "home-link", href: "../../", text: t("← All reviews") }));
const LABELS = {
  tmx: t("Pairs, for translation memories (TMX)"),
  xlsx: t("Pairs, as a spreadsheet (XLSX)"),
  tsv: t("Pairs, as a table (TSV)"),
  jsonl: t("Everything, for programs (JSON lines)"),
  "findings.xlsx": t("Findings, as a spreadsheet (XLSX)"),
  "findings.html": t("Findings, to read or print (HTML)"),
  "findings.docx": t("Findings, for Word (DOCX)"),
  "corrections.json": t("Corrections, for muwazi apply (JSON)"),
};
document.querySelector("#downloads .choices").replaceChildren(
  ...studio.downloads.map((kind) =>
    el("a", {
      href: `download/${kind}`,
      download: true,
      class: "button",
      "data-kind": kind,
      text: LABELS[kind] ?? kind,
      onclick: async (event) => {
        if (!open()) return ($("downloads").open = false);
        event.preventDefault();
        if (await flush()) event.target.click();
      },
    }),
  ),
);
document.body.append(
  el(
    "dialog",
    { id: "whose", "aria-labelledby": "whose-h" },
    el(
      "form",
      { method: "dialog" },
      el("h2", { id: "whose-h", text: t("Another window has saved this review") }),
      el("p", { text: t("Both are kept. Which one goes on here?") }),
      el(
        "div",
        { class: "tools" },
        el("button", { class: "main", value: "mine", text: t("Mine") }),
        el("button", { value: "theirs", text: t("The other window's") }),
      ),
    ),
  ),
  el(
    "dialog",
    { id: "versions", "aria-labelledby": "versions-h" },
    el(
      "form",
      { method: "dialog" },
      el("h2", { id: "versions-h", text: t("Earlier versions") }),
      el("p", { text: t("What windows left when another one went on. To take one up can be undone.") }),
      el("ul", { id: "version-list", class: "versions" }),
      el("div", { class: "tools" }, el("button", { text: t("Close") })),
    ),
  ),
);
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
$("downloads").after(
  el("button", {
    id: "show-versions",
    type: "button",
    text: t("Earlier versions"),
    onclick: async () => {
      const found = await askStudio("versions").catch(() => ({ versions: [] }));
      $("version-list").replaceChildren(
        ...(found.versions ?? []).map((one) =>
          el(
            "li",
            {},
            `${day.format(1000 * one.time)} · ${t("{n} reviewed", { n: number(one.reviewed) })} · ${t("{n} findings decided", { n: number(one.decided) })} `,
            el("button", {
              type: "button",
              text: t("Take up"),
              onclick: async () => {
                const { record } = await askStudio(`versions/${one.name}`);
                $("versions").close();
                if (record) take(beadsIn(record), wantedBy(record), t("Took up an earlier version"));
              },
            }),
          ),
        ),
      );
      if (!found.versions?.length) $("version-list").append(el("li", { text: t("none") }));
      $("versions").showModal();
    },
  }),
);

/** Aligns again behind a row; what was accepted or made by hand there stays. One step, which undo takes back. */
async function realign(row) {
  if (row.at + 1 >= rows.length) return say(t("Nothing stands behind this bead."));
  say(t("Aligning again behind bead {n}…", { n: number(row.at + 1) }));
  const before = done.length;
  const told = await askStudio("realign", "POST", { record: corrections(), at: row.at }).catch(() => null);
  if (!told?.ok) return say(told?.error ?? t("The studio does not answer."));
  if (done.length !== before) return say(t("Something was changed meanwhile; nothing was aligned again."));
  const beads = told.beads.map(([a0, a1, b0, b1, sim, confidence], at) => {
    const old = rows[at]?.bead;
    const spans = [
      [a0, a1],
      [b0, b1],
    ];
    const known_ = [rowOf[0][a0]?.bead, rowOf[1][b0]?.bead].find((bead) => bead && keyOf(bead.spans) === keyOf(spans));
    if (known_ && (isSet(known_) || at <= row.at)) return known_;
    if (old && keyOf(old.spans) === keyOf(spans) && old.confidence === confidence) return old;
    return Object.freeze({ spans, sim, confidence, accepted: false, edited: confidence === null });
  });
  const mine = new Map(flags.map((flag) => [keyOfFlag(flag), flag]));
  const base = findings.length;
  const states = new Map(state);
  const kept_ = new Set();
  for (const one of told.flags) {
    let flag = mine.get(keyOfFlag(one));
    if (!flag) {
      flag = addFlag({ ...one, finding: base + one.finding });
      state.set(flag.id, "gone");
      states.set(flag.id, "gone");
    }
    kept_.add(flag.id);
    if (states.get(flag.id) === "gone") states.delete(flag.id);
  }
  for (const flag of flags) {
    // What a person said stays; what nobody has looked at goes with the alignment that it was found in.
    if (!kept_.has(flag.id) && stateOf(flag) === "open" && !comments.has(flag.id)) states.set(flag.id, "gone");
  }
  const splices = spliceTo(beads);
  const changes = changesTo(state, states);
  if (!splices.length && !changes.length) return say(t("Nothing changed behind bead {n}.", { n: number(row.at + 1) }));
  correct(t("Aligned again behind bead {n}", { n: number(row.at + 1) }), splices, changes, row.at);
}
extraTools = (row) => [button(t("Align again from here"), "R", () => realign(row), row.at + 1 < rows.length)];
KEYS_MORE.push(["R", "align again behind the bead; what was accepted or made by hand stays"]);
moreKeys.r = () => realign(here);
