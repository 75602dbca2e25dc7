"""The studio's addresses: who may ask, what is kept, what comes out."""

import json
import stat
import time
from pathlib import Path

import pytest
from report_pairs import PAIR, saved

from align.errors import UsageError

pytest.importorskip("starlette", reason="the studio is tested only where there is Starlette")
pytest.importorskip("httpx", reason="the studio is tested only where there is httpx")
from starlette.testclient import TestClient

from align.report.page import contents
from align.studio import Store, make_app
from align.studio import server as room
from align.studio.store import Conflict, Missing, shown_name, suffix_of, write_json
from align.studio.work import realigned, untouched

CORPORA = Path(__file__).resolve().parent.parent / "corpora"
PORT = 8765
HEADERS = {"x-muwazi": "1"}


@pytest.fixture
def store(tmp_path):
    """An empty folder of reviews."""
    return Store(tmp_path / "studio")


@pytest.fixture
def studio(store):
    """A client that asks as the studio's own pages do."""
    token = store.token()
    with TestClient(make_app(store, token, PORT), base_url=f"http://127.0.0.1:{PORT}/{token}/", headers=HEADERS,
                    raise_server_exceptions=False) as client:  # fmt: skip
        yield client


def review_of(store, judged=PAIR, **more):
    """A finished review of a pair, as if it had been aligned."""
    id, path = store.make("reviews")
    for name, side in (("ar", judged.ar), ("en", judged.en)):
        (path / f"{name}.txt").write_text(side.document.text, "utf-8", newline="")
    write_json(path / "page.json", contents(judged, "signature"))
    store.note("reviews", id, state="done", error="", names={"ar": "ar.txt", "en": "en.txt"}, check=True,
               suffixes={"ar": ".txt", "en": ".txt"},
               counts={"beads": len(judged.alignment.beads), "reviewed": 0, "flags": len(judged.flags), "decided": 0},
               **more)  # fmt: skip
    return id


def record_of(store, id):
    return untouched(json.loads((store.path("reviews", id) / "page.json").read_text("utf-8")))


def upload(studio, first, second, names=("a.txt", "b.txt")):
    """Two heaps of one file each; their upload."""
    id = studio.post("uploads").json()["id"]
    for heap, (data, name) in enumerate(zip((first, second), names, strict=True)):
        assert studio.put(f"uploads/{id}/{heap}/0", params={"name": name}, content=data).status_code == 200
    return id


def wait(studio, kind, id, seconds=60):
    """What is known of a review or a corpus once it is no longer worked on."""
    for _ in range(seconds * 10):
        found = next(one for one in studio.get("state").json()[kind] if one["id"] == id)
        if found["state"] in ("done", "failed"):
            return found
        time.sleep(0.1)
    raise AssertionError(f"{id} is not done")


# Who may ask


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example:8765"}, 403),
        ({"host": "127.0.0.1:80"}, 403),
        ({"host": "localhost:8765"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "http://127.0.0.1:8765"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
    ],
)
def test_only_this_machines_own_pages_are_answered(studio, headers, code):
    """Foreign hosts (a name that was made to point here), origins and sites get nothing, even with the token."""
    answer = studio.get("state", headers=headers)
    assert answer.status_code == code
    assert ("reviews" in answer.text) == (code == 200)


def test_without_the_token_nothing_is_there(store):
    """The root, a wrong token, the right one in another place."""
    token = store.token()
    client = TestClient(make_app(store, token, PORT), base_url=f"http://127.0.0.1:{PORT}")
    for path in ("/", "/state", "/x/state", f"/{token[:-1]}/state", f"/{token}x/state", f"/state?token={token}"):
        assert client.get(path).status_code == 404
    assert client.get(f"/{token}/state").status_code == 200
    # A form of another page can send no header of its own.
    assert client.post(f"/{token}/uploads").status_code == 403


def test_answers_forbid_frames_and_foreign_things(studio):
    """The pages' policy names themselves alone; nothing is cached, sniffed or referred."""
    answer = studio.get("")
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "connect-src 'self'" in answer.text
    assert "default-src 'none'" in answer.text
    assert "://" not in answer.text.replace("http://www.w3.org/2000/svg", "")


def test_the_token_is_kept_for_this_user_alone(store):
    """The same after a new start, readable by nobody else, made anew where it is damaged."""
    token = store.token()
    assert len(token) >= 32
    assert Store(store.folder).token() == token
    assert stat.S_IMODE((store.folder / "token").stat().st_mode) == 0o600
    (store.folder / "token").write_text("short")
    assert Store(store.folder).token() not in (token, "short")


# Uploads


@pytest.mark.parametrize(
    ("given", "shown", "suffix"),
    [
        ("report.docx", "report.docx", ".docx"),
        ("../../etc/passwd", "passwd", ".txt"),
        ("..\\..\\x.PDF", "x.PDF", ".pdf"),
        ("a\x00b\n.txt", "ab.txt", ".txt"),
        ("news.txt.gz", "news.txt.gz", ".txt.gz"),
        ("v1.2.srt", "v1.2.srt", ".srt"),
        ("x.sh;rm -rf", "x.sh;rm -rf", ".txt"),
        ("", "unnamed", ".txt"),
        ("\u202egnp.exe", "gnp.exe", ".exe"),
    ],
)
def test_names_are_shown_and_never_trusted(given, shown, suffix):
    """Of a name only a short ending in Latin letters and digits reaches the disk."""
    assert (shown_name(given), suffix_of(given)) == (shown, suffix)


def test_an_upload_writes_nowhere_else(studio, store, tmp_path):
    """A name that climbs out, and addresses that do."""
    before = sorted(path for path in tmp_path.rglob("*"))
    id = studio.post("uploads").json()["id"]
    assert studio.put(f"uploads/{id}/0/0", params={"name": "../../../x.txt"}, content=b"x").status_code == 200
    for path in (f"uploads/{id}/2/0", f"uploads/{id}/0/5000", "uploads/..%2Freviews/0/0", "uploads/0123456789abcdef/0/0"):
        assert studio.put(path, params={"name": "x"}, content=b"x").status_code in (404, 405, 413)
    new = {path.relative_to(store.folder).parts[:2] for path in set(tmp_path.rglob("*")) - set(before) if path.is_file()}
    assert new == {("uploads", id)}


def test_uploads_are_limited(studio, store, monkeypatch):
    """A file beyond the limit is refused as it comes, and nothing of it is left."""
    monkeypatch.setattr(room, "MOST_BYTES", 1000)
    id = studio.post("uploads").json()["id"]
    answer = studio.put(f"uploads/{id}/0/0", params={"name": "x.txt"}, content=b"x" * 1001)
    assert answer.status_code == 413
    assert "larger than" in answer.json()["error"]
    assert list(store.path("uploads", id).iterdir()) == []
    monkeypatch.setattr(room, "MOST_TOGETHER", 1500)
    assert studio.put(f"uploads/{id}/0/0", params={"name": "x.txt"}, content=b"x" * 900).status_code == 200
    assert studio.put(f"uploads/{id}/1/0", params={"name": "x.txt"}, content=b"x" * 900).status_code == 413
    monkeypatch.setattr(room, "MOST_JSON", 100)
    review = review_of(store)
    answer = studio.put(f"reviews/{review}/corrections", content=b" " * 101, headers={"if-match": "0", "x-window": "ab" * 8})
    assert answer.status_code == 413


# From files to a result


def test_two_files_become_a_review_whatever_their_order(studio, store):
    """Languages are recognised; what is downloaded holds the texts."""
    en, ar = ((CORPORA / "news" / f"{lang}.txt").read_bytes() for lang in ("en", "ar"))
    id = upload(studio, en, ar, ("en.txt", "خبر.txt"))
    heaps = studio.post(f"uploads/{id}/look").json()["heaps"]
    assert [heap["language"] for heap in heaps] == ["en", "ar"]
    review = studio.post(f"uploads/{id}/start", json={"ar": 1}).json()["review"]
    found = wait(studio, "reviews", review)
    assert (found["state"], found["names"]) == ("done", {"ar": "خبر.txt", "en": "en.txt"})
    assert found["counts"]["beads"] > 15
    assert list((store.folder / "uploads").iterdir()) == []
    page = studio.get(f"reviews/{review}/").text
    assert "connect-src 'self'" in page
    tmx = studio.get(f"reviews/{review}/download/tmx")
    assert "خبر.txt" in tmx.text
    assert "%D8%AE%D8%A8%D8%B1-en.tmx" in tmx.headers["content-disposition"]
    for name in ("xlsx", "tsv", "jsonl", "findings.xlsx", "findings.html", "findings.docx", "corrections.json"):
        answer = studio.get(f"reviews/{review}/download/{name}")
        assert (answer.status_code, len(answer.content) > 100) == (200, True)
    assert studio.get(f"reviews/{review}/download/exe").status_code == 400
    assert studio.delete(f"reviews/{review}").status_code == 200
    assert studio.get(f"reviews/{review}/").status_code == 404


def test_tables_of_strings_are_reviewed_by_their_keys(studio, store):
    """Keys in another order answer each other, in the review, in what is downloaded, and aligned again."""
    ar = {"save": "احفظ الملف", "hello": "مرحبا {name}، كيف حالك اليوم؟", "quit": "اخرج من البرنامج"}
    en = {"hello": "Hello, how are you today?", "empty": "Nothing is here yet.", "quit": "Quit the program", "save": "Save the file"}
    heaps = [json.dumps(table, ensure_ascii=False).encode() for table in (ar, en)]
    id = upload(studio, *heaps, names=("app.ar.json", "app.en.json"))
    review = studio.post(f"uploads/{id}/start", json={"ar": 0}).json()["review"]
    found = wait(studio, "reviews", review)
    assert (found["state"], found["error"]) == ("done", "")
    expected = [["احفظ الملف", "Save the file"], [ar["hello"], en["hello"]], ["", en["empty"]], [ar["quit"], en["quit"]]]
    rows = [line.split("\t")[:2] for line in studio.get(f"reviews/{review}/download/tsv").text.splitlines()]
    assert sorted(rows) == sorted(expected)
    record = record_of(store, review)
    assert {flag["kind"] for flag in record["flags"]} >= {"placeholder", "sentence"}
    told = studio.post(f"reviews/{review}/realign", json={"record": record, "at": 0}).json()
    assert [bead[:4] for bead in told["beads"]] == [[*bead["ar"], *bead["en"]] for bead in record["beads"]]
    for name in ("tmx", "findings.html", "jsonl"):
        assert "{name}" in studio.get(f"reviews/{review}/download/{name}").text


def test_what_cannot_be_aligned_says_why(studio):
    """Swapped languages, an empty file, a broken one; then again without a look at the languages."""
    ar, en = ((CORPORA / "moved" / f"{lang}.txt").read_bytes() for lang in ("ar", "en"))
    id = upload(studio, ar, en)
    review = studio.post(f"uploads/{id}/start", json={"ar": 1}).json()["review"]
    found = wait(studio, "reviews", review)
    assert found["state"] == "failed"
    assert "looks English" in found["error"]
    assert str(studio.base_url.path) not in found["error"]
    assert studio.post(f"reviews/{review}/again").status_code == 200
    assert wait(studio, "reviews", review)["state"] == "done"
    for data, name, told in ((b"", "x.txt", "no text"), (b"PK\x03\x04 broken", "x.docx", "x.docx")):
        id = upload(studio, data, en, (name, "b.txt"))
        studio.post(f"uploads/{id}/look")
        review = studio.post(f"uploads/{id}/start", json={"ar": 0}).json()["review"]
        found = wait(studio, "reviews", review)
        assert found["state"] == "failed"
        del told


def test_two_folders_become_a_corpus_and_its_documents_reviews(studio):
    """Paired by names; a document of the table opens as a review, a second time as the same one."""
    id = studio.post("uploads").json()["id"]
    for heap, lang in enumerate(("ar", "en")):
        for number, name in enumerate(("news", "moved")):
            data = (CORPORA / name / f"{lang}.txt").read_bytes()
            studio.put(f"uploads/{id}/{heap}/{number}", params={"name": f"{name}.{lang}.txt"}, content=data)
    corpus = studio.post(f"uploads/{id}/start", json={"ar": 0}).json()["corpus"]
    found = wait(studio, "corpora", corpus)
    assert found["state"] == "done", found
    rows = studio.get(f"corpora/{corpus}").json()["rows"]
    assert sorted(row["id"] for row in rows) == ["moved", "news"]
    assert rows[0]["names"] == [f"{rows[0]['id']}.ar.txt", f"{rows[0]['id']}.en.txt"]
    review = studio.post(f"corpora/{corpus}/open", json={"document": "news"}).json()["review"]
    assert wait(studio, "reviews", review)["state"] == "done"
    assert studio.post(f"corpora/{corpus}/open", json={"document": "news"}).json()["review"] == review
    assert studio.post(f"corpora/{corpus}/open", json={"document": "none"}).status_code == 400


def test_a_corpus_run_is_picked_by_its_folder(studio, tmp_path):
    """The output of `muwazi run`; anything else is refused in one line."""
    from typer.testing import CliRunner

    from align.cli.main import app

    made = CliRunner().invoke(app, ["run", str(CORPORA), "-o", str(tmp_path / "out"), "--format", "jsonl"])
    assert made.exit_code == 0, made.output
    corpus = studio.post("runs", json={"folder": str(tmp_path / "out")}).json()["corpus"]
    assert studio.post("runs", json={"folder": str(tmp_path / "out")}).json()["corpus"] == corpus
    rows = studio.get(f"corpora/{corpus}").json()["rows"]
    assert len(rows) == 5
    review = studio.post(f"corpora/{corpus}/open", json={"document": "moved"}).json()["review"]
    assert wait(studio, "reviews", review)["state"] == "done"
    for folder in ("", "relative", str(tmp_path), "/nowhere"):
        assert studio.post("runs", json={"folder": folder}).status_code == 400
    assert studio.delete(f"corpora/{corpus}").status_code == 200
    assert (tmp_path / "out" / "run.json").is_file()


# Saving


def test_a_save_is_whole_or_not_at_all(studio, store):
    """What does not fit the review is refused and what stood there stays; a torn write leaves the old file."""
    id = review_of(store)
    record = record_of(store, id)
    assert record["beads"] == json.loads(json.dumps(saved(PAIR)))["beads"]
    send = {"if-match": "0", "x-window": "ab" * 8}
    assert studio.put(f"reviews/{id}/corrections", json=record, headers=send).json() == {"revision": 1}
    broken = {**record, "beads": record["beads"][1:]}
    other = json.loads(json.dumps(record).replace(record["texts"]["ar"]["digest"], "0" * 64))
    for bad, code in ((broken, 400), (other, 400), ({}, 400), ([], 400)):
        answer = studio.put(f"reviews/{id}/corrections", json=bad, headers=send | {"if-match": "1"})
        assert answer.status_code == code
    assert studio.put(f"reviews/{id}/corrections", json=record).status_code == 428
    assert studio.get(f"reviews/{id}/corrections").json() == {"revision": 1, "record": record}
    assert studio.get(f"reviews/{id}/corrections?after=1").json() == {"revision": 1, "record": None}


def test_two_windows_lose_nothing(store):
    """The second to save is told; its work, and what it then writes over, are both among the versions."""
    id = review_of(store)
    first, second = record_of(store, id), record_of(store, id)
    first["beads"][0]["accepted"] = True
    second["beads"][1]["accepted"] = True
    assert store.save(id, first, 0, "aa" * 8) == 1
    with pytest.raises(Conflict) as caught:
        store.save(id, second, 0, "bb" * 8)
    assert caught.value.revision == 1
    assert store.corrections(id) == (1, first)
    kept = store.versions(id)
    assert [store.version(id, one["name"]) for one in kept] == [second]
    assert store.save(id, second, 1, "bb" * 8) == 2
    assert {json.dumps(store.version(id, one["name"])) for one in store.versions(id)} == {json.dumps(first), json.dumps(second)}
    with pytest.raises(Missing):
        store.version(id, "../../token")


def test_many_saves_at_once_lose_none(store):
    """Of threads that save on one revision exactly one wins each time."""
    from concurrent.futures import ThreadPoolExecutor

    id = review_of(store)
    record = record_of(store, id)

    def save(k):
        try:
            return store.save(id, record, 0, f"{k:016x}")
        except Conflict:
            return None

    with ThreadPoolExecutor(8) as pool:
        assert sorted(filter(None, pool.map(save, range(16)))) == [1]
    assert len(store.versions(id)) == 15


def test_work_that_a_stop_cut_short_is_told(store):
    """A review that was being aligned when the studio was killed has failed at the next start, and can be aligned again."""
    id = review_of(store)
    store.note("reviews", id, state="running")
    with TestClient(make_app(store, "t" * 40, PORT), base_url=f"http://127.0.0.1:{PORT}/{'t' * 40}/", headers=HEADERS) as client:
        found = client.get("state").json()["reviews"][0]
        assert (found["state"], "stopped" in found["error"]) == ("failed", True)
        client.post(f"reviews/{id}/again")
        assert wait(client, "reviews", id)["state"] in ("done", "failed")


# Again from a point on


def test_aligning_again_keeps_what_a_person_made(studio, store):
    """Beads up to the point and those accepted or made behind it stay; all segments are there once; the rest is aligned."""
    en, ar = ((CORPORA / "news" / f"{lang}.txt").read_bytes() for lang in ("en", "ar"))
    id = upload(studio, ar, en)
    review = studio.post(f"uploads/{id}/start", json={"ar": 0}).json()["review"]
    wait(studio, "reviews", review)
    record = record_of(store, review)
    beads = record["beads"]
    at = next(k for k, bead in enumerate(beads) if k > 3 and bead["ar"][1] > bead["ar"][0] and bead["en"][1] > bead["en"][0])
    whole = [dict(bead) for bead in beads]
    # A person tears one pair apart, and accepts another further down; all between is put into one.
    pair = beads[at]
    last = len(beads) - 4
    beads[at:at + 1] = [{**pair, "en": [pair["en"][0]] * 2, "edited": True, "sim": None, "confidence": None},
                        {**pair, "ar": [pair["ar"][1]] * 2, "edited": True, "sim": None, "confidence": None}]
    beads[last]["accepted"] = True
    told = studio.post(f"reviews/{review}/realign", json={"record": record, "at": 1}).json()
    assert "error" not in told, told
    spans = [(bead[:2], bead[2:4]) for bead in told["beads"]]
    assert spans[:2] == [(bead["ar"], bead["en"]) for bead in beads[:2]]
    assert (beads[last]["ar"], beads[last]["en"]) in spans
    assert (pair["ar"], [pair["en"][0]] * 2) in spans
    for side in (0, 1):
        covered = [k for span in spans for k in range(*span[side])]
        assert covered == list(range(whole[-1][("ar", "en")[side]][1]))
    assert told["flags"]
    assert studio.post(f"reviews/{review}/realign", json={"record": record, "at": 999}).status_code == 400


def test_aligning_again_refuses_beads_out_of_order(store):
    """Where a person linked across the order, no point between has a before and a behind."""
    id = review_of(store)
    record = record_of(store, id)
    record["beads"][2] |= {"en": [4, 5], "edited": True, "sim": None, "confidence": None}
    del record["beads"][5]
    with pytest.raises(UsageError, match="out of order"):
        realigned(store, id, record, 2)


# The command


def test_a_taken_port_and_a_missing_extra_are_told(monkeypatch, tmp_path):
    """A port that was named and is taken ends in one line; the usual one gives way to another; the extra is named."""
    import socket
    import sys

    from typer.testing import CliRunner

    from align.cli.main import app
    from align.errors import MissingExtra
    from align.studio.address import bound

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        made = CliRunner().invoke(app, ["studio", "--folder", str(tmp_path), "--port", str(port), "--no-browser"])
        assert isinstance(made.exception, UsageError)
        assert f"port {port} cannot be had" in str(made.exception)
        with bound(port, or_any=True) as mine:
            assert mine.getsockname()[0] == "127.0.0.1"
            assert mine.getsockname()[1] != port
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    made = CliRunner().invoke(app, ["studio"])
    assert isinstance(made.exception, MissingExtra)
    assert "muwazi[studio]" in str(made.exception)
