"""Measure flags on hand-edited passages, clean translations and omissions, beside three baselines.

usage: python scripts/bench_flags.py hard|clean|omission|words|speed|score --data DIR

`speed` and `score` give processor time, so that other work on the machine distorts it little: of flags beside encoding,
and by stage of `muwazi score` without reading and writing, with --pairs N pairs of DIR/pairs, again and again if there
are fewer; memory is told after every tenth of them.
"""

import argparse
import importlib
import json
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from train_flags import Case, as_alignment, as_document, auc, clean_cases, hard_cases

from align.encode import load, span_vectors
from align.flags import judge
from align.flags.judging import flagged_pairs
from align.lang.ar.letters import fold_digits
from align.pipeline import align_segmented


def flags_of(case: Case, encoder: object, least: float | None = None) -> list:
    """Flags of a case as (side, start, end, kind, relation, probability), code points of the lines joined by line feeds."""
    sides = as_document(case.ar, "ar"), as_document(case.en, "en")
    alignment = as_alignment(case.beads) if case.beads else align_segmented(*sides, encoder=encoder).alignment
    return list(judge(*sides, alignment, encoder, min_probability=least).flags)


def overlap(a: tuple[int, int], b: tuple[int, int]) -> int:
    """Code points in common."""
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def judge_flags(flags: list, gold: list, optional: list, must_not: list) -> tuple[set[int], list, list]:
    """Gold places hit, false flags, flags on what must not be flagged; places are (side, start, end)."""
    hit, false, bad = set(), [], []
    for f in flags:
        span = (f.start, f.end)
        inside: set[int] = set()
        for side, a, b in (*gold, *optional):
            if side == f.side:
                inside.update(range(max(span[0], a), min(span[1], b)))
        if 2 * len(inside) >= max(1, span[1] - span[0]):
            hit |= {i for i, (side, a, b) in enumerate(gold) if side == f.side and overlap(span, (a, b))}
        else:
            false.append(f)
        if any(side == f.side and 2 * overlap(span, (a, b)) > b - a for side, a, b in must_not):
            bad.append(f)
    return hit, false, bad


def hard(data: Path, encoder: object, odd: bool | None, show: bool = False, aligned: bool = False) -> dict:
    """Recall by kind, precision, false flags a line and must-not violations on hand-made edits; `aligned`: by the aligner."""
    total: Counter = Counter()
    got: Counter = Counter()
    false_kinds: Counter = Counter()
    n_false = n_bad = n_flags = n_must = lines = 0
    for case in hard_cases(data, odd):
        if aligned:
            case.beads = []
        base = {s: np.cumsum([0, *(len(x) + 1 for x in getattr(case, s))]) for s in ("ar", "en")}
        at = lambda p: (p[0], int(base[p[0]][p[1]]) + p[2], int(base[p[0]][p[1]]) + p[3])  # noqa: B023
        gold, optional, must = [at(g) for g in case.gold], [at(g) for g in case.ignored], [at(g) for g in case.must_not]
        flags = flags_of(case, encoder)
        hit, false, bad = judge_flags(flags, gold, optional, must)
        for i, g in enumerate(case.gold):
            total[g[4]] += 1
            got[g[4]] += i in hit
            if show and i not in hit:
                line = getattr(case, g[0])[g[1]]
                print(f"missed {g[4]} {case.name} {g[0]}{g[1]}: {line[max(0, g[2] - 40):g[2]]}[[{line[g[2]:g[3]]}]]{line[g[3]:g[3] + 30]}")
        if show:
            for f in false:
                print(f"false {f.kind} {f.probability:.2f} {case.name} {f.side}: {f.text} | {f.evidence.get('why')}")
            for f in bad:
                print(f"MUST NOT {f.kind} {f.probability:.2f} {case.name} {f.side}: {f.text}")
        false_kinds.update(f.kind for f in false)
        n_false, n_bad, n_flags, n_must = n_false + len(false), n_bad + len(bad), n_flags + len(flags), n_must + len(must)
        lines += len(case.en)
    return {**{k: f"{got[k]}/{total[k]}" for k in sorted(total)}, "precision": round(1 - n_false / max(1, n_flags), 3),
            "false_per_line": round(n_false / lines, 3), "must_not": f"{n_bad}/{n_must}", "false": dict(false_kinds)}  # fmt: skip


def clean(data: Path, encoder: object, sources: tuple[str, ...], show: bool = False) -> dict:
    """Flags a line on translations as they are, by kind."""
    out = {}
    for source in sources:
        kinds: Counter = Counter()
        lines = pairs = 0
        for case in clean_cases(data):
            if not case.name.startswith(source):
                continue
            flags = flags_of(case, encoder)
            lines += len(case.en)
            pairs += len({f.bead for f in flags if f.kind in ("number", "date")})
            kinds.update(f.kind for f in flags)
            if show:
                for f in flags:
                    print(f"{f.kind} {f.probability:.2f} {case.name} {f.side}{f.bead}: {f.text} | {f.evidence.get('why')}\n    {case.ar[f.bead]}\n    {case.en[f.bead]}")
        out[source] = {"lines": lines, "flags_per_line": round(sum(kinds.values()) / max(1, lines), 3),
                       "number_date_pairs": round(pairs / max(1, lines), 4), **kinds}  # fmt: skip
    return out


def digits(text: str) -> Counter:
    """The digit strings of a text, Eastern digits folded: what simple checkers compare."""
    return Counter(re.findall(r"\d+", fold_digits(text)))


def baselines(pairs: list[tuple[str, str]], encoder: object) -> dict[str, np.ndarray]:
    """Scores of incompleteness by digit strings, length ratio and plain cosine; higher is more suspicious."""
    ar, en = (encoder.encode([pair[k] for pair in pairs]) for k in (0, 1))
    unlike = [sum(((digits(a) - digits(e)) + (digits(e) - digits(a))).values()) for a, e in pairs]
    ratio = [abs(math.log((len(a) + 8) / (len(e) + 8)) + 0.15) for a, e in pairs]
    return {"digits": np.array(unlike, float), "length": np.array(ratio), "cosine": -(ar * en).sum(1)}


def separated(good: list[tuple[str, str]], bad: list[tuple[str, str]], encoder: object) -> dict[str, float]:
    """AUC of telling incomplete pairs from complete ones, ours and the baselines'."""
    pairs = good + bad
    labels = np.array([0.0] * len(good) + [1.0] * len(bad))
    ours = 1 - np.array([score.probability for score in flagged_pairs([a for a, _ in pairs], [e for _, e in pairs], encoder, None, None)])
    scores = {"flags": ours, **baselines(pairs, encoder)}
    return {"pairs": len(pairs), **{name: round(auc(values, labels), 4) for name, values in scores.items()}}


def omission(data: Path, encoder: object, most: int = 300) -> dict:
    """Real sentences added to one side of a translation."""
    items = [json.loads(line) for line in (data / "pairs" / "omission_mtgeneval.jsonl").read_text(encoding="utf-8").splitlines()][:most]
    return separated([(i["ar"], i["en_full"]) for i in items], [(i["ar"], i["en_with_extra"]) for i in items], encoder)


def words(data: Path, encoder: object, odd: bool | None) -> dict:
    """AUC over words of hand-made edits: the surest flag that covers a word, with everything listed."""
    scores: dict[str, list[float]] = {"ar": [], "en": []}
    labels: dict[str, list[bool]] = {"ar": [], "en": []}
    for case in hard_cases(data, odd):
        base = {s: np.cumsum([0, *(len(x) + 1 for x in getattr(case, s))]) for s in ("ar", "en")}
        flags = flags_of(case, encoder, 0.0)
        for side in ("ar", "en"):
            text = "\n".join(getattr(case, side))
            for match in re.finditer(r"\w+", text):
                spot = (side, match.start(), match.end())
                line = int(np.searchsorted(base[side], match.start(), side="right")) - 1
                at = (match.start() - int(base[side][line]), match.end() - int(base[side][line]))
                if any(p[0] == side and p[1] == line and overlap(at, (p[2], p[3])) for p in case.ignored):
                    continue
                labels[side].append(any(g[0] == side and g[1] == line and overlap(at, (g[2], g[3])) for g in case.gold))
                scores[side].append(max((f.probability for f in flags if f.side == side and overlap(spot[1:], (f.start, f.end))), default=0.0))
    return {side: round(auc(np.array(scores[side]), np.array(labels[side], float)), 4) for side in scores}


def speed(data: Path, encoder: object) -> dict:
    """Milliseconds a pair of processor time: encoding with all spans, flags; and milliseconds for a small pair."""
    case = [c for c in clean_cases(data, ("ntrex",), 200) if c.name.startswith("ntrex")][:20]
    out = {}
    for name, part in (("small", case[:1]), ("large", case)):
        lines = sum(len(c.ar) for c in part)
        for _ in range(2):
            start = time.process_time()
            for c in part:
                span_vectors(encoder, c.ar, 8), span_vectors(encoder, c.en, 8)
            encoded = time.process_time() - start
            start = time.process_time()
            for c in part:
                flags_of(c, encoder)
            found = time.process_time() - start
        out[name] = {"pairs": lines, "encode_ms": round(1000 * encoded / lines, 2), "flags_ms": round(1000 * found / lines, 2)}
    return out


STAGES = (
    ("encode", "align.encode.embedded", "Embedded.encode"), ("states", "align.encode.embedded", "Embedded.word_states"),
    ("words", "align.flags.words", "_line"), ("facts", "align.flags.typed", "Facts.__init__"),
    ("names", "align.lang.names.document", "DocumentNames.__init__"), ("names", "align.lang.names.document", "DocumentNames.compare"),
    ("cover", "align.flags.evidence", "Evidence.many_sides"), ("cover", "align.flags.evidence", "Evidence.windows"), ("reader", "align.flags.reader", "log_odds"),
    ("runs", "align.flags.spans", "candidates"), ("runs", "align.flags.spans", "many_log_odds"), ("calibration", "align.flags.calibration", "probabilities"),
    ("quality", "align.flags.pairs", "quick_scores"), ("other", "align.flags.judging", "Collector.add_beads"),
)  # fmt: skip
"""What is told apart, and the functions in which it happens, each less what other stages take inside of it."""


class Stages:
    """Processor time by stage, of functions that are watched."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._open: list[float] = []
        for stage, module, name in STAGES:
            *owner, last = name.split(".")
            place = importlib.import_module(module)
            for part in owner:
                place = getattr(place, part)
            setattr(place, last, self._watched(stage, getattr(place, last)))

    def _watched(self, stage: str, function: Callable) -> Callable:
        def call(*given: object, **named: object) -> object:
            start = time.process_time()
            self._open.append(0.0)
            try:
                return function(*given, **named)
            finally:
                spent = time.process_time() - start
                self.seconds[stage] += spent - self._open.pop()
                if self._open:
                    self._open[-1] += spent

        return call


def resident() -> int:
    """Megabytes that the process has in memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) >> 10
    return 0


def scoring(data: Path, encoder: object, count: int) -> dict:
    """Milliseconds a pair of `score` by stage, pairs a second of a core, and the memory as it grows."""
    from align.data import Row, Side
    from align.flags.scoring import STEP, scores_of
    from align.garbage import keep_what_is_loaded

    sides = [[line for name in ("unpc", "tatoeba_opus", "flores200_devtest")
              for line in (data / "pairs" / f"{name}.{lang}").read_text("utf-8").splitlines()] for lang in ("ar", "en")]
    order = np.random.default_rng(0).permutation(len(sides[0])).tolist()
    rows = [Row(k, Side(sides[0][k]), Side(sides[1][k])) for k in order]
    encoder.settle()
    scores_of(rows[-STEP:], encoder, None, None)  # loads what is learnt
    keep_what_is_loaded()
    stages = Stages()
    memory, done, start = [resident()], 0, time.process_time()
    while done < count:
        some = [rows[(done + k) % len(rows)] for k in range(min(STEP, count - done))]
        scores_of(some, encoder, None, None)
        if (done + len(some)) * 10 // count > done * 10 // count:
            memory.append(resident())
        done += len(some)
    spent = time.process_time() - start
    words = sum(len(rows[k % len(rows)].en.text.split()) for k in range(count)) / count
    table = {stage: round(1000 * seconds / count, 3) for stage, seconds in stages.seconds.most_common()}
    rest = 1000 * (spent - sum(stages.seconds.values())) / count
    return {"pairs": count, "english_words": round(words, 1), "pairs_a_second": round(count / spent), "ms": round(1000 * spent / count, 3), "by_stage": {**table, "rest": round(rest, 3)},
            "megabytes": memory}  # fmt: skip


def main() -> None:
    """Run a benchmark and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--half", choices=("odd", "even", "all"), default="odd")
    parser.add_argument("--sources", default="ntrex,tico19,flores200_devtest")
    parser.add_argument("--aligned", action="store_true", help="align the passages instead of taking their lines as they are")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--pairs", type=int, default=3000)
    options = parser.parse_args()
    encoder = load()
    half = {"odd": True, "even": False, "all": None}[options.half]
    if options.what == "hard":
        result = hard(options.data, encoder, half, options.show, options.aligned)
    elif options.what == "clean":
        result = clean(options.data, encoder, tuple(options.sources.split(",")), options.show)
    elif options.what == "omission":
        result = omission(options.data, encoder)
    elif options.what == "words":
        result = words(options.data, encoder, half)
    elif options.what == "score":
        result = scoring(options.data, encoder, options.pairs)
    elif options.what == "speed":
        result = speed(options.data, encoder)
    else:
        raise SystemExit(f"unknown benchmark {options.what}")
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
