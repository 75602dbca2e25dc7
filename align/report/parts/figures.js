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
          ...values.map((value) => el("td", { text: value === null ? "" : value.toLocaleString("en") })),
        ),
      ),
    ),
  );
}
function bars(entries) {
  const most = Math.max(...entries.map((entry) => entry[1]), 1);
  return el(
    "dl",
    { class: "lines" },
    ...entries.flatMap(([name, value, shown]) => {
      const stick = el("span", { class: "stick", "aria-hidden": "true" });
      stick.style.width = `${(100 * value) / most}%`;
      return [el("dt", { text: name }), el("dd", {}, stick, el("b", { text: shown ?? value.toLocaleString("en") }))];
    }),
  );
}
function showFigures() {
  const beads = rows.map((row) => row.bead);
  const lone = SIDES.map((s) => beads.filter((bead) => aloneOn(bead) === s));
  const paired = beads.filter((bead) => !isAlone(bead));
  const inside = (list, s) => sum(list.map((bead) => length(bead, s)));
  $("sums").replaceChildren(
    table(
      ["", sides[0].name, sides[1].name, "Beads"],
      [
        ["in pairs", inside(paired, 0), inside(paired, 1), paired.length],
        [`${sides[0].name} only`, inside(lone[0], 0), 0, lone[0].length],
        [`${sides[1].name} only`, 0, inside(lone[1], 1), lone[1].length],
        ["together", inside(beads, 0), inside(beads, 1), beads.length],
      ],
    ),
  );

  const bins = new Array(20).fill(0);
  const known = paired.filter((bead) => bead.confidence !== null);
  known.forEach((bead) => bins[clamp(Math.floor(bead.confidence * 20), 0, 19)]++);
  const most = Math.max(...bins, 1);
  const mean = known.length ? sum(known.map((bead) => bead.confidence)) / known.length : 0;
  const low = known.filter((bead) => bead.confidence < LOW).length;
  const words =
    `${count(known.length, "pair")}, mean ${mean.toFixed(2)}, ` + `${low.toLocaleString("en")} below ${LOW.toFixed(2)}`;
  const picture = svg("svg", {
    class: "hist",
    viewBox: "0 0 240 92",
    role: "img",
    "aria-label": `Histogram: ${words}`,
  });
  bins.forEach((n, i) => {
    const high = n ? Math.max(1.5, (70 * n) / most) : 0;
    const bar = svg("rect", { x: i * 12 + 1, y: 74 - high, width: 10, height: high, rx: 1.5 });
    if (i < LOW * 20) bar.setAttribute("class", "low");
    const name = svg("title");
    name.textContent = `${(i / 20).toFixed(2)} to ${((i + 1) / 20).toFixed(2)}: ${count(n, "pair")}`;
    bar.append(name);
    picture.append(bar);
  });
  [0, 0.25, 0.5, 0.75, 1].forEach((value) => {
    const label = svg("text", { x: clamp(value * 240, 6, 230), y: 88 });
    label.textContent = value;
    picture.append(label);
  });
  $("hist-conf").replaceChildren(picture, el("p", { class: "caption", text: words }));

  const types = new Map();
  beads.forEach((bead) => types.set(typeOf(bead), (types.get(typeOf(bead)) ?? 0) + 1));
  const ranked = [...types].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const rest = ranked.slice(7);
  const shown = rest.length > 1 ? ranked.slice(0, 7) : ranked;
  if (rest.length > 1) shown.push([`${rest.length} others`, sum(rest.map((entry) => entry[1]))]);
  $("hist-type").replaceChildren(bars(shown));

  const kinds = new Map();
  const open = flags.filter((flag) => !dismissed.has(flag.id));
  open.forEach((flag) => kinds.set(flag.kind, (kinds.get(flag.kind) ?? 0) + 1));
  const entries = [...kinds].sort((a, b) => b[1] - a[1]);
  $("hist-flag").replaceChildren(
    flags.length ? bars(entries) : el("p", { text: "none" }),
    flags.length
      ? el("p", { class: "caption", text: `${open.length} open + ${dismissed.size} dismissed = ${flags.length}` })
      : "",
  );

  const reviewed = beads.filter(isSet).length;
  $("counts").textContent =
    `${count(size[0], "segment")} ${sides[0].name}, ${size[1].toLocaleString("en")} ${sides[1].name} · ` +
    `${count(beads.length, "bead")} · ${count(open.length, "open flag")} · ${reviewed.toLocaleString("en")} reviewed`;
  $("goto").max = beads.length;
}

const WIDE = 300;
let drawn = null;
function showPlot() {
  const [n, m] = size.map((value) => Math.max(value, 1));
  const x = (k) => 14 + ((WIDE - 18) * k) / m;
  const y = (k) => 20 + ((WIDE - 24) * k) / n;
  const paths = { pairs: [], low: [], "alone-0": [], "alone-1": [] };
  const box = (x0, y0, x1, y1) =>
    `M${x0.toFixed(1)} ${y0.toFixed(1)}H${x1.toFixed(1)}V${y1.toFixed(1)}H${x0.toFixed(1)}z`;
  for (const { bead } of rows) {
    const [[a0, a1], [b0, b1]] = bead.spans;
    const alone = aloneOn(bead);
    if (alone === 0) paths["alone-0"].push(box(5, y(a0), 11, Math.max(y(a1), y(a0) + 0.7)));
    else if (alone === 1) paths["alone-1"].push(box(x(b0), 12, Math.max(x(b1), x(b0) + 0.7), 18));
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
  const picture = svg(
    "svg",
    {
      viewBox: `0 0 ${WIDE} ${WIDE}`,
      role: "img",
      "aria-label":
        `Dot-plot of the alignment: ${sides[1].name} from left to right, ${sides[0].name} from top to bottom. ` +
        `${count(moved.length, "moved block")}.`,
    },
    ...Object.entries(paths).map(([name, parts]) => svg("path", { class: name, d: parts.join("") })),
    svg("path", { class: "moved", d: moved.join("") }),
    across,
    label(`${sides[1].name} →`, { x: 14, y: 9.5 }),
    label(`${sides[0].name} ↓`, { x: 18, y: WIDE - 6 }),
  );
  picture.addEventListener("click", (event) => {
    const frame = picture.getBoundingClientRect();
    const b = ((((event.clientX - frame.left) / frame.width) * WIDE - 14) / (WIDE - 18)) * m;
    const a = ((((event.clientY - frame.top) / frame.height) * WIDE - 20) / (WIDE - 24)) * n;
    go(nearest(a, b), { center: true });
  });
  $("plot").replaceChildren(picture);
  showHere();
}
function showHere() {
  if (!drawn) return;
  if (!here) return drawn.across.setAttribute("d", "");
  const [[a0, a1], [b0, b1]] = here.bead.spans;
  drawn.across.setAttribute("d", `M0 ${drawn.y((a0 + a1) / 2)}H${WIDE}M${drawn.x((b0 + b1) / 2)} 12V${WIDE}`);
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
