// The studio's first page: two heaps of files in, reviews and corpora

const bdi = (text) => el("bdi", { text });
const say = (text) => ($("say").textContent = text);
const complain = (text) => ($("wrong").textContent = text);

async function ask(path, method = "GET", body = undefined, more = {}) {
  let answer;
  try {
    answer = await fetch(path, { method, body, headers: { "X-Muwazi": "1" }, ...more });
  } catch {
    throw new Error(t("The studio does not answer. Start it again in the terminal; nothing saved is lost."));
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error ?? t("The studio refused this ({code}).", { code: answer.status }));
  return told;
}
const post = (path, value = {}) => ask(path, "POST", JSON.stringify(value));
const guarded =
  (run) =>
  async (...values) => {
    complain("");
    try {
      await run(...values);
    } catch (error) {
      complain(error.message);
    }
  };

// Two heaps: a file or a folder each

let heaps = [];
let upload = null;
let arabic = 0; // which heap is Arabic
const LANGUAGES = { ar: t("Arabic"), en: t("English"), "": t("not recognised") };

/** The files below a dropped entry, those of a folder in order of their paths. */
async function filesIn(entry) {
  if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) break;
    found.push(...some);
  }
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  const out = [];
  for (const one of found) if (!one.name.startsWith(".")) out.push(...(await filesIn(one)));
  return out;
}
const add = guarded(async (more) => {
  const there = more.filter((heap) => heap.files.length);
  if (heaps.length + there.length > 2) {
    clear();
    throw new Error(t("Two files or two folders are needed, one in each language; these are more."));
  }
  heaps.push(...there);
  if (heaps.length === 1) say(t("Now the other language."));
  showHeaps();
  if (heaps.length === 2) await send();
});
async function send() {
  upload = (await post("uploads")).id;
  const total = heaps.reduce((sum, heap) => sum + heap.files.reduce((a, file) => a + file.size, 0), 0) || 1;
  let sent = 0;
  $("sent").hidden = false;
  say(t("Reading the files…"));
  for (const [at, heap] of heaps.entries()) {
    for (const [k, file] of heap.files.entries()) {
      await ask(`uploads/${upload}/${at}/${k}?name=${encodeURIComponent(file.name)}`, "PUT", file);
      sent += file.size;
      $("sent").value = sent / total;
    }
  }
  const looked = (await post(`uploads/${upload}/look`)).heaps;
  looked.forEach(({ language, start, error }, at) => Object.assign(heaps[at], { language, start, error }));
  arabic = heaps[0].language === "en" || heaps[1].language === "ar" ? 1 : 0;
  $("sent").hidden = true;
  say("");
  showHeaps();
  $("start").focus();
}
function showHeaps() {
  $("heaps").hidden = !heaps.length;
  const isSent = heaps.length === 2 && heaps.every((heap) => "language" in heap);
  $("start").hidden = $("swap").hidden = !isSent;
  $("heap-list").replaceChildren(
    ...heaps.map((heap, at) => {
      const names = heap.files
        .slice(0, 3)
        .map((file) => file.name)
        .join(", ");
      const role = isSent ? (at === arabic ? "ar" : "en") : null;
      return el(
        "li",
        {},
        role ? el("span", { class: "language", text: LANGUAGES[role] }) : null,
        role ? " · " : null,
        bdi(names),
        heap.files.length > 3 ? ` … (${count(heap.files.length, "file")})` : null,
        heap.start ? el("p", { text: heap.start, dir: "auto" }) : null,
        heap.error ? el("p", { class: "failed", dir: "auto", text: heap.error }) : null,
      );
    }),
  );
  const guess = heaps.map((heap) => heap.language);
  $("advice").textContent = !isSent
    ? ""
    : guess[arabic] === "ar" && guess[1 - arabic] === "en"
      ? t("The languages were recognised.")
      : t("The languages were not recognised as Arabic and English: look whether the right one is called Arabic.");
}
function clear() {
  heaps = [];
  upload = null;
  say("");
  $("sent").hidden = true;
  showHeaps();
}
$("swap").addEventListener("click", () => {
  arabic = 1 - arabic;
  showHeaps();
  say(t("Swapped: {name} is Arabic now.", { name: heaps[arabic].files[0].name }));
});
$("cancel").addEventListener("click", () => {
  clear();
  complain("");
  $("pick-files").focus();
});
$("start").addEventListener(
  "click",
  guarded(async () => {
    if (!upload) return;
    const made = await post(`uploads/${upload}/start`, { ar: arabic });
    clear();
    say(t("Aligning…"));
    if (made.review) openWhenDone(made.review);
    else corpusShown = made.corpus;
    await refresh();
  }),
);
let awaited = null;
const openWhenDone = (id) => (awaited = id);

const drop = $("drop");
addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
addEventListener("dragleave", (event) => event.relatedTarget ?? drop.classList.remove("over"));
addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.every(Boolean) && entries.length) {
    await add(await Promise.all(entries.map(async (entry) => ({ files: await filesIn(entry) }))));
  } else await add([...event.dataTransfer.files].map((file) => ({ files: [file] })));
});
$("pick-files").addEventListener("click", () => $("files").click());
$("pick-folder").addEventListener("click", () => $("folder").click());
$("files").addEventListener("change", async () => {
  const chosen = [...$("files").files];
  $("files").value = "";
  await add(chosen.map((file) => ({ files: [file] })));
});
$("folder").addEventListener("change", async () => {
  const chosen = [...$("folder").files].filter((file) => !file.name.startsWith("."));
  $("folder").value = "";
  await add([{ files: chosen.sort((a, b) => (a.webkitRelativePath < b.webkitRelativePath ? -1 : 1)) }]);
});

// Reviews and corpora

const STAGES = {
  read: t("reading"),
  segment: t("finding sentences"),
  encode: t("comparing sentences"),
  align: t("aligning"),
  diverge: t("looking for what is missing"),
};
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const when = (meta) => day.format(1000 * (meta.updated ?? meta.created));
function standing(meta) {
  if (meta.state === "waiting") return t("waiting");
  if (meta.state !== "running") return "";
  const [done, all] = meta.stage.split("/");
  if (all) return t("{done} of {all} documents", { done, all });
  return STAGES[meta.stage] ?? t("aligning");
}
function reviewItem(meta) {
  const name = meta.title || `${meta.names.ar} · ${meta.names.en}`;
  const { beads, reviewed, decided } = meta.counts;
  const told =
    meta.state === "done"
      ? [
          count(beads, "bead"),
          t("{n} reviewed", { n: number(reviewed) }),
          t("{n} findings decided", { n: number(decided) }),
        ].join(" · ")
      : standing(meta);
  return el(
    "li",
    { "data-id": meta.id, "data-state": meta.state },
    meta.state === "done"
      ? el("a", { class: "name", href: `reviews/${meta.id}/` }, bdi(name))
      : el("span", { class: "name" }, bdi(name)),
    meta.state === "failed"
      ? el("span", { class: "failed", dir: "auto", text: meta.error })
      : el("span", { class: "told", text: told }),
    meta.unrelated ? el("span", { class: "failed", text: t("probably not versions of one text") }) : null,
    ["waiting", "running"].includes(meta.state) ? el("progress", { "aria-label": t("Aligning…") }) : null,
    el("span", { class: "told", text: when(meta) }),
    meta.state === "failed"
      ? el("button", {
          type: "button",
          text: t("Align again, whatever the languages"),
          onclick: guarded(async () => {
            await post(`reviews/${meta.id}/again`);
            openWhenDone(meta.id);
            await refresh();
          }),
        })
      : null,
    meta.state === "done"
      ? el("button", {
          type: "button",
          text: t("Rename"),
          "aria-label": t("Rename {name}", { name }),
          onclick: guarded(async () => {
            const title = prompt(t("Title of the review"), meta.title);
            if (title === null) return;
            await ask(`reviews/${meta.id}/title`, "PUT", JSON.stringify({ title }));
            await refresh();
          }),
        })
      : null,
    ["done", "failed"].includes(meta.state)
      ? el("button", {
          type: "button",
          text: t("Delete"),
          "aria-label": t("Delete {name}", { name }),
          onclick: guarded(async () => {
            if (!confirm(t("Delete {name} with all that was reviewed in it?", { name }))) return;
            await ask(`reviews/${meta.id}`, "DELETE");
            await refresh();
          }),
        })
      : null,
  );
}
function corpusItem(meta) {
  return el(
    "li",
    { "data-id": meta.id, "data-state": meta.state },
    meta.state === "done"
      ? el("button", { class: "name link", type: "button", onclick: () => openCorpus(meta.id) }, bdi(meta.title))
      : el("span", { class: "name" }, bdi(meta.title)),
    meta.state === "failed"
      ? el("span", { class: "failed", dir: "auto", text: meta.error })
      : el("span", { class: "told", text: standing(meta) }),
    el("span", { class: "told", text: when(meta) }),
    ["done", "failed"].includes(meta.state)
      ? el("button", {
          type: "button",
          text: t("Remove"),
          "aria-label": t("Remove {name}", { name: meta.title }),
          onclick: guarded(async () => {
            if (!confirm(t("Remove {name} from this list?", { name: meta.title }))) return;
            await ask(`corpora/${meta.id}`, "DELETE");
            $("corpus").hidden = true;
            await refresh();
          }),
        })
      : null,
  );
}
let shownState = "";
let timer = 0;
let corpusShown = null;
async function refresh() {
  clearTimeout(timer);
  let found;
  try {
    found = await ask("state");
  } catch (error) {
    complain(error.message);
    timer = setTimeout(refresh, 3000);
    return;
  }
  const told = JSON.stringify(found);
  if (told !== shownState) {
    shownState = told;
    $("reviews").replaceChildren(...found.reviews.map(reviewItem));
    $("corpora").replaceChildren(...found.corpora.map(corpusItem));
    $("none").hidden = found.reviews.length > 0;
  }
  const mine = found.reviews.find((one) => one.id === awaited);
  if (mine?.state === "done") {
    location.href = `reviews/${mine.id}/`;
    return;
  }
  if (mine?.state === "running") say(`${t("Aligning…")} ${standing(mine)}`);
  if (mine?.state === "failed") {
    awaited = null;
    say("");
    complain(mine.error);
  }
  const corpus = found.corpora.find((one) => one.id === corpusShown);
  if (corpus?.state === "running") say(`${t("Aligning…")} ${standing(corpus)}`);
  if (corpus && corpus.state !== "running" && corpus.state !== "waiting") {
    corpusShown = null;
    say("");
    if (corpus.state === "done") await openCorpus(corpus.id);
    else complain(corpus.error);
  }
  const isBusy = [...found.reviews, ...found.corpora].some((one) => ["waiting", "running"].includes(one.state));
  timer = setTimeout(refresh, isBusy ? 300 : 4000);
}

// A corpus's table

let documents = [];
let most = 200;
const openCorpus = guarded(async (id) => {
  const found = await ask(`corpora/${id}`);
  documents = found.rows.map((row) => ({ ...row, corpus: id }));
  most = 200;
  $("corpus").hidden = false;
  $("corpus-h").textContent = `${found.title} · ${count(documents.length, "document")}`;
  showDocuments();
  $("corpus-h").focus();
});
function showDocuments() {
  const words = $("corpus-q").value.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = documents.filter((row) =>
    words.every((word) => `${row.id} ${row.names.join(" ")}`.toLowerCase().includes(word)),
  );
  $("documents").tBodies[0].replaceChildren(
    ...chosen.slice(0, most).map((row) =>
      el(
        "tr",
        {},
        el("td", {}, bdi(row.names[0])),
        el("td", {}, bdi(row.names[1])),
        el("td", { text: row.quality === null ? "" : `${number(Math.round(100 * row.quality))}%` }),
        el("td", { text: row.flags ? number(Object.values(row.flags).reduce((a, b) => a + b, 0)) : "" }),
        el(
          "td",
          {},
          row.state === "done"
            ? el("button", {
                type: "button",
                text: row.review ? t("Go on") : t("Review"),
                "aria-label": t("Review {name}", { name: row.id }),
                onclick: guarded(async () => {
                  const made = await post(`corpora/${row.corpus}/open`, { document: row.id });
                  openWhenDone(made.review);
                  say(t("Aligning…"));
                  await refresh();
                }),
              })
            : el("span", { class: "failed", dir: "auto", text: row.error }),
        ),
      ),
    ),
  );
  $("more-documents").hidden = chosen.length <= most;
}
$("corpus-q").addEventListener("input", showDocuments);
$("more-documents").addEventListener("click", () => {
  most += 200;
  showDocuments();
});
$("run-form").addEventListener("submit", (event) => {
  event.preventDefault();
  guarded(async () => {
    const made = await post("runs", { folder: $("run-folder").value });
    await refresh();
    await openCorpus(made.corpus);
  })();
});

$("stop").addEventListener(
  "click",
  guarded(async () => {
    if (!confirm(t("Close the studio? Reviews are saved; what is being aligned is stopped."))) return;
    await post("stop");
    clearTimeout(timer);
    $("main").replaceChildren(
      el("p", { class: "lead", role: "status", text: t("The studio is closed. All reviews are saved.") }),
    );
  }),
);

const otherTongue = Object.keys(TONGUES).find((code) => code !== tongue);
$("tongue").textContent = TONGUES[otherTongue];
$("tongue").lang = otherTongue;
$("tongue").addEventListener("click", () => {
  try {
    localStorage.setItem("muwazi language", otherTongue);
    location.reload();
  } catch {
    complain(t("This browser keeps nothing, so the language cannot be changed."));
  }
});
refresh().then(() => (document.documentElement.dataset.ready = "yes"));
