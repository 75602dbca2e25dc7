// Events

const KEYS = [
  ["↓ ↑ or J K", "next, previous bead that is shown"],
  ["N, Shift+N", "next, previous flag"],
  ["Enter on a flag", "go to its counterpart"],
  ["A", "accept the bead and go on; again to take it back"],
  ["M", "merge with the next bead"],
  ["S", "split where the lengths fit best"],
  ["U", "unlink: each side on its own"],
  ["L … L", "link two beads that have one side each"],
  ["[ ]", `first ${sides[0].name} segment to the previous, last to the next bead`],
  ["{ }", `the same for ${sides[1].name}`],
  ["D", "dismiss the flag, or bring it back"],
  ["Ctrl+Z, Ctrl+Shift+Z", "undo, redo (also Z and Shift+Z)"],
  ["Ctrl+S", "save the corrections"],
  ["/", "search"],
  ["Home, End", "first, last bead"],
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
    }),
    ...(onMark && { Enter: () => counterpartOf(onMark), " ": () => counterpartOf(onMark) }),
  };
  if (!runs[key]) return;
  event.preventDefault();
  runs[key]();
});
function dismissFrom(mark) {
  const flag = mark ? flags[mark.dataset.flags.split(" ")[0]] : flagsOf(here.bead)[0];
  if (!flag) return say("No open flag here.");
  dismiss(flag);
  if (mark) markOf(flag)?.focus();
}
function counterpartOf(mark) {
  const flag = mark.dataset.flags
    .split(" ")
    .map((id) => flags[id])
    .find((one) => one.counterpart && one.counterpart.segment !== null);
  if (!flag) return say("This flag has no counterpart on the other side.");
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
const bind = (id, kind, set) =>
  $(id).addEventListener(kind, () => {
    set($(id));
    filter();
  });
bind("only-flags", "change", (node) => (chosen.flags = node.checked));
bind("kind", "change", (node) => (chosen.kind = node.value));
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
  Object.assign(chosen, { flags: false, kind: "", sides: "", review: "", most: 1 });
  needle.words = [];
  for (const id of ["q", "kind", "sides", "review", "goto"]) $(id).value = "";
  $("only-flags").checked = false;
  $("most").value = 100;
  $("most-out").textContent = "1.00";
  filter();
  here?.node?.scrollIntoView({ block: "center" });
});
$("undo").addEventListener("click", undo);
$("redo").addEventListener("click", redo);
$("save").addEventListener("click", save);
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
addEventListener("beforeunload", (event) => {
  if (!open()) return;
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

// On paper nobody hovers: the flags stand under their beads.
addEventListener("beforeprint", () => {
  buildTo(Infinity);
  for (const row of rows) {
    const found = flagsOf(row.bead);
    if (found.length) {
      row.node.append(
        el(
          "div",
          { class: "printed" },
          ...found.map((flag) =>
            el(
              "div",
              {},
              "⚑ ",
              spoken(flag),
              ": ",
              bdi(flag.text, sides[flag.side].tag),
              flag.evidence.why ? ` — ${flag.evidence.why}` : "",
            ),
          ),
        ),
      );
    }
  }
});
addEventListener("afterprint", () => document.querySelectorAll(".printed").forEach((node) => node.remove()));

// Beginning

const name = sides.map((side) => side.id.split(/[\\/]/).pop()).join(" · ");
$("title").replaceChildren(bdi(sides[0].id.split(/[\\/]/).pop()), " · ", bdi(sides[1].id.split(/[\\/]/).pop()));
$("signature").textContent = data.signature || `muwazi ${data.version}`;
SIDES.forEach((s) => {
  $(`head-${s}`).textContent = sides[s].name;
  $(`head-${s}`).dir = sides[s].dir;
});
const choices = (id, entries) =>
  $(id).replaceChildren(...entries.map(([value, text]) => el("option", { value, text })));
const held = (key) => [...new Set(flags.map((flag) => flag[key]))].sort();
choices("kind", [
  ["", "all"],
  ...held("kind").map((kind) => [kind, kind]),
  ...held("relation").map((kind) => [kind, `relation: ${kind}`]),
]);
choices("sides", [
  ["", "all"],
  ["both", "both"],
  ["one", "one side only"],
  ["0", `${sides[0].name} only`],
  ["1", `${sides[1].name} only`],
  ...(data.blocks.length ? [["block", "in a block"]] : []),
]);
$("keys-list").append(...KEYS.flatMap(([keys, text]) => [el("b", { text: keys }), el("span", { text })]));
if (matchMedia("(max-width: 46rem)").matches) $("summary").open = $("map").open = false;
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
restore();
document.documentElement.dataset.ready = "yes";
document.documentElement.dataset.took = (performance.now() - started).toFixed(1);
setTimeout(buildRest, 0);
