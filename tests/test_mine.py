"""Mining: hand-worked choices and thresholds, indexes that agree, and the command on real files."""

import json
import math
import os
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.data import Neighbours
from align.errors import UsageError
from align.mine import (
    Candidates,
    Mined,
    Mining,
    Words,
    agreement,
    candidate_blocks,
    candidates,
    choose,
    choose_parts,
    cover,
    cut,
    inputs,
    mine_files,
    mine_lines,
    spill,
    store,
)
from align.mine.choosing import greedy, network, rivals, weights
from align.mine.pool import mixture, probabilities
from align.mine.store import Line, Writer
from align.neighbours import build_index, merge_neighbours, plan_index, sample_rows, search, train_index
from align.pipeline import Options

PAIRS = [
    ("أُعلن عن افتتاح محطة تحلية المياه يوم الثلاثاء.", "The opening of the desalination plant was announced on Tuesday."),
    ("بلغ عدد سكان المدينة 35 ألف نسمة.", "The city had 35 thousand inhabitants."),
    ("توفي الشاعر في بيروت عام 1975.", "The poet died in Beirut in 1975."),
    ("لا يجوز فصل العامل بسبب مرضه.", "A worker may not be dismissed because of illness."),
    ("أحب القهوة أكثر من الشاي.", "I like coffee more than tea."),
    ("وصل القطار متأخرا ساعتين.", "The train arrived two hours late."),
    ("تعلمت الطفلة السباحة في الصيف.", "The girl learned to swim in the summer."),
    ("أغلقت الحكومة جميع المدارس بسبب العاصفة.", "The government closed all schools because of the storm."),
]
LONE_AR = ["كان الجد يحكي لنا حكايات قديمة قرب النار.", "ارتفعت أسعار القمح في الأسواق العالمية.", "كتب الطالب رسالة طويلة إلى أستاذه."]
LONE_EN = ["He repaired the old bicycle with his own hands.", "Scientists discovered a new species of frog.", "The museum is closed on Mondays."]


@pytest.fixture(scope="module")
def encoder():
    from align.encode import load

    return load(cache=False)


@pytest.fixture
def shuffled():
    rng = random.Random(4)
    ar, en = [a for a, _ in PAIRS] + LONE_AR, [e for _, e in PAIRS] + LONE_EN
    rng.shuffle(ar)
    rng.shuffle(en)
    return ar, en


def unit(rows):
    rows = np.asarray(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def near(ids, sims):
    return Neighbours(np.array(ids, np.int64), np.array(sims, np.float32))


# ---- indexes


@pytest.mark.parametrize("kind", ["flat", "ivf", "pq"])
def test_an_index_finds_rows_again(kind):
    rng = np.random.default_rng(0)
    rows = unit(rng.standard_normal((40, 32))[rng.integers(0, 40, 1500)] + 0.5 * rng.standard_normal((1500, 32))).astype(np.float16)
    found = search(build_index([rows[:900], rows[900:]], kind=kind), rows[::5].astype(np.float32), 3)
    assert np.mean(found.ids[:, 0] == np.arange(0, 1500, 5)) > 0.99
    picked = rows[found.ids[7]].astype(np.float32) @ rows[35].astype(np.float32)
    assert np.allclose(found.sims[7], picked, atol=1e-6) and np.all(np.diff(found.sims, axis=1) <= 0)


def test_shards_merged_are_one_index():
    rng = np.random.default_rng(1)
    rows, queries = unit(rng.standard_normal((1200, 16))), unit(rng.standard_normal((50, 16)))
    whole = search(build_index([rows], kind="flat"), queries, 5)
    parts = [search(build_index([rows[a:b]], kind="flat", first=a), queries, 5) for a, b in ((0, 3), (3, 700), (700, 1200))]
    merged = merge_neighbours(parts)
    assert merged.ids.tolist() == whole.ids.tolist() and merged.sims.tobytes() == whole.sims.tobytes()
    plan = plan_index(1200, 16, 1200, kind="ivf")
    trained = train_index(sample_rows([rows], 800), plan)
    one = search(build_index([rows], plan=plan, trained=trained), queries, 5)
    two = [search(build_index([rows[a:b]], plan=plan, trained=trained, first=a), queries, 5) for a, b in ((0, 500), (500, 1200))]
    assert merge_neighbours(two).ids.tolist() == one.ids.tolist()


def test_merging_by_hand():
    merged = merge_neighbours([near([[3, 1]], [[0.9, 0.2]]), near([[7, -1]], [[0.9, -1]])], 3)
    assert merged.ids.tolist() == [[3, 7, 1]] and np.allclose(merged.sims, [[0.9, 0.9, 0.2]])


@pytest.mark.parametrize("rows, queries, memory, kind", [
    (1000, 1000, 4 << 30, "flat"), (10_000, 10_000_000, 4 << 30, "ivf"), (1_000_000, 1_000_000, 4 << 30, "pq"),
], ids=["small", "few rows", "many"])  # fmt: skip
def test_size_chooses_the_index(rows, queries, memory, kind):
    assert plan_index(rows, 512, queries, memory).kind == kind


def test_memory_shortens_codes_or_refuses():
    assert plan_index(50_000_000, 512, 10**6, 16 << 30).code == 64
    assert plan_index(50_000_000, 512, 10**6, 6 << 30).code == 32
    with pytest.raises(UsageError, match="needs .*G of memory"):
        plan_index(50_000_000, 512, 10**6, 1 << 30)


# ---- candidates and choice


def test_margin_and_gaps_by_hand():
    forward = near([[0, 1], [1, 0]], [[0.9, 0.3], [0.5, 0.4]])
    backward = near([[0, 1], [1, 0]], [[0.9, 0.4], [0.5, 0.3]])
    found = candidates(forward, backward, (np.array([20, 30]), np.array([20, 30])))
    first = found.take(np.flatnonzero((found.ar == 0) & (found.en == 0)))
    # The others around: 0.3 of the Arabic, 0.4 of the English line.
    assert first.margins[0] == pytest.approx(0.9 / 0.35, abs=1e-5)
    assert first.features[0, 2:4] == pytest.approx([0.6, 0.5], abs=1e-6)
    assert {(0, 0), (1, 1)} <= set(zip(found.ar.tolist(), found.en.tolist(), strict=True))


def test_a_pool_of_one_line_each():
    one = near([[0, -1, -1, -1, -1]], [[0.8, -1, -1, -1, -1]])
    found = candidates(one, one, (np.array([10]), np.array([10])))
    assert len(found) == 1 and np.isfinite(found.features).all()


def test_every_line_in_one_pair_at_most():
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1)]
    found = Candidates(np.array([a for a, _ in pairs]), np.array([e for _, e in pairs]), np.zeros(4), np.zeros(4), np.zeros((4, 2)), (2, 2))
    odds = np.array([3.0, 2.5, 2.9, -1.0])
    assert [pairs[c] for c in greedy(found, odds)] == [(0, 0), (1, 1)]
    # (0, 1) trails (0, 0) by 0.5 and leads (1, 1) by 3.5.
    assert rivals(found, odds)[1].tolist() == [2.5, -0.5, 3.5]


def made_up(rng, lines, others, k=6):
    """Neighbours by chance, none of them twice."""
    ids = np.argsort(rng.random((lines, others)), 1)[:, :k]
    return near(ids, -np.sort(-rng.random((lines, k)), 1))


def test_blocks_and_parts_give_what_the_whole_gives(monkeypatch):
    rng = np.random.default_rng(8)
    forward, backward = made_up(rng, 90, 70), made_up(rng, 70, 90)
    lengths = rng.integers(5, 200, 90), rng.integers(5, 200, 70)
    whole = candidates(forward, backward, lengths, 0.1, 3)
    best = choose(whole)
    # The slow twin: ranks by search, odds in falling order.
    margins = {}
    for i, j in zip(whole.ar.tolist(), whole.en.tolist(), strict=True):
        sides = [[(int(o), (s - 0.1) / 0.9) for o, s in zip(side.ids[own], side.sims[own].astype(float), strict=True)]
                 for side, own in ((forward, i), (backward, j))]
        around = [np.mean([s for o, s in side if o != other][:4]) for side, other in zip(sides, (j, i), strict=True)]
        sim = dict(sides[0][:3]).get(j, dict(sides[1]).get(i))
        margins[i, j] = sim / max(np.mean(around), 0.05)
    assert whole.margins == pytest.approx(list(margins.values()), rel=1e-5) and list(margins) == sorted(margins)
    free = set(range(90)), set(range(70))
    for number in np.lexsort((whole.en, whole.ar, -network(weights()["plain"]["first"], whole.features))).tolist():
        i, j = int(whole.ar[number]), int(whole.en[number])
        if i in free[0] and j in free[1]:
            free[0].remove(i)
            free[1].remove(j)
    assert len(best) == 90 - len(free[0]) and not set(best.ar.tolist()) & free[0]
    monkeypatch.setattr(spill, "RUN", 900)
    monkeypatch.setattr(spill, "BLOCK", 250)
    monkeypatch.setattr("align.mine.choosing._PART", 7)
    blocks = [[Neighbours(side.ids[at:at + 16], side.sims[at:at + 16]) for at in range(0, len(side.ids), 16)] for side in (forward, backward)]
    parts = list(candidate_blocks(*blocks, lengths, 0.1, 3))
    assert len(parts) > 5 and np.concatenate([part.records() for part in parts]).tobytes() == whole.records().tobytes()
    again = choose_parts(((part, None) for part in parts), (90, 70))
    for name in ("ar", "en", "sims", "margins"):
        assert getattr(again, name).tolist() == getattr(best, name).tolist()
    assert again.probabilities == pytest.approx(best.probabilities, abs=1e-9)
    for options in ({}, {"precision": 0.9}, {"precision": 0.5, "min_margin": 1.1}, {"least": 0.01}):
        kept = best.margins >= options.get("min_margin", 0)
        mean = np.cumsum(best.probabilities[kept]) / np.arange(1, kept.sum() + 1)
        count = (mean >= options["precision"]).sum() if "precision" in options else (best.probabilities >= options.get("least", 0.5)).sum()
        assert cut(again, **options).ar.tolist() == best.ar[kept][:count].tolist()


def kinds(*normals, usual=(1.0, 1.0)):
    """Kinds in steps of a half from -8 to 8, given as (share of right pairs, mean of right, mean of wrong)."""
    edges = np.arange(-8, 8.25, 0.5)
    middles = np.arange(-8.25, 8.5, 0.5)
    rows = {"right": [], "wrong": []}
    for right, one, other in normals:
        for name, share, mean in (("right", right, one), ("wrong", 1 - right, other)):
            density = np.exp(-0.5 * ((middles - mean) / 1.5) ** 2)
            rows[name].append((share * density / density.sum()).tolist())
    return {"edges": edges.tolist(), **rows, "usual": list(usual)}


KINDS = kinds((1.0, 3.0, 0.0), (0.0, 0.0, -3.0))
# Lines easily told and hardly, strangers near and far.
FOUR = kinds((0.98, 4.0, 0.0), (0.95, 1.0, -1.0), (0.0, 0.0, -2.5), (0.0, 0.0, -5.0), usual=(1.0,) * 4)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
def test_the_share_of_right_pairs_is_found(share):
    rng = np.random.default_rng(5)
    right = rng.random(20_000) < share
    odds = np.where(right, 3.0, -3.0) + 1.5 * rng.standard_normal(20_000)
    found, estimated = probabilities(odds, KINDS)
    assert estimated == pytest.approx(share, abs=0.01)
    order = np.argsort(-found)
    for promise in (0.95, 0.98):
        kept = order[: np.count_nonzero(np.cumsum(found[order]) / np.arange(1, 20_001) >= promise)]
        assert right[kept].mean() == pytest.approx(max(promise, share), abs=0.008)


@pytest.mark.parametrize("place", [4.0, 1.0], ids=["easily told", "hardly told"])
@pytest.mark.parametrize("strangers", [-2.5, -5.0], ids=["near", "far"])
@pytest.mark.parametrize("share", [0.1, 0.6])
def test_pools_of_other_kinds_keep_the_promise(place, strangers, share):
    rng = np.random.default_rng(6)
    right = rng.random(30_000) < share
    odds = np.where(right, place, strangers) + 1.5 * rng.standard_normal(30_000)
    found, estimated = probabilities(odds, FOUR)
    assert estimated == pytest.approx(share, abs=0.06)
    order = np.argsort(-found)
    kept = order[: np.count_nonzero(np.cumsum(found[order]) / np.arange(1, 30_001) >= 0.95)]
    assert 0.94 < right[kept].mean() < 0.99


def test_shares_of_kinds_by_hand():
    # A count of (60, 40) is as much of (1, 0) as of (0.2, 0.8).
    found = mixture(np.array([60.0, 40.0]), np.array([[1.0, 0.0], [0.2, 0.8]]), np.array([1e-9, 1e-9]))
    assert found == pytest.approx([0.5, 0.5], abs=1e-3)
    # A hundred of the first kind beside them: the root of 48 / (0.2 + 0.8 s) - 40 / (1 - s) + 100 / s.
    found = mixture(np.array([60.0, 40.0]), np.array([[1.0, 0.0], [0.2, 0.8]]), np.array([100.0, 1e-9]))
    assert found == pytest.approx([0.7844, 0.2156], abs=1e-3)


def test_probabilities_rise_with_the_odds():
    odds = np.linspace(-9, 9, 400)
    found, _ = probabilities(odds, KINDS)
    assert np.all(np.diff(found) >= 0) and found[0] < 0.01 and found[-1] > 0.99


def test_few_lines_tell_little_of_the_share():
    # Of two lines, both surely right, two usual strangers beside them leave half.
    found, share = probabilities(np.array([3.0, 2.0]), kinds((1.0, 3.0, 0.0), (0.0, 0.0, -3.0), usual=(1.0, 2.0)))
    assert 0.4 < share < 0.7 and (found > 0.9).all()


@pytest.mark.parametrize("name", ["plain", "words"])
def test_the_shipped_kinds_are_distributions(name):
    shipped = weights()[name]["kinds"]
    whole = np.array(shipped["right"]) + np.array(shipped["wrong"])
    assert whole.sum(1) == pytest.approx(1, abs=1e-3) and whole.shape == (len(shipped["usual"]), len(shipped["edges"]) + 1)
    strangers = np.array(shipped["right"]).sum(1) == 0
    assert 0 < strangers.sum() < len(strangers)


def mined(probabilities, margins=None):
    n = len(probabilities)
    return Mined(np.arange(n), np.arange(n), np.ones(n), np.array(margins or [1.5] * n), np.array(probabilities), 0.5)


def test_cut_by_mean_probability():
    found = mined([0.99, 0.97, 0.9, 0.7, 0.2])
    assert len(cut(found, 0.95)) == 3  # 2.86 / 3 = .953; with .7 it would be .89
    assert len(cut(found)) == 4 and len(cut(found, least=0.95)) == 2
    assert cut(mined([0.9, 0.8], [1.0, 1.6]), min_margin=1.2).ar.tolist() == [1]
    with pytest.raises(UsageError, match="between 0 and 1"):
        cut(found, 95)


def test_cover_by_hand():
    ar = Words(np.eye(2, dtype=np.float32), np.ones(2, np.float32), np.array([0, 2, 2]))
    en = Words(unit([[1, 0], [1, 1], [0, 1]]), np.float32([1, 1, 2]), np.array([0, 2, 3]))
    found = cover(ar, en, np.array([0, 0, 1]), np.array([0, 1, 0]))
    half = 1 / math.sqrt(2)
    assert found[0, :2] == pytest.approx([(1 + half) / 2, (1 + half) / 2], abs=1e-5)
    assert found[1, :4] == pytest.approx([0.5, 1, math.sqrt(0.5), 0], abs=1e-5)
    assert not found[2].any()  # a line without words


def test_numbers_and_names_speak_for_or_against():
    same = agreement("توفي في بيروت عام 1975.", "He died in Beirut in 1975.")
    other = agreement("توفي في بيروت عام 1975.", "He died in Beirut in 1957.")
    assert same[0] >= 1 and same[1] == 0 and same[2] >= 1
    assert other[1] >= 0.5


# ---- lines and vectors on the disk


def line(text, number):
    return Line(text, text, "a.txt", number, 0, len(text), f"line {number + 1}", "body")


def test_lines_that_repeat_are_kept_once(tmp_path):
    writer = Writer(tmp_path / "ar")
    for number, text in enumerate(["كِتابٌ", "قلم", "كتاب", "كـتاب"]):
        writer.add(line(text, number))
    lines = writer.lines()
    assert [one.text for one in lines.read([1, 0])] == ["قلم", "كِتابٌ"]
    assert [one.segment for one in lines.copies_of(0)] == [0, 2, 3] and [one.segment for one in lines.copies_of(1)] == [1]


def test_lines_are_told_apart_however_many(tmp_path, monkeypatch):
    monkeypatch.setattr(spill, "RUN", 500)
    monkeypatch.setattr(spill, "BLOCK", 300)
    monkeypatch.setattr(store, "_AT_ONCE", 7)
    rng = random.Random(3)
    texts = [f"{'السطر' if rng.random() < 0.5 else 'السّطر'} {rng.choice((rng.randrange(900), 1000))}" for _ in range(600)]
    with Writer(tmp_path / "ar") as writer:
        for number, text in enumerate(texts):
            writer.add(line(text, number))
        lines = writer.lines()
    kinds = {}
    for number, text in enumerate(texts):
        kinds.setdefault(text.replace("ّ", ""), []).append(number)
    assert [one.segment for one in lines.read(range(len(lines)))] == [numbers[0] for numbers in kinds.values()]
    assert lines.lengths.tolist() == [len(texts[numbers[0]]) for numbers in kinds.values()]
    for number, numbers in enumerate(kinds.values()):
        assert [one.segment for one in lines.copies_of(number)] == numbers and lines.count_of(number) == len(numbers)
    assert max(map(len, kinds.values())) > 200 and os.listdir(tmp_path / "ar") == ["lines.jsonl"]


# ---- records on the disk


@given(rows=st.lists(st.tuples(st.integers(-3, 3), st.integers(-2, 2)), max_size=60), size=st.integers(1, 9), run=st.integers(8, 400),
       block=st.integers(8, 100))
def test_sorted_in_runs_is_sorted_as_a_whole(rows, size, run, block):
    kind = np.dtype([("a", "<i4"), ("b", "<f4"), ("number", "<i4")])
    records = np.array([(a, b, number) for number, (a, b) in enumerate(rows)], kind)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spill, "RUN", run)
        patch.setattr(spill, "BLOCK", block)
        sorter = spill.Sorter(None, kind, ("a", "b", "number"))
        for start in range(0, len(records), size):
            sorter.add(records[start:start + size])
        for _ in range(2):
            found = [tuple(row) for part in sorter for row in part.tolist()]
            assert found == sorted(map(tuple, records.tolist())) and len(sorter) == len(rows)
        parts = list(spill.groups(sorter, "a"))
        assert [row for part in parts for row in part.tolist()] == found
        assert all(one["a"][-1] < two["a"][0] for one, two in zip(parts, parts[1:], strict=False))
        reader = spill.Reader(sorter, kind, "a")
        assert [reader.below(value)["a"].tolist() for value in (-1, -1, 0, 9)] == [
            [a for a, _, _ in found if low <= a < high] for low, high in ((-9, -1), (-1, -1), (-1, 0), (0, 9))]


@pytest.mark.parametrize("values, middle", [([3], 3), ([1, 9], 5), ([4, 1, 7], 4), ([8, 1, 2, 4], 3)], ids=lambda value: str(len(value)) if isinstance(value, list) else "")
def test_median_by_hand(values, middle, monkeypatch):
    monkeypatch.setattr(spill, "RUN", 8)
    monkeypatch.setattr(spill, "BLOCK", 8)
    sorter = spill.Sorter(None, np.dtype([("value", "<f8")]), ("value",))
    for value in values:
        sorter.add(np.array([(value,)], sorter.kind))
    assert spill.median(sorter) == middle


# ---- the whole


def test_pairs_are_found_among_strangers(shuffled, encoder):
    ar, en = shuffled
    found = mine_lines(ar, en, encoder=encoder)
    got = {(row.ar.text, row.en.text) for row in found.rows()}
    assert len(got & set(PAIRS)) >= 7 and len(got - set(PAIRS)) <= 1
    row = next(found.rows())
    assert ar[row.ar.segments[0]] == row.ar.text and en[row.en.segments[0]] == row.en.text and 0.5 < row.confidence <= 1


def test_the_order_of_lines_does_not_matter(shuffled, encoder):
    ar, en = shuffled
    pairs = [sorted((row.ar.text, row.en.text, round(row.confidence, 4)) for row in mine_lines(a, e, encoder=encoder).rows())
             for a, e in ((ar, en), (ar[::-1], en))]  # fmt: skip
    assert pairs[0] == pairs[1]


def test_copies_are_paired_when_asked_for(shuffled, encoder):
    ar, en = shuffled
    twice = PAIRS[2][0]
    found = {asked: [row.ar.segments[0] for row in mine_lines([*ar, twice], en, Options(), Mining(dedup=asked), encoder=encoder).rows()
                     if row.ar.text == twice] for asked in (True, False)}  # fmt: skip
    assert found == {True: [ar.index(twice)], False: [ar.index(twice), len(ar)]}


def test_another_encoder_needs_no_words(shuffled):
    class Letters:
        name, dimension = "letters", 64

        def encode(self, texts):
            rows = np.zeros((len(texts), 64), np.float32)
            for k, text in enumerate(texts):
                for c in text:
                    rows[k, ord(c) % 64] += 1
            return unit(rows)

    texts = [e for _, e in PAIRS] + LONE_EN
    found = mine_lines(texts, texts[::-1], Options(langs=("fr", "en"), language_check=False), encoder=Letters())
    assert all(row.ar.text == row.en.text for row in found.rows())
    assert len(found.pairs) >= 8


def test_a_stopped_run_goes_on(shuffled, encoder, tmp_path, monkeypatch):
    ar, en = shuffled
    for name, lines in (("ar.txt", ar), ("en.txt", en)):
        (tmp_path / name).write_text("".join(text + "\n" for text in lines), "utf-8")
    paths = [tmp_path / "ar.txt"], [tmp_path / "en.txt"]
    whole = [row.ar.text for row in mine_files(*paths, Options(segmented=True), encoder=encoder).rows()]

    class Stopped:
        name, dimension, signature = encoder.name, encoder.dimension, encoder.signature
        calls = 0

        def encode(self, texts):
            Stopped.calls += 1
            if Stopped.calls > 1:
                raise KeyboardInterrupt
            return encoder.encode(texts)

        def __getattr__(self, name):
            return getattr(encoder, name)

    work = tmp_path / "work"
    with pytest.raises(KeyboardInterrupt):
        mine_files(*paths, Options(segmented=True), work=work, encoder=Stopped())
    assert len(list(work.glob("*/vectors-*.npy"))) == 1
    Stopped.calls = 0  # one call is allowed: the other side's
    again = mine_files(*paths, Options(segmented=True), work=work, encoder=Stopped())
    assert [row.ar.text for row in again.rows()] == whole


# ---- the command


@pytest.fixture
def files(tmp_path, shuffled):
    for name, lines in zip(("ar.txt", "en.txt"), shuffled, strict=True):
        (tmp_path / name).write_text("".join(text + "\n" for text in lines), "utf-8")
    return tmp_path / "ar.txt", tmp_path / "en.txt"


def test_the_command_writes_pairs(muwazi, files, tmp_path):
    result = muwazi("mine", *files, "--segmented", "--header")
    rows = [line.split("\t") for line in result.out.splitlines()]
    assert result.status == 0 and rows[0][:5] == ["ar", "en", "confidence", "ar_segment", "en_segment"]
    assert sum((row[0], row[1]) in PAIRS for row in rows[1:]) >= 7
    confidences = [float(row[2]) for row in rows[1:]]
    assert confidences == sorted(confidences, reverse=True)
    lines = files[0].read_text("utf-8").splitlines()
    assert all(lines[int(row[3])] == row[0] and row[7] == f"line {int(row[3]) + 1}" for row in rows[1:])
    assert "11 ar and 11 en sentences" in result.err and "expected precision" in result.err
    out = tmp_path / "pairs.jsonl"
    assert muwazi("mine", *files, "--segmented", "-f", "jsonl", "-o", out, "--precision", ".99").status == 0
    records = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert np.mean([record["confidence"] for record in records]) >= 0.99
    assert not (tmp_path / "pairs.jsonl.mining").exists()


@pytest.mark.parametrize("format", ["moses", "csv", "tmx"])
def test_other_formats(muwazi, files, tmp_path, format):
    assert muwazi("mine", *files, "--segmented", "-f", format, "-o", tmp_path / "out").status == 0
    if format == "moses":
        sides = [(tmp_path / f"out.{lang}").read_text("utf-8").splitlines() for lang in ("ar", "en")]
        assert len(set(zip(*sides, strict=True)) & set(PAIRS)) >= 7
    else:
        assert PAIRS[2][0] in (tmp_path / "out").read_text("utf-8")


def test_folders_of_documents(muwazi, files, tmp_path):
    for lang, path in zip(("ar", "en"), files, strict=True):
        lines = path.read_text("utf-8").splitlines()
        (tmp_path / lang).mkdir()
        (tmp_path / lang / "one.txt").write_text("\n\n".join(lines[:6]), "utf-8")
        (tmp_path / lang / "two.md").write_text("\n\n".join(lines[6:]), "utf-8")
    (tmp_path / "ar" / "bad.txt").write_bytes(b"\xff\xfe\xff\xd8\x00")
    (tmp_path / "ar" / os.fsdecode(b"odd\xff.txt")).write_text("نص قصير.", "utf-8")
    result = muwazi("mine", tmp_path / "ar", tmp_path / "en")
    assert result.status == 1 and "bad.txt" in result.err and "its name is not UTF-8" in result.err
    rows = [line.split("\t") for line in result.out.splitlines()]
    assert len({(row[0], row[1]) for row in rows} & set(PAIRS)) >= 7
    assert {row[9].rpartition("/")[2] for row in rows} <= {"one.txt", "two.md"}


@pytest.mark.parametrize("arguments, status, text", [
    (("EN", "AR"), 5, "Arabic file first"),
    (("AR", "AR"), 5, "are the same"),
    (("EMPTY", "EN"), 3, "EMPTY: the file is empty"),
    (("AR", "BLANK"), 3, "has no text"),
    (("AR", "none.txt"), 3, "no such file"),
    (("AR", "EN", "--precision", "98"), 2, "between 0 and 1"),
    (("AR", "EN", "--memory", "lots"), 2, "such as 500M"),
    (("AR", "EN", "--index", "hnsw"), 2, "flat, ivf or pq"),
    (("AR", "EN", "-f", "moses"), 2, "-o PREFIX"),
], ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")  # fmt: skip
def test_bad_input_in_one_line(muwazi, tmp_path, arguments, status, text):
    # Enough of each language for it to be told.
    for name, lines in (("AR", [a for a, _ in PAIRS] + LONE_AR), ("EN", [e for _, e in PAIRS] + LONE_EN), ("EMPTY", []), ("BLANK", ["", " "])):
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    given = [tmp_path / one if one.isupper() and one != "-o" else one for one in arguments]
    result = muwazi("mine", *given, "--segmented")
    assert result.status == status and text in result.err and result.err.count("\n") == 1 and not result.out


def test_lines_in_blocks_keep_their_numbers(tmp_path, monkeypatch):
    from align.read import blocks

    path = tmp_path / "long.txt"
    lines = [f"السطر رقم {i}" if i % 3 else "" for i in range(4000)]
    path.write_text("\ufeff" + "\r\n".join(lines) + "\r\n", "utf-8", newline="")
    text = path.read_text("utf-8-sig", newline="") if hasattr(path, "x") else path.read_bytes().decode("utf-8-sig")
    monkeypatch.setattr("align.read.text._pieces", lambda stream: iter(lambda: stream.read(1000), b""))
    parts = list(blocks(path, size=5000))
    assert len(parts) > 5 and "".join(parts) == text and all(part.endswith("\n") for part in parts)
    monkeypatch.setattr("align.read.blocks", lambda path, encoding: blocks(path, encoding, size=5000))
    found = list(inputs.lines_of(str(path), "ar", Options(segmented=True)))
    assert [one.segment for one in found] == [i for i in range(4000) if i % 3]
    assert all(text[one.start : one.end] == one.text and one.place == f"line {one.segment + 1}" for one in found)
