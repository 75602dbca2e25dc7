#!/usr/bin/env python3
"""Measure the typed facts: alarms on good translations, recall on edited ones, speed.

usage: bench_facts.py pairs AR EN [--show N]          two line-aligned files
       bench_facts.py documents FILE.jsonl [--show N] documents with `ar`, `en` and `gold` beads
       bench_facts.py edits FILE.jsonl [--half odd|even|all] [--show N]
                                                      edited passages with `flags`, `must_not`, `natural` spans
       bench_facts.py speed AR EN                     sentence pairs a second on one core
       bench_facts.py held-out FILE.txt [--show N]    cases that no rule was made for: tests/facts_battery/held_out.txt

Held out, counted once: 67 of 68 cases right, 32 of the 33 that differ and all 35 that say the same; as their author knew the rules,
they are easier than texts are.

A flag hits a gold span if it overlaps it and at least half of it lies on flag or natural spans; it violates a must-not
span if it covers half of it.
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path

from align.lang.facts import compare, extract
from align.lang.names import match_names


def lines(path: str) -> list[str]:
    """The lines of a UTF-8 file."""
    return Path(path).read_text(encoding="utf-8").split("\n")


def alarms(ar: str, en: str, strictness: float) -> list:
    """The alarms of one pair."""
    return list(
        compare(extract(ar, "ar", hints=True), extract(en, "en", hints=True), (len(ar), len(en))).alarms(strictness)
    )


def describe(alarm) -> str:
    """One alarm in a line."""
    if hasattr(alarm, "why"):
        return f"mismatch {alarm.why} {alarm.weight:.2f}: {alarm.ar.text!r} / {alarm.en.text!r}"
    return f"only {alarm.side} {alarm.strength.weight:.2f}: {alarm.fact.text!r} ({alarm.fact.kind})"


def measure_pairs(pairs: list[tuple[str, str]], strictness: float, show: int) -> None:
    """Prints the share of pairs with an alarm."""
    hits = 0
    kinds: Counter[str] = Counter()
    for ar, en in pairs:
        found = alarms(ar, en, strictness)
        hits += bool(found)
        kinds.update("mismatch" if hasattr(a, "why") else f"only {a.side}" for a in found)
        if found and show > 0:
            show -= 1
            print("\n" + en, ar, *(f"   {describe(a)}" for a in found), sep="\n")
    print(f"{hits} of {len(pairs)} pairs have an alarm: {100 * hits / max(1, len(pairs)):.2f} %  {dict(kinds)}")


def document_pairs(path: str) -> list[tuple[str, str]]:
    """The two-sided beads of documents, their lines joined."""
    pairs = []
    for line in lines(path):
        if not line.strip():
            continue
        document = json.loads(line)
        for ar, en in document["gold"]:
            if ar and en:
                pairs.append((" ".join(document["ar"][i] for i in ar), " ".join(document["en"][i] for i in en)))
    return pairs


def _spans(alarm) -> list[tuple[str, int, int]]:
    if hasattr(alarm, "why"):
        return [("ar", *alarm.ar.core), ("en", *alarm.en.core)]
    return [(alarm.side, alarm.fact.start, alarm.fact.end)]


def measure_edits(path: str, half: str, strictness: float, show: int) -> None:
    """Prints recall by kind, violations and false alarms over edited passages."""
    gold, got = Counter(), Counter()
    false = violated = forbidden = total = 0
    for line in lines(path):
        if not line.strip():
            continue
        item = json.loads(line)
        odd = int(item["id"][1:]) % 2 == 1
        if half != "all" and odd != (half == "odd"):
            continue
        for ar, en in _beads(item):
            total += 1
            text = {"ar": " ".join(item["ar"][k] for k in ar), "en": " ".join(item["en"][k] for k in en)}
            found = alarms(text["ar"], text["en"], strictness)
            spans = [s for a in found for s in _spans(a)]
            flags, natural, must_not = (_placed(item, name, ar, en) for name in ("flags", "natural", "must_not"))
            missed = []
            good = {s: _inside(s, flags + natural) for s in spans}
            for flag in flags:
                if flag["kind"] not in ("number", "date"):
                    continue
                gold[flag["kind"]] += 1
                if any(good[s] and s[0] == flag["side"] and s[1] < flag["end"] and flag["start"] < s[2] for s in spans):
                    got[flag["kind"]] += 1
                else:
                    missed.append(flag)
            wrong = [s for s in spans if not good[s]]
            false += len(wrong)
            bad = []
            for m in must_not:
                forbidden += 1
                if any(
                    s[0] == m["side"] and 2 * (min(s[2], m["end"]) - max(s[1], m["start"])) > m["end"] - m["start"]
                    for s in spans
                ):
                    violated += 1
                    bad.append(m["text"])
            if show > 0 and (missed or wrong or bad):
                show -= 1
                print(f"\n{item['id']}", text["en"], text["ar"], *(describe(a) for a in found), sep="\n")
                print(
                    "   missed",
                    [(m["side"], m["text"]) for m in missed],
                    "false",
                    [(s[0], text[s[0]][s[1] : s[2]]) for s in wrong],
                    "bad",
                    bad,
                )
    print(f"{half}: " + ", ".join(f"{k} {got[k]}/{gold[k]} = {got[k] / max(1, gold[k]):.2f}" for k in sorted(gold))
          + f"; false spans {false} on {total} lines; must-not {violated}/{forbidden}")  # fmt: skip


def _beads(item: dict) -> list[tuple[list[int], list[int]]]:
    """The lines of both sides that come from the same source line, and lines with no counterpart left out."""
    by_source: dict[int, tuple[list[int], list[int]]] = {}
    for side, sources in enumerate((item["ar_src"], item["en_src"])):
        for k, source in enumerate(sources):
            for one in source if isinstance(source, list) else [source]:
                by_source.setdefault(one, ([], []))[side].append(k)
    return [pair for pair in by_source.values() if pair[0] and pair[1]]


def _placed(item: dict, name: str, ar: list[int], en: list[int]) -> list[dict]:
    """The spans of `name` on these lines, offsets counted in the joined lines."""
    found = []
    for side, lines_of in (("ar", ar), ("en", en)):
        base = 0
        for k in lines_of:
            for span in item.get(name, []):
                if span["side"] == side and span["line"] == k:
                    found.append({**span, "start": span["start"] + base, "end": span["end"] + base})
            base += len(item[side][k]) + 1
    return found


def _inside(span: tuple[str, int, int], allowed: list[dict]) -> bool:
    covered = {
        i for f in allowed if f["side"] == span[0] for i in range(max(span[1], f["start"]), min(span[2], f["end"]))
    }
    return 2 * len(covered) >= max(1, span[2] - span[1])


def measure_held_out(path: str, strictness: float, show: int) -> None:
    """Prints the share of cases told rightly by kind: an alarm of facts or names where the versions differ, else none."""
    right, total = Counter(), Counter()
    for row in (line.split(" | ") for line in lines(path) if line.strip() and not line.startswith("#")):
        case, ar, en, verdict = row
        kind = f"{case.partition('-')[0]} {verdict}"
        facts = compare(extract(ar, "ar", hints=True), extract(en, "en", hints=True), (len(ar), len(en)), (ar, en))
        names = [alert for alert in match_names(ar, en).alerts if alert.strength >= strictness]
        found = [describe(alarm) for alarm in facts.alarms(strictness)] + [f"name {alert.name.text!r}" for alert in names]
        total[kind] += 1
        right[kind] += bool(found) == (verdict == "differs")
        if bool(found) != (verdict == "differs") and show > 0:
            show -= 1
            print(case, verdict, *found, sep="   ")
    for kind in sorted(total):
        print(f"{kind}: {right[kind]} of {total[kind]}")
    print(f"all: {sum(right.values())} of {sum(total.values())}")


def measure_speed(pairs: list[tuple[str, str]]) -> None:
    """Prints pairs a second, the first pass (cold tables) apart."""
    letters = sum(len(e) for _, e in pairs) / len(pairs)
    for name in ("cold", "warm"):
        began = time.perf_counter()
        for ar, en in pairs:
            compare(extract(ar, "ar", hints=True), extract(en, "en", hints=True), (len(ar), len(en)))
        seconds = time.perf_counter() - began
        print(f"{name}: {len(pairs) / seconds:,.0f} pairs a second ({letters:.0f} letters each)")


def main() -> None:
    """Reads the arguments and runs one measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["pairs", "documents", "edits", "speed", "held-out"])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--half", default="all", choices=["odd", "even", "all"])
    parser.add_argument("--strictness", type=float, default=0.5)
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    if options.what == "edits":
        measure_edits(options.files[0], options.half, options.strictness, options.show)
        return
    if options.what == "held-out":
        measure_held_out(options.files[0], options.strictness, options.show)
        return
    if options.what == "documents":
        pairs = document_pairs(options.files[0])
    else:
        pairs = [(a, e) for a, e in zip(*(lines(f) for f in options.files), strict=True) if a.strip()]
    if options.what == "speed":
        measure_speed(pairs)
    else:
        measure_pairs(pairs, options.strictness, options.show)


if __name__ == "__main__":
    main()
