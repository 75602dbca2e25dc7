// Going about

function go(row, { focus = true, center = false } = {}) {
  if (!row) return;
  buildTo(row.at + 50);
  if (row.node.hidden) {
    row.node.hidden = false;
    fit(row.node.parentNode, row.node.parentNode.shown + 1);
  }
  choose(row);
  if (focus) row.node.focus({ preventScroll: true });
  bring(row.node, center ? "center" : "nearest");
  if (center) {
    row.node.classList.remove("target");
    void row.node.offsetWidth;
    row.node.classList.add("target");
  }
}
/** Scrolls to a node. Far away the heights on the way are guesses, and true ones come as they are seen: so at once, and
 * again until the node stands still. */
function bring(node, block) {
  if (Math.abs(node.getBoundingClientRect().top) < 3 * innerHeight) return node.scrollIntoView({ block });
  let left = 8;
  const again = () => {
    node.scrollIntoView({ block: "center", behavior: "instant" });
    if (--left) requestAnimationFrame(again);
  };
  again();
}
function jump(s, k) {
  if (k >= 0 && k < size[s]) go(rowOf[s][k], { center: true });
}
function choose(row) {
  if (row === here) return;
  if (here?.node) undress(here);
  here = row;
  dress(row);
  showBead();
  showHere();
}
function dress(row) {
  const { node } = row;
  node.classList.add("here");
  node.setAttribute("tabindex", "0");
  node.setAttribute("aria-selected", "true");
  for (const part of node.querySelectorAll("mark[role], .name button")) part.setAttribute("tabindex", "0");
  SIDES.forEach((s) => {
    node.querySelectorAll(`.text-${s} .seg + .seg`).forEach((part) => {
      part.prepend(
        el("button", {
          class: "cut",
          type: "button",
          text: "✂",
          title: t("Split here"),
          "aria-label": t("Split before {language} segment {n}", { language: sides[s].name, n: number(part.k + 1) }),
          lang: tongue,
          dir: document.documentElement.dir,
          onclick: () => split(row, s, part.k),
        }),
      );
    });
  });
}
function undress(row) {
  const { node } = row;
  node.classList.remove("here", "target");
  node.setAttribute("tabindex", "-1");
  node.removeAttribute("aria-selected");
  for (const part of node.querySelectorAll("mark[role], .name button")) part.setAttribute("tabindex", "-1");
  for (const part of node.querySelectorAll(".cut")) part.remove();
}
function step(by) {
  if (!here) return go(rows.find(matches));
  for (let at = here.at + by; at >= 0 && at < rows.length; at += by) {
    if (matches(rows[at])) return go(rows[at]);
  }
}
function stepFlag(by) {
  const order = (row) =>
    matches(row) ? flagsOf(row.bead).filter((flag) => isOfKind(flag) && markOfBuilt(row, flag)) : [];
  const current = document.activeElement?.dataset?.flags?.split(" ").map(Number)[0];
  let at = here ? here.at : 0;
  let list = order(rows[at]);
  let i = list.findIndex((flag) => flag.id === current);
  i = i < 0 ? (by > 0 ? 0 : -1) : i + by;
  while (!list[i]) {
    at += by;
    if (!rows[at]) return say(t("No more flags this way."));
    list = order(rows[at]);
    i = by > 0 ? 0 : list.length - 1;
  }
  go(rows[at]);
  markOf(list[i])?.focus();
}
/** The flag's mark in a row, which is built for it if need be; an edit may have taken it away. */
function markOfBuilt(row, flag) {
  buildTo(row.at + 1);
  return row.node.querySelector(`mark[role][data-flags~="${flag.id}"]`);
}
const markOf = (flag) => rowOf[flag.side][flag.first].node?.querySelector(`mark[role][data-flags~="${flag.id}"]`);
