"""Splits, test sets kept apart, and the page that shows what a filter takes."""

import json
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from align.data import Row, Side
from align.filter import Filter, KeptApart
from align.filter.duplicates import NearTexts
from align.filter.preview import page, sampled
from align.filter.splits import assigned
from align.filter.texts import look
from align.read.bitext import read_bitext

# Words that no language has, enough that texts of a dozen of them are alike only where they were made so.
WORDS = [("".join(ar), "".join(en)) for ar, en in zip(product("بتجدرسعفكلمن", "ايو", "بتجدرسعفكلمن"), product("btjdrsafklmn", "aeo", "btjdrsafklmn"),
                                                      strict=True)]


def pair(rng, size=10):
    """A pair of random words that answer each other."""
    chosen = rng.integers(0, len(WORDS), size)
    return " ".join(WORDS[k][0] for k in chosen), " ".join(WORDS[k][1] for k in chosen)


def row(number, ar, en, document=None):
    return Row(number, Side(ar), Side(en), None, None, None, {} if document is None else {"document": document})


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """Forty documents of 20 pairs in JSON lines, every tenth pair nearly that of the next document; the current folder."""
    rng = np.random.default_rng(5)
    lines, last = [], None
    for document in range(40):
        for k in range(20):
            ar, en = pair(rng, 12)
            if k == 5 and last is not None:
                ar, en = last[0] + " كثيرا", last[1] + " often"
            if k == 6:
                last = ar, en
            lines.append({"ar": ar, "en": en, "document": f"d{document:02d}"})
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    monkeypatch.chdir(tmp_path)
    return lines


def jaccard(one, two):
    a, b = set(look(one).words), set(look(two).words)
    return len(a & b) / len(a | b)


def lines(path):
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def parts():
    return {part: list(read_bitext(f"sets/{part}.tsv")) for part in ("train", "dev", "test")}


def test_no_document_and_no_near_duplicate_stands_in_two_parts(muwazi, corpus):
    result = muwazi("split", "all.jsonl", "-o", "sets", "--dev", 100, "--test", "0.1")
    assert result.status == 0, result
    found = parts()
    documents = {part: {row.extra["document"] for row in rows} for part, rows in found.items()}
    assert not (documents["train"] & documents["dev"] or documents["train"] & documents["test"] or documents["dev"] & documents["test"])
    assert 80 <= len(found["test"]) <= 90 and 80 <= len(found["dev"]) <= 111
    for one, two in (("dev", "test"), ("train", "dev"), ("train", "test")):
        worst = max(jaccard(a.en.text, b.en.text) for a in found[one] for b in found[two])
        assert worst < 0.9, (one, two)
    left = lines("sets/left_out.jsonl")
    assert left and {line["reason"] for line in left} == {"other_part"}
    assert sum(map(len, found.values())) + len(left) == len(corpus)
    record = json.loads(Path("sets/split.json").read_text("utf-8"))
    assert record["pairs"] == {part: len(rows) for part, rows in found.items()} and record["left_out"] == {"other_part": len(left)}
    assert f"left out {len(left)}" in result.err


def test_a_seed_gives_the_same_parts_again(muwazi, corpus):
    def split(folder, seed):
        assert muwazi("split", "all.jsonl", "-o", folder, "--test", 60, "--dev", 60, "--seed", seed).status == 0
        return [Path(f"{folder}/{part}.tsv").read_text("utf-8") for part in ("train", "dev", "test")]

    one, two, other = split("a", 1), split("b", 1), split("c", 2)
    assert one == two != other


def test_test_sets_are_kept_apart(muwazi, corpus):
    with open("held.tsv", "w", encoding="utf-8") as stream:
        stream.writelines(f"{line['ar']}\t{line['en']} indeed\n" for line in corpus[:30])
    for side in ("ar", "en"):
        with open(f"moses.{side}", "w", encoding="utf-8") as stream:
            stream.writelines(f"{line[side]}\n" for line in corpus[30:50])
    result = muwazi("split", "all.jsonl", "-o", "sets", "--test", 40, "--dev", 40, "--against", "held.tsv", "--against", "moses")
    assert result.status == 0
    taken = {(line["ar"], line["en"]) for line in corpus[:50]}
    assert not any((row.ar.text, row.en.text) in taken for rows in parts().values() for row in rows)
    assert json.loads(Path("sets/split.json").read_text("utf-8"))["left_out"]["test_set"] >= 50
    muwazi("filter", "all.jsonl", "-o", "kept.jsonl", "--rejects", "bad.jsonl", "--against", "held.tsv", "--off", "confidence",
           "--off", "language")  # fmt: skip
    reasons = [line["reasons"] for line in lines("bad.jsonl")]
    assert sum("test_set" in why for why in reasons) >= 30


@pytest.mark.parametrize(("typed", "status", "told"), [
    ("split - -o sets", 2, "reads its input twice"),
    ("split all.jsonl -o sets --format xml", 2, "known are tsv"),
    ("split all.jsonl -o sets --dev 0.6 --test 0.5", 2, "nothing to train on"),
    ("split all.jsonl -o all.jsonl", 7, "is a file"),
    ("split all.jsonl -o sets --against nothing.tsv", 3, "nothing.tsv"),
    ("split all.jsonl", 2, "say -o FOLDER"),
])
def test_wrong_splits_are_told(muwazi, corpus, typed, status, told):
    result = muwazi(*typed.split())
    assert result.status == status and told in result.err and result.err.count("\n") == 1


def test_an_existing_split_is_kept(muwazi, corpus):
    assert muwazi("split", "all.jsonl", "-o", "sets").status == 0
    assert muwazi("split", "all.jsonl", "-o", "sets").status == 7
    assert muwazi("split", "all.jsonl", "-o", "sets", "--force").status == 0


def test_pairs_without_documents_are_drawn_one_by_one(muwazi, corpus):
    with open("plain.tsv", "w", encoding="utf-8") as stream:
        stream.writelines(f"{line['ar']}\t{line['en']}\n" for line in corpus)
    result = muwazi("split", "plain.tsv", "-o", "sets", "--test", 50, "--dev", 50)
    assert result.status == 0 and "name no documents" in result.err
    assert len(parts()["test"]) == 50


def test_documents_are_drawn_until_there_are_enough():
    sizes = {f"d{k}": 10 for k in range(50)} | {"huge": 10_000}
    found = assigned(sizes, 30, 0.01, 0)
    assert sum(part == "dev" for part in found.values()) == 3 and "huge" not in found
    assert sum(sizes[name] for name, part in found.items() if part == "test") in range(100, 122)
    assert assigned(sizes, 0, 0, 0) == {}


def test_what_repeats_a_side_is_found():
    held = KeptApart()
    held.add([row(0, *pair(np.random.default_rng(1), 14)), row(1, "نعم.", "Yes.")])
    ar, en = pair(np.random.default_rng(1), 14)
    other = pair(np.random.default_rng(9), 14)
    cases = [row(0, ar, other[1]), row(1, other[0], en.upper()), row(2, *other), row(3, ar + " جدا", other[1]), row(4, "نعم", "Yes!"),
             row(5, "نعم", "Of course")]  # fmt: skip
    assert held.repeats(cases) == [True, True, False, True, True, False]
    verdicts = Filter(apart=held).judge(cases[:1])
    assert "test_set" in verdicts[0].reasons


def test_near_texts_are_asked_for_without_being_remembered():
    rng = np.random.default_rng(3)
    sets = [rng.integers(1, 1 << 32, 30).tolist() for _ in range(300)]
    near = NearTexts(0.8)
    assert not near.has(sets).any()
    near.add(sets[:200])
    assert near.has(sets).tolist() == [True] * 200 + [False] * 100
    assert near.has(sets).tolist() == [True] * 200 + [False] * 100  # asked again: nothing was added
    changed = [found[:29] + [7] for found in sets[:200]]
    assert near.has(changed).mean() > 0.9


# The page


def test_a_page_shows_what_each_rule_takes(muwazi, corpus, tmp_path):
    with open("more.tsv", "w", encoding="utf-8") as stream:
        stream.writelines(f"{line['ar']}\t{line['en']}\n" for line in corpus[:100])
        stream.write("<b>مرحبا</b> يا عالم\t<b>Hello</b> world\n" * 3 + "نص بلا مقابل\t\n")
    result = muwazi("filter", "more.tsv", "--sample", "page.html")
    assert result.status == 0 and result.out == "" and "a sample of 104 of 104 pairs" in result.err
    html = (tmp_path / "page.html").read_text("utf-8")
    assert 'id="duplicate"' in html and 'id="one_sided"' in html and 'id="kept"' in html
    assert "<b>" not in html and "&lt;b&gt;Hello" in html and 'dir="rtl"' in html and "<script" not in html
    counts = dict(re.findall(r'href="#(\w+)">\w+</a></td><td>(\d+)</td>', html))
    assert int(counts["duplicate"]) == 2 and int(counts["one_sided"]) == 1
    for given in (["-o", "x.tsv"], ["--rejects", "x.jsonl"]):
        assert muwazi("filter", "more.tsv", "--sample", "new.html", *given).status == 2
    assert muwazi("filter", "more.tsv", "--sample", "page.html").status == 7
    assert muwazi("filter", "more.tsv", "--sample", "page.tsv").status == 2


def test_a_sample_holds_runs_of_neighbours_from_all_over():
    rows = [row(k, f"ع {k}", f"e {k}") for k in range(10_000)]
    found, total = sampled(iter(rows), 400)
    numbers = [one.bead for one in found]
    assert total == 10_000 and len(numbers) == 400 and numbers == sorted(numbers)
    assert all(b - a == 1 for a, b in zip(numbers, numbers[1:], strict=False) if b % 40)
    assert numbers[0] < 3000 and numbers[-1] > 7000 and sampled(iter(rows), 400)[0] == found
    assert "".join(page([], 0, "x")).endswith("</html>\n")
