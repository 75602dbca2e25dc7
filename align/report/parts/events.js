// Events

const KEYS = [
  ["↓ ↑ / J K", "next, previous bead that is shown; in the findings, next, previous finding"],
  ["N, Shift+N", "next, previous flag"],
  ["G", "from a bead to the findings, from a finding to the texts"],
  ["C, D", "confirm, dismiss the finding, or take it back"],
  ["O", "comment on the finding"],
  ["F", "add a finding of one's own on the words that are chosen"],
  ["E", "edit the text of the bead"],
  ["Enter", "on a flag: go to its counterpart; on a finding: show it in the texts"],
  ["A", "accept the bead and go on; again to take it back"],
  ["M", "merge with the next bead"],
  ["S", "split where the lengths fit best"],
  ["U", "unlink: each side on its own"],
  ["L … L", "link two beads that have one side each"],
  ["[ ]", "first segment of the first text to the previous, last to the next bead"],
  ["{ }", "the same for the second text"],
  ["Ctrl+Z, Ctrl+Shift+Z", "undo, redo (also Z and Shift+Z)"],
  ["Ctrl+S", "save the corrections"],
  ["/", "search"],
  ["Home, End", "first, last bead or finding"],
  ["Esc", "close the note, let go of a link"],
  ["?", "this list"],
];
const typing = (target) => target.closest?.("input, select, textarea, dialog");

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    const key = event.key.toLowerCase();
    if (typing(event.target) && key !== "s") return;
    if (key === "s" || event.code === "KeyS") save();
    else if (key === "y" || event.code === "KeyY" || ((key === "z" || event.code === "KeyZ") && event.shiftKey)) redo();
    else if (key === "z" || event.code === "KeyZ") undo();
    else return;
    event.preventDefault();
    return;
  }
  if (event.key === "Escape") {
    if (!tip.hidden) hideTip();
    else if (picked) pick(null);
    return;
  }
  if (event.altKey || typing(event.target)) return;
  const inGrid = $("grid").contains(event.target) || event.target === document.body;
  if (!inGrid) return;
  // Letters by their place where the keyboard writes another script.
  const code = event.code.startsWith("Key") && !/^[a-z]$/i.test(event.key) ? event.code.slice(3) : event.key;
  const bracket = { BracketLeft: -1, BracketRight: 1 }[event.code] ?? { "[": -1, "{": -1, "]": 1, "}": 1 }[event.key];
  if (bracket && here) {
    move(here, event.shiftKey || "{}".includes(event.key) ? 1 : 0, bracket);
    event.preventDefault();
    return;
  }
  const key = code.length === 1 ? code.toLowerCase() : code;
  const onMark = event.target.closest?.("mark[data-flags]");
  const runs = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    j: () => step(1),
    k: () => step(-1),
    Home: () => go(rows.find(matches)),
    End: () => go(rows.findLast(matches)),
    n: () => stepFlag(event.shiftKey ? -1 : 1),
    "/": () => $("q").focus(),
    "?": () => $("keys").showModal(),
    z: () => (event.shiftKey ? redo() : undo()),
    y: redo,
    ...(here && {
      a: () => accept(here),
      m: () => merge(here),
      s: () => split(here),
      u: () => unlink(here),
      l: () => link(here),
      d: () => dismissFrom(onMark),
      c: () => confirmFrom(onMark),
      o: () => commentFrom(onMark),
      e: () => askEdit(here),
      f: () => askOwn(here),
      ...moreKeys,
    }),
    g: goFindings,
    ...(onMark && { Enter: () => counterpartOf(onMark), " ": () => counterpartOf(onMark) }),
  };
  if (!runs[key]) return;
  event.preventDefault();
  runs[key]();
});
/** The flag that a key means: that of the mark with the focus, else the row's first. */
function flagAt(mark, every = false) {
  const flag = mark ? flags[mark.dataset.flags.split(" ")[0]] : flagsOf(here.bead, every)[0];
  if (!flag) say(t("No open flag here."));
  return flag;
}
function judgeFrom(mark, run) {
  const flag = flagAt(mark);
  if (!flag) return;
  run(flag);
  if (mark) markOf(flag)?.focus();
}
const dismissFrom = (mark) => judgeFrom(mark, dismiss);
const confirmFrom = (mark) => judgeFrom(mark, confirm_);
function commentFrom(mark) {
  const flag = flagAt(mark, true);
  if (flag) askComment(findings[flag.finding]);
}
function counterpartOf(mark) {
  const flag = mark.dataset.flags
    .split(" ")
    .map((id) => flags[id])
    .find((one) => one.counterpart && one.counterpart.segment !== null);
  if (!flag) return say(t("This flag has no counterpart on the other side."));
  jump(1 - flag.side, flag.counterpart.segment);
}

grid.addEventListener("focusin", (event) => {
  const row = event.target.closest(".row")?.row;
  if (row) choose(row);
  const mark = event.target.closest("mark[data-flags]");
  if (mark) showTip(mark);
});
grid.addEventListener("focusout", hideTip);
grid.addEventListener("click", (event) => {
  const row = event.target.closest(".row")?.row;
  if (row) choose(row);
  const jumps = event.target.closest("[data-jump]");
  if (jumps) jump(...jumps.dataset.jump.split(" ").map(Number));
  const mark = event.target.closest("mark[data-flags]");
  if (mark) showTip(mark);
});
for (const node of [grid, tip]) {
  node.addEventListener("mouseover", (event) => {
    const mark = event.target.closest("mark[data-flags]");
    if (mark) showTip(mark);
    else if (node === tip) clearTimeout(tipTimer);
  });
  node.addEventListener(
    "mouseout",
    (event) => (event.target.closest("mark[data-flags]") || node === tip) && hideSoon(),
  );
}
$("grid").addEventListener("focus", () => go(here ?? rows.find(matches)));

let typed = 0;
$("q").addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(() => {
    needle.words = wordsOf($("q").value);
    filter();
  }, 120);
});
$("q").addEventListener("keydown", (event) => {
  if (event.key === "Enter") go(rows.find(matches));
});
const bind = (id, kind, set, more = () => {}) =>
  $(id).addEventListener(kind, () => {
    set($(id));
    filter();
    more();
  });
const showChosen = () => {
  showFigures();
  showFindings();
};
bind("only-flags", "change", (node) => (chosen.flags = node.checked));
bind("kind", "change", (node) => (chosen.kind = node.value), showChosen);
bind("sides", "change", (node) => (chosen.sides = node.value));
bind("review", "change", (node) => (chosen.review = node.value));
bind("most", "input", (node) => {
  chosen.most = node.value / 100;
  $("most-out").textContent = chosen.most.toFixed(2);
});
$("goto").addEventListener("change", () => {
  const at = Math.round($("goto").valueAsNumber) - 1;
  if (rows[at]) go(rows[at], { center: true });
});
$("clear").addEventListener("click", () => {
  Object.assign(chosen, NOTHING);
  needle.words = [];
  for (const id of ["q", "kind", "sides", "review", "goto"]) $(id).value = "";
  $("only-flags").checked = false;
  $("most").value = 100;
  $("most-out").textContent = "1.00";
  filter();
  showChosen();
  here?.node?.scrollIntoView({ block: "center" });
});
$("undo").addEventListener("click", undo);
$("redo").addEventListener("click", redo);
$("save").addEventListener("click", () => save());
$("open").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", async () => {
  const [file] = $("file").files;
  if (file) await openFile(file);
  $("file").value = "";
});
$("more").addEventListener("click", () =>
  $("more").setAttribute("aria-expanded", String($("more").getAttribute("aria-expanded") !== "true")),
);
$("help").addEventListener("click", () => $("keys").showModal());
$("legend-open").addEventListener("click", () => {
  $("legend").open = true;
  $("legend").scrollIntoView({ block: "nearest" });
  $("legend").querySelector("summary").focus();
});
const otherTongue = Object.keys(TONGUES).find((code) => code !== tongue);
$("tongue").textContent = TONGUES[otherTongue];
$("tongue").lang = otherTongue;
let leaving = false;
$("tongue").addEventListener("click", () => {
  rememberNow();
  leaving = true; // what is not saved comes back from the browser's storage
  try {
    localStorage.setItem("muwazi language", otherTongue);
    location.reload();
  } catch {
    say(t("This browser keeps nothing, so the language cannot be changed."));
  }
});
addEventListener("beforeunload", (event) => {
  if (!open() || leaving) return;
  rememberNow();
  event.preventDefault();
});
let scrolled = 0;
addEventListener(
  "scroll",
  () => {
    if (!tip.hidden && document.activeElement !== tipMark) hideTip();
    if (!needle.words.length) return;
    clearTimeout(scrolled);
    scrolled = setTimeout(highlight, 80);
  },
  { passive: true },
);

// On paper every finding and every row is there, whatever the screen shows.
addEventListener("beforeprint", () => {
  buildTo(Infinity);
  listed.most = CATEGORIES.map(() => Infinity);
  showFindings();
  for (const node of document.querySelectorAll("#findings, .category")) node.open = true;
});

// Beginning

const fileOf = (side) => side.id.split(/[\\/]/).pop();
const name = data.title || sides.map(fileOf).join(" · ");
if (data.title) $("title").replaceChildren(bdi(data.title));
else $("title").replaceChildren(bdi(fileOf(sides[0])), " · ", bdi(fileOf(sides[1])));
if (data.unrelated) {
  $("unrelated").hidden = false;
  $("unrelated").textContent = t(
    "These are probably not two versions of one text: about {a} of the {first} and {b} of the {second} is answered by the other.",
    { a: percent(data.unrelated[0]), first: sides[0].name, b: percent(data.unrelated[1]), second: sides[1].name },
  );
}
$("signature").textContent = data.signature || `muwazi ${data.version}`;
SIDES.forEach((s) => {
  $(`head-${s}`).textContent = sides[s].name;
  $(`head-${s}`).dir = sides[s].dir;
});
const choices = (id, entries) =>
  $(id).replaceChildren(...entries.map(([value, text]) => el("option", { value, text })));
const held = (key) => [...new Set(flags.map((flag) => flag[key]))].sort();
choices("kind", [
  ["", t("all")],
  ...held("kind").map((kind) => [kind, kindOf(kind)]),
  ...held("relation").map((kind) => [
    kind,
    t({ only: "in one version only", mismatch: "stated differently" }[kind] ?? kind),
  ]),
]);
choices("sides", [
  ["", t("all")],
  ["both", t("both")],
  ["one", t("one side only")],
  ["0", t("{language} only", { language: sides[0].name })],
  ["1", t("{language} only", { language: sides[1].name })],
  ...(data.blocks.length ? [["block", t("in a block")]] : []),
]);
choices(
  "own-kind",
  ["phrase", "clause", "sentence", "heading", "number", "date", "name", "placeholder"].map((kind) => [kind, kindOf(kind)]),
);
$("keys-list").append(
  ...[...KEYS, ...KEYS_MORE].flatMap(([keys, text]) => [
    el("b", { text: keys, dir: "ltr" }),
    el("span", { text: t(text) }),
  ]),
);
if (matchMedia("(max-width: 46rem)").matches) $("map").open = false;
$("grid").setAttribute("aria-rowcount", rows.length + 1);
const bar = document.querySelector(".bar");
new ResizeObserver(() => document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
$("counts").textContent = "";
buildTo(60);
if (rows[0]) rows[0].node.setAttribute("tabindex", "0");
showFigures();
showPlot();
showBead();
showUnsaved();
filter();
showFindings();
begin();
document.documentElement.dataset.ready = "yes";
document.documentElement.dataset.took = (performance.now() - started).toFixed(1);
setTimeout(buildRest, 0);
