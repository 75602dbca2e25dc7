"""What each rule would take, as a page: counts, and examples with what the rule went by."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import islice

from ..lang.ar.letters import CONTROLS
from ..data import Row
from ..tongues import script_in
from .judging import REASONS, Verdict

EXAMPLES = 8
# The numbers that a reason goes by, of all that are known of a pair.
_BY = {"ratio": ("ratio",), "script": ("ar_script", "en_script"), "language": ("ar_language", "en_language"), "copy": ("copied",),
       "boilerplate": ("repeats",), "low_confidence": ("confidence", "quality", "probability"), "low_similarity": ("sim",),
       "number": ("numbers",), "encoding": ("broken",), "markup": ("markup",), "junk": ("letters", "run"),
       "kept": ("confidence", "quality", "sim")}  # fmt: skip
_BLOCK = 40  # neighbouring pairs stay together: what is usual is told by the pairs around each
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse;width:100%;table-layout:fixed}td{vertical-align:top;padding:.3rem .6rem;border-top:1px solid #8886;
overflow-wrap:anywhere}td.scores{width:16%;font-size:.85rem;opacity:.8}h2{font-size:1.1rem;margin:2rem 0 .2rem}.soft{opacity:.75}
nav table{width:auto}nav td{border:0;padding:.1rem .8rem .1rem 0}"""


def sampled(rows: Iterable[Row], size: int, seed: int = 0) -> tuple[list[Row], int]:
    """About `size` rows, in runs of neighbours from all over the input, in order; and how many rows there were."""
    rng = random.Random(seed)
    kept: list[tuple[int, list[Row]]] = []
    most = max(1, size // _BLOCK)
    pending, count, number = iter(rows), 0, 0
    while block := list(islice(pending, _BLOCK)):
        count += len(block)
        if len(kept) < most:
            kept.append((number, block))
        elif (place := rng.randrange(number + 1)) < most:
            kept[place] = (number, block)
        number += 1
    return [row for _, block in sorted(kept, key=lambda item: item[0]) for row in block], count


def page(judged: Sequence[tuple[Verdict, Row]], total: int, name: str) -> Iterator[str]:
    """The page, piece by piece: every reason with its share of the sample and examples, and pairs that are kept."""
    by_reason: dict[str, list[tuple[Verdict, Row]]] = defaultdict(list)
    for verdict, row in judged:
        for reason in verdict.reasons or ("kept",):
            by_reason[reason].append((verdict, row))
    kept = len(by_reason.get("kept", ()))
    yield ('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" '
           "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
           f"<title>What the filter takes</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>What the filter takes</h1>\n"
           f"<p>Profile {escape(name)}; a sample of {len(judged):,} of {total:,} pairs: {kept:,} kept, "
           f"{len(judged) - kept:,} rejected. A pair may have several reasons.</p>\n<nav><table>\n")
    order = [*sorted((r for r in by_reason if r != "kept"), key=lambda r: -len(by_reason[r])), "kept"]
    for reason in order:
        share = len(by_reason[reason]) / max(1, len(judged))
        yield (f'<tr><td><a href="#{reason}">{reason}</a></td><td>{len(by_reason[reason]):,}</td><td>{share:.1%}</td>'
               f"<td>{escape(REASONS.get(reason, 'what no rule takes'))}</td></tr>\n")
    yield "</table></nav>\n"
    for reason in order:
        found = by_reason[reason]
        alone = sum(verdict.reasons == (reason,) for verdict, _ in found)
        told = f"{len(found):,} pairs" + (f", {alone:,} for this reason alone" if reason != "kept" else "")
        yield f'<h2 id="{reason}">{reason}</h2>\n<p class="soft">{escape(REASONS.get(reason, "what no rule takes"))}: {told}</p>\n<table>\n'
        # Those that only this rule takes show best what it does.
        for verdict, row in _spread(sorted(found, key=lambda one: len(one[0].reasons)), EXAMPLES, alone):
            yield _example(row, {name: verdict.scores[name] for name in _BY.get(reason, ()) if name in verdict.scores},
                           [other for other in verdict.reasons if other != reason])
        yield "</table>\n"
    yield "</body>\n</html>\n"


def _spread(found: Sequence[tuple[Verdict, Row]], most: int, first: int) -> Sequence[tuple[Verdict, Row]]:
    """Up to `most` of the `first` ones, evenly spread, or of all where there are too few of these."""
    chosen = found[:first] if first >= most else found
    step = max(1, len(chosen) // most)
    return chosen[::step][:most]


def _example(row: Row, scores: Mapping[str, float], reasons: Sequence[str]) -> str:
    sides = "".join(f'<td dir="{"rtl" if script_in(text) == "Arabic" else "ltr"}">{_html(text) or "—"}</td>'
                    for text in (row.ar.text, row.en.text))  # fmt: skip
    told = ", ".join(f"{name} {value:.2f}" for name, value in scores.items())
    also = f"also {', '.join(reasons)}" if reasons else ""
    return f'<tr>{sides}<td class="scores">{escape("; ".join(filter(None, (told, also))))}</td></tr>\n'


def _html(text: str) -> str:
    return escape(CONTROLS.sub("", " ".join(text.split()))[:600])
