// Findings first: a card for each thing that the two versions do not share

const AT_ONCE = 24; // cards of a list that are made before one asks for more
const listed = { state: "", least: 0, most: [] };

const isFound = (finding) => finding.flags.some(isThere);
const flagsIn = (finding) => finding.flags.filter(isThere);
const longestOf = (list) =>
  list.reduce((a, b) => (b.to - b.from + 1e6 * (b.last - b.first) > a.to - a.from + 1e6 * (a.last - a.first) ? b : a));
const sureOf = (finding) => Math.max(...flagsIn(finding).map((flag) => flag.probability));
function stateOfFinding(finding) {
  const states = flagsIn(finding).map(stateOf);
  return states.includes("confirmed") ? "confirmed" : states.every((one) => one === "dismissed") ? "dismissed" : "open";
}
/** The list in which a finding stands: missing from a side, else how the two differ. */
function categoryOf(finding) {
  const flag = longestOf(flagsIn(finding));
  return flag.relation === "only" ? `missing-${1 - flag.side}` : flag.relation === "moved" ? "moved" : "differs";
}
const CATEGORIES = [
  ["missing-1", t("Missing from the {language}", { language: sides[1].name })],
  ["missing-0", t("Missing from the {language}", { language: sides[0].name })],
  ["differs", t("Stated differently")],
  ["moved", t("Moved")],
];

/** Why, as a sentence with quotations that keep their own direction. */
function reason(flag) {
  const [own, other] = [sides[flag.side], sides[1 - flag.side]];
  const quoted = (text, side) => el("q", {}, bdi(text.replace(/\s+/g, " ").trim(), side.tag));
  const words = { own: own.name, other: other.name, text: quoted(flag.text, own) };
  const there = flag.counterpart?.text;
  if (flag.evidence.by === "reviewer") return parts("Added by the reviewer.", words);
  if (flag.kind === "untranslated") return parts("This stands in {other} in the {own} version too.", words);
  if (flag.relation === "mismatch" && there) {
    return parts("The {own} says {text}, the {other} says {there}.", { ...words, there: quoted(there, other) });
  }
  if (flag.relation === "mismatch") return parts("The {other} has something else in the place of {text}.", words);
  if (flag.relation === "moved") return parts("This stands at another place in the {other}.", words);
  return parts(
    {
      number: "The {other} does not have the number {text}.",
      date: "The {other} does not have the date {text}.",
      name: "The {other} does not have the name {text}.",
      placeholder: "The {other} does not have the placeholder {text}.",
      sentence: "No sentence of the {other} says this.",
      heading: "A heading that the {other} does not have.",
      boilerplate: "Page furniture that the {other} does not have.",
    }[flag.kind] ?? "Little or nothing in the {other} says this.",
    words,
  );
}

const AROUND = 110;
/** One side of a card: the flag in its sentence, or what the other version has in its place. */
function sideOf(finding, s) {
  const here_ = flagsIn(finding).filter((flag) => flag.side === s);
  const side = sides[s];
  const cell = el("div", { class: `side text-${s}` }, el("span", { class: "lang", text: side.name }));
  const body = el("p", { class: "text", lang: side.tag, dir: side.dir });
  cell.append(body);
  if (here_.length) {
    const flag = longestOf(here_);
    const [before, mark, after] = excerpt(flag);
    body.append(before, el("mark", { class: `${lookOf(flag)} ${flag.relation}`, text: mark, dir: runOf(flag) }), after);
    return cell;
  }
  const [flag] = finding.flags;
  const there = flag.counterpart;
  if (there && flag.relation !== "only" && there.segment !== null) {
    const k = there.segment;
    const [from, to] = [unitAt(s, k, there.start), unitAt(s, k, there.end)];
    const [before, mark, after] = excerpt({
      side: s,
      first: k,
      from,
      last: k,
      to: Math.max(from, to),
      text: there.text,
    });
    body.append(before, el("mark", { class: `${lookOf(flag)} ${flag.relation}`, text: mark, dir: runOf(flag) }), after);
    return cell;
  }
  const { bead } = rowOf[flag.side][flag.first];
  const text = textOf(bead, s).replace(/\s+/g, " ");
  body.classList.add("beside");
  if (text) body.append(cut(text, 1.6 * AROUND));
  else {
    body.append(el("span", { class: "none", text: t("nothing"), lang: tongue, dir: document.documentElement.dir }));
  }
  return cell;
}
const cut = (text, most) => (text.length <= most ? text : text.slice(0, text.lastIndexOf(" ", most) + 1 || most) + "…");
/** What stands before a flag in its first segment, the flag itself, and what stands behind it in its last one. */
function excerpt({ side, first, from, last, to, text }) {
  const { texts } = sides[side];
  let before = texts[first].slice(0, from).replace(/\s+/g, " ");
  let after = texts[last].slice(to).replace(/\s+/g, " ");
  if (before.length > AROUND) before = "…" + before.slice(before.indexOf(" ", before.length - AROUND));
  if (after.length > AROUND) after = cut(after, AROUND);
  const flat = text.replace(/\s+/g, " ");
  return [before, flat.length > 6 * AROUND ? cut(flat, 6 * AROUND) : flat, after];
}

function details(finding) {
  const list = el("dl");
  const entry = (name, ...value) => list.append(el("dt", { text: name }), el("dd", {}, ...value));
  for (const flag of flagsIn(finding)) {
    entry(
      `${kindOf(flag.kind)}, ${sides[flag.side].name}`,
      bdi(flag.text, sides[flag.side].tag),
      ` — ${relationOf(flag)}, ${t("reliability {share}", { share: percent(flag.probability) })}, ${t(flag.severity)}`,
    );
    if (typeof flag.evidence.why === "string") entry(t("in the program's words"), quotedApart(flag.evidence.why));
    for (const [key, value] of Object.entries(flag.evidence)) {
      if (key === "why") continue;
      const said =
        typeof value === "number" ? +value.toFixed(3) : typeof value === "string" ? value : JSON.stringify(value);
      entry(key.replaceAll("_", " "), bdi(String(said)));
    }
  }
  return el("details", { class: "details" }, el("summary", { text: t("Details") }), list);
}
/** A sentence in English in which each quotation keeps its own direction. */
function quotedApart(text) {
  const node = el("span", { lang: "en", dir: "ltr" });
  for (const part of text.split(/([“«"][^”»"]*[”»"])/)) {
    if (/^[“«"].*[”»"]$/s.test(part)) node.append(part[0], bdi(part.slice(1, -1)), part.at(-1));
    else node.append(part);
  }
  return node;
}

/** What a card says first: the kind, how sure, what was decided, and where it stands. */
function headOf(finding, flag) {
  const its = stateOfFinding(finding);
  const row = rowOf[flag.side][flag.first];
  return el(
    "div",
    { class: "what" },
    el("span", { class: `swatch ${lookOf(flag)}` }),
    el("strong", { text: kindOf(flag.kind) }),
    el("span", {
      class: "sure-of",
      title: t("How likely it is that this finding is right"),
      text: t("{share} sure", { share: percent(sureOf(finding)) }),
    }),
    its === "open" ? null : el("span", { class: `state ${its}`, text: t(its) }),
    el("button", {
      class: "link at",
      type: "button",
      tabindex: "-1",
      text: t("bead {n}", { n: number(row.at + 1) }),
      title: t("Show it in the texts"),
      onclick: () => showInTexts(finding),
    }),
  );
}
/** Of a finding that holds smaller ones on the same side, which these are. */
function insideOf(finding, flag) {
  const others = flagsIn(finding).filter((one) => one.side === flag.side && one !== flag);
  if (!others.length) return null;
  const told = others.flatMap((one, i) => [i ? "; " : "", `${kindOf(one.kind)} `, bdi(one.text, sides[one.side].tag)]);
  return el("p", { class: "why" }, t("In it:"), " ", ...told);
}
function toolsOf(finding, words) {
  const its = stateOfFinding(finding);
  const tool = (text, key, run, pressed) =>
    el(
      "button",
      { type: "button", tabindex: "-1", "aria-pressed": pressed, "aria-keyshortcuts": key, onclick: run },
      text,
      el("kbd", { text: key, "aria-hidden": "true" }),
    );
  const decide = (to, on, off, key) =>
    tool(its === to ? off : on, key, () => judgeFinding(finding, to), String(its === to));
  const more = details(finding);
  more.firstChild.tabIndex = -1;
  return el(
    "div",
    { class: "tools" },
    decide("confirmed", t("Confirm"), t("Confirmed ✓"), "C"),
    decide("dismissed", t("Dismiss"), t("Bring back"), "D"),
    tool(words ? t("Change the comment") : t("Comment"), "O", () => askComment(finding)),
    more,
  );
}
function cardOf(finding) {
  const list = flagsIn(finding);
  const flag = longestOf(list);
  // Of a mismatch the first side is told first.
  const first = list.find((one) => one.relation !== "only" && one.side === 0) ?? flag;
  const its = stateOfFinding(finding);
  const words = comments.get(finding.flags[0].id) ?? "";
  const told = [kindOf(flag.kind), t("{share} sure", { share: percent(sureOf(finding)) })];
  if (its !== "open") told.push(t(its));
  told.push(cut(first.text, 80));
  const node = el(
    "li",
    { class: `card ${its}`, tabindex: "-1", "aria-label": told.join(t(", ")) },
    headOf(finding, flag),
    el("div", { class: "sides" }, ...SIDES.map((s) => sideOf(finding, s))),
    el("p", { class: "why" }, ...reason(first)),
    insideOf(finding, flag),
    words ? el("p", { class: "comment" }, t("Comment:"), " ", bdi(words)) : null,
    toolsOf(finding, words),
  );
  node.finding = finding;
  finding.node = node;
  return node;
}

function isListed(finding) {
  if (!isFound(finding)) return false;
  if (listed.state && stateOfFinding(finding) !== listed.state) return false;
  return sureOf(finding) >= listed.least && flagsIn(finding).some(isOfKind);
}
let cardAt = null; // the finding whose card is in the tab order

function showFindings() {
  const held = CATEGORIES.map(() => []);
  const at = new Map(CATEGORIES.map(([key], i) => [key, i]));
  let total = 0;
  for (const finding of findings) {
    if (!finding || !isFound(finding)) continue;
    total += 1;
    if (isListed(finding)) held[at.get(categoryOf(finding))].push(finding);
  }
  const focused = walksFindings() ? document.activeElement.closest(".card")?.finding : null;
  const place = (finding) => rowOf[finding.flags[0].side][finding.flags[0].first].at;
  const isDull = (finding) => Number(longestOf(flagsIn(finding)).kind === "boilerplate");
  const lists = held.map((list, i) => {
    list.sort((a, b) => isDull(a) - isDull(b) || sureOf(b) - sureOf(a) || place(a) - place(b));
    const [key, name] = CATEGORIES[i];
    const most = listed.most[i] ?? AT_ONCE;
    const folded = $(`cards-${key}`)?.open === false;
    return el(
      "details",
      { class: "category", id: `cards-${key}`, open: list.length > 0 && !folded },
      el("summary", {}, el("h3", {}, name, " ", el("span", { class: "n", text: number(list.length) }))),
      el("ul", { class: "cards", "aria-label": name }, ...list.slice(0, most).map(cardOf)),
      list.length > most
        ? el("button", {
            type: "button",
            text: t("Show more ({n})", { n: number(list.length - most) }),
            onclick: () => showMore(i, most),
          })
        : null,
    );
  });
  $("lists").replaceChildren(...lists);
  const decided = findings.filter((one) => one && isFound(one) && stateOfFinding(one) !== "open").length;
  $("decided").textContent = total
    ? t("{findings}, {n} decided", { findings: count(total, "finding"), n: number(decided) })
    : t("No findings.");
  const still = (finding) => finding?.node?.isConnected;
  if (!still(cardAt)) cardAt = $("lists").querySelector(".card")?.finding ?? null;
  if (cardAt) dressCard(cardAt);
  if (focused) (still(focused) ? focused : cardAt)?.node?.focus({ preventScroll: true });
}
function showMore(i, most) {
  listed.most[i] = most + AT_ONCE;
  showFindings();
  $("lists").children[i].querySelectorAll(".card")[most]?.focus();
}
function dressCard(finding) {
  for (const node of $("lists").querySelectorAll(".card[tabindex='0']")) undressCard(node);
  cardAt = finding;
  finding.node.tabIndex = 0;
  for (const part of finding.node.querySelectorAll("button, summary")) part.tabIndex = 0;
}
function undressCard(node) {
  node.tabIndex = -1;
  for (const part of node.querySelectorAll("button, summary")) part.tabIndex = -1;
}
const walksFindings = () => $("findings").contains(document.activeElement) || $("note-box").open === true;
/** Makes the cards of changed findings anew where they stand, so that a list does not move under the eye. */
function refreshCards(changes) {
  const touched = new Set();
  for (const { store, key } of changes) {
    if (store === edits) continue;
    touched.add(findings[flags[key].finding]);
  }
  for (const finding of touched) {
    const node = finding.node;
    if (!node?.isConnected || !isListed(finding)) return showFindings();
    const focused = node.contains(document.activeElement);
    const open = node.querySelector(".details").open;
    node.replaceWith(cardOf(finding));
    finding.node.querySelector(".details").open = open;
    if (finding === cardAt || focused) dressCard(finding);
    if (focused) finding.node.focus({ preventScroll: true });
  }
  const there = findings.filter((one) => one && isFound(one));
  const decided = there.filter((one) => stateOfFinding(one) !== "open").length;
  $("decided").textContent = t("{findings}, {n} decided", {
    findings: count(there.length, "finding"),
    n: number(decided),
  });
}
/** Confirms or dismisses a finding whole, both sides of it, and goes on to the next card. */
function judgeFinding(finding, to) {
  const next = to === stateOfFinding(finding) ? finding : nextCard(finding, 1);
  judge(flagsIn(finding), to);
  if (!walksFindings()) return;
  if (next?.node?.isConnected && next !== finding) goCard(next);
}
const cardsShown = () => [...$("lists").querySelectorAll("details[open] > .cards > .card")].map((node) => node.finding);
function nextCard(finding, by) {
  const list = cardsShown();
  return list[list.indexOf(finding) + by] ?? null;
}
function goCard(finding) {
  if (!finding?.node?.isConnected) return;
  finding.node.closest("details").open = true;
  dressCard(finding);
  finding.node.focus({ preventScroll: true });
  finding.node.scrollIntoView({ block: "nearest" });
}
function showInTexts(finding) {
  const flag = longestOf(flagsIn(finding));
  go(rowOf[flag.side][flag.first], { center: true });
  markOf(flag)?.focus({ preventScroll: true });
}
/** From a row to the card of its first finding. */
function goFindings() {
  $("findings").open = true;
  const flag = here && flagsOf(here.bead, true)[0];
  const finding =
    flag && findings[flag.finding].node?.isConnected ? findings[flag.finding] : (cardAt ?? cardsShown()[0]);
  if (finding) goCard(finding);
  else $("findings").querySelector("summary").focus();
}

$("findings").addEventListener("focusin", (event) => {
  const finding = event.target.closest(".card")?.finding;
  if (finding && finding !== cardAt) dressCard(finding);
});
$("findings").addEventListener("keydown", (event) => {
  const finding = event.target.closest(".card")?.finding;
  if (!finding || event.ctrlKey || event.metaKey || event.altKey) return;
  const onCard = event.target.classList.contains("card");
  const code = event.code.startsWith("Key") && !/^[a-z]$/i.test(event.key) ? event.code.slice(3) : event.key;
  const key = code.length === 1 ? code.toLowerCase() : code;
  const runs = {
    ArrowDown: () => goCard(nextCard(finding, 1)),
    ArrowUp: () => goCard(nextCard(finding, -1)),
    j: () => goCard(nextCard(finding, 1)),
    k: () => goCard(nextCard(finding, -1)),
    Home: () => goCard(cardsShown()[0]),
    End: () => goCard(cardsShown().at(-1)),
    c: () => judgeFinding(finding, "confirmed"),
    d: () => judgeFinding(finding, "dismissed"),
    o: () => askComment(finding),
    g: () => showInTexts(finding),
    z: () => (event.shiftKey ? redo() : undo()),
    y: redo,
    "/": () => $("q").focus(),
    "?": () => $("keys").showModal(),
    ...(onCard && { Enter: () => showInTexts(finding) }),
  };
  if (!runs[key]) return;
  event.preventDefault();
  event.stopPropagation();
  runs[key]();
});
$("finding-state").addEventListener("change", () => {
  listed.state = $("finding-state").value;
  showFindings();
});
$("finding-least").addEventListener("input", () => {
  listed.least = $("finding-least").value / 100;
  $("finding-least-out").textContent = percent(listed.least);
  showFindings();
});
