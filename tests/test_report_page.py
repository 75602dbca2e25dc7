"""The review page in a real browser: what is seen, found, corrected and saved."""

import json
import random
import shutil

import pytest
from report_pairs import ATTACK, PAIR, SIGNATURE, attacked, flag, run, saved, segmented, written

from align.arabic.letters import fold
from align.data import Alignment, Bead, Flag, Judged, Span
from align.report import corrected, parse_corrections, write_report

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
