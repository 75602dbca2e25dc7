"""Trains the letter-pair table of `models/names/` from lists of name pairs.

usage: train_names.py letters OUT.tsv --pairs AR EN [--pairs AR EN ...]

Every line of AR is a name in Arabic script, the same line of EN the same name in Latin script. Chunks of 1 to 3 Latin
letters answer 0 to 2 Arabic letters (`^` and `$` mark the ends); their probabilities are learnt by expectation
maximisation over all segmentations, as in joint-sequence models (Bisani and Ney 2008, Speech Communication 50).
"""

import argparse
import math
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numba
import numpy as np

from align.names.letters import LATIN, SCRIPT, fold_arabic, fold_latin

LATIN_ID = {c: i for i, c in enumerate("^" + LATIN + "$")}
ARABIC_ID = {c: i + 1 for i, c in enumerate("^" + SCRIPT + "$")}  # 0: no letter
NL, NA = len(LATIN_ID), len(ARABIC_ID) + 1


def read_pairs(ar_path: Path, en_path: Path) -> Iterable[tuple[str, str]]:
    """Name tokens that answer each other, folded: all words of names with as many words on both sides."""
    ar_lines = ar_path.read_text(encoding="utf-8").splitlines()
    en_lines = en_path.read_text(encoding="utf-8").splitlines()
    for ar, en in zip(ar_lines, en_lines, strict=True):
        ar_words = [w for w in (fold_arabic(x) for x in ar.split()) if w]
        en_words = [w for w in (fold_latin(x) for x in en.replace("-", " ").split()) if w]
        if ar_words and len(ar_words) == len(en_words):
            for a, e in zip(ar_words, en_words, strict=True):
                if a.startswith("ال") and len(a) > 4 and not e.startswith(("al", "el")):
                    a = a[2:]
                yield a, e
        elif ar_words and len("".join(en_words)) <= 14 and abs(len(ar_words) - len(en_words)) == 1:
            yield "".join(ar_words), "".join(en_words)


def held_out(en: str) -> bool:
    """Whether a name is kept for evaluation: one in ten by its Latin form."""
    return zlib.crc32(en.encode()) % 10 == 0


def encode(pairs: list[tuple[str, str]]) -> tuple[np.ndarray, np.ndarray]:
    """Padded rows of letter numbers for both sides, -1 after the end."""
    latin = np.full((len(pairs), max(len(e) for _, e in pairs) + 2), -1, np.int16)
    arabic = np.full((len(pairs), max(len(a) for a, _ in pairs) + 2), -1, np.int16)
    for row, (a, e) in enumerate(pairs):
        latin[row, : len(e) + 2] = [LATIN_ID[c] for c in "^" + e + "$"]
        arabic[row, : len(a) + 2] = [ARABIC_ID[c] for c in "^" + a + "$"]
    return latin, arabic


@numba.njit(cache=True)
def chunk(row: np.ndarray, start: int, length: int, base: int) -> int:
    """The number of a chunk of letters: digits in base `base`, leading zeros for shorter ones (letters shifted by 1)."""
    value = 0
    for i in range(length):
        value = value * base + row[start + i] + 1
    return value


@numba.njit(cache=True)
def expect(latin, arabic, weights, log_p, counts, keep):  # noqa: ANN001 - compiled
    """One pass of expected chunk counts by forward and backward sums; returns the log likelihood of the names used.

    A name whose likelihood per letter is under `keep` is taken to be no transliteration and is left out.
    """
    base_l, base_a = 32, 64
    total = 0.0
    used = 0
    forward = np.zeros((64, 64))
    backward = np.zeros((64, 64))
    for row in range(latin.shape[0]):
        n = 0
        while n < latin.shape[1] and latin[row, n] >= 0:
            n += 1
        m = 0
        while m < arabic.shape[1] and arabic[row, m] >= 0:
            m += 1
        if n > 60 or m > 60:
            continue
        forward[: n + 1, : m + 1] = 0
        backward[: n + 1, : m + 1] = 0
        forward[0, 0] = 1
        backward[n, m] = 1
        for i in range(n + 1):
            for j in range(m + 1):
                value = forward[i, j]
                if value == 0:
                    continue
                for k in range(1, 4):
                    if i + k > n:
                        break
                    left = chunk(latin[row], i, k, base_l)
                    for q in range(3):
                        if j + q > m:
                            break
                        forward[i + k, j + q] += value * log_p[left, chunk(arabic[row], j, q, base_a)]
        z = forward[n, m]
        if z <= 0 or math.log(z) / (n + m) < keep:
            continue
        total += weights[row] * math.log(z)
        used += 1
        for i in range(n - 1, -1, -1):
            for j in range(m, -1, -1):
                value = 0.0
                for k in range(1, 4):
                    if i + k > n:
                        break
                    left = chunk(latin[row], i, k, base_l)
                    for q in range(3):
                        if j + q > m:
                            break
                        right = chunk(arabic[row], j, q, base_a)
                        p = log_p[left, right] * backward[i + k, j + q]
                        value += p
                        counts[left, right] += weights[row] * forward[i, j] * p / z
                backward[i, j] = value
    return total, used


def train(pairs: list[tuple[str, str]], rounds: int = 12, keep: float = -3.2) -> dict[tuple[str, str], float]:
    """Chunk pairs and their joint probabilities."""
    counted = Counter(pairs)
    unique = sorted(counted)
    weights = np.array([1 + math.log(counted[p]) for p in unique])
    latin, arabic = encode(unique)
    probability = np.zeros((32**3, 64**2), np.float32)
    start_counts(latin, arabic, probability)
    probability *= (np.arange(32**3)[:, None] >= 0) / probability.sum()
    for turn in range(rounds):
        counts = np.zeros_like(probability)
        total, used = expect(latin, arabic, weights, probability, counts, -9.9 if turn < 3 else keep)
        print(f"round {turn}: names {used} of {len(unique)}, log likelihood {total:.0f}, chunks {(counts > 0.5).sum()}")
        counts[counts < (0.05 if turn < rounds - 1 else 1.5)] = 0
        probability = (counts / counts.sum()).astype(np.float32)
    return {(name_latin(i), name_arabic(j)): float(probability[i, j]) for i, j in zip(*probability.nonzero(), strict=True)}


@numba.njit(cache=True)
def start_counts(latin, arabic, table) -> None:  # noqa: ANN001 - compiled
    """Fills `table` with how often chunks stand at about the same share of their names."""
    for row in range(latin.shape[0]):
        n = 0
        while n < latin.shape[1] and latin[row, n] >= 0:
            n += 1
        m = 0
        while m < arabic.shape[1] and arabic[row, m] >= 0:
            m += 1
        for i in range(n):
            for k in range(1, 4):
                if i + k > n:
                    break
                left = chunk(latin[row], i, k, 32)
                for j in range(m + 1):
                    if abs((i + k / 2) / n - j / m) > 0.3:
                        continue
                    for q in range(3):
                        if j + q > m:
                            break
                        # shorter chunks first: long ones must earn their place
                        table[left, chunk(arabic[row], j, q, 64)] += 0.3 ** (k - 1 + abs(q - 1))


def name_latin(number: int) -> str:
    """The letters of a Latin chunk number."""
    letters = "^" + LATIN + "$"
    out = ""
    while number:
        out = letters[number % 32 - 1] + out
        number //= 32
    return out


def name_arabic(number: int) -> str:
    """The letters of an Arabic chunk number."""
    letters = "^" + SCRIPT + "$"
    out = ""
    while number:
        out = letters[number % 64 - 2] + out
        number //= 64
    return out


def write_letters(table: dict[tuple[str, str], float], pairs: list[tuple[str, str]], path: Path) -> None:
    """Writes `latin<TAB>arabic<TAB>log probability` lines in hundredths of a nat.

    A letter of one side alone (the other field `*`) holds how often it occurs by chance.
    """
    latin, arabic = Counter(), Counter()
    for a, e in set(pairs):
        latin.update("^" + e + "$")
        arabic.update("^" + a + "$")
    n_latin, n_arabic = sum(latin.values()), sum(arabic.values())
    lines = [f"{c}\t*\t{round(100 * math.log(n / n_latin))}" for c, n in sorted(latin.items())]
    lines += [f"*\t{c}\t{round(100 * math.log(n / n_arabic))}" for c, n in sorted(arabic.items())]
    lines += [f"{left}\t{right}\t{round(100 * math.log(p))}" for (left, right), p in sorted(table.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{path}: {len(table)} chunk pairs, {path.stat().st_size} bytes")


def main() -> None:
    """Reads the arguments and trains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["letters"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--pairs", nargs=2, type=Path, action="append", required=True)
    options = parser.parse_args()
    pairs = [p for ar, en in options.pairs for p in read_pairs(ar, en) if not held_out(p[1])]
    write_letters(train(pairs), pairs, options.out)


if __name__ == "__main__":
    main()
