// What a reviewer writes: comments, texts of segments, findings of one's own

/** Opens a dialog; it ends with `done(true)` where its form is sent. Focus goes back to where it was. */
function ask(box, finish) {
  const before = document.activeElement;
  const card = before?.closest?.(".card")?.finding;
  box.returnValue = "";
  box.onclose = () => {
    box.onclose = null;
    if (box.returnValue === "ok") finish();
    const back = before?.isConnected ? before : card?.node?.isConnected ? card.node : here?.node;
    back?.focus?.({ preventScroll: true });
  };
  box.showModal();
}

function askComment(finding) {
  const box = $("note-box");
  const area = $("note-text");
  area.value = comments.get(finding.flags[0].id) ?? "";
  ask(box, () => comment(finding, area.value.trim()));
  area.focus();
}

/** Every segment of a row as a text that can be changed, what stood there below those that have been. */
function askEdit(row) {
  const box = $("edit-box");
  const areas = [];
  const fields = SIDES.flatMap((s) => {
    const out = [];
    for (let k = row.bead.spans[s][0]; k < row.bead.spans[s][1]; k++) {
      const before = sides[s].texts[k];
      const area = el("textarea", {
        lang: sides[s].tag,
        dir: sides[s].dir,
        rows: clamp(Math.ceil(before.length / 60), 2, 8),
      });
      area.value = textAt(s, k);
      areas.push([s, k, area]);
      const shown = el(
        "p",
        { class: "original", hidden: area.value === before },
        t("Original:"),
        " ",
        bdi(before, sides[s].tag),
      );
      const back = el("button", {
        type: "button",
        class: "link",
        text: t("Back to the original"),
        hidden: area.value === before,
        onclick: () => {
          area.value = before;
          area.dispatchEvent(new Event("input"));
          area.focus();
        },
      });
      area.addEventListener("input", () => (shown.hidden = back.hidden = area.value === before));
      out.push(
        el("label", { class: "field" }, el("span", { text: `${sides[s].name} ${number(k + 1)}` }), area),
        shown,
        back,
      );
    }
    return out;
  });
  $("edit-fields").replaceChildren(...fields);
  ask(box, () => {
    const texts = areas.map(([s, k, area]) => [s, k, area.value]);
    if (texts.some(([, , text]) => !text.trim())) return say(t("A text cannot be empty; nothing was changed."));
    edit(row, texts);
  });
  areas[0]?.[2].focus();
}

// A finding of one's own: words are chosen in the texts with the mouse, or in the dialog with the keyboard

/** What is chosen in the row's texts: [side, start, end] in the joined text of a side. */
function selectionIn(row) {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const cell = (range.startContainer.nodeType === 1 ? range.startContainer : range.startContainer.parentNode).closest?.(
    ".text",
  );
  if (!cell || cell.closest(".row") !== row.node || !cell.contains(range.endContainer)) return null;
  const s = cell.classList.contains("text-0") ? 0 : 1;
  const at = (node, offset) => {
    let length_ = 0;
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    const stop = new Range();
    stop.setStart(node, offset);
    while (walker.nextNode()) {
      const text = walker.currentNode;
      if (text.parentNode.closest(".cut")) continue;
      if (text === node) return length_ + offset;
      const whole = new Range();
      whole.selectNodeContents(text);
      if (whole.compareBoundaryPoints(Range.START_TO_START, stop) >= 0) return length_;
      length_ += text.data.length;
    }
    return length_;
  };
  const [start, end] = [at(range.startContainer, range.startOffset), at(range.endContainer, range.endOffset)];
  return start < end ? [s, start, end] : null;
}
/** A stretch of the joined text of one side of a row as a place: segments and units of the original texts. */
function partOf(row, s, start, end) {
  const [from, until] = row.bead.spans[s];
  const segments = [];
  let at = 0;
  for (let k = from; k < until; k++) {
    const text = textAt(s, k);
    segments.push({ k, start: at, stop: at + text.length });
    at += text.length + 1;
  }
  const text = textOf(row.bead, s);
  while (start < end && /\s/.test(text[start])) start++;
  while (end > start && /\s/.test(text[end - 1])) end--;
  if (start >= end) return null;
  const first = segments.find((one) => start < one.stop);
  const last = segments.findLast((one) => end > one.start);
  return [
    s,
    first.k,
    unitBefore(s, first.k, start - first.start, false),
    last.k,
    unitBefore(s, last.k, end - last.start, true),
  ];
}
/** Where a unit of a segment's text as it is now stood in the original one. */
function unitBefore(s, k, unit, isEnd) {
  const [before, after] = [sides[s].texts[k], textAt(s, k)];
  const [head, tail] = before === after ? [before.length, 0] : untouched(before, after);
  if (unit <= head) return unit;
  if (unit >= after.length - tail) return unit + before.length - after.length;
  return isEnd ? before.length - tail : head;
}
function askOwn(row) {
  const box = $("own-box");
  const chosen_ = selectionIn(row);
  const areas = SIDES.map((s) => {
    const area = $(`own-${s}`);
    $(`own-name-${s}`).textContent = sides[s].name;
    area.lang = sides[s].tag;
    area.dir = sides[s].dir;
    area.value = textOf(row.bead, s);
    area.disabled = !area.value;
    area.setSelectionRange(0, 0);
    return area;
  });
  $("own-words").value = "";
  $("own-relation").value = "only";
  $("own-kind").value = "phrase";
  const side = chosen_?.[0] ?? (aloneOn(row.bead) === 1 ? 1 : 0);
  if (chosen_) areas[side].setSelectionRange(chosen_[1], chosen_[2]);
  else if (isAlone(row.bead)) areas[side].select();
  ask(box, () => {
    const found = SIDES.map((s) => partOf(row, s, areas[s].selectionStart, areas[s].selectionEnd));
    const relation = $("own-relation").value;
    const given = relation === "only" ? found.filter(Boolean).slice(0, 1) : found.filter(Boolean);
    if (!given.length) return say(t("Choose the words first: nothing was added."));
    addOwn(given, relation, $("own-kind").value, $("own-words").value.trim());
  });
  areas[side].focus();
}
// They are for choosing words. A read-only field has no caret in some browsers, so these refuse changes instead.
for (const s of SIDES) $(`own-${s}`).addEventListener("beforeinput", (event) => event.preventDefault());
document.addEventListener("selectionchange", () => {
  const row = here?.node?.isConnected ? here : null;
  $("own").hidden = !(row && selectionIn(row));
});
// Before the press takes the choice of words away.
$("own").addEventListener("pointerdown", (event) => event.preventDefault());
$("own").addEventListener("click", () => here && askOwn(here));
