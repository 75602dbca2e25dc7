"""The review page in a real browser: what is seen, found, corrected and saved."""

import json
import random
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from report_pairs import ATTACK, PAIR, SIGNATURE, attacked, flag, run, saved, segmented, written

from align.data import Alignment, Bead, Flag, Judged, Span
from align.lang.ar.letters import fold
from align.report import corrected, parse_corrections, write_report
from align.report.findings import findings

sync_api = pytest.importorskip("playwright.sync_api", reason="the review page is tested only where there is playwright")
PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if PROGRAM is None:
    pytest.skip("the review page is tested only where there is Chromium", allow_module_level=True)

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update"]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    """Chromium, driven by Playwright."""
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser, tmp_path):
    """Opens the page of a pair; afterwards no error, no message and no request but for the file itself is allowed."""
    contexts, faults, requests = [], [], []

    def open_page(judged=PAIR, *, context=None, name="page.html", **options):
        write_report(tmp_path / name, judged, SIGNATURE, force=True)
        if context is None:
            context = browser.new_context(**({"viewport": {"width": 1300, "height": 900}} | options))
            contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: faults.append(message.text))
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("dialog", lambda dialog: dialog.accept())
        tab.goto((tmp_path / name).as_uri())
        until(tab, f"document.querySelectorAll('#rows .row').length >= {min(len(judged.alignment.beads), 8)}")
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
    own = (tmp_path.as_uri(), "data:", "blob:")
    assert [url for url in requests if not url.startswith(own)] == []


def texts(tab):
    """What stands in each row that is shown: type, first and second text."""
    return tab.eval_on_selector_all(
        "#rows .row:not([hidden])",
        """rows => rows.map(row => ['.name span:nth-child(2)', '.text-0', '.text-1'].map(
            part => row.querySelector(part).textContent.replaceAll('✂', '').replace(/\\s+/g, ' ').trim()))""",
    )


def until(tab, expression, seconds=5.0):
    """Waits until a script's expression is true."""
    for _ in range(int(seconds * 20)):
        if tab.evaluate(expression):
            return
        tab.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")


def types(tab):
    return [row[0] for row in texts(tab)]


def focus_row(tab, at):
    tab.locator("#rows .row").nth(at).focus()


def save(tab):
    with tab.expect_download() as waiting:
        tab.click("#save")
    return json.loads(waiting.value.path().read_text("utf-8")), waiting.value.suggested_filename


def test_rows_stand_side_by_side_each_in_its_direction(show):
    """Arabic is laid out from the right, both cells of a row begin at one height, line breaks are spaces."""
    tab = show()
    assert texts(tab)[0] == ["1:1", "وصلَ القطارُ في الساعة ٨ مساءً.", "The train came in at seven in the evening."]
    lone = ["1:0 Arabic only", "0:1 English only"]
    assert types(tab) == ["1:1", "1:2", lone[0], lone[0], "1:1", lone[1], lone[1]]
    cell = tab.locator("#rows .text-0").nth(0)
    assert (cell.get_attribute("dir"), cell.get_attribute("lang")) == ("rtl", "ar")
    style = cell.evaluate("node => [getComputedStyle(node).direction, getComputedStyle(node).unicodeBidi]")
    assert style == ["rtl", "isolate"]
    # The first word stands to the right of the last one.
    first, last = cell.evaluate("""node => {
        const text = node.querySelector('.seg').firstChild, place = (a, b) => {
            const range = new Range(); range.setStart(text, a); range.setEnd(text, b);
            return range.getBoundingClientRect().left; };
        return [place(0, 3), place(16, 20)]; }""")
    assert first > last
    for row in tab.locator("#rows .row").all():
        tops = [cell.bounding_box()["y"] for cell in row.locator(".text").all()]
        assert abs(tops[0] - tops[1]) <= 8
    assert tab.locator("#signature").text_content() == SIGNATURE


def test_marks_leave_arabic_letters_joined(show):
    """A flag that begins or ends inside a word changes no letter's shape: the word is as wide as without it."""
    texts_ = ("بالخمسين", "ولبيتهم")
    ar, en = segmented("ar", *texts_), segmented("en", "a", "b")
    beads = tuple(Bead(Span(k, k + 1), Span(k, k + 1), 0.5, 0.9) for k in (0, 1))
    flags = (flag("ar", ar, "خمس", "number", "only", 0), flag("ar", ar, "بيت", "phrase", "only", 1))
    widths = [
        [round(node.evaluate("""node => { const range = document.createRange(); range.selectNodeContents(node);
            return range.getBoundingClientRect().width; }"""), 1) for node in tab.locator("#rows .text-0 .seg").all()]
        for tab in (show(Judged(ar, en, Alignment(beads), flags)), show(Judged(ar, en, Alignment(beads))))
    ]  # fmt: skip
    assert widths[0] == widths[1]
    assert min(widths[0]) > 20


def test_counts_add_up(show):
    """Segments and beads in pairs and alone give the totals, in the beginning and after a correction."""
    tab = show()
    table = "#sums tbody tr"

    def numbers():
        return [[int(cell) for cell in row.locator("td").all_text_contents()] for row in tab.locator(table).all()]

    assert numbers() == [[3, 4, 3], [2, 0, 2], [0, 2, 2], [5, 6, 7]]
    focus_row(tab, 0)
    tab.keyboard.press("u")
    tab.wait_for_timeout(50)
    assert numbers() == [[2, 3, 2], [3, 0, 3], [0, 3, 3], [5, 6, 8]]
    assert tab.locator("#hist-flag .caption").text_content() == "4 open + 0 dismissed = 4"
    assert tab.locator("#hist-conf .caption").text_content() == "2 pairs, mean 0.53, 1 below 0.50"


def test_filters(show):
    """Each alone, two together, and none that fits."""
    tab = show()

    def shown():
        return [int(n) for n in tab.locator("#rows .row:not([hidden]) .n").all_text_contents()]

    tab.check("#only-flags")
    assert shown() == [1, 3, 7]
    tab.select_option("#kind", "number")
    assert shown() == [1]
    assert tab.locator("#shown").text_content() == "1 of 7 beads shown."
    tab.select_option("#sides", "one")
    assert shown() == []
    assert tab.locator("#nothing").is_visible()
    tab.click("#clear")
    assert shown() == [1, 2, 3, 4, 5, 6, 7]
    tab.select_option("#sides", "1")
    assert shown() == [6, 7]
    tab.select_option("#sides", "block")
    assert shown() == [3, 6]
    tab.click("#clear")
    tab.locator("#most").fill("50")
    assert shown() == [5]
    tab.locator("#most").fill("75")
    assert shown() == [2, 3, 5, 6]


SEARCHES = [
    ("القطار", [1]), ("القطـــارُ", [1]), ("اعلانات", [4]), ("أحد", [2]), ("1953", [5]), ("١٩٥٣", [5]), ("۸", [1]),
    ("STATION", [5]), ("we'll", [6]), ("“back tomorrow”", [6]), ('"tomorrow back"', []), ("tomorrow back", [6]),
    ("سلمي غدا", [3]), ("a", [1, 5, 6, 7]),
]  # fmt: skip


def test_search_folds_both_scripts(show):
    """Diacritics, tatweel, alef and yeh forms, digits of all three scripts, case, quotation marks."""
    tab = show()
    marked = {}
    for query, rows in SEARCHES:
        tab.fill("#q", query)
        tab.wait_for_timeout(160)
        found = [int(n) for n in tab.locator("#rows .row:not([hidden]) .n").all_text_contents()]
        assert (query, found) == (query, rows)
        marked[query] = tab.evaluate("[...(CSS.highlights.get('found') ?? [])].map(range => range.toString())")
    assert marked["اعلانات"] == ["إعلانات"]
    assert [fold(text) for text in marked["القطـــارُ"]] == ["القطار"]
    assert marked["القطـــارُ"][0].startswith("القطار")


def test_flags_speak_on_hover_and_on_focus(show):
    """Kind, relation, counterpart and evidence; Escape closes; Enter goes to the counterpart; D dismisses."""
    tab = show()
    mark = tab.locator("#rows mark").nth(0)
    assert mark.text_content() == "٨"
    mark.evaluate("node => node.scrollIntoView({ block: 'center', behavior: 'instant' })")
    tab.wait_for_timeout(100)
    mark.hover()
    tip = tab.locator("#tip")
    assert tip.is_visible()
    assert "number · stated differently · 90% sure" in tip.text_content()
    assert "The Arabic says ٨, the English says seven." in tip.text_content()
    assert tip.locator("q bdi").all_text_contents() == ["٨", "seven"]
    assert "8 against 7" not in tip.text_content()
    assert "seven" in tip.text_content()
    tab.mouse.move(5, 5)
    tab.wait_for_timeout(350)
    assert tip.is_hidden()
    tab.locator("#grid").focus()
    tab.keyboard.press("n")
    assert tab.evaluate("document.activeElement.textContent") == "٨"
    assert tab.evaluate("document.activeElement.getAttribute('aria-describedby')") == "tip"
    spoken = tab.evaluate("document.activeElement.getAttribute('aria-description')")
    assert spoken == "number, stated differently, reliability 90%"
    assert tip.is_visible()
    tab.keyboard.press("Escape")
    assert tip.is_hidden()
    for expected in ("seven", "قالت سلمى: «سنعود غدًا!»"):
        tab.keyboard.press("n")
        assert tab.evaluate("document.activeElement.textContent") == expected
    tab.keyboard.press("Enter")
    assert tab.locator(".row.here .n").text_content() == "6"
    tab.keyboard.press("Shift+N")
    tab.keyboard.press("d")
    assert tab.locator("#rows mark.dismissed").count() == 1
    tab.keyboard.press("Control+z")
    assert tab.locator("#rows mark.dismissed").count() == 0


def test_moved_blocks_are_linked_both_ways(show):
    """The tag in one row leads to the other and back."""
    tab = show()
    tab.locator(".row").nth(3).locator("button.tag").click()
    assert tab.locator(".row.here .n").text_content() == "6"
    tab.locator(".row.here button.tag").click()
    assert tab.locator(".row.here .n").text_content() == "3"
    tab.click("#bead >> text=Link with bead 6")
    assert texts(tab)[2][2] == "“We’ll be back tomorrow!” said Salma."


def test_corrections_by_keyboard_are_undone_and_redone(show):
    """Merge, split, move, unlink, link: what each gives, and that taking all back gives the beginning."""
    tab = show()
    before = texts(tab)
    focus_row(tab, 1)
    tab.keyboard.press("s")
    assert types(tab)[1:3] == ["1:1", "0:1 English only"]
    assert texts(tab)[2][2] == "It left."
    tab.keyboard.press("m")
    assert texts(tab) == before
    tab.keyboard.press("}")  # "It left." goes down to the Arabic sentence alone
    assert types(tab)[1:3] == ["1:1", "1:1"]
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("{")
    assert texts(tab) == before
    focus_row(tab, 2)
    tab.keyboard.press("l")
    focus_row(tab, 5)
    tab.keyboard.press("l")
    assert types(tab) == ["1:1", "1:2", "1:1", "1:0 Arabic only", "1:1", "0:1 English only"]
    assert texts(tab)[2][2] == "“We’ll be back tomorrow!” said Salma."
    linked = texts(tab)
    assert tab.locator("#rows mark.dismissed").count() == 1  # what stood alone does no longer
    assert tab.locator("button.tag").count() == 0
    tab.keyboard.press("u")
    assert types(tab)[2:4] == ["1:0 Arabic only", "0:1 English only"]
    tab.keyboard.press("z")
    assert texts(tab) == linked
    for _ in range(9):
        tab.keyboard.press("Control+z")
    assert texts(tab) == before
    assert tab.locator("#unsaved").text_content() == ""
    for _ in range(9):
        tab.keyboard.press("Control+Shift+z")
    assert types(tab)[2:4] == ["1:0 Arabic only", "0:1 English only"]


@pytest.mark.parametrize("seed", [1, 2])
def test_any_corrections_keep_every_segment_once_and_can_be_taken_back(show, seed):
    """Two hundred keys at random, then a save that parses, the same texts in every order of rows, and the way back."""
    rng = random.Random(seed)
    tab = show()
    before = texts(tab)
    keys = [rng.choice(["m", "s", "u", "l", "[", "]", "{", "}", "a", "d", "z", "Z", "j", "k", "Home", "End"])
            for _ in range(200)]  # fmt: skip
    focus_row(tab, 3)
    tab.evaluate("""keys => keys.forEach(key => (document.activeElement.closest('.row') ?? document.body).dispatchEvent(
        new KeyboardEvent('keydown', { key, code: '', shiftKey: key === 'Z', bubbles: true, cancelable: true })))""", keys)
    record, _ = save(tab)
    found = corrected(parse_corrections(record), PAIR.ar.document, PAIR.en.document)
    assert sorted(f.start for f in found.flags) == sorted(
        f["start"] for f in record["flags"] if f["state"] != "dismissed")  # fmt: skip
    shown = texts(tab)
    for bead, row in zip(found.alignment.beads, shown, strict=True):
        assert row[0].startswith(bead.kind)
        for span, text, side in ((bead.ar, row[1], found.ar), (bead.en, row[2], found.en)):
            assert len(span) == 0 or text == " ".join(" ".join(side.text(k).split()) for k in range(*span))
    tab.evaluate("""() => {
        const undo = document.getElementById('undo');
        while (undo.getAttribute('aria-disabled') === 'false') undo.click(); }""")
    assert texts(tab) == before
    assert tab.locator("#rows mark.dismissed").count() == 0


def test_letters_work_on_an_arabic_keyboard(show):
    """The place of the key counts where it writes another script."""
    tab = show()
    focus_row(tab, 0)
    tab.evaluate("""document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'ش', code: 'KeyA', bubbles: true, cancelable: true }))""")
    assert tab.locator(".state").all_text_contents() == ["accepted"]


def test_corrections_by_mouse(show):
    """Every button of the panel, and the cut between two segments."""
    tab = show()
    tab.locator("#rows .row").nth(1).click(position={"x": 20, "y": 50})
    tab.locator(".row.here .cut").click()
    assert types(tab)[1:3] == ["1:1", "0:1 English only"]
    tab.click("#undo")
    tab.click("#bead >> text=Accept")
    assert tab.locator(".row .state").all_text_contents() == ["accepted"]
    assert tab.locator(".row.here .n").text_content() == "3"
    tab.click("#bead >> text=Link…")
    tab.locator("#rows .row").nth(6).click(position={"x": 20, "y": 20})
    tab.click("#bead >> text=Link here")
    assert texts(tab)[2][1:] == ["قالت سلمى: «سنعود غدًا!»", "Page 3"]
    tab.click("#bead >> text=Unlink")
    tab.click("#bead >> text=Merge with next")
    assert types(tab)[2] == "1:1"
    tab.locator("#rows .row").nth(0).click(position={"x": 20, "y": 40})
    tab.click("#bead li >> nth=0 >> text=Dismiss")
    assert tab.locator("#rows mark.dismissed").first.text_content() == "٨"
    tab.locator("#plot svg").click(position={"x": 15, "y": 60})
    assert tab.locator(".row.here .n").text_content() == "1"
    assert "unsaved" in tab.locator("#unsaved").text_content()


def test_saved_corrections_go_through_apply(show, tmp_path):
    """What was made on the page is what the command writes; saving ends the warning of unsaved changes."""
    tab = show()
    focus_row(tab, 0)
    tab.keyboard.press("a")
    tab.keyboard.press("s")
    focus_row(tab, 3)
    tab.keyboard.press("l")
    focus_row(tab, 6)
    tab.keyboard.press("l")
    assert tab.locator("#unsaved").text_content() == "3 unsaved changes."
    focus_row(tab, 0)
    tab.keyboard.press("d")
    record, name = save(tab)
    assert name == "ar-en.corrections.json"
    assert tab.locator("#unsaved").text_content() == ""
    assert record["signature"] == SIGNATURE
    path = tmp_path / name
    path.write_text(json.dumps(record), "utf-8")
    ar, en, _ = written(tmp_path)
    made = run("apply", path, ar, en)
    assert made.exit_code == 0, made.output
    assert made.stdout.splitlines() == [
        "وصلَ القطارُ في الساعة ٨ مساءً.\tThe train came in at seven in the evening.\t1.0000\t0\t0",
        "لم ينزل منه أحدٌ؛ ثم مضى.\tNobody got off.\t1.0000\t1\t1",
        "\tIt left.\t1.0000\t\t2",
        "قالت سلمى: «سنعود غدًا!»\t“We’ll be back tomorrow!” said Salma.\t1.0000\t2\t4",
        "الإعلانات\t\t0.9000\t3\t",
        "أُغلقت المحطة عام ١٩٥٣.\tThe station closed in 1953.\t0.3100\t4\t3",
        "\tPage 3\t1.0000\t\t5",
    ]
    assert "7 beads: 1 accepted, 3 edited; 1 flags kept, 3 dismissed" in made.stderr


def test_an_untouched_page_saves_what_python_would(show):
    """The script's record of the pair and this file's own are one."""
    record, _ = save(show())
    assert record | {"saved": "", "version": "x"} == json.loads(json.dumps(saved(PAIR)))


def test_unsaved_work_comes_back_and_a_saved_file_opens(show, tmp_path):
    """From the browser's own storage after a reload; from the file on a fresh page; not where the texts differ."""
    tab = show()
    focus_row(tab, 0)
    tab.keyboard.press("u")
    tab.keyboard.press("a")
    tab.wait_for_timeout(500)
    again = show(context=tab.context)
    assert types(again)[:2] == ["1:0 Arabic only", "0:1 English only"]
    assert again.locator(".state:text('accepted')").count() == 1
    assert "last time" in again.locator("#say").text_content()
    record, _ = save(again)
    (tmp_path / "c.json").write_text(json.dumps(record), "utf-8")
    fresh = show()
    fresh.set_input_files("#file", tmp_path / "c.json")
    until(fresh, "document.querySelectorAll('#rows .row').length === 8")
    assert types(fresh)[:2] == ["1:0 Arabic only", "0:1 English only"]
    record["texts"]["ar"]["digest"] = "0" * 64
    (tmp_path / "d.json").write_text(json.dumps(record), "utf-8")
    fresh.set_input_files("#file", tmp_path / "d.json")
    until(fresh, "document.getElementById('say').textContent.includes('other texts')")


def test_an_attack_stays_text(show):
    """Nothing of it runs or becomes an element, in either language, in notes or on paper; it is all there to read."""
    tab = show(attacked())
    tab.locator("#grid").focus()
    for _ in ATTACK:
        tab.keyboard.press("n")
    tab.fill("#q", "<img src")
    tab.wait_for_timeout(200)
    assert tab.locator("#rows .row:not([hidden])").count() == 1
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.evaluate("window.hit") is None
    assert tab.locator("iframe, #rows b, #rows img, #rows svg, #tip img, #bead img, #bead svg, h1 img").count() == 0
    for side in (0, 1):
        cell = tab.locator(f"#rows .text-{side}").nth(2)
        assert "</title></style><iframe" in cell.text_content()
    assert tab.locator("h1").text_content().endswith(ATTACK[1].split("/")[-1])


def long_pair(beads):
    """Sentences enough for `beads` beads, a flag in every tenth, every twentieth one-sided."""
    ar = segmented("ar", *(f"الجملة رقم {k} تقول شيئًا عن القطار الذي وصل في المساء ولم ينزل منه أحد."
                           for k in range(beads)))  # fmt: skip
    en = segmented("en", *(f"Sentence {k} says something about the train that came in the evening; nobody got off."
                           for k in range(beads) if k % 20))  # fmt: skip
    out, at = [], 0
    for k in range(beads):
        out.append(Bead(Span(k, k + 1), Span(at, at + bool(k % 20)), 0.7, (k % 101) / 100))
        at += bool(k % 20)
    flags = tuple(Flag("ar", s.start, s.start + 10, "", "phrase", "only", 0.8, "low", k, None, {"why": "x"})
                  for k, s in enumerate(ar.segments) if k % 10 == 3)  # fmt: skip
    return Judged(ar, en, Alignment(tuple(out)), flags)


def test_five_thousand_beads(show):
    """Scripts take less than a second until all stands; filters, search and corrections answer at once."""
    tab = show(long_pair(5000))
    session = tab.context.new_cdp_session(tab)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})  # a busy machine doesn't count
    tab.reload()
    until(tab, "document.documentElement.dataset.ready === 'all'", 20.0)
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    assert float(tab.evaluate("document.documentElement.dataset.took")) < 1000
    assert metrics["ScriptDuration"] < 1.0
    assert tab.locator("#rows .row").count() == 5000
    took = tab.evaluate("""() => {
        const time = (run) => { const start = performance.now(); run(); return performance.now() - start; };
        const box = document.getElementById('only-flags');
        const press = (key) => document.activeElement.dispatchEvent(
            new KeyboardEvent('keydown', { key, code: '', bubbles: true, cancelable: true }));
        const out = { filter: time(() => box.click()) };
        box.click();
        document.querySelectorAll('#rows .row')[2500].focus();
        out.merge = time(() => press('m'));
        out.undo = time(() => press('z'));
        out.accept = time(() => press('a'));
        return out; }""")
    assert max(took.values()) < 500, took
    tab.fill("#q", "رقم 4999")
    until(tab, "document.getElementById('shown').textContent.startsWith('1 of')", 2.0)
    tab.fill("#goto", "4000")
    tab.keyboard.press("Enter")
    assert tab.locator(".row.here .n").text_content() == "4000"
    until(tab, "(y => 0 <= y && y < 900)(document.querySelector('.row.here').getBoundingClientRect().y)")


def test_narrow_and_dark(show):
    """On a phone nothing reaches beyond the edge and the sides stand one below the other; dark is dark."""
    tab = show(viewport={"width": 360, "height": 740}, color_scheme="dark")
    tab.locator("#rows .row").nth(1).click(position={"x": 20, "y": 20})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    tops = [tab.locator(f"#rows .row .text-{s}").nth(1).bounding_box()["y"] for s in (0, 1)]
    assert tops[1] > tops[0] + 20
    light = tab.evaluate("getComputedStyle(document.body).backgroundColor").removeprefix("rgb(").rstrip(")").split(",")
    assert max(map(int, light)) < 60
    tab.click("#more")
    assert tab.locator("#only-flags").is_visible()


def test_paper_has_notes_and_no_tools(show):
    """In print the findings stand before the texts, and what is only for the screen is gone."""
    tab = show()
    tab.locator("#findings > summary").click()
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print")
    assert tab.locator(".card").first.is_visible()
    assert "The Arabic says ٨, the English says seven." in tab.locator(".card", has_text="stated differently").text_content()
    for hidden in (".bar", ".card .tools", "#map"):
        assert tab.locator(hidden).first.is_hidden()
    boxes = [tab.locator(part).first.bounding_box() for part in (".card", "#rows .row")]
    assert boxes[0]["y"] < boxes[1]["y"]


def test_roles_names_and_focus_order(show):
    """A grid with rows, headers and cells, landmarks with names, one row in the tab order, focus that can be seen."""
    tab = show()
    grid = tab.locator("[role=grid]")
    assert (grid.get_attribute("aria-label"), grid.get_attribute("aria-rowcount")) == ("Beads, one a row", "8")
    assert tab.locator("#rows [role=row]").nth(3).get_attribute("aria-rowindex") == "5"
    assert tab.locator("#rows [role=row]").first.locator("[role=gridcell]").count() == 4
    assert tab.locator("[role=columnheader]").all_text_contents() == ["Bead", "Arabic", "English", "Confidence"]
    for role in ("main", "complementary", "banner", "search"):
        assert tab.get_by_role(role).count() == 1
    unnamed = tab.evaluate("""[...document.querySelectorAll('button, input:not([hidden]), select')].filter(
        node => !(node.labels?.length || node.textContent.trim() || node.getAttribute('aria-label'))).map(
        node => node.outerHTML)""")
    assert unnamed == []
    assert tab.locator("#rows .row[tabindex='0']").count() == 1
    tab.locator("#help").focus()
    tab.keyboard.press("Tab")  # the map's summary or the row comes next, never all rows
    focus_row(tab, 0)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "٨"
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('#rows')") is None
    focus_row(tab, 0)
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert tab.locator(".row[aria-selected=true] .n").text_content() == "2"
    tab.keyboard.press("?")
    assert tab.locator("#keys").is_visible()
    tab.keyboard.press("Escape")
    assert tab.locator("#keys").is_hidden()


def test_other_languages_are_named_and_directed(show):
    """A pair of German and Persian has those names, and each its own direction."""
    de, fa = segmented("de", "Der Zug kam um acht."), segmented("fa", "قطار ساعت هشت رسید.")
    tab = show(Judged(de, fa, Alignment((Bead(Span(0, 1), Span(0, 1), 0.5, 0.9),))))
    assert tab.locator("[role=columnheader]").all_text_contents()[1:3] == ["German", "Persian"]
    assert [tab.locator(f"#rows .text-{s}").first.get_attribute("dir") for s in (0, 1)] == ["ltr", "rtl"]


# Findings


def cards(tab):
    """The cards of every list that is open: list, kind, texts of both sides."""
    return tab.eval_on_selector_all(
        ".category[open] .card",
        """cards => cards.map(card => [card.closest('.category').querySelector('h3').firstChild.data.trim(),
            card.querySelector('strong').textContent, ...[0, 1].map(
            s => card.querySelector(`.text-${s} mark`)?.textContent ?? '')])""",
    )


def card(tab, kind):
    return tab.locator(".card", has=tab.locator("strong", has_text=kind))


def test_findings_come_first_one_card_for_both_sides(show):
    """Lists by what is missing where; a mismatch of two flags is one card; a moved sentence shows where it stands."""
    tab = show()
    assert cards(tab) == [
        ["Missing from the Arabic", "page furniture", "", "Page 3"],
        ["Stated differently", "number", "٨", "seven"],
        ["Moved", "sentence", "قالت سلمى: «سنعود غدًا!»", "“We’ll be back tomorrow!” said Salma."],
    ]
    assert tab.locator("#decided").text_content() == "3 findings, 0 decided"
    boxes = [tab.locator(part).first.bounding_box()["y"] for part in (".card", "#rows .row")]
    assert boxes[0] < boxes[1]
    text = card(tab, "number").text_content()
    assert "8 against 7" not in text.partition("Details")[0]  # the program's own terms are folded away
    assert not tab.get_by_text("reading", exact=True).first.is_visible()
    assert tab.locator(".card .why q bdi[lang=ar]").first.text_content() == "٨"


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("en", [["heading", "A heading that the English does not have."],
                ["placeholder", "The English does not have the placeholder {count}."],
                ["placeholder", "The Arabic says %1$s, the English says %1$d."]]),
        ("ar-EG", [["عنوان", "عنوان لا يوجد في الإنجليزية."],
                   ["عنصر نائب", "لا يرد في الإنجليزية العنصر النائب {count}."],
                   ["عنصر نائب", "في العربية %1$s، وفي الإنجليزية %1$d."]]),
    ],
)  # fmt: skip
def test_headings_and_placeholders_have_words_of_their_own(show, locale, told):
    """Their names, why, and colour; a reviewer may add both kinds; linking takes back that a heading stands alone."""
    ar = segmented("ar", "العنوان", "لديك {count} رسائل من %1$s.", kinds={0: "heading"})
    en = segmented("en", "You have messages from %1$d.", "The title")
    beads = (Bead(Span(0, 1), Span(0, 0), 0.0, 0.9), Bead(Span(1, 2), Span(0, 1), 0.5, 0.9), Bead(Span(2, 2), Span(1, 2), 0.0, 0.9))
    at = en.document.text.index("%1$d")
    back = ar.document.text.index("%1$s")
    flags = (replace(flag("ar", ar, "العنوان", "heading", "only", 0), probability=0.95), flag("ar", ar, "{count}", "placeholder", "only", 1),
             flag("ar", ar, "%1$s", "placeholder", "mismatch", 1, (at, at + 4, "%1$d")),
             flag("en", en, "%1$d", "placeholder", "mismatch", 1, (back, back + 4, "%1$s")))  # fmt: skip
    tab = show(Judged(ar, en, Alignment(beads), flags), locale=locale)
    assert tab.eval_on_selector_all(
        ".card",
        "all => all.map(one => ['strong', '.why'].map(part => one.querySelector(part).textContent.replace(/[\\u2066-\\u2069«»“”\"]/g, '')))",
    ) == told  # fmt: skip
    assert [tab.locator(f"#rows mark.{look}").count() for look in ("fact", "part", "dull")] == [3, 1, 0]
    shown = tab.locator(".card .text-0 mark.mismatch, #rows .text-0 mark.mismatch")
    assert shown.evaluate_all("all => all.map(one => [one.dir, getComputedStyle(one).unicodeBidi])") == [["ltr", "isolate"]] * 2
    kinds = tab.locator("#own-kind option").evaluate_all("all => all.map(one => one.value)")
    assert {"heading", "placeholder"} <= set(kinds)
    tab.locator("#rows .row").first.focus()
    tab.keyboard.press("l")
    tab.locator("#rows .row").nth(2).focus()
    tab.keyboard.press("l")
    record, _ = save(tab)
    assert [f["state"] for f in record["flags"] if f["kind"] == "heading"] == ["dismissed"]


def test_findings_are_ranked_by_reliability(show):
    """The surest first, page furniture last; the reliability filter leaves the sure ones."""
    ar, en = segmented("ar", "أ ١ ب ٢ ج ٣", "القائمة"), segmented("en", "a b c")
    beads = (Bead(Span(0, 1), Span(0, 1), 0.5, 0.9), Bead(Span(1, 2), Span(1, 1), 0.0, 0.9))
    given = [("١", 0.6, "number"), ("٢", 0.95, "number"), ("٣", 0.8, "number"), ("القائمة", 0.99, "boilerplate")]
    flags = [replace(flag("ar", ar, text, kind, "only", 0), probability=p) for text, p, kind in given]
    tab = show(Judged(ar, en, Alignment(beads), tuple(flags)))
    assert [one[2] for one in cards(tab)] == ["٢", "٣", "١", "القائمة"]
    tab.locator("#finding-least").fill("90")
    assert [one[2] for one in cards(tab)] == ["٢", "القائمة"]


def test_findings_by_keyboard_alone(show):
    """Arrows walk, C confirms and goes on, D dismisses both sides, O comments, Enter goes to the text, G comes back."""
    tab = show()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the findings"
    tab.locator(".card").first.focus()
    tab.keyboard.press("c")
    assert "confirmed" in card(tab, "page furniture").get_attribute("class")
    assert tab.evaluate("document.activeElement.querySelector('strong').textContent") == "number"
    tab.keyboard.press("d")
    assert tab.locator("#rows mark.dismissed").all_text_contents() == ["٨", "seven"]
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("o")
    tab.keyboard.type("صحيح: seven = 8?")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    until(tab, "document.querySelector('.card .comment') !== null")
    assert "صحيح: seven = 8?" in card(tab, "number").locator(".comment").text_content()
    assert tab.evaluate("document.activeElement.querySelector('strong').textContent") == "number"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.closest('#rows') !== null")
    tab.keyboard.press("g")
    assert tab.evaluate("document.activeElement.querySelector('strong').textContent") == "number"
    record, _ = save(tab)
    assert [(f["state"], f["comment"]) for f in record["flags"]] == [
        ("dismissed", "صحيح: seven = 8?"), ("dismissed", ""), ("open", ""), ("confirmed", "")]  # fmt: skip
    found = corrected(parse_corrections(record), PAIR.ar.document, PAIR.en.document)
    assert [f.evidence.get("review") for f in found.flags] == [None, "confirmed"]
    for _ in range(3):
        tab.click("#undo")
    assert tab.locator(".card.confirmed, .card.dismissed, .card .comment").count() == 0


def test_a_finding_of_ones_own_by_mouse_and_by_keyboard(show):
    """Words chosen in the text, or in the dialog; both stand in the list, the marks, the corrections, and can be undone."""
    tab = show()
    focus_row(tab, 4)
    assert tab.locator("#own").is_hidden()
    tab.evaluate("""() => { const text = document.querySelectorAll('#rows .row')[4].querySelector('.text-1 .seg').firstChild;
        getSelection().setBaseAndExtent(text, 4, text, 11); }""")
    until(tab, "!document.getElementById('own').hidden")
    tab.click("#own")
    tab.fill("#own-words", "is it?")
    tab.click("#own-box button[value=ok]")
    until(tab, "document.querySelectorAll('.card').length === 4")
    assert ["Missing from the Arabic", "phrase", "", "station"] in cards(tab)
    focus_row(tab, 0)
    tab.keyboard.press("f")
    tab.keyboard.press("Home")
    for _ in range(4):
        tab.keyboard.press("Shift+ArrowLeft")  # to the left is onwards in Arabic
    tab.locator("#own-1").focus()
    tab.keyboard.press("Control+Home")
    for _ in range(3):
        tab.keyboard.press("Shift+ArrowRight")
    tab.select_option("#own-relation", "mismatch")
    tab.select_option("#own-kind", "name")
    tab.locator("#own-box button[value=ok]").focus()
    tab.keyboard.press("Enter")
    until(tab, "document.querySelectorAll('.card').length === 5")
    assert ["Stated differently", "name", "وصلَ", "The"] in cards(tab)
    record, _ = save(tab)
    own = [f for f in record["flags"] if f["evidence"].get("by") == "reviewer"]
    assert [(f["side"], f["kind"], f["relation"], f["state"]) for f in own] == [
        ("en", "phrase", "only", "confirmed"), ("ar", "name", "mismatch", "confirmed"), ("en", "name", "mismatch", "confirmed")]  # fmt: skip
    found = corrected(parse_corrections(record), PAIR.ar.document, PAIR.en.document)
    assert {f.text for f in found.flags} >= {"station", "وصلَ", "The"}
    assert len(findings(found)) == 5
    tab.locator("#undo").click()
    assert len(cards(tab)) == 4
    tab.locator("#redo").click()
    tab.wait_for_timeout(500)
    again = show(context=tab.context)  # nothing is unsaved any more, so nothing comes back
    assert len(cards(again)) == 3


def test_edited_texts_keep_the_original(show, tmp_path):
    """The text is shown and searched as edited, its flags stay where they are unharmed, and every output says so."""
    tab = show()
    focus_row(tab, 0)
    tab.keyboard.press("e")
    assert tab.evaluate("document.activeElement.value") == "وصلَ القطارُ في الساعة ٨\nمساءً."
    tab.locator("#edit-fields textarea").nth(1).fill("The old train came in at seven in the evening.")
    assert tab.locator(".original:not([hidden])").text_content() == "Original: The train came in at seven in the evening."
    tab.locator("#edit-box button[value=ok]").click()
    until(tab, "document.querySelector('.seg.changed') !== null")
    assert texts(tab)[0][2] == "The old train came in at seven in the evening."
    assert "text changed" in tab.locator("#rows .row").first.locator(".sure").text_content()
    assert tab.locator("#rows .row").first.locator(".text-1 mark").text_content() == "seven"
    record, name = save(tab)
    assert record["edits"] == [{"side": "en", "segment": 0, "text": "The old train came in at seven in the evening."}]
    (tmp_path / name).write_text(json.dumps(record), "utf-8")
    ar, en, _ = written(tmp_path)
    for format, told in {
        "tsv": "\t0\t0\ten\n", "jsonl": '"edited": "The old train', "tmx": '<prop type="x-en_original">The train came',
        "xliff": "muwazi-en_original", "csv": "The train came in at seven in the evening."}.items():  # fmt: skip
        made = run("apply", tmp_path / name, ar, en, "-f", format)
        assert made.exit_code == 0, made.output
        assert told in made.stdout
        assert "The old train" in made.stdout
    assert "1 text edited" in made.stderr
    made = run("apply", tmp_path / name, ar, en, "-f", "vecalign")
    assert "1 text edited, which vecalign has no room to mark" in made.stderr
    tab.locator("#undo").click()
    assert texts(tab)[0][2] == "The train came in at seven in the evening."
    # The JSON lines of a review bring it back.
    record["flags"][3] |= {"state": "confirmed", "comment": "yes"}
    (tmp_path / name).write_text(json.dumps(record), "utf-8")
    assert run("apply", tmp_path / name, ar, en, "-f", "jsonl", "-o", tmp_path / "r.jsonl").exit_code == 0
    assert run("report", "--from", tmp_path / "r.jsonl", "-o", tmp_path / "again.html").exit_code == 0
    tab.goto((tmp_path / "again.html").as_uri())
    until(tab, "document.querySelector('.card .comment') !== null")
    assert texts(tab)[0][2] == "The old train came in at seven in the evening."
    assert tab.locator(".card.confirmed").count() == 1
    assert tab.locator("#unsaved").text_content() == ""
    record, _ = save(tab)
    assert [(f["state"], f["comment"]) for f in record["flags"]][3] == ("confirmed", "yes")
    assert len(record["edits"]) == 1


def fetched(tab, id):
    tab.evaluate("document.getElementById('downloads').open = true")
    with tab.expect_download() as waiting:
        tab.click(f"#{id}")
    return waiting.value.path().read_text("utf-8"), waiting.value.suggested_filename


def test_the_page_exports_what_apply_would(show, tmp_path):
    """TSV byte for byte, TMX with the same texts and properties, and the findings."""
    tab = show()
    focus_row(tab, 1)
    tab.keyboard.press("a")
    card(tab, "number").get_by_role("button", name="Confirm").click()
    record, name = save(tab)
    (tmp_path / name).write_text(json.dumps(record), "utf-8")
    ar, en, _ = written(tmp_path)
    tsv, called = fetched(tab, "get-tsv")
    assert called == "ar-en.tsv"
    assert tsv == run("apply", tmp_path / name, ar, en).stdout
    tmx, _ = fetched(tab, "get-tmx")
    theirs = run("apply", tmp_path / name, ar, en, "-f", "tmx").stdout

    def units(text):
        tree = ElementTree.fromstring(text)
        return [({p.get("type"): p.text for p in tu.findall("prop")}, [tuv.find("seg").text for tuv in tu.findall("tuv")])
                for tu in tree.iter("tu")]  # fmt: skip

    assert units(tmx) == units(theirs)
    assert len(units(tmx)) == 3
    table, _ = fetched(tab, "get-findings")
    assert table.splitlines() == [
        "finding\tkind\tprobability\tstate\tar\ten\tcomment\tbead",
        "missing from ar\tboilerplate\t0.9000\topen\t\tPage 3\t\t7",
        "stated differently\tnumber\t0.9000\tconfirmed\t٨\tseven\t\t1",
        "moved\tsentence\t0.9000\topen\tقالت سلمى: «سنعود غدًا!»\t“We’ll be back tomorrow!” said Salma.\t\t3",
    ]
    listing, _ = fetched(tab, "get-page")
    assert '<td lang="ar" dir="rtl">٨</td><td lang="en" dir="ltr">seven</td>' in listing


def test_bars_filter_and_filters_hold_while_stepping(show):
    """A bar of each figure leaves its rows; N and the arrows go over those alone; a second press takes it back."""
    tab = show()

    def shown():
        return [int(n) for n in tab.locator("#rows .row:not([hidden]) .n").all_text_contents()]

    tab.locator("#summary > summary").click()
    tab.locator("#hist-type button", has_text="1:1").click()
    assert shown() == [1, 5]
    tab.locator("#hist-type button", has_text="1:1").click()
    tab.locator("#hist-conf button:not([disabled])").first.click()
    assert shown() == [5]
    tab.click("#clear")
    tab.locator("#hist-flag button", has_text="sentence").click()
    assert shown() == [3]
    assert [one[1] for one in cards(tab)] == ["sentence"]
    focus_row(tab, 2)
    tab.keyboard.press("n")
    assert tab.evaluate("document.activeElement.textContent") == "قالت سلمى: «سنعود غدًا!»"
    tab.keyboard.press("n")
    assert "No more flags" in tab.locator("#say").text_content()
    assert shown() == [3]
    tab.click("#clear")
    tab.select_option("#sides", "1")
    focus_row(tab, 5)
    tab.keyboard.press("n")
    assert tab.evaluate("document.activeElement.textContent") == "Page 3"
    tab.locator("#legend-open").click()
    assert tab.locator("#legend").get_by_text("wavy line").is_visible()


def test_the_interface_speaks_arabic(show):
    """Chosen by the browser, mirrored, with no English left but that of texts and of the program; and back by a button."""
    tab = show(locale="ar-EG", viewport={"width": 1300, "height": 900})
    assert tab.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    assert [one[0] for one in cards(tab)] == ["ناقص من العربية", "مذكور على نحو مختلف", "منقول"]
    left = tab.evaluate("""() => {
        const out = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const text = walker.currentNode, skip = '[lang=en], #signature, #title, .details, kbd, script, noscript, #keys b';
            if (/[a-z]{3}/i.test(text.data) && !text.parentElement.closest(skip)) out.push(text.data.trim());
        }
        return out; }""")
    assert [text for text in left if text not in ("Home, End", "Esc")] == [
        text for text in left if "TMX" in text or "TSV" in text or "HTML" in text or "Shift" in text or "muwazi" in text
    ]
    first, second = (tab.locator(f"#rows .row .text-{s}").first.bounding_box()["x"] for s in (0, 1))
    assert first > second
    tab.click("#tongue")
    until(tab, "document.documentElement.lang === 'en' && document.documentElement.dataset.ready")
    assert cards(tab)[0][0] == "Missing from the Arabic"


def test_every_word_of_the_interface_has_its_arabic():
    """All that the scripts pass to `t` and all that stands in the frame."""
    import re

    from align.report.page import _FOLDER, words

    keys = set()
    for path in _FOLDER.glob("*.js"):
        text = path.read_text("utf-8")
        keys |= set(re.findall(r'\b(?:t|parts)\(\s*"([^"]+)"', text))
        keys |= {"#" + noun for noun in re.findall(r'count\([^"()]*(?:\([^()]*\))?[^"()]*"([a-z ]+)"\)', text)}
    frame = (_FOLDER / "frame.html").read_text("utf-8")
    body = frame[frame.index("<body>"):frame.index("<script")]
    keys |= {text.strip() for text in re.findall(r">([^<>]+)<", body) if re.search("[A-Za-z]{2}", text)}
    missing = {" ".join(key.split()) for key in keys} - {" ".join(key.split()) for key in words()["ar"]}
    assert not {key for key in missing if not re.fullmatch("[^a-z]*[0-9]*%?", key)}


def test_narrow_zoomed_and_wide(show):
    """Nothing reaches beyond the edge at 390 px, nor at 200 % zoom; a wide screen has findings beside the texts."""
    for size in ({"width": 390, "height": 800}, {"width": 650, "height": 450}):
        tab = show(viewport=size, device_scale_factor=2)
        assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
        tab.evaluate("document.getElementById('downloads').open = true")
        assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
        tab.locator("#rows .row").first.focus()
        tab.keyboard.press("e")
        assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
    wide = show(viewport={"width": 2560, "height": 1300})
    findings_, grid, side = (wide.locator(part).bounding_box() for part in ("#findings", "#main", "#side"))
    assert findings_["x"] + findings_["width"] <= grid["x"] + 1
    assert grid["x"] + grid["width"] <= side["x"] + 1
    assert side["x"] + side["width"] > 2300


def test_a_screen_reader_is_told(show):
    """Headings, lists with names, cards with what they say, buttons that tell whether they are pressed."""
    tab = show()
    told = tab.locator("body").aria_snapshot()
    for line in ('heading "Findings"', 'list "Stated differently"', 'listitem "number, 90% sure, ٨"', 'button "Confirm"',
                 'grid "Beads, one a row"', 'search "Search and filters"', 'heading "Missing from the Arabic 1"'):  # fmt: skip
        assert line in told
    card(tab, "number").get_by_role("button", name="Confirm").click()
    assert 'button "Confirmed ✓" [pressed]' in tab.locator("body").aria_snapshot()


def test_a_title_and_the_seed_on_three_pages(show, browser, tmp_path):
    """A title stands in place of the names; an article of two pages is printed on three."""
    write_report(tmp_path / "t.html", PAIR, "", title="Trains <b>& قطارات</b>")
    tab = browser.new_page()
    tab.goto((tmp_path / "t.html").as_uri())
    assert tab.locator("h1").text_content() == tab.title() == "Trains <b>& قطارات</b>"
    seeds = Path(__file__).resolve().parent.parent.parent / "shared" / "seeds"
    if not seeds.is_dir():
        pytest.skip("the seed article does not stand beside the checkout")
    files = sorted(seeds.glob("00[01]_*.txt"))
    assert run("report", *files, "-o", tmp_path / "seed.html").exit_code == 0
    tab.goto((tmp_path / "seed.html").as_uri())
    until(tab, "document.documentElement.dataset.ready")
    data = tab.pdf(format="A4", print_background=True)
    tab.close()
    assert 1 <= data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") + data.count(b"/Type /Page/") <= 3


def test_texts_that_are_no_versions_of_one_another_are_told(show):
    """At the top, with the shares that are answered; not where most of a text is."""
    beads = (Bead(Span(0, 1), Span(0, 1), 0.3, 0.2), *(Bead(Span(k, k + 1), Span(1, 1), 0.0, 0.9) for k in range(1, 5)),
             *(Bead(Span(5, 5), Span(k, k + 1), 0.0, 0.9) for k in range(1, 6)))  # fmt: skip
    tab = show(Judged(PAIR.ar, PAIR.en, Alignment(beads)))
    assert "probably not two versions" in tab.locator("#unrelated").text_content()
    assert show().locator("#unrelated").is_hidden()
