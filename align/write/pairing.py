"""Pairs of documents: as a table, or as JSON lines with all evidence."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, Any, TextIO

from ..cells import CsvWriter
from ..files import json_line

if TYPE_CHECKING:
    from ..pairing.documents import Match, Pairing

COLUMNS = ("id", "ar", "en", "score", "probability", "why")
"""The names of a table's columns."""


def write_pairing(stream: TextIO, found: "Pairing", format: str, all_: bool = False) -> None:
    """Write pairs of documents as `tsv`, `csv` or `jsonl`.

    A table has a line a pair, or with `all_` a line for each candidate of each file. JSON has a line a pair, then one a file
    left alone, then one a file that failed; with `all_` also their rivals.
    """
    if format == "jsonl":
        stream.writelines(json_line(record) + "\n" for record in _records(found, all_))
        return
    writer = CsvWriter(stream, "\t" if format == "tsv" else ",", "\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(found, all_))


def why(match: "Match") -> str:
    """What speaks for a pair, in a few words."""
    parts = [f"answered {match.ar_share:.0%} of ar, {match.en_share:.0%} of en", f"{match.sentences:.1f} sentences"]
    if match.sentences >= 2:
        parts.append(f"order {match.order:.2f}")
    parts += [f"{name} {share:.0%}" for name, share in (("numbers", match.facts), ("names", match.names)) if share >= 0.005]
    return ", ".join(parts)


def _record(match: "Match") -> dict[str, Any]:
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(match).items()}


def _records(found: "Pairing", all_: bool) -> Iterator[dict[str, Any]]:
    for one in found.pairs:
        record: dict[str, Any] = {"kind": "pair", "id": one.id, **_record(one.match), "why": why(one.match)}
        if one.copies:
            record["copies"] = list(one.copies)
        if all_:
            record["rivals"] = [_record(other) for path in (one.match.ar, one.match.en)
                                for other in found.best.get(path, ()) if other != one.match]
        yield record
    for left in found.unpaired:
        yield {"kind": "alone", "path": left.path, "lang": left.lang, "copy_of": left.copy_of,
               "best": [_record(match) for match in (left.best if all_ else left.best[:1])]}
    for failed in found.failed:
        yield {"kind": "failed", "path": failed.path, "error": failed.error}


def _rows(found: "Pairing", all_: bool) -> Iterator[tuple[str, ...]]:
    """The columns of each pair, or of each candidate, its id empty where it is no pair."""
    def row(id: str, match: "Match", note: str = "") -> tuple[str, ...]:
        return id, match.ar, match.en, f"{match.score:.2f}", f"{match.probability:.4f}", why(match) + note

    if not all_:
        for one in found.pairs:
            yield row(one.id, one.match, f", much the same text in {', '.join(one.copies)}" if one.copies else "")
        return
    ids = {(one.match.ar, one.match.en): one.id for one in found.pairs}
    told = set()  # a candidate of both its files stands once
    for match in chain.from_iterable(found.best.values()):
        key = match.ar, match.en
        if key not in told:
            told.add(key)
            yield row(ids.get(key, ""), match)
