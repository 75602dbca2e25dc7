"""Words of many beads compared at once: the same as bead by bead and run by run in plain steps."""

from itertools import pairwise

import numpy as np
import pytest

from align.flags import coverage, spans
from align.flags.coverage import FEATURES, Running, chunks, covers, features, similarities
from align.flags.evidence import Side
from align.flags.spans import candidates, chosen
from align.flags.texts import BeadText
from align.flags.words import CLAUSE, COMMA, PHRASE, SENTENCE, Words


def words(rng: np.random.Generator, sizes: list[int], texts: list[str]) -> Words:
    """Random words of beads of so many words each; only the first of a bead surely begins a sentence."""
    n = sum(sizes)
    cuts = rng.choice([0, 0, 0, 0, PHRASE, CLAUSE, COMMA, SENTENCE], n + 1)
    cuts[np.cumsum([0, *sizes])] = SENTENCE
    vectors = rng.normal(size=(n, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    starts = np.arange(n) * 9
    return Words("en", np.zeros(n, np.int64), starts, starts + rng.integers(1, 9, n), list(rng.choice(texts, n)), vectors,
                 rng.random(n).astype(np.float32), cuts, rng.random(n) < 0.6)  # fmt: skip


def plain_features(side: Words, other: Words, explained: np.ndarray, alone: np.ndarray, ratio: float, near: np.ndarray) -> np.ndarray:
    """`features` of one side of one bead, word by word; `near` are the vectors of the other side's words beside it."""
    n, m = len(side), len(other)
    out = np.zeros((n, len(FEATURES)))
    sims = side.vectors @ other.vectors.T if m else np.zeros((n, 1), np.float32)
    nearest, best = sims.argmax(1), sims.max(1)
    weights = side.gates + 1e-3
    here, there = chunks(side), chunks(other)
    both = None
    if m:
        cover, kept = covers(side, other, sims, here, there)
        both = (cover + kept) / 2
    for i in range(n):
        row = np.sort(sims[i])
        out[i, :3] = best[i], row[-2] if m > 1 else best[i], sims[i].mean()
        if n > 1:
            rivals = [sims[k, nearest[i]] for k in range(n) if k != i]
            out[i, 3] = np.clip(best[i] - max(rivals), -0.5, 0.5)
        sharp = np.exp(20 * (sims - sims.max(0)))
        out[i, 4] = (sharp / sharp.sum(0))[i].max()
        for column, reach in ((5, 2), (6, 6)):
            part = slice(max(0, i - reach), i + reach + 1)
            out[i, column] = (best[part] * weights[part]).sum() / weights[part].sum()
        out[i, 7:16] = (weights[i] / weights.mean(), side.content[i], ratio, explained[i], alone[i], np.log1p(m),
                        np.log1p(side.ends[i] - side.starts[i]), best[i] - (near @ side.vectors[i]).max() if len(near) else 0, i / n)  # fmt: skip
        if both is not None:
            c = np.searchsorted(here, i, side="right") - 1
            answer = both[c].argmax()
            edges = [*there, m]
            out[i, 16] = sims[i, edges[max(answer - 1, 0)] : edges[min(answer + 2, len(there))]].max()
            out[i, 17:19] = cover[c, answer], both[c, answer]
            others = [both[k, answer] for k in range(len(here)) if k != c]
            out[i, 19] = np.clip(both[c, answer] - max(others), -0.4, 0.4) if others else 0
            out[i, 20] = kept[c, answer]
            own = [*here, n]
            out[i, 21] = abs((own[c] + own[c + 1]) / 2 / n - (edges[answer] + edges[answer + 1]) / 2 / m)
    return out


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_features_of_many_beads_equal_the_plain_way(seed):
    rng = np.random.default_rng(seed)
    sizes = [7, 0, 1, 30, 3, 12, 0, 5], [6, 4, 9, 25, 1, 0, 0, 8]
    sides = [words(rng, some, ["كلمة", "word"]) for some in sizes]
    edges = [np.cumsum([0, *some]) for some in sizes]
    running = Running.of(*sides, np.stack([edges[0][:-1], edges[0][1:], edges[1][:-1], edges[1][1:]], 1))
    beads = np.array([0, 2, 3, 4, 5, 7])
    count = int(running.sizes(beads).sum())
    explained, alone, ratios = rng.random(count) < 0.2, rng.random(count) < 0.2, rng.normal(size=len(beads))
    found = features(running, beads, explained, alone, ratios, similarities(running, beads))
    at = 0
    for k, sign in ((0, 1), (1, -1)):
        for bead, ratio in zip(beads, sign * ratios, strict=True):
            own, other = (sides[s].part(edges[s][bead], edges[s][bead + 1]) for s in (k, 1 - k))
            near = [sides[1 - k].vectors[edges[1 - k][b] : edges[1 - k][b + 1]] for b in (bead - 1, bead + 1) if 0 <= b < len(sizes[0])]
            rows = slice(at, at + len(own))
            plain = plain_features(own, other, explained[rows], alone[rows], ratio, np.concatenate(near))
            assert found[rows] == pytest.approx(plain, abs=2e-5), (k, bead)
            at += len(own)
    assert at == count


def test_features_do_not_depend_on_what_else_is_looked_at():
    rng = np.random.default_rng(5)
    sides = [words(rng, [9, 4, 11], ["a"]) for _ in range(2)]
    edges = np.array([[0, 9, 0, 9], [9, 13, 9, 13], [13, 24, 13, 24]])
    running = Running.of(*sides, edges)
    none = np.zeros(48, bool)
    whole = features(running, np.arange(3), none, none, np.zeros(3), similarities(running, np.arange(3)))
    middle = features(running, np.array([1]), none[:8], none[:8], np.zeros(1), similarities(running, np.array([1])))
    assert middle == pytest.approx(whole[[9, 10, 11, 12, 33, 34, 35, 36]], abs=1e-5)
    alone = features(running, np.array([1]), none[:8], none[:8], np.zeros(1), similarities(running, np.array([1]), near=False))
    assert (alone[:, FEATURES.index("elsewhere")] == 0).all()


def test_same_letters_and_batches():
    ar, en = (words(np.random.default_rng(1), [3, 2], ["x"]) for _ in range(2))
    ar.texts, en.texts = ["شركة", "IBM", "2024", "كلمة", "ibm"], ["the", "Ibm", "2023", "2024", "word"]
    running = Running.of(ar, en, np.array([[0, 3, 0, 3], [3, 5, 3, 5]]))
    assert np.flatnonzero(running.same_letters([0, 1])).tolist() == [1, 6]
    assert np.flatnonzero(running.same_letters([1])).tolist() == []
    assert list(running.batches([0, 1])) == [[0, 1]]
    long = Running.of(*(words(np.random.default_rng(2), [200, 3, 3], ["x"]) for _ in range(2)), np.array([[0, 200, 0, 200], [200, 203, 200, 203], [203, 206, 203, 206]]))
    assert list(long.batches([0, 1, 2])) == [[0], [1, 2]]


def side(rng: np.random.Generator, n: int) -> Side:
    """A random side of a bead of `n` words."""
    own = words(rng, [n], ["w"])
    explained = rng.random(n) < 0.2
    return Side("en", BeadText("", (), ()), own, own.starts, own.ends, explained, ~explained & (rng.random(n) < 0.2), float(rng.normal()),
                rng.normal(size=(n, len(FEATURES))).astype(np.float32), rng.normal(-1, 2, n).astype(np.float32))  # fmt: skip


def plain_runs(own: Side, read: np.ndarray) -> set[tuple[int, int]]:
    """Every run that `candidates` should name."""
    cuts, content, n = own.words.cuts, own.words.content, len(own.words)
    cut = [i for i in range(n + 1) if cuts[i] > 0]
    if len(cut) > 60:
        cut = [i for i in cut if cuts[i] > PHRASE or i in (0, n)]
    found = {(a, b) for a in cut for b in cut if a < b <= a + 40}
    hard = [i for i in range(n + 1) if cuts[i] == SENTENCE]
    found |= set(pairwise(hard))
    for odds, floor in ((own.odds, -1), (own.odds, 0), *((read, floor) for floor in (-2.5, -1.5, 0))):
        run: list[int] = []
        for i in range(n + 1):
            sure = i < n and content[i] and odds[i] <= floor
            if run and (cuts[i] >= COMMA or sure):
                if run[-1] + 1 - run[0] <= 40:
                    found.add((run[0], run[-1] + 1))
                run = []
            if i < n and content[i] and not sure:
                run.append(i)
    return found


def test_candidates_of_many_sides_equal_the_plain_way():
    rng = np.random.default_rng(4)
    sides = [side(rng, n) for n in (1, 12, 150, 2, 33)]
    letters = [10.0, 80.0, 500.0, 30.0, 100.0]
    read = [rng.normal(-2, 2, len(own.words)).astype(np.float32) for own in sides]
    for own, other, said, found in zip(sides, letters, read, candidates(sides, letters, read), strict=True):
        runs = list(zip(found.starts.tolist(), found.stops.tolist(), strict=True))
        assert runs == sorted(plain_runs(own, said))
        size = own.ends - own.starts + 1
        counted = own.words.content & ~own.explained
        weights = np.where(own.explained | own.alone, 0.15, 1) * np.where(own.words.content, 1, 0.25)
        bounded = np.clip(own.odds, -4, 4)
        value = {name: found.rows[:, k] for k, name in enumerate(spans.FEATURES)}
        for k in rng.choice(len(runs), min(len(runs), 40), replace=False):
            a, b = runs[k]
            w = weights[a:b] / weights[a:b].sum()
            inside = bounded[a:b][counted[a:b]]
            rest = np.delete(weights, slice(a, b))
            expected = {
                "mean": w @ bounded[a:b], "high": max(inside, default=-5), "low": min(inside, default=5), "words": np.log1p(b - a),
                "begin_mark": float(own.words.cuts[a] == COMMA), "end_clause": float(own.words.cuts[b] == CLAUSE),
                "outside": np.delete(weights * bounded, slice(a, b)).sum() / max(rest.sum(), 1e-3),
                "surplus": np.clip((size.sum() - other) / size[a:b].sum(), -2, 3), "share": size[a:b].sum() / size.sum(),
                "left_over": np.log((size.sum() - size[a:b].sum() + 8) / (other + 8)), "best": w @ own.rows[a:b, 0],
                "edge_left": bounded[a - 1] if a else -2, "edge_right": bounded[b] if b < len(bounded) else -2,
                "inner": min((own.words.cuts[a + 1 : b] >= COMMA).sum(), 5), "ratio": own.ratio,
                "chunk_kept": w @ own.rows[a:b, FEATURES.index("chunk_kept")],
                "alone": np.log1p(own.alone[a:b].sum()) - np.log1p(own.explained[a:b].sum()),
            }  # fmt: skip
            assert {name: value[name][k] for name in expected} == pytest.approx(expected, rel=1e-4, abs=1e-4)
    assert candidates([], [], []) == []


def test_log_odds_of_sides_are_those_of_each():
    rng = np.random.default_rng(6)
    found = candidates([side(rng, n) for n in (8, 5, 20)], [30.0, 20.0, 90.0], [np.full(n, -9.0) for n in (8, 5, 20)])
    together = spans.many_log_odds(["ar", "en", "ar"], found)
    for lang, one, odds in zip(("ar", "en", "ar"), found, together, strict=True):
        assert odds == pytest.approx(spans.log_odds(lang, one.rows), abs=1e-5)


def test_chosen_runs_do_not_overlap():
    found = spans.Candidates(np.array([0, 0, 2, 4]), np.array([3, 2, 4, 6]), np.zeros((4, len(spans.FEATURES))))
    assert chosen(found, np.array([1.0, 0.5, 0.8, -1.0]), -2.0) == [0, 3]
    assert chosen(found, np.array([1.0, 2.0, 0.8, -1.0]), 0.0) == [1, 2]


def test_log_odds_need_no_words():
    assert coverage.log_odds("ar", np.zeros((0, len(FEATURES)), np.float32)).shape == (0,)
