// What a flag says

function note(flag) {
  const other = sides[1 - flag.side];
  const kind = FACTS.has(flag.kind) ? "fact" : flag.kind === "boilerplate" ? "dull" : "part";
  const relation =
    flag.relation === "only"
      ? `only in ${sides[flag.side].name}`
      : flag.relation === "moved"
        ? "stands elsewhere"
        : flag.relation;
  const list = el("dl");
  const entry = (name, ...value) => list.append(el("dt", { text: name }), el("dd", {}, ...value));
  if (flag.counterpart) entry(`in ${other.name}`, bdi(flag.counterpart.text, other.tag));
  for (const [key, value] of Object.entries(flag.evidence)) {
    if (key !== "why") entry(key.replaceAll("_", " "), bdi(typeof value === "string" ? value : JSON.stringify(value)));
  }
  return el(
    "div",
    { class: "note" },
    el(
      "div",
      { class: "what" },
      el("span", { class: `swatch ${kind}` }),
      `${flag.kind} · ${{ only: `only in ${sides[flag.side].name}`, moved: "stands elsewhere" }[flag.relation] ?? flag.relation} · `,
      `probability ${flag.probability.toFixed(2)} · ${flag.severity}`,
      dismissed.has(flag.id) ? " · dismissed" : "",
    ),
    el("div", {}, bdi(flag.text, sides[flag.side].tag)),
    typeof flag.evidence.why === "string" ? el("div", { class: "why" }, bdi(flag.evidence.why)) : null,
    list.childElementCount ? list : null,
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
    { type: "button", "aria-disabled": able ? undefined : "true", onclick: run },
    text,
    key ? el("kbd", { text: key }) : null,
  );
}
function showBead() {
  const panel = $("bead");
  const row = here;
  panel.classList.toggle("empty", !row);
  if (!row) {
    panel.replaceChildren(
      el("h2", { id: "bead-h", text: "Selected bead" }),
      el("p", { class: "facts", text: "Choose a bead to review it." }),
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
    return a === b ? `no ${sides[s].name}` : `${sides[s].name} ${a + 1}${b - a > 1 ? `–${b}` : ""}`;
  });
  const figures =
    bead.confidence === null
      ? "edited"
      : `confidence ${bead.confidence.toFixed(3)}` + (isAlone(bead) ? "" : `, similarity ${bead.sim.toFixed(3)}`);
  const partner = partnerOf(row);
  const tools = el(
    "div",
    { class: "tools", role: "group", "aria-label": "Correct this bead" },
    button(
      bead.accepted ? "Accepted ✓" : "Accept",
      "A",
      act(() => accept(row)),
    ),
    button(
      "Merge with next",
      "M",
      act(() => merge(row)),
      Boolean(mergedWith(row)),
    ),
    button(
      "Split",
      "S",
      act(() => split(row)),
      Boolean(cutOf(bead)),
    ),
    button(
      "Unlink",
      "U",
      act(() => unlink(row)),
      !isAlone(bead),
    ),
    button(
      picked === row ? "Linking…" : picked ? "Link here" : "Link…",
      "L",
      act(() => link(row)),
      isAlone(bead),
    ),
    partner &&
      button(
        `Link with bead ${partner.at + 1}`,
        "",
        act(() => pair(row, partner)),
      ),
  );
  const moves = el("div", { class: "moves", role: "group", "aria-label": "Move segments" });
  const keys = [
    ["[", "]"],
    ["{", "}"],
  ];
  SIDES.forEach((s) => {
    if (!length(bead, s)) return;
    const what = length(bead, s) > 1 ? ["↑ first to previous", "↓ last to next"] : ["↑ to previous", "↓ to next"];
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
  const list = el("ul", { "aria-label": "Flags" });
  for (const flag of flagsOf(bead, true)) {
    const to = flag.counterpart;
    list.append(
      el(
        "li",
        { class: dismissed.has(flag.id) ? "dismissed" : "" },
        note(flag),
        el(
          "div",
          { class: "tools" },
          button(
            dismissed.has(flag.id) ? "Bring back" : "Dismiss",
            "",
            act(() => dismiss(flag)),
          ),
          to && to.segment !== null && rowOf[1 - flag.side][to.segment] !== row
            ? button("Go to the counterpart", "", () => jump(1 - flag.side, to.segment))
            : null,
        ),
      ),
    );
  }
  panel.replaceChildren(
    el("h2", { id: "bead-h", text: `Bead ${row.at + 1} · ${typeOf(bead)}` }),
    el("p", { class: "facts", text: `${places.join(", ")}; ${figures}` }),
    tools,
    moves.childElementCount ? moves : "",
    list.childElementCount ? list : "",
  );
}
