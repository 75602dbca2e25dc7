#!/usr/bin/env python3
"""Learn what mining judges pairs by: models/mine/projection.npz and models/mine/weights.json.

usage: train_mine.py [DATA]    DATA holds pairs/, train/, docs/; default: shared/data beside the checkout

Of Tatoeba and the UN texts (DATA/pairs) only the even lines are learnt from; `bench_mine.py` reports on the odd ones. The
projection is learnt twice: from a half of the pairs, for the weights to be fitted on the other half, and from all, for
use. Pools of many sizes, kinds and shares of true pairs are made by taking the counterparts of lines away and by adding
lines made of other lines' clauses. About an hour on one core.
"""

import json
import random
import re
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from train_flags import as_arrays

from align.encode import load
from align.lang.ar.letters import fold
from align.mine.candidates import FEATURES as OF_CANDIDATES
from align.mine.candidates import Candidates, candidates
from align.mine.choosing import RIVALS, greedy, network, rivals
from align.mine.cover import _MOST_WORDS, _WORD, cover, words
from align.mine.cover import FEATURES as OF_WORDS
from align.mine.facts import FEATURES as OF_FACTS
from align.mine.facts import agreement
from align.mine.flow import HOPELESS
from align.mine.pool import steps
from align.neighbours import build_index, search

HERE = Path(__file__).resolve().parents[1]
TARGET = HERE / "models" / "mine"
HALVED = ("pairs/tatoeba_opus", "pairs/unpc")
LINES = (*HALVED, "train/tatoeba_anki", "train/tldr")
DOCUMENTS = ("tico19", "bitcoin_org", "react_docs", "opensource_guide", "cs229", "spec_docs", "cc_licences", "quran", "bible")
NAMES = (("lexicons/names_wikidata_full", 6000), ("lexicons/lexicon_tico19_terms", 400))
POOLS = 160
EDGES = np.concatenate([[-np.inf], np.linspace(-8, 7.5, 32), [np.inf]])  # steps of log odds
PAIRED, STRANGERS = 3, 2  # kinds of lines with and without a counterpart
USUAL = 10  # lines thought of beside those of a pool
MOST_COUNTED = 600  # pairs of a pool, so that the large ones do not drown the others
NEAR_TEXT = 80  # of 100, likeness of letters from which two lines of a language count as one for making pools


@dataclass(frozen=True, slots=True)
class Pair:
    """A translated pair, the set it is from, and a key of each side without signs and marks."""

    source: str
    texts: tuple[str, str]
    keys: tuple[str, str]

    @property
    def half(self) -> int:
        """0 or 1, by a hash."""
        return zlib.crc32("|".join(self.keys).encode()) % 2


def key(text: str) -> str:
    """Letters and digits of a text, folded."""
    return " ".join(re.findall(r"[^\W_]+", fold(text).lower()))


def read_pairs(data: Path) -> list[Pair]:
    """Permissively licensed pairs; of HALVED the even lines, and nothing that stands in the odd ones."""
    held: tuple[set[str], set[str]] = (set(), set())
    out = []
    for name in LINES:
        sides = [(data / f"{name}.{lang}").read_text("utf-8").split("\n") for lang in ("ar", "en")]
        rows = list(zip(*sides, strict=True))
        if name in HALVED:
            for ar, en in rows[1::2]:
                held[0].add(key(ar))
                held[1].add(key(en))
            rows = rows[::2]
        out += [(name, ar, en) for ar, en in rows]
    for name in DOCUMENTS:
        for line in (data / "docs" / f"{name}.jsonl").open(encoding="utf-8"):
            item = json.loads(line)
            out += [(name, " ".join(item["ar"][i] for i in a), " ".join(item["en"][j] for j in e)) for a, e in item["gold"]]
    pairs = [Pair(name, (" ".join(ar.split())[:1000], " ".join(en.split())[:1000]), (key(ar), key(en))) for name, ar, en in out]
    pairs = [p for p in pairs if all(p.keys) and p.keys[0] not in held[0] and p.keys[1] not in held[1]]
    return list({p.keys: p for p in pairs}.values())


def read_names(data: Path) -> list[tuple[str, str]]:
    """Names and terms, which help to map words."""
    rng, out = random.Random(1), []
    for name, most in NAMES:
        sides = [(data / f"{name}.{lang}").read_text("utf-8").split("\n") for lang in ("ar", "en")]
        rows = [row for row in zip(*sides, strict=True) if all(row)]
        rng.shuffle(rows)
        out += rows[:most]
    return out


# ---- the space of words ------------------------------------------------------------------------------------------


def learn_projection(pairs: Sequence[tuple[str, str]], encoder, epochs: int = 3, batch: int = 64) -> dict[str, np.ndarray]:
    """The map from words' states to 128 dimensions in which lines cover their translations better than near others."""
    import torch
    from torch.nn.functional import cross_entropy

    torch.manual_seed(0)
    rng = random.Random(0)
    states = [[], []]
    for k, side in enumerate(states):
        for at in range(0, len(pairs), 512):
            texts = [pair[k] for pair in pairs[at : at + 512]]
            places = [[m.span() for m in _WORD.finditer(text)][:_MOST_WORDS] for text in texts]
            side += [torch.from_numpy(found).half() for found in encoder.word_states(texts, places)]
    kept = [i for i in range(len(pairs)) if len(states[0][i]) and len(states[1][i])]
    keys = [(key(pairs[i][0]), key(pairs[i][1])) for i in kept]
    vectors = encoder.encode([pairs[i][0] for i in kept]) + encoder.encode([pairs[i][1] for i in kept])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    near = search(build_index([vectors], kind="flat"), vectors, 24).ids
    sample = torch.cat([x for side in states for x in side[::30]]).float()
    sample = sample / sample.norm(dim=1, keepdim=True).clamp_min(1e-6)
    middle = sample.mean(0)
    axes = torch.linalg.svd(sample - middle, full_matrices=False)[2][:128].T
    maps = torch.nn.Parameter(torch.stack([axes, axes]))
    biases = torch.nn.Parameter(-(middle @ axes).repeat(2, 1))
    gates, gate_biases = torch.nn.Parameter(torch.zeros(2, axes.shape[0])), torch.nn.Parameter(torch.zeros(2))
    scale = torch.nn.Parameter(torch.tensor(3.0))
    rates = [([maps, biases], 1e-3), ([gates, gate_biases], 3e-3), ([scale], 1e-2)]
    optimizer = torch.optim.AdamW([{"params": p, "lr": rate} for p, rate in rates], weight_decay=0.01)
    steps = epochs * (len(kept) // batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.03, 1 - step / steps))

    def seen(k: int, ids: list[int]):
        x = torch.nn.utils.rnn.pad_sequence([states[k][kept[i]].float() for i in ids], batch_first=True)
        mask = torch.arange(x.shape[1])[None] < torch.tensor([len(states[k][kept[i]]) for i in ids])[:, None]
        x = x / x.norm(dim=-1, keepdim=True).clamp_min(1e-6)
        z = x @ maps[k] + biases[k]
        return z / z.norm(dim=-1, keepdim=True).clamp_min(1e-6), torch.nn.functional.softplus(8 * (x @ gates[k]) + gate_biases[k]) * mask, mask

    for _ in range(epochs):
        for ids in _batches(near, keys, [len(states[1][i]) for i in kept], batch, rng):
            (za, ga, ma), (zb, gb, mb) = seen(0, ids), seen(1, ids)
            sims = torch.einsum("iad,jbd->ijab", za, zb).masked_fill(~(ma[:, None, :, None] & mb[None, :, None, :]), -1)
            there = (sims.max(3).values * ga[:, None]).sum(2) / ga.sum(1)[:, None]
            back = (sims.max(2).values * gb[None]).sum(2) / gb.sum(1)[None]
            same = torch.tensor([[a != b and bool(set(keys[a]) & set(keys[b])) for b in ids] for a in ids])
            both = (there + back) / 2
            loss = sum(cross_entropy((x * scale.exp()).masked_fill(same, -50), torch.arange(len(ids)))
                       for x in (there, there.T, back, back.T, both, both.T)) / 6  # fmt: skip
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return as_arrays(maps, biases, gates, gate_biases)


def _batches(near: np.ndarray, keys: Sequence[tuple[str, str]], sizes: Sequence[int], batch: int, rng: random.Random) -> list[list[int]]:
    """Batches of groups of lines hard to tell apart, lines of like length together."""
    free = np.ones(len(near), bool)
    order = list(range(len(near)))
    rng.shuffle(order)
    groups = []
    for start in order:
        if not free[start]:
            continue
        group, seen = [], (set(), set())
        for i in (start, *near[start].tolist()):
            if i >= 0 and free[i] and keys[i][0] not in seen[0] and keys[i][1] not in seen[1] and len(group) < 8:
                group.append(i)
                seen[0].add(keys[i][0])
                seen[1].add(keys[i][1])
                free[i] = False
        groups.append((sizes[start] + 6 * rng.random(), group))
    flat = [i for _, group in sorted(groups) for i in group]
    out = [flat[at : at + batch] for at in range(0, len(flat) - batch + 1, batch)]
    rng.shuffle(out)
    return out


# ---- pools -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pool:
    """Lines of both sides, none twice, and which pairs of them are right."""

    texts: tuple[list[str], list[str]]
    gold: set[tuple[int, int]]


def families(pairs: Sequence[Pair], vectors: tuple[np.ndarray, np.ndarray]) -> list[int]:
    """A number a pair, the same for pairs that nearly repeat each other on a side, directly or through others."""
    from rapidfuzz import fuzz

    parent = list(range(len(pairs)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for k, rows in enumerate(vectors):
        near = search(build_index([rows]), rows, 9)
        for i, (ids, sims) in enumerate(zip(near.ids.tolist(), near.sims.tolist(), strict=True)):
            for j, sim in zip(ids, sims, strict=True):
                if j >= 0 and j != i and (sim > 0.95 or (sim > 0.6 and fuzz.ratio(pairs[i].keys[k], pairs[j].keys[k]) >= NEAR_TEXT)):
                    parent[root(i)] = root(j)
    return [root(i) for i in range(len(pairs))]


def clauses(text: str) -> list[str]:
    """Parts of a line between signs, or its halves."""
    parts = [part for part in re.split(r"(?<=[،,;؛:.!?؟…])\s+|\s+[—–-]\s+", text) if len(part) > 3]
    found = text.split()
    if len(parts) < 2 and len(found) >= 6:
        parts = [" ".join(found[: len(found) // 2]), " ".join(found[len(found) // 2 :])]
    return parts


def make_pool(pairs: Sequence[Pair], family: Sequence[int], rng: random.Random) -> Pool:
    """A pool of one to three sets of pairs: some whole, of others one side, and lines made of those.

    In some pools all lines of one side have a counterpart; in some the strangers of the two sides are of different sets,
    so that they have no subject in common.
    """
    weights = {"pairs/tatoeba_opus": 4, "pairs/unpc": 4}
    sources = sorted({p.source for p in pairs})
    chosen = set(rng.choices(sources, [weights.get(s, 1) for s in sources], k=rng.choice((1, 1, 2, 3))))
    whole = int(np.exp(rng.uniform(np.log(60), np.log(2500))))
    share = 1.0 if rng.random() < 0.2 else float(np.exp(rng.uniform(np.log(0.04), 0)))
    lone = max(0, min(int(whole / share), 9000) - whole)
    tilt = rng.choice((0.0, 2.0)) if rng.random() < 0.3 else rng.uniform(0.5, 1.5)
    apart = {source: rng.randrange(2) for source in sources} if rng.random() < 0.4 else {}
    wanted = int(lone * tilt), int(lone * (2 - tilt))
    groups: dict[int, list[Pair]] = defaultdict(list)
    for p, group in zip(pairs, family, strict=True):
        groups[group].append(p)
    numbers = list(groups)
    rng.shuffle(numbers)
    numbers.sort(key=lambda g: (groups[g][0].source not in chosen))
    gold: list[Pair] = []
    others: tuple[list[str], list[str]] = ([], [])
    for number in numbers:
        if len(gold) < whole and groups[number][0].source in chosen:
            gold += groups[number]
        else:
            side = apart.get(groups[number][0].source, rng.randrange(2))
            others[side].extend(p.texts[side] for p in groups[number])
    lines: tuple[dict[str, str], dict[str, str]] = ({}, {})
    pairs_of = []
    for p in gold[:whole]:
        pairs_of.append(tuple(lines[k].setdefault(p.keys[k], p.texts[k]) and p.keys[k] for k in (0, 1)))
    for k in (0, 1):
        more = others[k][: wanted[k]]
        pieces = [part for text in others[k] for part in clauses(text)]
        while pieces and len(more) < wanted[k]:
            more.append(f"{rng.choice(pieces)} {rng.choice(pieces)}")
        for text in more:
            lines[k].setdefault(key(text), text)
    index = [{name: i for i, name in enumerate(side)} for side in lines]
    return Pool((list(lines[0].values()), list(lines[1].values())), {(index[0][a], index[1][e]) for a, e in pairs_of})


def pool_rows(pool: Pool, encoder, table: dict[str, np.ndarray]) -> tuple[Candidates, np.ndarray, np.ndarray]:
    """Candidates of a pool, what words and facts tell of them, and which are right."""
    vectors = [encoder.encode(side) for side in pool.texts]
    index = [build_index([rows], kind="flat") for rows in vectors]
    found = candidates(search(index[1], vectors[0], 8), search(index[0], vectors[1], 8),
                       tuple(np.array([len(t) for t in side]) for side in pool.texts), floor(*vectors))  # fmt: skip
    extra = evidence(pool.texts, found, encoder, table)
    right = np.array([pair in pool.gold for pair in zip(found.ar.tolist(), found.en.tolist(), strict=True)])
    return found, extra, right


def evidence(texts: Sequence[Sequence[str]], found: Candidates, encoder, table: dict[str, np.ndarray] | None) -> np.ndarray:
    """The features of words and facts, a row a candidate."""
    sides, places = [], []
    for lang, side, ids in zip(("ar", "en"), texts, (found.ar, found.en), strict=True):
        lines, at = np.unique(ids, return_inverse=True)
        sides.append(words(lang, [side[i] for i in lines.tolist()], encoder.word_states, table))
        places.append(at)
    facts = [agreement(texts[0][i], texts[1][j]) for i, j in zip(found.ar.tolist(), found.en.tolist(), strict=True)]
    return np.concatenate([cover(*sides, *places), np.array(facts, np.float32).reshape(len(found), 4)], 1)


def floor(ar: np.ndarray, en: np.ndarray) -> float:
    """The mean similarity of lines that have nothing to do with each other."""
    return float(ar.mean(0) @ en.mean(0))


# ---- weights -----------------------------------------------------------------------------------------------------


def _log_odds(share: float) -> float:
    share = float(np.clip(share, 0.01, 0.99))
    return float(np.log(share / (1 - share)))


def learn_first(rows: list[np.ndarray], right: list[np.ndarray], seed: int = 0) -> dict:
    """A network for the log of the likelihood ratio: each pool's own share of right candidates is given to it."""
    import torch

    torch.manual_seed(seed)
    x, y = np.concatenate(rows), np.concatenate(right).astype(np.float32)
    weight = np.concatenate([np.full(len(r), len(r) ** -0.5) for r in right])
    offset = np.concatenate([np.full(len(r), _log_odds(r.mean())) for r in right])
    mean, scale = x.mean(0), x.std(0) + 1e-6
    z = torch.tensor((x - mean) / scale).float().clamp(-6, 6)
    target, shift, weight = (torch.tensor(v).float() for v in (y, offset, weight / weight.mean()))
    layers: list[torch.nn.Module] = []
    size = x.shape[1]
    for width in (24, 12):
        layers += [torch.nn.Linear(size, width), torch.nn.Tanh()]
        size = width
    net = torch.nn.Sequential(*layers, torch.nn.Linear(size, 1))
    epochs = 25
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=2e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * (len(z) // 1024 + 1))
    for _ in range(epochs):
        for ids in torch.randperm(len(z)).split(1024):
            losses = torch.nn.functional.binary_cross_entropy_with_logits(net(z[ids])[:, 0] + shift[ids], target[ids], reduction="none")
            optimizer.zero_grad()
            (losses * weight[ids]).mean().backward()
            optimizer.step()
            schedule.step()
    dense = [layer for layer in net if isinstance(layer, torch.nn.Linear)]
    stored = [(layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in dense]
    return {"mean": _short(mean), "scale": _short(scale), "layers": [[_short(w), _short(b)] for w, b in stored]}


def learn_second(rows: list[np.ndarray], right: list[np.ndarray]) -> dict:
    """Logistic weights of RIVALS for the pairs chosen, each pool's own share given."""
    import torch

    x, y = np.concatenate(rows), np.concatenate(right).astype(float)
    weight = np.concatenate([np.full(len(r), len(r) ** -0.5) for r in right])
    offset = np.concatenate([np.full(len(r), _log_odds(r.mean())) for r in right])
    mean, scale = x.mean(0), x.std(0) + 1e-9
    z, target, shift, weight = (torch.tensor(v) for v in ((x - mean) / scale, y, offset, weight / weight.mean()))
    found = torch.zeros(x.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([found], max_iter=200)

    def loss():
        optimizer.zero_grad()
        each = torch.nn.functional.binary_cross_entropy_with_logits(z @ found[:-1] + found[-1] + shift, target, reduction="none")
        value = (each * weight).mean()
        value.backward()
        return value

    optimizer.step(loss)
    got = found.detach().numpy()
    return {"mean": _short(mean), "scale": _short(scale), "weights": _short(got[:-1]), "bias": round(float(got[-1]), 4)}


def learn_kinds(odds: list[np.ndarray], right: list[np.ndarray]) -> dict:
    """Kinds of lines whose mixtures explain the log odds of right and wrong pairs of all pools; see `align.mine.pool`.

    Probabilistic latent semantic analysis with the pools as documents, and steps of log odds of right and of wrong pairs
    as words; STRANGERS kinds have wrong pairs only. Kinds begin as pools from hard to easy, and are kept smooth.
    """
    inner = EDGES[1:-1]
    counts = np.zeros((len(odds), 2, len(inner) + 1))
    for pool, own, truth in zip(counts, odds, right, strict=True):
        np.add.at(pool, (truth.astype(int), steps(own, inner)), 1)
    total = counts.sum((1, 2), keepdims=True)
    counts *= np.minimum(1, MOST_COUNTED / np.maximum(total, 1))
    place = np.arange(counts.shape[2])
    middle = (counts * place).sum(2) / np.maximum(counts.sum(2), 1e-9)
    kinds = np.zeros((PAIRED + STRANGERS, 2, len(place)))
    for kind, members in zip(kinds, np.array_split(np.argsort(middle[:, 1]), PAIRED), strict=False):
        kind[:] = counts[members].sum(0) * [[0.1], [1.0]]
    many = np.flatnonzero(counts[:, 0].sum(1) >= 50)
    for kind, members in zip(kinds[PAIRED:], np.array_split(many[np.argsort(middle[many, 0])], STRANGERS), strict=True):
        kind[0] = counts[members, 0].sum(0)
    blur = np.exp(-0.5 * ((place[:, None] - place) / 0.7) ** 2)
    blur /= blur.sum(1, keepdims=True)

    def smooth(values: np.ndarray) -> np.ndarray:
        values = values @ blur + 1e-6
        values[PAIRED:, 1] = 0
        return values / values.sum((1, 2), keepdims=True)

    kinds = smooth(kinds)
    shares = np.full((len(counts), len(kinds)), 1 / len(kinds))
    for _ in range(400):
        ratio = counts / np.maximum(np.einsum("pk,kyb->pyb", shares, kinds), 1e-12)
        held = shares * np.einsum("pyb,kyb->pk", ratio, kinds) + 0.2
        kinds = smooth(kinds * np.einsum("pyb,pk->kyb", ratio, shares))
        shares = held / held.sum(1, keepdims=True)
    usual = USUAL * shares.mean(0)
    return {"edges": _short(inner), "right": np.round(kinds[:, 1], 7).tolist(), "wrong": np.round(kinds[:, 0], 7).tolist(),
            "usual": _short(usual)}  # fmt: skip


def _short(values: np.ndarray) -> list:
    return np.round(np.asarray(values, np.float64), 4).tolist()


def _hopeful(model: dict, found: Candidates, extra: np.ndarray, right: np.ndarray) -> tuple[Candidates, np.ndarray, np.ndarray]:
    """The candidates whose words are looked at in use."""
    kept = np.flatnonzero(network(model, found.features) >= HOPELESS)
    return found.take(kept), extra[kept], right[kept]


def learn(pools: Iterable[tuple[Candidates, np.ndarray, np.ndarray]]) -> dict:
    """Both models: of vectors and lengths alone, and with words and facts."""
    pools = list(pools)
    out: dict = {}
    for name in ("plain", "words"):
        if name == "words":
            pools = [_hopeful(out["plain"]["first"], *pool) for pool in pools]
        right = [r for _, _, r in pools]
        rows = [found.features if name == "plain" else np.concatenate([found.features, extra], 1) for found, extra, _ in pools]
        features = OF_CANDIDATES if name == "plain" else (*OF_CANDIDATES, *OF_WORDS, *OF_FACTS)
        first = {"features": features, **learn_first(rows, right)}
        chosen = []
        for (found, _, own), row in zip(pools, rows, strict=True):
            odds = network(first, row)
            taken = greedy(found, odds)
            chosen.append((rivals(found, odds)[taken], own[taken]))
        second = {"features": RIVALS, **learn_second([c for c, _ in chosen], [r for _, r in chosen])}
        odds = [((row - second["mean"]) / second["scale"]) @ np.array(second["weights"]) + second["bias"] for row, _ in chosen]
        out[name] = {"first": first, "second": second, "kinds": learn_kinds(odds, [r for _, r in chosen])}
    return out


def main() -> None:
    """Learn and write everything."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "shared" / "data"
    encoder = load(cache=False)
    pairs, names = read_pairs(data), read_names(data)
    print(f"{len(pairs)} pairs, {len(names)} names", flush=True)
    half = learn_projection([p.texts for p in pairs if p.half] + names, encoder)
    rest = [p for p in pairs if not p.half]
    vectors = tuple(encoder.encode([p.texts[k] for p in rest]) for k in (0, 1))
    family = families(rest, vectors)
    rng = random.Random(3)
    rows = []
    for number in range(POOLS):
        pool = make_pool(rest, family, rng)
        rows.append(pool_rows(pool, encoder, {name: value.astype(np.float32) for name, value in half.items()}))
        found, _, right = rows[-1]
        print(f"pool {number}: {len(pool.texts[0])} x {len(pool.texts[1])}, {len(pool.gold)} right, "
              f"{int(right.sum())} of {len(found)} candidates", flush=True)  # fmt: skip
    TARGET.mkdir(exist_ok=True)
    (TARGET / "weights.json").write_text(json.dumps(learn(rows)) + "\n", "utf-8")
    np.savez_compressed(TARGET / "projection.npz", **learn_projection([p.texts for p in pairs] + names, encoder))


if __name__ == "__main__":
    main()
