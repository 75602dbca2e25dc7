// What a flag says

function note(flag) {
  const its = stateOf(flag);
  const words = comments.get(findings[flag.finding].flags[0].id);
  return el(
    "div",
    { class: "note" },
    el(
      "div",
      { class: "what" },
      el("span", { class: `swatch ${lookOf(flag)}` }),
      [kindOf(flag.kind), relationOf(flag), t("{share} sure", { share: percent(flag.probability) })].join(" · "),
      its === "open" ? "" : ` · ${t(its)}`,
    ),
    el("div", { class: "why" }, ...reason(flag)),
    words ? el("div", { class: "comment" }, t("Comment:"), " ", bdi(words)) : null,
  );
}

const tip = $("tip");
let tipMark = null;
let tipTimer = 0;
function showTip(mark) {
  clearTimeout(tipTimer);
  if (mark === tipMark) return;
  hideTip();
  tipMark = mark;
  tip.replaceChildren(...mark.dataset.flags.split(" ").map((id) => note(flags[id])));
  mark.setAttribute("aria-describedby", "tip");
  tip.hidden = false;
  const box = mark.getClientRects()[0] ?? mark.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const below = box.bottom + 8 + own.height < innerHeight || box.top < own.height + 8;
  tip.style.left = `${clamp(box.left, 8, Math.max(8, innerWidth - own.width - 8))}px`;
  tip.style.top = `${below ? box.bottom + 8 : box.top - own.height - 8}px`;
}
function hideTip() {
  clearTimeout(tipTimer);
  tipMark?.removeAttribute("aria-describedby");
  tipMark = null;
  tip.hidden = true;
}
const hideSoon = () => {
  clearTimeout(tipTimer);
  tipTimer = setTimeout(() => document.activeElement !== tipMark && hideTip(), 250);
};

// The panel of the chosen bead

function button(text, key, run, able = true) {
  return el(
    "button",
    { type: "button", "aria-disabled": able ? undefined : "true", "aria-keyshortcuts": key || undefined, onclick: run },
    text,
    key ? el("kbd", { text: key, "aria-hidden": "true" }) : null,
  );
}
/** Buttons that only a page with a program behind it has. */
let extraTools = () => [];
function showBead() {
  const panel = $("bead");
  const row = here;
  panel.classList.toggle("empty", !row);
  if (!row) {
    panel.replaceChildren(
      el("h2", { id: "bead-h", text: t("Selected bead") }),
      el("p", { class: "facts", text: t("Choose a bead to review it.") }),
    );
    return;
  }
  const { bead } = row;
  const act = (run) => () => {
    run();
    // The panel is made anew; whoever clicked goes on in the row.
    if (!$("bead").contains(document.activeElement)) here?.node?.focus({ preventScroll: true });
  };
  const places = SIDES.map((s) => {
    const [a, b] = bead.spans[s];
    if (a === b) return t("no {language}", { language: sides[s].name });
    return `${sides[s].name} ${number(a + 1)}${b - a > 1 ? `–${number(b)}` : ""}`;
  });
  const figures = bead.confidence === null ? t("edited") : t("confidence {n}", { n: bead.confidence.toFixed(2) });
  const partner = partnerOf(row);
  const tools = el(
    "div",
    { class: "tools", role: "group", "aria-label": t("Correct this bead") },
    button(
      bead.accepted ? t("Accepted ✓") : t("Accept"),
      "A",
      act(() => accept(row)),
    ),
    button(
      t("Merge with next"),
      "M",
      act(() => merge(row)),
      Boolean(mergedWith(row)),
    ),
    button(
      t("Split"),
      "S",
      act(() => split(row)),
      Boolean(cutOf(bead)),
    ),
    button(
      t("Unlink"),
      "U",
      act(() => unlink(row)),
      !isAlone(bead),
    ),
    button(
      picked === row ? t("Linking…") : picked ? t("Link here") : t("Link…"),
      "L",
      act(() => link(row)),
      isAlone(bead),
    ),
    button(t("Edit the text"), "E", () => askEdit(row)),
    button(t("Add a finding"), "F", () => askOwn(row)),
    ...extraTools(row),
    partner &&
      button(
        t("Link with bead {n}", { n: number(partner.at + 1) }),
        "",
        act(() => pair(row, partner)),
      ),
  );
  const moves = el("div", { class: "moves", role: "group", "aria-label": t("Move segments") });
  const keys = [
    ["[", "]"],
    ["{", "}"],
  ];
  SIDES.forEach((s) => {
    if (!length(bead, s)) return;
    const what =
      length(bead, s) > 1 ? [t("↑ first to previous"), t("↓ last to next")] : [t("↑ to previous"), t("↓ to next")];
    moves.append(
      el("span", { text: sides[s].name }),
      button(
        what[0],
        keys[s][0],
        act(() => move(row, s, -1)),
        Boolean(movedBy(row, s, -1)),
      ),
      button(
        what[1],
        keys[s][1],
        act(() => move(row, s, 1)),
        Boolean(movedBy(row, s, 1)),
      ),
    );
  });
  const list = el("ul", { "aria-label": t("Flags") });
  for (const flag of flagsOf(bead, true)) {
    const to = flag.counterpart;
    list.append(
      el(
        "li",
        { class: stateOf(flag) },
        note(flag),
        el(
          "div",
          { class: "tools" },
          button(
            stateOf(flag) === "confirmed" ? t("Confirmed ✓") : t("Confirm"),
            "",
            act(() => confirm_(flag)),
          ),
          button(
            stateOf(flag) === "dismissed" ? t("Bring back") : t("Dismiss"),
            "",
            act(() => dismiss(flag)),
          ),
          to && to.segment !== null && rowOf[1 - flag.side][to.segment] !== row
            ? button(t("Go to the counterpart"), "", () => jump(1 - flag.side, to.segment))
            : null,
        ),
      ),
    );
  }
  panel.replaceChildren(
    el("h2", { id: "bead-h", text: t("Bead {n} · {type}", { n: number(row.at + 1), type: typeOf(bead) }) }),
    el("p", { class: "facts", text: t("{places}; {figures}", { places: places.join(t(", ")), figures }) }),
    tools,
    moves.childElementCount ? moves : "",
    list.childElementCount ? list : "",
  );
}
