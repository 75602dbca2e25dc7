"""Trains the tables of `models/names/` from lists of name pairs and from parallel text.

usage: train_names.py letters OUT.tsv --pairs AR EN [--pairs AR EN ...]
       train_names.py weights model.toml --pairs AR EN ...      prints the calibration to be set in model.toml
       train_names.py words FOLDER --pairs AR EN ... --text AR EN ... --documents FILE.jsonl ...
                                   --pieces SENTENCEPIECE.model --dictionary WORDS.txt
       train_names.py more words.en.txt.xz --documents FILE.jsonl ...      further ordinary words, of prose
       train_names.py people OUT.tsv.xz --pairs AR EN ...       names of people and how they are spelled

Every line of AR is a name in Arabic script, the same line of EN the same name in Latin script. Chunks of 1 to 3 Latin
letters answer 0 to 2 Arabic letters (`^` and `$` mark the ends); their probabilities are learnt by expectation
maximisation over all segmentations, as in joint-sequence models (Bisani and Ney 2008, Speech Communication 50).
"""

import argparse
import json
import lzma
import math
import random
import re
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numba
import numpy as np
from rapidfuzz.distance import Levenshtein

from align.lang.names.letters import LATIN, SCRIPT, features, fold_arabic, fold_latin, judged, probability
from align.lang.names.lexicon import ENGLISH_TOKEN, bare, shipped_lexicon
from align.lang.names.words import bloom_places, is_english_word, runs, variants

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
    """The number of a chunk of letters: digits in base `base`, letters shifted by 1."""
    value = 0
    for i in range(length):
        value = value * base + row[start + i] + 1
    return value


@numba.njit(cache=True)
def expect(latin, arabic, weights, log_p, counts, keep):
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
    return {
        (name_latin(i), name_arabic(j)): float(probability[i, j]) for i, j in zip(*probability.nonzero(), strict=True)
    }


@numba.njit(cache=True)
def start_counts(latin, arabic, table) -> None:
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


def near_misses(pairs: list[tuple[str, str]], known: dict[str, set[str]], rng: random.Random) -> list[tuple[str, str]]:
    """For each pair an Arabic name with other consonants that is spelled nearly alike, where there is one."""
    vowels = str.maketrans("", "", "اويءهة")
    every = sorted({a for a, _ in pairs})
    out = []
    for ar, en in pairs:
        right = {a.translate(vowels) for a in known[en]}
        near = [
            a for a in rng.sample(every, min(2000, len(every)))
            if abs(len(a) - len(ar)) < 2 and Levenshtein.distance(a, ar) <= max(1, len(ar) // 3)
            and a.translate(vowels) not in right
        ]  # fmt: skip
        if near:
            out.append((rng.choice(near), en))
    return out


def strangers(pairs: list[tuple[str, str]], known: dict[str, set[str]], rng: random.Random) -> list[tuple[str, str]]:
    """Each Latin name with an Arabic one drawn at random."""
    every = sorted({a for a, _ in pairs})
    drawn = [(rng.choice(every), en) for _, en in pairs]
    return [(a, e) for a, e in drawn if a not in known[e]]


def calibrate(pairs: list[tuple[str, str]]) -> list[float]:
    """Logistic weights over `judged` features: held-out pairs against near misses and strangers, equally weighted."""
    rng = random.Random(7)
    known: dict[str, set[str]] = {}
    for a, e in pairs:
        known.setdefault(e, set()).add(a)
    right = sorted({p for p in pairs if held_out(p[1]) and 2 < len(p[1]) < 14 and 1 < len(p[0]) < 12})
    rng.shuffle(right)
    right = right[:6000]
    groups = [(right, 1.0), (near_misses(right, known, rng), 0.0), (strangers(right, known, rng), 0.0)]
    rows, labels, weights = [], [], []
    for group, label in groups:
        found = [(features(e, a), len(e), len(a)) for a, e in group]
        # lists of names hold nicknames and slips: what is hopeless is no transliteration
        kept = [judged(f, n, m) for f, n, m in found if f is not None and not (label and f[1] > 22 and f[2] > 22)]
        rows += kept
        labels += [label] * len(kept)
        weights += [(1.0 if label else 0.5) * len(right) / len(kept)] * len(kept)
    x, y, w = np.array(rows), np.array(labels), np.array(weights)
    scale = np.maximum(x.std(0), 1e-6)
    scale[-1] = 1
    z = x / scale
    beta = np.zeros(z.shape[1])
    for _ in range(50):  # Newton's method with a small ridge
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        gradient = z.T @ (w * (p - y)) + 1e-2 * beta
        hessian = (z * (w * p * (1 - p))[:, None]).T @ z + 1e-2 * np.eye(len(beta))
        beta -= np.linalg.solve(hessian, gradient)
    return [round(float(b), 4) for b in beta / scale]


Lines = Iterable[tuple[str, str]]
ARABIC_WORD = re.compile("[\u0621-\u065f\u0670-\u06d3]+")
ENGLISH_WORD = re.compile("[A-Za-zÀ-ž]+(?:['’][a-z]+)?")


def read_text(texts: list[tuple[Path, Path]], documents: list[Path]) -> Lines:
    """Lines that answer each other: of files side by side, and of the beads of documents."""
    for ar, en in texts:
        yield from zip(
            ar.read_text(encoding="utf-8").split("\n"), en.read_text(encoding="utf-8").split("\n"), strict=True
        )
    for path in documents:
        for line in path.read_text(encoding="utf-8").splitlines():
            document = json.loads(line)
            for ar, en in document["gold"]:
                yield " ".join(document["ar"][i] for i in ar), " ".join(document["en"][i] for i in en)


def ordinary(lines: list[tuple[str, str]], pieces: set[str], dictionary: set[str]) -> tuple[set[str], set[str]]:
    """Words of both languages that are no names: English ones by their case, Arabic ones by their English lines.

    An Arabic form is a name if in most of its lines some English word that is never written small sounds like it.
    """
    small, large = Counter(), Counter()
    for _, en in lines:
        for word in ENGLISH_WORD.findall(en):
            (small if word[0].islower() else large)[word.lower()] += 1
    # a slip of the hand ("paris") must not make a name a word
    english = {w for w, n in small.items() if len(w) > 1 and (n >= 2 and n * 5 >= large[w] or w in dictionary)}
    english |= {p for p in pieces if p.isascii() and p.isalpha() and len(p) > 2 and p in dictionary}
    seen, named = Counter(), Counter()
    for ar, en in lines:
        names = [fold_latin(w) for w in ENGLISH_WORD.findall(en) if w[0].isupper() and w.lower() not in english]
        names = [n for n in names if len(n) > 2]
        for word in {fold_arabic(w) for w in ARABIC_WORD.findall(ar)}:
            seen[word] += 1
            named[word] += any(probability(n, form) > 0.2 for n in names for form in variants(word))
    arabic = {w for w in seen if len(w) > 1 and named[w] * 5 < seen[w] * 2}
    names = {w for w in seen if named[w] * 5 >= seen[w] * 2}
    arabic |= {f for f in (fold_arabic(p) for p in pieces) if len(f) > 2} - names
    return arabic, english


def more_words(paths: list[Path], path: Path) -> None:
    """Adds to the list of ordinary English words those that documents of prose write small, twice and as a rule.

    The documents are those of collections of texts in two languages, `first` and `second`.
    """
    small, large = Counter(), Counter()
    for line in (line for path in paths for line in path.read_text(encoding="utf-8").splitlines()):
        document = json.loads(line)
        for lang, lines in zip(document["langs"], (document["first"], document["second"]), strict=True):
            for word in (w for text in lines for w in ENGLISH_WORD.findall(text)) if lang == "en" else ():
                (small if word[0].islower() else large)[word.lower()] += 1
    add_words(path, {w for w, n in small.items() if len(w) > 2 and w.isascii() and w.isalpha() and n >= 2 and n * 5 >= large[w] and not is_english_word(w)})


def add_words(path: Path, words: set[str]) -> None:
    """Writes a list again with further words."""
    write_words(sorted({*lzma.decompress(path.read_bytes()).decode().split("\n"), *words}), path)
    print(f"{len(words)} words more")


def thin(words: set[str]) -> list[str]:
    """The words without those that only a clitic or the article parts from another."""
    return sorted(w for w in words if not any(f in words and len(f) > 2 for f in variants(w)[1:]))


def write_words(words: Iterable[str], path: Path) -> None:
    """Writes a sorted list, compressed."""
    path.write_bytes(lzma.compress("\n".join(words).encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{path}: {path.stat().st_size} bytes")


def learn_shape(names: set[str], words: set[str], size: int = 6000) -> dict[str, float]:
    """Weights of runs of 1 to 4 letters that tell foreign names from Arabic words: logistic regression, averaged."""
    rng = random.Random(3)
    rows = [(runs(n), 1.0) for n in names if len(n) > 2] + [(runs(w), 0.0) for w in words if len(w) > 2]
    counted = Counter(r for found, _ in rows for r in found)
    balance = sum(y for _, y in rows) / len(rows)
    weights: dict[str, float] = {}
    total: Counter[str] = Counter()
    bias = 0.0
    for turn in range(6):
        rng.shuffle(rows)
        for found, y in rows:
            kept = [r for r in found if counted[r] >= 8]
            z = bias + sum(weights.get(r, 0.0) for r in kept)
            p = 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))
            step = 0.15 / (1 + turn) * (y - p) * (1 - balance if y else balance) * 2
            bias += 0.1 * step
            for r in kept:
                weights[r] = weights.get(r, 0.0) * (1 - 1e-4) + step
    for r, w in weights.items():
        total[r] = abs(w) * math.sqrt(counted[r])
    kept = {r: weights[r] for r, _ in total.most_common(size)}
    return kept | {"": bias}


def bloom(words: list[str], bits_a_word: int = 9) -> bytes:
    """A Bloom filter of the words: see `align.lang.names.words.bloom_places`."""
    size = len(words) * bits_a_word // 8
    data = bytearray(size)
    for word in words:
        for place in bloom_places(word, size * 8):
            data[place >> 3] |= 1 << (place & 7)
    return bytes(data)


def measure_forms(lines: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """For every single-word form of the exonyms: lines that hold it, and those whose other side holds its entry."""
    lexicon = shipped_lexicon()
    count, hits = Counter(), Counter()
    for ar, en in lines:
        words = [w for w in (fold_arabic(x) for x in ARABIC_WORD.findall(ar)) if w]
        tokens = [bare(m.group()) for m in ENGLISH_TOKEN.finditer(en)]
        found_ar: dict[int, set[str]] = {}
        for i, n, entry in lexicon.in_arabic(words):
            found_ar.setdefault(entry, set()).update([words[i]] if n == 1 else [])
        found_en: dict[int, set[str]] = {}
        for i in range(len(tokens)):
            n, entries = lexicon.in_english(tokens, i)
            for entry in entries:
                found_en.setdefault(entry, set()).add(" ".join(tokens[i : i + n]))
        for word in {w for ws in found_ar.values() for w in ws}:
            count["ar", word] += 1
            hits["ar", word] += any(word in ws and entry in found_en for entry, ws in found_ar.items())
        for form in {f for fs in found_en.values() for f in fs}:
            count["en", form] += 1
            hits["en", form] += form in ar or any(form in fs and entry in found_ar for entry, fs in found_en.items())
    return {k: (n, hits[k]) for k, n in count.items() if n >= 3}


def make_words(options: argparse.Namespace, pairs: list[tuple[str, str]]) -> None:
    """Writes the lists of ordinary words and the shape of foreign names."""
    import sentencepiece

    model = sentencepiece.SentencePieceProcessor(model_file=str(options.pieces))
    every = (model.id_to_piece(i) for i in range(model.get_piece_size()))
    pieces = {p[1:] for p in every if p.startswith("▁") and (p[1:2].islower() or ARABIC_WORD.fullmatch(p[1:]))}
    dictionary = {w for w in options.dictionary.read_text(encoding="utf-8").split() if w.islower()}
    lines = list(read_text(options.text, options.documents))
    arabic, english = ordinary(lines, pieces, dictionary)
    write_words(thin(arabic), options.out / "words.ar.txt.xz")
    write_words(sorted(english), options.out / "words.en.txt.xz")
    rare = sorted(w for w in dictionary - english if w.isascii() and w.isalpha() and 3 < len(w) < 14)
    (options.out / "rare.en.bloom").write_bytes(bloom(rare))
    foreign = {
        a
        for a, e in pairs
        if not e.startswith(("al", "el", "ben", "bin", "ibn", "abd", "abu", "bou")) and 3 < len(a) < 13
    }
    plain = set(thin(arabic)) | arabic
    shape = learn_shape(foreign - arabic, plain)
    reliability = measure_forms(lines)
    text = "\n".join(f"{lang}\t{form}\t{n}\t{hits}" for (lang, form), (n, hits) in sorted(reliability.items()))
    (options.out / "forms.tsv").write_text(text + "\n", encoding="utf-8")
    text = "\n".join(f"{run}\t{round(100 * w)}" for run, w in sorted(shape.items()))
    (options.out / "shape.tsv").write_text(text + "\n", encoding="utf-8")
    print(f"{len(arabic)} Arabic and {len(english)} English words, {len(shape)} runs of letters")


_ARTICLES = frozenset("al el ul as ash an ar at az ad es".split())


def people_pairs(ar_path: Path, en_path: Path) -> Iterable[tuple[str, str]]:
    """Parts of names of people that answer each other, folded, without articles: of names with as many on both sides."""
    lines = (path.read_text(encoding="utf-8").splitlines() for path in (ar_path, en_path))
    for ar, en in zip(*lines, strict=True):
        ar_words = [w for w in (fold_arabic(x) for x in ar.replace("-", " ").split()) if w]
        ar_words = [w[2:] if w.startswith("ال") and len(w) > 4 else w for w in ar_words]
        en_words = [w for w in (fold_latin(x) for x in en.replace("-", " ").split()) if w and w not in _ARTICLES]
        if len(ar_words) == len(en_words):
            yield from zip(ar_words, en_words, strict=True)


def make_people(files: list[tuple[Path, Path]], path: Path) -> None:
    """Writes Latin form, Arabic form and how often they answered each other, of what is no slip: twice, or alike in sound."""
    counts = Counter(p for ar, en in files for p in people_pairs(ar, en) if len(p[0]) > 1 and len(p[1]) > 1)
    latin, arabic = Counter(), Counter()
    for (a, e), n in counts.items():
        latin[e] += n
        arabic[a] += n
    rows = [(e, a, n) for (a, e), n in counts.items()
            if n > 1 and latin[e] > 2 and n >= 0.01 * min(latin[e], arabic[a]) and (n > 3 or probability(e, a) > 0.1)]  # fmt: skip
    text = "\n".join(f"{e}\t{a}\t{n}" for e, a, n in sorted(rows))
    path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(rows)} pairs")


def main() -> None:
    """Reads the arguments and trains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["letters", "weights", "words", "more", "people"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--pairs", nargs=2, type=Path, action="append", default=[])
    parser.add_argument("--text", nargs=2, type=Path, action="append", default=[])
    parser.add_argument("--documents", type=Path, action="append", default=[])
    parser.add_argument("--pieces", type=Path)
    parser.add_argument("--dictionary", type=Path)
    options = parser.parse_args()
    if options.what == "people":
        make_people(options.pairs, options.out)
        return
    if options.what == "more":
        more_words(options.documents, options.out)
        return
    pairs = [p for ar, en in options.pairs for p in read_pairs(ar, en)]
    if options.what == "letters":
        seen = [p for p in pairs if not held_out(p[1])]
        write_letters(train(seen), seen, options.out)
    elif options.what == "words":
        make_words(options, pairs)
    else:
        print("weights =", calibrate(pairs), "# for", options.out)


if __name__ == "__main__":
    main()
