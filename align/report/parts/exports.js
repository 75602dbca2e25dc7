// What the page writes by itself: bitext as TMX and TSV, the findings as a table and as a page

const BREAKS = "\\t\\n\\v\\f\\r\\x1c-\\x1e\\x85\\u2028\\u2029";
const BREAK = new RegExp(`[${BREAKS}]`);
const RUN = new RegExp(` *[${BREAKS}][ ${BREAKS}]*`, "g");
/** A text on one line: breaks and tabs become a space, a word broken at a hyphen is joined. */
function flat(text) {
  let line = text;
  if (BREAK.test(text)) {
    line = line
      .replace(/\u00ad[ \t]*\r?\n[ \t]*/g, "")
      .replace(/(?<=\p{L}-)[ \t]*\r?\n[ \t]*(?=\p{L})(?!(?:and|or|to)\b)/gu, "")
      .replace(RUN, " ");
  }
  return line.replace(/^(?:[^\S\ufeff]|[\x1c-\x1f\x85])+|(?:[^\S\ufeff]|[\x1c-\x1f\x85])+$/g, "");
}
const SIDE_NAMES = ["ar", "en"]; // the two sides in files, whatever their languages
const range = ([start, stop]) => Array.from({ length: stop - start }, (_, i) => start + i);
const lineOf = (bead, s, text = textAt) =>
  range(bead.spans[s])
    .map((k) => flat(text(s, k)))
    .filter(Boolean)
    .join(" ");
const trustOf = (bead) => (isSet(bead) ? 1 : bead.confidence);
const changedSides = (bead) => SIDES.filter((s) => isChanged(bead, s));
const originalOf = (bead, s) => (isChanged(bead, s) ? lineOf(bead, s, (side, k) => sides[side].texts[k]) : "");

function tsv() {
  return rows
    .map(({ bead }) => {
      const cells = [
        lineOf(bead, 0),
        lineOf(bead, 1),
        trustOf(bead).toFixed(4),
        ...SIDES.map((s) => range(bead.spans[s]).join()),
      ];
      if (edits.size)
        cells.push(
          changedSides(bead)
            .map((s) => SIDE_NAMES[s])
            .join(),
        );
      return cells.join("\t") + "\n";
    })
    .join("");
}

/* eslint-disable-next-line no-control-regex */
const ILLEGAL =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const xml = (text) =>
  String(text)
    .replace(ILLEGAL, "\ufffd")
    .replace(/[&<>"\r]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;" })[c]);
const props = (named) =>
  Object.entries(named)
    .filter(([, value]) => value !== "")
    .map(([name_, value]) => `<prop type="x-${xml(name_)}">${xml(value)}</prop>`)
    .join("");
const flagsInWords = (bead) =>
  flagsOf(bead)
    .map(
      (flag) => `${flag.kind} ${flag.relation} ${SIDE_NAMES[flag.side]} «${flag.text.split(/\s+/).join(" ").trim()}»`,
    )
    .join("; ");
function tmx() {
  const units = rows.map(({ bead }) => {
    const texts = SIDES.map((s) => lineOf(bead, s));
    if (!texts.every(Boolean)) return "";
    const told = {
      confidence: trustOf(bead).toFixed(4),
      sim: (bead.sim ?? 0).toFixed(4),
      type: typeOf(bead),
      flags: flagsInWords(bead),
      edited: changedSides(bead)
        .map((s) => SIDE_NAMES[s])
        .join(),
      ar_original: originalOf(bead, 0),
      en_original: originalOf(bead, 1),
    };
    const variants = SIDES.map((s) => {
      const [start, stop] = bead.spans[s];
      const where = {
        document: sides[s].id,
        segments: range([start, stop]).join(),
        start: sides[s].starts[start],
        end: sides[s].ends[stop - 1],
      };
      return `<tuv xml:lang="${xml(sides[s].tag)}">${props(where)}<seg>${xml(texts[s])}</seg></tuv>\n`;
    });
    return `<tu tuid="${rowOf[0][bead.spans[0][0]].at}">${props(told)}\n${variants.join("")}</tu>\n`;
  });
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4">\n' +
    `<header creationtool="muwazi" creationtoolversion="${xml(data.version)}" segtype="sentence" o-tmf="muwazi" ` +
    `adminlang="en" srclang="${xml(sides[0].tag)}" datatype="plaintext"/>\n<body>\n${units.join("")}</body>\n</tmx>\n`
  );
}

/** The findings that stand, by list, the surest first: [list, kind, share, state, first text, second text, comment, bead]. */
function findingRows() {
  const order = CATEGORIES.map(([key]) => key);
  return findings
    .filter((one) => one && isFound(one) && stateOfFinding(one) !== "dismissed")
    .map((finding) => {
      const flag = longestOf(flagsIn(finding));
      const said = SIDES.map((s) => {
        const own = flagsIn(finding).filter((one) => one.side === s);
        if (own.length) return longestOf(own).text;
        return flag.relation === "only" ? "" : (flag.counterpart?.text ?? "");
      });
      const at = rowOf[flag.side][flag.first].at + 1;
      const words = comments.get(finding.flags[0].id) ?? "";
      return {
        list: categoryOf(finding),
        kind: flag.kind,
        share: sureOf(finding),
        state: stateOfFinding(finding),
        said,
        words,
        at,
      };
    })
    .sort((a, b) => order.indexOf(a.list) - order.indexOf(b.list) || b.share - a.share || a.at - b.at);
}
const ENGLISH = {
  "missing-1": "missing from en",
  "missing-0": "missing from ar",
  differs: "stated differently",
  moved: "moved",
};
function findingsTsv() {
  const head = ["finding", "kind", "probability", "state", "ar", "en", "comment", "bead"];
  const body = findingRows().map((one) => [
    ENGLISH[one.list],
    one.kind,
    one.share.toFixed(4),
    one.state,
    ...one.said.map(flat),
    flat(one.words),
    one.at,
  ]);
  return [head, ...body].map((cells) => cells.join("\t") + "\n").join("");
}
function findingsHtml() {
  const names = new Map(CATEGORIES);
  const cell = (name_, text, s) =>
    `<${name_}${s === undefined ? "" : ` lang="${xml(sides[s].tag)}" dir="${sides[s].dir}"`}>${xml(text)}</${name_}>`;
  const head = [
    t("Finding"),
    t("Kind"),
    t("Reliability"),
    t("State"),
    sides[0].name,
    sides[1].name,
    t("Comment"),
    t("Bead"),
  ];
  const body = findingRows().map((one) => {
    const cells = [names.get(one.list), kindOf(one.kind), percent(one.share), t(one.state)].map((text) =>
      cell("td", text),
    );
    cells.push(...SIDES.map((s) => cell("td", one.said[s], s)), cell("td", one.words), cell("td", number(one.at)));
    return `<tr>${cells.join("")}</tr>`;
  });
  return (
    `<!DOCTYPE html>\n<html lang="${tongue}" dir="${document.documentElement.dir}"><head><meta charset="utf-8">` +
    `<title>${xml(name)}</title><style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}` +
    "td,th{border:1px solid #ccc;padding:.4rem .6rem;text-align:start;vertical-align:top}[dir=rtl]{font-size:1.1em}</style></head>" +
    `<body><h1>${xml(name)}</h1><table><thead><tr>${head.map((text) => cell("th", text)).join("")}</tr></thead>` +
    `<tbody>${body.join("")}</tbody></table></body></html>\n`
  );
}

function download(suffix, text, type) {
  const link = el("a", { download: `${stem()}.${suffix}` });
  link.href = URL.createObjectURL(new Blob([text], { type }));
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
const plain = (id) =>
  id
    .split(/[\\/]/)
    .pop()
    .replace(/\.[A-Za-z0-9]{1,5}(\.(gz|xz|zst))?$/, "")
    .replace(/[^\p{L}\p{N}_-]+/gu, "-")
    .slice(0, 60) || "text";
const stem = () => `${plain(sides[0].id)}-${plain(sides[1].id)}`;
for (const [id, run] of Object.entries({
  "get-tmx": () => download("tmx", tmx(), "application/x-tmx+xml"),
  "get-tsv": () => download("tsv", tsv(), "text/tab-separated-values"),
  "get-findings": () => download("findings.tsv", findingsTsv(), "text/tab-separated-values"),
  "get-page": () => download("findings.html", findingsHtml(), "text/html"),
}))
  $(id).addEventListener("click", () => {
    run();
    $("downloads").open = false;
  });
addEventListener("click", (event) => $("downloads").contains(event.target) || ($("downloads").open = false));
