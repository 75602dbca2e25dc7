// Figures

function table(head, body) {
  return el(
    "table",
    { class: "sums" },
    el("thead", {}, el("tr", {}, ...head.map((text) => (text ? el("th", { scope: "col", text }) : el("td"))))),
    el(
      "tbody",
      {},
      ...body.map(([name, ...values], i) =>
        el(
          "tr",
          { class: i === body.length - 1 ? "total" : "" },
          el("th", { scope: "row", text: name }),
          ...values.map((value) => el("td", { text: value === null ? "" : number(value) })),
        ),
      ),
    ),
  );
}
/** Bars that filter the rows: [name, value, whether it is chosen, what a press does]. */
function bars(entries) {
  const most = Math.max(...entries.map((entry) => entry[1]), 1);
  return el(
    "ul",
    { class: "lines" },
    ...entries.map(([name, value, isChosen, run]) => {
      const stick = el("span", { class: "stick", "aria-hidden": "true" });
      stick.style.width = `${(100 * value) / most}%`;
      const inside = [
        el("span", { class: "name_", text: name }),
        el("span", { class: "track_" }, stick),
        el("b", { text: number(value) }),
      ];
      if (!run) return el("li", {}, el("span", { class: "bar_" }, ...inside));
      return el(
        "li",
        {},
        el("button", { class: "bar_", type: "button", "aria-pressed": String(isChosen), onclick: run }, ...inside),
      );
    }),
  );
}
/** Sets a filter or takes it back, and shows the rows that are left. */
function choose_(key, value, none) {
  chosen[key] = chosen[key] === value ? none : value;
  if (key === "kind") $("kind").value = chosen.kind;
  filter();
  showFigures();
  showFindings();
}
function showFigures() {
  const beads = rows.map((row) => row.bead);
  const lone = SIDES.map((s) => beads.filter((bead) => aloneOn(bead) === s));
  const paired = beads.filter((bead) => !isAlone(bead));
  const inside = (list, s) => sum(list.map((bead) => length(bead, s)));
  $("sums").replaceChildren(
    table(
      ["", sides[0].name, sides[1].name, t("Beads")],
      [
        [t("in pairs"), inside(paired, 0), inside(paired, 1), paired.length],
        [t("{language} only", { language: sides[0].name }), inside(lone[0], 0), 0, lone[0].length],
        [t("{language} only", { language: sides[1].name }), 0, inside(lone[1], 1), lone[1].length],
        [t("together"), inside(beads, 0), inside(beads, 1), beads.length],
      ],
    ),
  );

  const bins = new Array(20).fill(0);
  const known_ = paired.filter((bead) => bead.confidence !== null);
  known_.forEach((bead) => bins[binOf(bead)]++);
  const most = Math.max(...bins, 1);
  const mean = known_.length ? sum(known_.map((bead) => bead.confidence)) / known_.length : 0;
  const low = known_.filter((bead) => bead.confidence < LOW).length;
  const words = t("{pairs}, mean {mean}, {low} below {limit}", {
    pairs: count(known_.length, "pair"),
    mean: mean.toFixed(2),
    low: number(low),
    limit: LOW.toFixed(2),
  });
  const columns = bins.map((n, i) => {
    const column = el("button", {
      type: "button",
      class: i < LOW * 20 ? "low" : "",
      disabled: !n,
      "aria-pressed": String(chosen.bin === i),
      "aria-label": t("{from} to {to}: {pairs}", {
        from: (i / 20).toFixed(2),
        to: ((i + 1) / 20).toFixed(2),
        pairs: count(n, "pair"),
      }),
      title: t("{from} to {to}: {pairs}", {
        from: (i / 20).toFixed(2),
        to: ((i + 1) / 20).toFixed(2),
        pairs: count(n, "pair"),
      }),
      onclick: () => choose_("bin", i, null),
    });
    const stick = el("i");
    stick.style.height = n ? `max(2px, ${(100 * n) / most}%)` : "0";
    column.append(stick);
    return column;
  });
  const scale = [0, 0.25, 0.5, 0.75, 1].map((value) => el("span", { text: value }));
  $("hist-conf").replaceChildren(
    el(
      "div",
      { class: "hist", dir: "ltr", role: "group", "aria-label": t("Histogram: {words}", { words }) },
      ...columns,
    ),
    el("div", { class: "scale", dir: "ltr", "aria-hidden": "true" }, ...scale),
    el("p", { class: "caption", text: words }),
  );

  const types = new Map();
  beads.forEach((bead) => types.set(typeOf(bead), (types.get(typeOf(bead)) ?? 0) + 1));
  const ranked = [...types].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const rest = ranked.slice(7);
  const shown = rest.length > 1 ? ranked.slice(0, 7) : ranked;
  const entriesOf = shown.map(([type, n]) => [type, n, chosen.type === type, () => choose_("type", type, "")]);
  if (rest.length > 1)
    entriesOf.push([t("{n} others", { n: number(rest.length) }), sum(rest.map((entry) => entry[1]))]);
  $("hist-type").replaceChildren(bars(entriesOf));

  const kinds = new Map();
  const there = flags.filter(isThere);
  const open = there.filter(stands);
  open.forEach((flag) => kinds.set(flag.kind, (kinds.get(flag.kind) ?? 0) + 1));
  const entries = [...kinds].sort((a, b) => b[1] - a[1]);
  const sums = { open: number(open.length), dismissed: number(there.length - open.length), all: number(there.length) };
  $("hist-flag").replaceChildren(
    there.length
      ? bars(entries.map(([kind, n]) => [kindOf(kind), n, chosen.kind === kind, () => choose_("kind", kind, "")]))
      : el("p", { text: t("none") }),
    there.length ? el("p", { class: "caption", text: t("{open} open + {dismissed} dismissed = {all}", sums) }) : "",
  );

  const reviewed = beads.filter(isSet).length;
  $("counts").textContent =
    t("{segments} {first}, {n} {second}", {
      segments: count(size[0], "segment"),
      first: sides[0].name,
      n: number(size[1]),
      second: sides[1].name,
    }) + ` · ${count(beads.length, "bead")} · ${t("{n} reviewed", { n: number(reviewed) })}`;
  $("goto").max = beads.length;
}

const WIDE = 320;
const EDGE = { left: 34, top: 34, right: 6, bottom: 6, strip: 8 };
let drawn = null;
function showPlot() {
  const [n, m] = size.map((value) => Math.max(value, 1));
  const x = (k) => EDGE.left + ((WIDE - EDGE.left - EDGE.right) * k) / m;
  const y = (k) => EDGE.top + ((WIDE - EDGE.top - EDGE.bottom) * k) / n;
  const paths = { pairs: [], low: [], "alone-0": [], "alone-1": [] };
  const box = (x0, y0, x1, y1) =>
    `M${x0.toFixed(1)} ${y0.toFixed(1)}H${x1.toFixed(1)}V${y1.toFixed(1)}H${x0.toFixed(1)}z`;
  const [left, top] = [EDGE.left - EDGE.strip - 3, EDGE.top - EDGE.strip - 3];
  for (const { bead } of rows) {
    const [[a0, a1], [b0, b1]] = bead.spans;
    const alone = aloneOn(bead);
    if (alone === 0) paths["alone-0"].push(box(left, y(a0), left + EDGE.strip, Math.max(y(a1), y(a0) + 0.7)));
    else if (alone === 1) paths["alone-1"].push(box(x(b0), top, Math.max(x(b1), x(b0) + 0.7), top + EDGE.strip));
    else
      paths[bead.confidence !== null && bead.confidence < LOW ? "low" : "pairs"].push(box(x(b0), y(a0), x(b1), y(a1)));
  }
  const moved = data.blocks
    .filter((block) => block.kind === "moved")
    .map(({ spans: [[a0, a1], [b0, b1]] }) => box(x(b0) - 1.5, y(a0) - 1.5, x(b1) + 1.5, y(a1) + 1.5));
  const label = (text, attributes) => {
    const node = svg("text", attributes);
    node.textContent = text;
    return node;
  };
  const across = svg("path", { class: "here" });
  drawn = { x, y, across };
  const down = (WIDE + EDGE.top) / 2;
  const picture = svg(
    "svg",
    {
      viewBox: `0 0 ${WIDE} ${WIDE}`,
      role: "img",
      "aria-label": t("Map of the alignment: {second} from left to right, {first} from top to bottom. {blocks}.", {
        first: sides[0].name,
        second: sides[1].name,
        blocks: count(moved.length, "moved block"),
      }),
    },
    svg("path", { class: "frame", d: box(EDGE.left, EDGE.top, WIDE - EDGE.right, WIDE - EDGE.bottom) }),
    ...Object.entries(paths).map(([name, list]) => svg("path", { class: name, d: list.join("") })),
    svg("path", { class: "moved", d: moved.join("") }),
    across,
    label(`${sides[1].name} →`, { x: (EDGE.left + WIDE) / 2, y: 14, "text-anchor": "middle", direction: "ltr" }),
    label(`${sides[0].name} →`, {
      transform: `translate(12 ${down}) rotate(90)`,
      "text-anchor": "middle",
      direction: "ltr",
    }),
    label("1", { x: EDGE.left, y: 14, "text-anchor": "start" }),
    label(number(size[1]), { x: WIDE - EDGE.right, y: 14, "text-anchor": "end", direction: "ltr" }),
    label(number(size[0]), {
      transform: `translate(12 ${WIDE - EDGE.bottom}) rotate(90)`,
      "text-anchor": "end",
      direction: "ltr",
    }),
  );
  const segmentsAt = (event) => {
    const frame = picture.getBoundingClientRect();
    const across_ = ((event.clientX - frame.left) / frame.width) * WIDE - EDGE.left;
    const down_ = ((event.clientY - frame.top) / frame.height) * WIDE - EDGE.top;
    return [(down_ / (WIDE - EDGE.top - EDGE.bottom)) * n, (across_ / (WIDE - EDGE.left - EDGE.right)) * m];
  };
  picture.addEventListener("click", (event) => go(nearest(...segmentsAt(event)), { center: true }));
  $("plot").replaceChildren(picture);
  showHere();
}
function showHere() {
  if (!drawn) return;
  if (!here) return drawn.across.setAttribute("d", "");
  const [[a0, a1], [b0, b1]] = here.bead.spans;
  drawn.across.setAttribute(
    "d",
    `M${EDGE.left - 12} ${drawn.y((a0 + a1) / 2)}H${WIDE}M${drawn.x((b0 + b1) / 2)} ${EDGE.top - 12}V${WIDE}`,
  );
}
/** The row nearest to a point of the plot, in segments. */
function nearest(a, b) {
  if (b < 0) return rowOf[0][clamp(Math.floor(a), 0, size[0] - 1)];
  if (a < 0) return rowOf[1][clamp(Math.floor(b), 0, size[1] - 1)];
  let best = rows[0];
  let least = Infinity;
  for (const row of rows) {
    const [[a0, a1], [b0, b1]] = row.bead.spans;
    const far = Math.abs((a0 + a1) / 2 - a) / size[0] + Math.abs((b0 + b1) / 2 - b) / size[1];
    if (far < least) [best, least] = [row, far];
  }
  return best;
}
