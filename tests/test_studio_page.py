"""The studio in a real browser: from files to a reviewed result without a terminal, and what must not be lost or let out."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree

import pytest

pytest.importorskip("starlette", reason="the studio is tested only where there is Starlette")
pytest.importorskip("uvicorn", reason="the studio is tested only where there is uvicorn")
from test_report_page import browser, cards, focus_row, long_pair, types, until  # noqa: F401
from test_studio import CORPORA, record_of, review_of

from align.studio import Store

ROOT = Path(__file__).resolve().parent.parent
NEWS = CORPORA / "news"


class Studio:
    """A studio in a process of its own."""

    def __init__(self, folder, port=0):
        self.folder, self.port = folder, port
        self.start()

    def start(self):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "align", "studio", "--folder", str(self.folder), "--port", str(self.port), "--no-browser"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)  # fmt: skip
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:"), self.url
        self.port = int(re.search(r":(\d+)/", self.url)[1])
        self.origin = f"http://127.0.0.1:{self.port}"

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def studio(tmp_path):
    """A studio with nothing in it."""
    found = Studio(tmp_path / "studio")
    yield found
    if found.process.poll() is None:
        found.kill()


@pytest.fixture
def window(browser, studio):  # noqa: F811
    """Opens a window on the studio; afterwards no error and no request but to the studio itself is allowed."""
    contexts, faults, requests = [], [], []

    def open_window(path="", context=None, **options):
        if context is None:
            context = browser.new_context(**({"viewport": {"width": 1300, "height": 900}} | options))
            contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("dialog", lambda dialog: dialog.accept("A name / of its own" if dialog.type == "prompt" else None))
        tab.goto(studio.url + path)
        until(tab, "document.documentElement.dataset.ready !== undefined", 20)
        return tab

    yield open_window
    for context in contexts:
        context.close()
    assert faults == []
    assert [url for url in requests if not url.startswith((studio.origin + "/", "data:", "blob:"))] == []


DROP = """([files, selector]) => {
    const data = new DataTransfer();
    for (const [name, text] of files) data.items.add(new File([text], name));
    for (const kind of ['dragover', 'drop'])
        document.querySelector(selector).dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
}"""


def dropped(tab, files=(("b.txt", "en"), ("a.txt", "ar"))):
    tab.evaluate(DROP, [[[name, (NEWS / f"{lang}.txt").read_text("utf-8")] for name, lang in files], "#drop"])


def reviewed(tab):
    tab.wait_for_url("**/reviews/**", timeout=60_000)
    until(tab, "document.querySelectorAll('.card').length > 3", 20)


def is_saved(tab):
    until(tab, "document.getElementById('unsaved').classList.contains('good')", 15)


def fetched(tab, kind):
    tab.evaluate("document.getElementById('downloads').open = true")
    with tab.expect_download() as waiting:
        tab.click(f'[data-kind="{kind}"]')
    return waiting.value


@pytest.mark.parametrize(("locale", "direction", "recognised"), [
    ("en-GB", "ltr", "The languages were recognised."), ("ar-EG", "rtl", "عُرفت اللغتان.")])  # fmt: skip
def test_from_two_files_dropped_to_a_reviewed_tmx(window, locale, direction, recognised):
    """In the browser's language and direction: drop, align, confirm, edit, download; the edit is in the memory."""
    tab = window(locale=locale)
    assert tab.evaluate("document.documentElement.dir") == direction
    dropped(tab)
    until(tab, "document.getElementById('start').offsetParent !== null", 20)
    assert tab.locator("#advice").text_content() == recognised
    names = tab.locator("#heap-list li bdi").all_text_contents()
    assert names == ["b.txt", "a.txt"]
    tab.click("#start")
    reviewed(tab)
    assert tab.evaluate("document.documentElement.dir") == direction
    told = tab.locator("#show-versions").text_content()
    assert told == {"ltr": "Earlier versions", "rtl": "نسخ سابقة"}[direction]
    assert "a.txt" in tab.locator("h1").text_content()
    tab.locator(".card").first.locator("button[aria-keyshortcuts=C]").click()
    row = next(k for k, kind in enumerate(types(tab)) if kind == "1:1")
    focus_row(tab, row)
    tab.keyboard.press("e")
    tab.locator("#edit-fields textarea").nth(1).fill("What a person wrote.")
    tab.click("#edit-box button[value=ok]")
    is_saved(tab)
    told = fetched(tab, "tmx")
    assert told.suggested_filename == "a-b.tmx"
    tree = ElementTree.parse(told.path())
    unit = next(tu for tu in tree.iter("tu") if tu[-1].find("seg").text == "What a person wrote.")
    assert unit.find("prop[@type='x-edited']").text == "en"
    assert len(list(tree.iter("tu"))) > 8
    flags = [json.loads(line) for line in Path(fetched(tab, "jsonl").path()).read_text("utf-8").splitlines()]
    assert any(flag["evidence"].get("review") == "confirmed" for line in flags for flag in line.get("flags", ()))


def test_keyboard_alone(window):
    """From the first page to the download with keys; the way back shows the review in the list."""
    tab = window()
    tab.on("filechooser", lambda chooser: chooser.set_files([NEWS / "ar.txt", NEWS / "en.txt"]))
    tab.keyboard.press("Tab")
    while tab.evaluate("document.activeElement.id") != "pick-files":
        tab.keyboard.press("Tab")
    tab.wait_for_timeout(300)  # until the browser hands file choosers to the test
    tab.keyboard.press("Enter")
    until(tab, "document.activeElement.id === 'start'", 20)
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")  # swap
    assert "Swapped: en.txt is Arabic now." in tab.locator("#say").text_content()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Enter")
    reviewed(tab)
    tab.locator("body").press("Tab")
    tab.keyboard.press("Enter")  # skip to the findings
    for _ in range(12):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.classList.contains('card')"):
            break
    tab.keyboard.press("c")
    tab.keyboard.press("d")
    tab.keyboard.press("Control+s")
    is_saved(tab)
    assert tab.locator("#decided").text_content().endswith("2 decided")
    while tab.evaluate("document.activeElement.textContent") != "Download":
        tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    with tab.expect_download() as waiting:
        tab.keyboard.press("Enter")
    assert waiting.value.suggested_filename.endswith(".tmx")
    tab.goto(tab.url.partition("reviews/")[0])
    until(tab, "document.querySelector('#reviews li[data-state=done]') !== null")
    assert "2 findings decided" in tab.locator("#reviews li").text_content()


def test_swapped_languages_and_too_many_files_are_told(window):
    """A pair that is called the wrong way about fails with a sentence and can be aligned all the same; three files are refused."""
    tab = window()
    dropped(tab, (("a.txt", "ar"), ("b.txt", "en"), ("c.txt", "en")))
    until(tab, "document.getElementById('wrong').textContent.includes('these are more')")
    tab.click("#cancel", force=True) if tab.locator("#cancel").is_visible() else None
    dropped(tab, (("a.txt", "ar"), ("b.txt", "ar")))
    until(tab, "document.getElementById('advice').textContent.includes('not recognised')", 20)
    tab.click("#start")
    until(tab, "document.querySelector('#reviews li[data-state=failed]') !== null", 30)
    assert "same text" in tab.locator("#wrong").text_content()


def test_reviews_are_renamed_and_deleted(window, studio):
    """The title stands in the list and on the page; what is deleted is gone from the disk."""
    store = Store(studio.folder)
    id = review_of(store)
    tab = window()
    tab.get_by_role("button", name="Rename ar.txt · en.txt").click()
    until(tab, "document.querySelector('#reviews .name').textContent === 'A name ∕ of its own'")
    tab.locator("#reviews a").click()
    until(tab, "document.querySelector('h1')?.textContent === 'A name ∕ of its own'", 10)
    tab.locator(".home-link").click()
    until(tab, "document.querySelector('#reviews li') !== null", 10)
    tab.get_by_role("button", name="Delete A name").click()
    until(tab, "document.querySelector('#reviews li') === null")
    assert not (studio.folder / "reviews" / id).exists()


def test_every_word_of_the_studio_has_its_arabic():
    """All that its scripts pass to `t` and all that stands in its frame."""
    from align.studio.server import _PARTS, _words

    keys = set()
    for path in _PARTS.glob("*.js"):
        text = path.read_text("utf-8")
        keys |= set(re.findall(r'\bt\(\s*"([^"]+)"', text))
        keys |= {"#" + noun for noun in re.findall(r'count\([^"()]*"([a-z ]+)"\)', text)}
    frame = (_PARTS / "home.html").read_text("utf-8")
    body = frame[frame.index("<body"):frame.index("<script")]
    keys |= {text.strip() for text in re.findall(r">([^<>]+)<", body) if re.search("[A-Za-z]{2}", text)}
    assert not keys - set(_words()["ar"])


def test_a_killed_studio_loses_nothing_saved(window, studio):
    """What was saved is there after kill -9; what was done while it was away is kept and saved when it is back."""
    store = Store(studio.folder)
    id = review_of(store)
    tab = window(f"reviews/{id}/")
    focus_row(tab, 0)
    tab.keyboard.press("a")
    is_saved(tab)
    studio.kill()
    assert store.corrections(id)[1]["beads"][0]["accepted"]
    focus_row(tab, 1)
    tab.keyboard.press("a")
    until(tab, "document.getElementById('unsaved').textContent.includes('does not answer')", 10)
    studio.start()
    is_saved(tab)
    assert [bead["accepted"] for bead in store.corrections(id)[1]["beads"][:3]] == [True, True, False]
    # And when the window too is gone before the studio is back.
    studio.kill()
    focus_row(tab, 2)
    tab.keyboard.press("a")
    until(tab, "document.getElementById('unsaved').textContent.includes('does not answer')", 10)
    context = tab.context
    tab.close()
    studio.start()
    again = window(f"reviews/{id}/", context=context)
    until(again, "document.querySelectorAll('.sure .state').length === 3")
    is_saved(again)
    assert store.corrections(id)[1]["beads"][2]["accepted"]


def test_what_two_windows_could_not_save_comes_back_from_both(window, studio):
    """Each leaves its own work in the browser; the next two windows take up one each."""
    store = Store(studio.folder)
    id = review_of(store)
    first = window(f"reviews/{id}/")
    second = window(f"reviews/{id}/", context=first.context)
    studio.kill()
    for tab, row in ((first, 0), (second, 1)):
        focus_row(tab, row)
        tab.keyboard.press("a")
        until(tab, "document.getElementById('unsaved').textContent.includes('does not answer')", 10)
    context = first.context
    first.close()
    second.close()
    studio.start()
    seen = []
    for _ in range(2):
        tab = window(f"reviews/{id}/", context=context)
        is_saved(tab)
        record = store.corrections(id)[1]
        seen.append([k for k, bead in enumerate(record["beads"]) if bead["accepted"]])
        tab.close()
    assert seen[0] == [1]
    assert 0 in seen[1]
    assert any(bead["accepted"] for one in store.versions(id) for bead in store.version(id, one["name"])["beads"])


def test_two_windows_on_one_review(window, studio):
    """A window at rest takes over what the other saves; where both have work, one is asked, and both are kept."""
    store = Store(studio.folder)
    id = review_of(store)
    first, second = window(f"reviews/{id}/"), window(f"reviews/{id}/")
    focus_row(first, 0)
    first.keyboard.press("a")
    is_saved(first)
    until(second, "document.querySelectorAll('.sure .state').length === 1", 10)
    # Both change at once: the second one's save finds another revision.
    second.route("**/corrections*", lambda route: route.abort())
    focus_row(second, 1)
    second.keyboard.press("a")
    until(second, "document.getElementById('unsaved').textContent.includes('does not answer')", 10)
    focus_row(first, 4)
    first.keyboard.press("u")
    is_saved(first)
    second.unroute("**/corrections*")
    until(second, "document.getElementById('whose').open", 10)
    second.click("#whose button[value=mine]")
    is_saved(second)
    record = store.corrections(id)[1]
    assert [bead["accepted"] for bead in record["beads"]].count(True) == 2
    kept = [store.version(id, one["name"]) for one in store.versions(id)]
    assert any(any(bead["edited"] for bead in one["beads"]) for one in kept)
    until(first, "document.querySelectorAll('.sure .state').length === 2", 10)
    first.click("#show-versions")
    first.locator("#version-list li", has_text="3 reviewed").first.get_by_role("button").click()
    until(first, "document.querySelectorAll('.sure .state.edited').length === 2")
    is_saved(first)


def test_aligning_again_from_a_row_can_be_undone(window):
    """R after a correction: the correction stays, the rest is aligned; one undo takes it back."""
    tab = window()
    dropped(tab)
    until(tab, "document.getElementById('start').offsetParent !== null", 20)
    tab.click("#start")
    reviewed(tab)
    before = types(tab)
    at = next(k for k, kind in enumerate(before) if kind == "1:2")
    for row in (at + 2, at + 2):  # two beads behind it are thrown together
        focus_row(tab, row)
        tab.keyboard.press("m")
    focus_row(tab, at)
    tab.keyboard.press("s")
    spoilt = types(tab)
    tab.keyboard.press("r")
    until(tab, "/Aligned again|Nothing changed/.test(document.getElementById('say').textContent)", 30)
    assert types(tab)[at : at + 2] == spoilt[at : at + 2]
    tab.click("#undo")
    assert types(tab) == spoilt
    is_saved(tab)


def test_five_thousand_beads_are_opened_and_saved(window, studio):
    """A long review opens, a change is saved, and both take seconds on a busy machine, not minutes."""
    store = Store(studio.folder)
    id = review_of(store, long_pair(5000))
    start = time.monotonic()
    tab = window(f"reviews/{id}/")
    until(tab, "document.documentElement.dataset.ready === 'all'", 30)
    assert time.monotonic() - start < 30
    tab.fill("#goto", "2500")
    tab.keyboard.press("Enter")
    tab.keyboard.press("a")
    start = time.monotonic()
    is_saved(tab)
    assert time.monotonic() - start < 15
    assert store.corrections(id)[1]["beads"][2499]["accepted"]
    assert tab.locator(".card").count() <= 48


@pytest.fixture
def stranger(studio):
    """A page of another origin, on another port of this machine, that tries the studio."""
    script = """
        const out = {};
        const settle = async (name, run) => { try { out[name] = await run(); } catch { out[name] = 'nothing'; } };
        (async () => {
            await settle('read', async () => (await fetch(URL_ + 'state')).text());
            await settle('blind', async () => (await fetch(URL_ + 'state', { mode: 'no-cors' })).type);
            await settle('write', async () => (await fetch(URL_ + 'uploads', { method: 'POST', headers: { 'X-Muwazi': '1' } })).text());
            await settle('plain', async () => (await fetch(URL_ + 'uploads', { method: 'POST', mode: 'no-cors' })).type);
            await settle('frame', () => new Promise((done) => {
                const frame = document.createElement('iframe');
                frame.onload = () => { try { done(frame.contentDocument ? 'empty' : 'nothing'); } catch { done('nothing'); } };
                frame.src = URL_; document.body.append(frame); }));
            await settle('image', () => new Promise((done, fail) => {
                const image = new Image(); image.onload = () => done('loaded'); image.onerror = fail; image.src = URL_ + 'state'; }));
            document.title = JSON.stringify(out);
        })();""".replace("URL_", json.dumps(studio.url))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"<!DOCTYPE html><body><script>{script}</script>".encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_a_page_of_another_origin_gets_nothing(browser, studio, stranger):  # noqa: F811
    """Though it knows the whole address: it can neither read, write, frame nor load anything."""
    store = Store(studio.folder)
    review_of(store)
    tab = browser.new_page()
    tab.goto(stranger)
    until(tab, "document.title.startsWith('{')", 15)
    told = json.loads(tab.title())
    tab.close()
    assert {told["read"], told["write"], told["image"]} == {"nothing"}
    assert told["blind"] in ("nothing", "opaque")  # a blind request is answered with 403, of which it learns nothing
    assert told["frame"] in ("nothing", "empty")
    assert list((studio.folder / "uploads").iterdir()) == []
    assert len(store.all("reviews")) == 1


def test_narrow_zoomed_dark_and_told_to_screen_readers(window, studio):
    """The first page at 390 px and 200 % zoom, in the dark, and as a tree of names."""
    id = review_of(Store(studio.folder))
    for size in ({"width": 390, "height": 800}, {"width": 650, "height": 450}):
        for path in ("", f"reviews/{id}/"):
            tab = window(path, viewport=size, device_scale_factor=2, color_scheme="dark")
            assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
            colour = re.findall(r"\d+", tab.evaluate("getComputedStyle(document.body).backgroundColor"))
            assert max(map(int, colour[:3])) < 60
    tab = window()
    until(tab, "document.querySelector('#reviews li') !== null")
    told = tab.locator("body").aria_snapshot()
    for line in ('heading "muwazi studio" [level=1]', 'region "New review"', 'button "Choose files"', 'region "Reviews"',
                 'link "ar.txt · en.txt"', 'button "Delete ar.txt · en.txt"', 'textbox "Folder of a corpus run on this machine"'):  # fmt: skip
        assert line in told


def test_from_a_corpus_table_to_a_document(window, tmp_path):
    """The folder of a run is named, its table opened, a document searched and reviewed."""
    made = subprocess.run([sys.executable, "-m", "align", "run", str(CORPORA), "-o", str(tmp_path / "out"), "--format", "jsonl"],
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False)  # fmt: skip
    assert made.returncode == 0, made.stderr
    tab = window()
    tab.fill("#run-folder", str(tmp_path / "out"))
    tab.keyboard.press("Enter")
    until(tab, "document.querySelectorAll('#documents tbody tr').length === 5", 10)
    tab.fill("#corpus-q", "moved")
    tab.locator("#documents tbody button").click()
    reviewed(tab)
    assert tab.locator("h1").text_content() == "moved"
    assert cards(tab)
    tab.goto(tab.url.partition("reviews/")[0])
    until(tab, "document.querySelector('#reviews li[data-state=done]') !== null")


def test_two_folders_become_a_table(window, tmp_path):
    """A folder for each language, paired by the names in them; a document opens from the table."""
    for lang in ("ar", "en"):
        (tmp_path / lang).mkdir()
        for name in ("news", "moved"):
            (tmp_path / lang / f"{name}.txt").write_bytes((CORPORA / name / f"{lang}.txt").read_bytes())
    tab = window(locale="ar")
    tab.set_input_files("#folder", tmp_path / "en")
    until(tab, "document.querySelectorAll('#heap-list li').length === 1")
    tab.set_input_files("#folder", tmp_path / "ar")
    until(tab, "document.getElementById('start').offsetParent !== null", 20)
    assert tab.locator("#heap-list .language").all_text_contents() == ["الإنجليزية", "العربية"]
    tab.click("#start")
    until(tab, "document.querySelectorAll('#documents tbody tr').length === 2", 60)
    tab.locator("#documents tr", has_text="news.txt").get_by_role("button").click()
    reviewed(tab)
    assert tab.evaluate("document.documentElement.dir") == "rtl"


@pytest.mark.parametrize("port", ["same", "0"])
def test_a_second_start_tells_where_the_first_one_is(studio, port):
    """On the same folder, whatever the port: the same address, and an end without an error."""
    port = str(studio.port) if port == "same" else port
    made = subprocess.run(
        [sys.executable, "-m", "align", "studio", "--folder", str(studio.folder), "--port", port, "--no-browser"],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert (made.returncode, made.stdout.strip()) == (0, studio.url)
    assert "is open already" in made.stderr


def test_it_is_closed_from_the_page(window, studio):
    """The button ends the process, and the page says that all is saved."""
    tab = window()
    tab.click("#stop")
    until(tab, "document.getElementById('main').textContent.includes('All reviews are saved')")
    assert studio.process.wait(15) == 0
    studio.process.stdout.close()


def test_interrupted_it_ends_quietly(studio):
    """Ctrl-C ends it without a traceback."""
    studio.process.send_signal(signal.SIGINT)
    assert studio.process.wait(15) in (0, 130)
    studio.process.stdout.close()


def test_the_record_of_an_untouched_review_is_what_the_page_saves(window, studio):
    """The program's own record of a review and that of the page are one."""
    store = Store(studio.folder)
    id = review_of(store)
    tab = window(f"reviews/{id}/")
    focus_row(tab, 0)
    tab.keyboard.press("a")
    tab.keyboard.press("z")
    tab.keyboard.press("a")
    is_saved(tab)
    mine = record_of(store, id)
    mine["beads"][0]["accepted"] = True
    record = store.corrections(id)[1]
    del record["saved"]
    assert record == mine
