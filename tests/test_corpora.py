"""The shipped pairs: every offset, every bead, every count that their READMEs give."""

import json
import re
import unicodedata
from collections import Counter

from align import shipped
from align.data import Document
from align.evaluate.alignment import lint, read_alignment
from align.segment import segment

NAMES = ("law", "moved", "news", "story", "vocalised")


def load(name):
    folder = shipped.folder("corpora") / name
    texts = {side: (folder / f"{side}.txt").read_bytes().decode("utf-8") for side in ("ar", "en")}
    return folder, texts, json.loads((folder / "gold.json").read_text("utf-8"))


def pytest_generate_tests(metafunc):
    if "corpus" in metafunc.fixturenames:
        metafunc.parametrize("corpus", [load(name) for name in NAMES], ids=NAMES)


def units(gold, side):
    return {unit["id"]: unit for unit in gold["sentences"][side]}


def test_all_are_listed():
    assert tuple(shipped.names("corpora")) == NAMES
    readme = (shipped.folder("corpora") / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| .*\| (\d+ \| \d+ \| \d+) \|$", readme, re.MULTILINE))
    for name in NAMES:
        gold = load(name)[2]
        counts = len(gold["sentences"]["ar"]), len(gold["sentences"]["en"]), len(gold["alignment"])
        assert rows[name] == " | ".join(map(str, counts))


def test_texts_are_clean(corpus):
    _, texts, gold = corpus
    for side, text in texts.items():
        assert unicodedata.is_normalized("NFC", text)
        assert text.endswith("\n") and not text.endswith("\n\n")
        odd = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp") and c != "\n"}
        assert not odd
        assert not re.search(r"[ \t]\n|  ", text)
        assert len(text) == gold["source"][f"{side}_chars"]
    assert not re.search(r"[A-Za-z,;?]", texts["ar"])
    assert not re.search(r"[\u0600-\u06ff]", texts["en"])


def test_segments_cover_the_text_and_offsets_match(corpus):
    _, texts, gold = corpus
    for side, text in texts.items():
        at = 0
        for number, unit in enumerate(gold["sentences"][side], 1):
            assert unit["id"] == f"{side[0]}{number}"
            assert unit["kind"] in ("body", "heading", "boilerplate")
            assert not text[at : unit["start"]].strip()
            raw = text[unit["start"] : unit["end"]]
            assert raw == unit.get("raw", unit["text"])
            assert unit["text"] == " ".join(raw.split()) == unit["text"].strip()
            at = unit["end"]
        assert not text[at:].strip()


def test_beads_tile_both_sides_and_the_two_golds_agree(corpus):
    folder, _, gold = corpus
    beads = [tuple(tuple(int(i[1:]) - 1 for i in bead[side]) for side in ("ar", "en")) for bead in gold["alignment"]]
    assert read_alignment(folder / "gold.txt") == beads
    defects = lint(beads, len(gold["sentences"]["ar"]), len(gold["sentences"]["en"]))
    assert {defect.kind for defect in defects} == ({"crossing"} if folder.name == "moved" else set())
    for bead, record in zip(beads, gold["alignment"]):
        assert record["type"] == f"{len(bead[0])}:{len(bead[1])}"
        assert bool(record["reason"]) == (not all(bead) or folder.name == "moved" and record["reason"] == "moved")


def test_divergences_and_equivalences_point_at_their_text(corpus):
    _, texts, gold = corpus
    everything = {side: units(gold, side) for side in ("ar", "en")}

    def check(side, span):
        assert texts[side][span["start"] : span["end"]] == span["text"]
        home = everything[side][span["unit"]]
        assert home["start"] <= span["start"] < span["end"] <= home["end"]

    flagged = {"ar": set(), "en": set()}
    for entry in gold["divergences"]:
        side = entry["side"]
        check(side, entry)
        assert entry["type"] in ("number", "date", "name", "clause", "phrase", "sentence")
        assert entry["severity"] in ("high", "medium", "low")
        assert entry["relation"] in ("only", "mismatch")
        assert entry["expect"] in ("flag", "optional")
        assert ("counterpart" in entry) == (entry["relation"] == "mismatch")
        if "counterpart" in entry:
            check("en" if side == "ar" else "ar", entry["counterpart"])
        flagged[side].update(range(entry["start"], entry["end"]))
    homes = {
        (side, unit): number
        for number, bead in enumerate(gold["alignment"])
        for side in ("ar", "en")
        for unit in bead[side]
    }
    for pair in gold["must_not_flag"]:
        for side in ("ar", "en"):
            check(side, pair[side])
            assert flagged[side].isdisjoint(range(pair[side]["start"], pair[side]["end"]))
        assert homes["ar", pair["ar"]["unit"]] == homes["en", pair["en"]["unit"]]
    for key in ("divergences", "unaligned_units", "must_not_flag"):
        ids = [entry["id"] for entry in gold[key]]
        assert len(set(ids)) == len(ids)


def test_units_without_a_counterpart_are_the_one_sided_beads(corpus):
    gold = corpus[2]
    lone = {unit for bead in gold["alignment"] if not (bead["ar"] and bead["en"]) for unit in bead["ar"] + bead["en"]}
    assert {entry["unit"] for entry in gold["unaligned_units"]} == lone
    for entry in gold["unaligned_units"]:
        kind = units(gold, entry["side"])[entry["unit"]]["kind"]
        assert (kind == "boilerplate") == (entry["type"] == "boilerplate")


def test_the_readme_counts(corpus):
    folder, _, gold = corpus
    text = " ".join((folder / "README.md").read_text("utf-8").split())
    ar, en = len(gold["sentences"]["ar"]), len(gold["sentences"]["en"])
    assert f"{ar} Arabic and {en} English segments, {len(gold['alignment'])} beads" in text
    types = Counter(bead["type"] for bead in gold["alignment"])
    assert {kind: int(n) for n, kind in re.findall(r"(\d+) of (\d:\d)", text)} == types
    if gold["unaligned_units"]:
        assert re.search(rf"\b{len(gold['unaligned_units'])} units? without a counterpart", text)
        assert f"{len(gold['must_not_flag'])} pairs that say the same in other words" in text
    assert "CC0-1.0" in text


def test_news_has_every_kind_of_divergence():
    gold = load("news")[2]
    kinds = Counter(entry["type"] for entry in gold["divergences"] if entry["expect"] == "flag")
    assert kinds == {"number": 4, "date": 5, "name": 2, "clause": 3, "phrase": 2}
    assert Counter(entry["type"] for entry in gold["unaligned_units"]) == {"boilerplate": 7, "sentence": 2}
    optional = sum(entry["expect"] == "optional" for entry in gold["divergences"])
    readme = (load("news")[0] / "README.md").read_text("utf-8")
    assert f"- {len(gold['divergences'])} divergences" in readme
    assert f"{sum(kinds.values())} to flag, {optional} optional" in readme
    assert len(gold["must_not_flag"]) == 51


def test_the_splitter_yields_the_gold_segments(corpus):
    _, texts, gold = corpus
    for side, text in texts.items():
        found = [(part.start, part.end) for part in segment(Document(side, side, text)).segments]
        assert found == [(unit["start"], unit["end"]) for unit in gold["sentences"][side]]
