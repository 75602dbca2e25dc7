"""Pairing documents: what is kept of them, what speaks for a pair, the one-to-one choice, the command."""

import csv
import io
import itertools
import json
import os
import shutil
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import learnt
from align.data import Neighbours
from align.errors import FormatError, InputError
from align.neighbours import nearest
from align.pairing import KEPT, Gathering, Model, Sketch, kept, keys, match, scores, sketch
from align.pairing.assign import assign
from align.pairing.candidates import Views, weights
from align.pairing.documents import documents_in, pair_documents
from align.pairing.evidence import FEATURES, Compared, Ground, Rarity, evidence, features, grounds
from align.pipeline import Options
from align.shipped import folder, names

SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"
UNPRIVILEGED = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0,
                                  reason="permissions do not bind the superuser")

BRIDGE_AR = ("افتتحت بلدية الوادي يوم الخميس 12 أيلول 2019 جسراً جديداً فوق النهر.\n"
             "وبلغت تكلفة الجسر ثلاثة ملايين دولار، دفع نصفها تجار المدينة.\n"
             "وقالت المهندسة سلمى القباني إن العمل استغرق 14 شهراً.\n"
             "ويستطيع المشاة عبوره مجاناً، أما الشاحنات فتدفع رسماً.\n")
BRIDGE_EN = ("On Thursday 12 September 2019 the municipality of the valley opened a new bridge over the river.\n"
             "The bridge cost three million dollars, half of it paid by merchants of the city.\n"
             "The engineer Salma al-Qabbani said that the work had taken 14 months.\n"
             "Pedestrians can cross it for free, but lorries pay a fee.\n")
# The same bridge, another report.
OTHER_AR = ("أثار الجسر الجديد غضب الصيادين في القرى المجاورة.\n"
            "ويقول الصيادون إن أعمدة الجسر أبعدت الأسماك عن شباكهم منذ الربيع.\n"
            "وطالب شيخ الصيادين البلدية بتعويض قدره 900 دولار لكل قارب.\n"
            "ولم ترد البلدية على الشكوى حتى مساء أمس.\n")
BREAD_AR = ("تحتاج الخبزة إلى نصف كيلو من الدقيق وملعقة من الخميرة.\n"
            "يُعجن الدقيق بالماء الفاتر عشر دقائق ثم يُترك في مكان دافئ.\n"
            "وبعد ساعتين يُخبز في فرن حرارته 220 درجة حتى يحمرّ وجهه.\n")
BREAD_EN = ("The loaf needs half a kilo of flour and a spoon of yeast.\n"
            "Knead the flour with lukewarm water for ten minutes, then leave it in a warm place.\n"
            "After two hours bake it in an oven at 220 degrees until its crust turns red.\n")
POEM_EN = ("My grandfather sang at the harvest, and the hills sang back to him.\n"
           "Nobody in the village remembers the words any more.\n")


def fill(place: Path, **texts: str) -> Path:
    """A folder with texts under their names."""
    place.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (place / f"{name}.txt").write_text(text, "utf-8")
    return place


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Folders ar and en with two pairs and a stranger on either side, under names that say nothing."""
    monkeypatch.chdir(tmp_path)
    fill(tmp_path / "ar", a=OTHER_AR, b=BREAD_AR, c=BRIDGE_AR)
    fill(tmp_path / "en", x=BRIDGE_EN, y=POEM_EN, z=BREAD_EN)
    return tmp_path


def paired(found) -> dict[str, str]:
    """Names of files that were paired, without folders and suffixes."""
    return {Path(one.match.ar).stem: Path(one.match.en).stem for one in found.pairs}


# What is kept


def unit(rows) -> np.ndarray:
    rows = np.asarray(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def document(*rows, words=(), found=(), length=50) -> Sketch:
    """A sketch with vectors of two or three dimensions, a word a sentence."""
    words = words or [f"{row}" for row in rows]
    return sketch(unit(rows), [word.ljust(length) for word in words], set(found))


def side(*documents: Sketch):
    with Gathering(documents[0].rows.shape[1]) as gathering:
        for one in documents:
            gathering.add(one)
        return gathering.side()


def test_a_side_gives_back_what_was_gathered():
    gathered = side(document([1, 0], [0, 1], found={8, 4}), document([3, 4], found={16}))
    assert len(gathered) == 2
    assert np.allclose(gathered.vectors(0), [[1, 0], [0, 1]])
    assert np.allclose(gathered.vectors(1), [[0.6, 0.8]], atol=1e-3)
    assert gathered.keys_of(0).tolist() == [4, 8]
    assert gathered.keys_of(1).tolist() == [16]
    assert gathered.lengths.tolist() == [50, 50, 50]
    assert gathered.sizes.tolist() == [100, 50]


def test_a_long_document_keeps_the_sentences_that_its_translation_keeps():
    rng = np.random.default_rng(1)
    rows = unit(rng.standard_normal((4 * KEPT, 64)))
    translation = unit(rows + 0.05 * rng.standard_normal(rows.shape) / 8)
    first, second = kept(rows), kept(translation)
    assert 0 < len(first) <= KEPT and (np.diff(first) > 0).all()
    # By chance they would share a quarter.
    assert len(np.intersect1d(first, second)) > 0.7 * len(first)
    assert kept(rows[:KEPT]).tolist() == list(range(KEPT))


def test_sentences_of_many_documents_weigh_less_and_copies_do_not_count():
    shared, own = document([1, 0], [0, 1], words=("menu", "one")), document([1, 0], [1, 1], words=("menu", "two"))
    weighed = weights(side(shared, own, own))
    root = np.sqrt(50)
    assert np.allclose(weighed, [root / 2, root, root / 2, root, root / 2, root])


@pytest.mark.parametrize(("arabic", "english"), [
    ("دفعت ثلاثين ألف دولار", "They paid 30,000 dollars"),
    ("في 12 أيلول 2019", "on 12 September 2019"),
    ("يوم ٢٧ سبتمبر", "on September 27th"),
    ("وصل كريموف إلى المدينة", "The envoy Karimov reached the city"),
    ("برنامج Firefox الجديد", "the new firefox program"),
    ("بروتوكول COVID-19 هنا", "the COVID-19 protocol"),
])  # fmt: skip
def test_keys_that_both_languages_share(arabic, english):
    assert keys([arabic], "ar") & keys([english], "en")


@pytest.mark.parametrize(("arabic", "english"), [
    ("دفعت ثلاثة عشر ألف دولار", "They paid 30,000 dollars"),
    ("في 12 أيلول 2019", "on 12 May 2015"),
    ("عنده ثلاثة أولاد", "he has three sons"),
    ("وصل الوفد إلى المدينة", "The envoy Karimov reached the city"),
])  # fmt: skip
def test_keys_that_they_do_not_share(arabic, english):
    assert not keys([arabic], "ar") & keys([english], "en")


# What speaks for a pair


def ready(rows, sure_keys=(), background=0.1, size=100, rarity=1.0) -> Compared:
    n = len(rows)
    rare = np.full(n, rarity)
    nats = np.full(len(sure_keys), 4.0)
    kinds = np.array([key & 3 for key in sure_keys], np.int64)
    return Compared(unit(rows), np.full(n, background / 2, np.float32), np.full(n, 1 / n), rare, rare,
                    np.array(sorted(sure_keys), np.uint64), kinds, nats, np.bincount(kinds, nats, minlength=3), size)


FOUR = np.eye(4)


def test_evidence_of_a_translation_in_order():
    seen = evidence(ready(FOUR), ready(FOUR, size=200))
    sure = 1 / (1 + np.exp(-20 * (1 - 0.1 - 0.2)))  # cosine 1 over a background of .1, half at .2
    assert seen.ar_share == pytest.approx(sure) and seen.en_share == pytest.approx(sure)
    assert seen.amount == pytest.approx(4 * sure, rel=1e-5)
    assert seen.nearness == pytest.approx(0.9)
    assert seen.order == pytest.approx(6 * sure**2 / (6 * sure**2 + 1), rel=1e-5)
    assert seen.ratio == pytest.approx(np.log(2))


def test_what_many_documents_have_says_little_by_its_order_and_amount():
    sure = 1 / (1 + np.exp(-14))
    seen = evidence(ready(FOUR, rarity=0.1), ready(FOUR, rarity=0.1))
    assert seen.amount == pytest.approx(0.4 * sure, rel=1e-5)
    assert seen.order == pytest.approx(0.06 * sure**2 / (0.06 * sure**2 + 1), rel=1e-5)
    assert seen.ar_share == pytest.approx(sure)


def test_a_sentence_of_two_documents_is_half_as_rare():
    menu, own = document([1, 0], [0, 1], words=("menu", "one")), document([1, 0], [1, 1], words=("menu", "two"))
    ground = grounds(side(menu, own), side(menu), (np.zeros((0, 2), np.float32),) * 2)[0]
    one = Compared.of(ground, np.zeros(0, np.float32), 0)
    assert one.rarity == pytest.approx([0.5, 1])
    assert one.amount == pytest.approx([0.5 * 50 / 60, 50 / 60])


def test_evidence_of_the_same_backwards_and_of_a_part():
    assert evidence(ready(FOUR), ready(FOUR[::-1])).order < -0.8
    part = evidence(ready(FOUR), ready(FOUR[:1]))
    assert part.en_share > 0.99
    assert part.ar_share == pytest.approx(0.25, abs=0.01)
    assert part.order == 0


def test_a_sentence_that_answers_something_else_better_counts_for_nothing():
    ar = ready([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.9, 0.1, 0]])
    en = ready([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    # The last one's best is the first English sentence, which is three away from its own answer's.
    assert evidence(ar, en).ar_share == pytest.approx(0.75, abs=0.01)


def test_facts_in_common_and_in_conflict():
    fact, other, latin, name = 4, 8, 1, 2
    both = evidence(ready(FOUR, (fact, other)), ready(FOUR, (fact, other)))
    assert (both.facts, both.conflict) == (pytest.approx(8 / 11), 0)
    against = evidence(ready(FOUR, (fact,)), ready(FOUR, (other,)))
    assert (against.facts, against.conflict) == (0, pytest.approx(4 / 7))
    none = evidence(ready(FOUR), ready(FOUR, (fact,)))
    assert (none.facts, none.conflict) == (0, 0)
    assert evidence(ready(FOUR, (latin,)), ready(FOUR)).latin == pytest.approx(4 / 7)
    assert evidence(ready(FOUR, (latin,)), ready(FOUR, (latin,))).latin == 0
    assert evidence(ready(FOUR, (name,)), ready(FOUR, (name,))).names == pytest.approx(4 / 7)


def test_rare_keys_say_more():
    ar = side(document([1, 0], found={4, 8}), document([0, 1], found={4}))
    en = side(document([1, 0], found={8}), document([0, 1], found={4}))
    rarity = Rarity.of(ar, en)
    assert np.allclose(rarity(np.array([4, 8], np.uint64)), [-np.log(2.5 / 22), -np.log(1.5 / 22)])


def test_the_background_leaves_out_the_translation_itself():
    rng = np.random.default_rng(3)
    rows = unit(rng.standard_normal((12, 32)))
    docs = [document(*rows[k:k + 3]) for k in range(0, 12, 3)]
    none = np.zeros((0, 32), np.float32)
    ready = grounds(side(*docs), side(*docs), (none, none))
    for ground in ready:
        assert isinstance(ground, Ground)
        assert ground.background.max() < 0.6


def test_features_are_named_and_symmetrical():
    row = np.array([[0.2, 0.6, 0.1, 3.0, 0.5, 0.1, 0.2, 0.3, 0.4, -0.7]])
    turned = row[:, [1, 0, *range(2, 10)]] * np.array([*[1] * 9, -1])
    assert features(row).shape == (1, len(FEATURES))
    assert np.allclose(features(row), features(turned))
    assert features(row)[0].tolist() == pytest.approx([0.2, 0.6, 0.1, np.log(4), 0.5, 0.1, 0.2, 0.3, 0.4, 0.7])


def test_leads_and_copies():
    one, near = document([1, 0], [0, 1], words=("a", "b")), document([1, 0.1], [0, 1], words=("a", "b"))
    far = document([1, 1], words=("c",))
    sides = side(one), side(one, near, far)
    pairs = np.array([[0, 0], [0, 1], [0, 2]])
    # Documents 0 and 1 have the same words: neither is a rival of the other.
    assert scores.leads(pairs, np.array([3.0, 2.5, 1.0]), sides).tolist() == [2.0, 1.5, -2.0]
    alone = scores.leads(pairs[:1], np.array([1.0]), sides)
    assert alone.tolist() == [3.0]  # as if another had -2
    assert scores.leads(np.zeros((0, 2), int), np.zeros(0), sides).tolist() == []


def test_probabilities_by_hand():
    model = Model(np.eye(len(FEATURES))[0], -1.0, (2.0, 1.0, 0.5))
    found = np.zeros((1, 10))
    found[0, :2] = 0.5, 0.7
    assert model.scores(found).tolist() == [-0.5]
    assert model.probabilities(np.array([-0.5]), np.array([1.5]))[0] == pytest.approx(1 / (1 + np.exp(-1.0)))


def test_broken_weights_are_told(tmp_path, monkeypatch):
    (tmp_path / "pairing").mkdir()
    (tmp_path / "pairing" / "weights.json").write_text('{"weights": {}}', "utf-8")
    monkeypatch.setattr(learnt, "folder", lambda kind: tmp_path)
    scores.model.cache_clear()
    with pytest.raises(FormatError, match=r"weights\.json: was learnt with other features \(amount, conflict"):
        scores.model()
    scores.model.cache_clear()


# The choice


def brute(pairs: list[tuple[int, int]], gains: list[float]) -> float:
    """The greatest sum of gains of any choice without a document twice."""
    best = 0.0
    for size in range(1, len(pairs) + 1):
        for chosen in itertools.combinations(range(len(pairs)), size):
            if all(len({pairs[k][side] for k in chosen}) == size for side in (0, 1)):
                best = max(best, sum(gains[k] for k in chosen))
    return best


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.floats(-2, 9), max_size=9))
def test_the_choice_is_the_best_there_is(weighed):
    pairs, gains = sorted(weighed), [weighed[pair] for pair in sorted(weighed)]
    chosen = assign(np.array(pairs, int).reshape(-1, 2), np.array(gains))
    for column in (0, 1):
        assert len({pairs[k][column] for k in chosen}) == len(chosen)
    assert all(gains[k] > 0 for k in chosen)
    assert sum(gains[k] for k in chosen) == pytest.approx(brute(pairs, gains), abs=1e-9)


def test_the_best_choice_is_not_the_greedy_one():
    pairs = np.array([[0, 0], [0, 1], [1, 0]])
    assert assign(pairs, np.array([5.0, 4.0, 4.0])).tolist() == [1, 2]
    assert assign(pairs, np.array([9.0, 4.0, 4.0])).tolist() == [0]


def test_large_groups_are_chosen_from_greedily(monkeypatch):
    monkeypatch.setattr(import_module("align.pairing.assign"), "_EXACT", 1)
    assert assign(np.array([[0, 0], [0, 1], [1, 0]]), np.array([5.0, 4.0, 4.0])).tolist() == [0]


def test_clusters_find_what_a_full_search_finds(monkeypatch):
    candidates = import_module("align.pairing.candidates")
    rng = np.random.default_rng(5)
    topics = rng.standard_normal((40, 24))
    base = unit(topics[np.arange(2000) % 40] + 0.8 * rng.standard_normal((2000, 24)))
    queries = unit(base[:500] + 0.1 * rng.standard_normal((500, 24)))
    asked = []

    def search(queries: np.ndarray, base: np.ndarray, k: int) -> Neighbours:
        asked.append(len(queries) * len(base))
        return nearest(queries, base, k)

    views = [Views(rows, np.arange(len(rows)), len(rows)) for rows in (queries, base)]
    full = {tuple(pair) for pair in candidates.candidates(*views, search, 2).tolist()}
    exact = sum(asked)
    asked.clear()
    monkeypatch.setattr(candidates, "_EXACT", 1)
    clustered = {tuple(pair) for pair in candidates.candidates(*views, search, 2).tolist()}
    assert {(k, k) for k in range(500)} <= clustered
    assert len(full & clustered) > 0.9 * len(full)
    assert max(asked) < exact / 4


# Real texts


@pytest.fixture(scope="module")
def encoder():
    from align.encode import load

    return load(cache=False)


def test_pairs_are_found_and_strangers_left_alone(folders, encoder):
    found = pair_documents(documents_in("ar"), documents_in("en"), encoder=encoder)
    assert paired(found) == {"b": "z", "c": "x"}
    assert {(left.path, left.lang) for left in found.unpaired} == {(os.path.join("ar", "a.txt"), "ar"),
                                                                   (os.path.join("en", "y.txt"), "en")}
    assert [one.id for one in found.pairs] == ["000001", "000002"]
    assert all(one.match.probability > 0.9 for one in found.pairs)
    assert all(match.probability < 0.1 for left in found.unpaired for match in left.best)
    assert found.failed == ()


def test_another_report_on_the_same_subject_is_left_alone(tmp_path, encoder):
    fill(tmp_path / "ar", other=OTHER_AR)
    fill(tmp_path / "en", bridge=BRIDGE_EN)
    found = pair_documents(documents_in(tmp_path / "ar"), documents_in(tmp_path / "en"), encoder=encoder)
    assert found.pairs == ()
    assert found.unpaired[0].best[0].score < -2


def test_shipped_corpora_in_one_folder(tmp_path, encoder):
    for corpus in names("corpora"):
        for lang in ("ar", "en"):
            if (corpus, lang) not in (("law", "ar"), ("story", "en")):
                shutil.copy(folder("corpora") / corpus / f"{lang}.txt", tmp_path / f"{corpus}-{lang}.txt")
    found = pair_documents(documents_in(tmp_path), encoder=encoder)
    assert paired(found) == {f"{corpus}-ar": f"{corpus}-en" for corpus in names("corpora")
                             if corpus not in ("law", "story")}
    assert {Path(left.path).name for left in found.unpaired} == {"law-en.txt", "story-ar.txt"}


def test_single_sentences_are_paired(tmp_path, encoder):
    for name, text, lang in (("bridge", BRIDGE_AR, "ar"), ("bread", BREAD_AR, "ar"), ("bridge", BRIDGE_EN, "en"),
                             ("bread", BREAD_EN, "en")):
        for number, line in enumerate(text.splitlines()):
            fill(tmp_path / lang, **{f"{name}{number}": line + "\n"})
    (tmp_path / "en" / "bread1.txt").unlink()
    found = pair_documents(documents_in(tmp_path / "ar"), documents_in(tmp_path / "en"), encoder=encoder)
    assert all(a == e for a, e in paired(found).items())
    assert len(found.pairs) >= 5


def test_a_third_of_a_document_is_paired(tmp_path, encoder):
    news = folder("corpora") / "story"
    arabic = (news / "ar.txt").read_text("utf-8").splitlines(True)
    fill(tmp_path / "ar", part="".join(arabic[len(arabic) // 3:2 * len(arabic) // 3]), other=OTHER_AR)
    fill(tmp_path / "en", whole=(news / "en.txt").read_text("utf-8"), bread=BREAD_EN)
    found = pair_documents(documents_in(tmp_path / "ar"), documents_in(tmp_path / "en"), encoder=encoder)
    assert paired(found) == {"part": "whole"}
    assert found.pairs[0].match.en_share < 0.5 * found.pairs[0].match.ar_share


def test_copies_are_told(tmp_path, encoder):
    fill(tmp_path / "ar", a=BRIDGE_AR, b=BREAD_AR)
    longer = (folder("corpora") / "story" / "en.txt").read_text("utf-8")
    shutil.copy(folder("corpora") / "story" / "ar.txt", tmp_path / "ar" / "c.txt")
    fill(tmp_path / "en", v=BRIDGE_EN, w=BRIDGE_EN, x=BREAD_EN, y=longer, z=longer + "\nAgain.\n")
    found = pair_documents(documents_in(tmp_path / "ar"), documents_in(tmp_path / "en"), encoder=encoder)
    pairs = paired(found)
    assert (pairs["a"], pairs["b"]) == ("v", "x") and pairs["c"] in "yz"
    assert [Path(path).stem for one in found.pairs for path in one.copies] == ["w", "z" if pairs["c"] == "y" else "y"]
    assert {Path(left.copy_of).stem for left in found.unpaired} == {"v", pairs["c"]}


def test_what_cannot_be_read_stops_nothing(folders, encoder):
    (folders / "ar" / "d.txt").write_bytes(b"")
    (folders / "ar" / "e.txt").write_bytes(BRIDGE_AR.encode("cp1256", "replace"))
    (folders / "ar" / "f.txt").write_text(BREAD_EN, "utf-8")
    (folders / "en" / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (folders / "en" / "broken.docx").write_bytes(b"PK\x03\x04 and no more")
    found = pair_documents([*documents_in("ar"), "ar/missing.txt"], documents_in("en"), encoder=encoder)
    assert paired(found) == {"b": "z", "c": "x"}
    errors = {Path(failed.path).name: failed.error for failed in found.failed}
    assert sorted(errors) == ["broken.docx", "d.txt", "e.txt", "f.txt", "missing.txt", "picture.png"]
    assert errors["d.txt"].endswith("the file is empty")
    assert "cp1256" in errors["e.txt"]
    assert "should be Arabic" in errors["f.txt"]
    assert errors["missing.txt"] == "ar/missing.txt: no such file"
    assert all("\n" not in error for error in errors.values())


def test_a_reader_that_fails_stops_nothing(folders, encoder, monkeypatch):
    from align import read

    real = read.read

    def fragile(path, *rest, **more):
        if str(path).endswith("a.txt"):
            raise RuntimeError("no such luck")
        return real(path, *rest, **more)

    monkeypatch.setattr(read, "read", fragile)
    found = pair_documents(documents_in("ar"), documents_in("en"), encoder=encoder)
    assert [failed.error for failed in found.failed] == ["ar/a.txt: cannot be read (RuntimeError: no such luck)"]
    assert paired(found) == {"b": "z", "c": "x"}


def test_nothing_readable_is_an_error(tmp_path, encoder):
    (tmp_path / "a.txt").write_bytes(b"")
    with pytest.raises(InputError, match="none of 1 files could be read"):
        pair_documents([tmp_path / "a.txt"], encoder=encoder)


def test_one_side_alone_is_left_alone(tmp_path, encoder):
    fill(tmp_path, a=BRIDGE_AR, b=BREAD_AR)
    found = pair_documents(documents_in(tmp_path), encoder=encoder)
    assert (found.pairs, [left.lang for left in found.unpaired]) == ((), ["ar", "ar"])


def test_other_encoders_and_progress(folders):
    class Words:
        """Counts the sentences of our texts: those that answer each other have the same number."""

        name, dimension = "words", 64

        def encode(self, texts):
            known = [line for text in (BRIDGE_AR, BREAD_AR, OTHER_AR) for line in text.splitlines()]
            known += [line for text in (BRIDGE_EN, BREAD_EN, POEM_EN) for line in text.splitlines()]
            rows = np.zeros((len(texts), 64), np.float32)
            for row, text in zip(rows, texts, strict=True):
                at = known.index(text) % 11 if text in known else None
                row[:] = np.random.default_rng(hash(text) % 2**32).standard_normal(64) * 0.05
                if at is not None and at < 7:
                    row[at] += 1
            return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    seen = []
    found = pair_documents(documents_in("ar"), documents_in("en"), encoder=Words(),
                           progress=lambda done, total: seen.append((done, total)))
    assert paired(found) == {"b": "z", "c": "x"}
    assert seen == [(k, 6) for k in range(1, 7)]


def test_the_order_of_files_does_not_matter(folders, encoder):
    ar, en = documents_in("ar"), documents_in("en")
    forth = pair_documents(ar, en, encoder=encoder)
    back = pair_documents(ar[::-1], en[::-1], encoder=encoder)
    assert paired(forth) == paired(back)
    mixed = pair_documents([*en, *ar], encoder=encoder)
    assert paired(mixed) == paired(forth)


def test_lines_as_segments(tmp_path, encoder):
    fill(tmp_path / "ar", a=BREAD_AR)
    fill(tmp_path / "en", b=BREAD_EN)
    found = pair_documents(documents_in(tmp_path / "ar"), documents_in(tmp_path / "en"), Options(segmented=True),
                           encoder=encoder)
    assert paired(found) == {"a": "b"}


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed documents do not lie beside this checkout")
def test_seed_documents(encoder):
    found = pair_documents(sorted(SEEDS.glob("*.txt")), encoder=encoder)
    assert [(Path(p.match.ar).name[:3], Path(p.match.en).name[:3]) for p in found.pairs] == [("000", "001")]
    assert [Path(left.path).name[:3] for left in found.unpaired] == ["002", "003", "004"]


# The command


def test_folders_are_searched_through_and_hidden_files_passed_over(tmp_path):
    fill(tmp_path / "b" / "c", d="x")
    fill(tmp_path, z="x", **{".hidden": "x"})
    fill(tmp_path / ".git", e="x")
    assert documents_in(tmp_path) == [str(tmp_path / "b" / "c" / "d.txt"), str(tmp_path / "z.txt")]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no files"):
        documents_in(tmp_path / "empty")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_odd_files_in_a_folder(folders, muwazi):
    os.mkfifo(folders / "ar" / "pipe.txt")
    (folders / "en" / "gone.txt").symlink_to("nowhere")
    shutil.move(folders / "ar" / "b.txt", folders / "ar" / "b\tc\n.txt")
    with open(os.fsencode(folders / "ar") + b"/\xff.txt", "w", encoding="utf-8") as stream:
        stream.write(BREAD_AR)
    done = muwazi("pair", "ar", "en")
    assert done.status == 1
    rows = list(csv.reader(io.StringIO(done.out), delimiter="\t"))
    assert [row[1:3] for row in rows[1:]] == [["ar/b\tc\n.txt", "en/z.txt"], ["ar/c.txt", "en/x.txt"]]
    assert "muwazi: ar/\\udcff.txt: its name is not UTF-8" in done.err.splitlines()
    assert "muwazi: en/gone.txt: no such file" in done.err.splitlines()
    assert muwazi("pair", "ar", "en", "-f", "jsonl").status == 1


def test_pair_two_folders(folders, muwazi):
    done = muwazi("pair", "ar", "en", "-o", "pairs.tsv")
    assert (done.status, done.out) == (0, "")
    assert done.err.startswith("2 pairs; left alone 1 ar and 1 en; ")
    rows = list(csv.DictReader((folders / "pairs.tsv").read_text("utf-8").splitlines(), delimiter="\t"))
    assert [(row["id"], row["ar"], row["en"]) for row in rows] == [("000001", "ar/b.txt", "en/z.txt"),
                                                                   ("000002", "ar/c.txt", "en/x.txt")]
    assert all(float(row["probability"]) > 0.9 and float(row["score"]) > 0 for row in rows)
    assert rows[1]["why"].startswith("answered ")
    again = muwazi("pair", "ar", "en", "-o", "pairs.tsv")
    assert again.status == 7 and "--force" in again.err


def test_pair_one_folder_as_jsonl(folders, muwazi):
    done = muwazi("-q", "pair", ".", "--format", "jsonl")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert (done.status, done.err) == (0, "")
    assert [(line["kind"], line.get("ar") or line["path"]) for line in lines] == [
        ("pair", "./ar/b.txt"), ("pair", "./ar/c.txt"), ("alone", "./ar/a.txt"), ("alone", "./en/y.txt")]
    assert lines[0]["en"] == "./en/z.txt"
    assert 0 < lines[0]["ar_share"] <= 1
    assert len(lines[2]["best"]) == 1
    everything = muwazi("-q", "pair", ".", "--format", "jsonl", "--all")
    assert len(json.loads(everything.out.splitlines()[2])["best"]) == 3


def test_pair_shows_all_candidates(folders, muwazi):
    done = muwazi("-q", "pair", "ar", "en", "--all", "--format", "csv")
    rows = list(csv.DictReader(done.out.splitlines()))
    assert {(row["ar"], row["en"]) for row in rows} == {(f"ar/{a}.txt", f"en/{e}.txt") for a in "abc" for e in "xyz"}
    assert {(row["ar"], row["id"]) for row in rows if row["id"]} == {("ar/b.txt", "000001"), ("ar/c.txt", "000002")}
    assert all(float(row["probability"]) < 0.1 for row in rows if not row["id"])


def test_pair_asks_for_what_was_asked(folders, muwazi):
    done = muwazi("pair", "ar", "en", "--min-probability", "1")
    assert done.out.splitlines() == ["id\tar\ten\tscore\tprobability\twhy"]
    assert done.err.startswith("0 pairs; left alone 3 ar and 3 en; ")


def test_pair_takes_lists(folders, muwazi):
    (folders / "ar.list").write_text("ar/c.txt\n\nar/a.txt\n", "utf-8")
    (folders / "en.list").write_text("en/x.txt\n", "utf-8")
    done = muwazi("pair", "--ar-list", "ar.list", "--en-list", "en.list")
    assert [line.split("\t")[1:3] for line in done.out.splitlines()[1:]] == [["ar/c.txt", "en/x.txt"]]
    files = muwazi("pair", "ar/c.txt", "en/x.txt", "ar/a.txt")
    assert files.out == done.out


def test_pair_tells_of_failures_and_goes_on(folders, muwazi):
    for number in range(7):
        (folders / "ar" / f"empty{number}.txt").write_bytes(b"")
    done = muwazi("pair", "ar", "en")
    assert done.status == 1
    assert len(done.out.splitlines()) == 3
    lines = done.err.splitlines()
    assert lines[0].startswith("2 pairs; left alone 1 ar and 1 en; 7 failed; ")
    assert lines[1] == "muwazi: ar/empty0.txt: the file is empty"
    assert lines[-1] == "muwazi: and 2 more files; --format jsonl lists all"
    kinds = [json.loads(line)["kind"] for line in muwazi("pair", "ar", "en", "-f", "jsonl").out.splitlines()]
    assert kinds.count("failed") == 7


def test_pair_of_a_file_with_both_languages(folders, muwazi):
    pytest.importorskip("lxml")
    (folders / "ar" / "memory.tmx").write_text(
        '<?xml version="1.0"?><tmx version="1.4"><header/><body><tu><tuv xml:lang="ar"><seg>باب</seg></tuv>'
        '<tuv xml:lang="en"><seg>door</seg></tuv></tu></body></tmx>', "utf-8")
    done = muwazi("pair", ".")
    assert done.status == 1
    assert "ar/memory.tmx: holds both languages itself" in done.err


@pytest.mark.parametrize(("arguments", "status", "message"), [
    ((), 2, "give two folders"),
    (("nowhere",), 3, "nowhere: no such file or folder"),
    (("ar", "ar"), 2, "are one folder"),
    (("ar", "en", "-f", "xml"), 2, "unknown format 'xml'"),
    (("ar", "--ar-list", "x"), 2, "--ar-list and --en-list go together"),
    (("ar", "en", "-o", "missing/pairs.tsv"), 7, "does not exist"),
])  # fmt: skip
def test_pair_refuses(folders, muwazi, arguments, status, message):
    done = muwazi("pair", *arguments)
    assert (done.status, done.out) == (status, "")
    assert message in done.err and len(done.err.splitlines()) == 1


@UNPRIVILEGED
def test_a_folder_that_cannot_be_read(folders, muwazi):
    (folders / "ar").chmod(0)
    try:
        done = muwazi("pair", "ar", "en")
    finally:
        (folders / "ar").chmod(0o755)
    assert done.status == 3 and "ar: cannot be read" in done.err


def test_match_compares_the_first_of_copies_only():
    one, two = document([1, 0, 0], [0, 1, 0]), document([0, 0, 1], [1, 1, 0], words=("p", "q"))
    general = (np.zeros((0, 3), np.float32),) * 2
    found = match(side(one, two, one), side(one, one, two), general, nearest)
    assert set(map(tuple, found.pairs.tolist())) <= {(0, 0), (0, 2), (1, 0), (1, 2)}
    assert found.evidence.shape == (len(found.pairs), 10)
