"""What may be chosen by name, once each: formats, kinds of flags, engines. The command takes these types as they stand here."""

from typing import Any, Literal, get_args

AlignmentFormat = Literal["tsv", "jsonl", "vecalign", "moses", "csv", "tmx", "xliff", "xlsx", "parquet", "datasets"]
RowFormat = Literal["tsv", "jsonl", "moses", "csv", "tmx", "xliff", "xlsx", "parquet", "datasets"]
SplitFormat = Literal["tsv", "jsonl", "moses", "csv", "tmx", "xliff", "xlsx", "parquet"]
PartFormat = Literal["parquet", "jsonl", "tsv", "csv", "moses", "tmx", "xliff", "xlsx"]
PartBitextFormat = Literal[PartFormat, "datasets"]
ScoredFormat = Literal["tsv", "jsonl", "csv", "xlsx", "parquet"]
FlagFormat = Literal["text", "jsonl", "tsv", "csv", "xlsx", "html"]
PairingFormat = Literal["tsv", "jsonl", "csv"]
BitextInput = Literal["auto", "tsv", "csv", "jsonl", "json", "moses", "tmx", "xliff", "po", "ts", "xcstrings", "parquet", "arrow",
                      "xlsx", "datasets"]  # fmt: skip
LogFormat = Literal["text", "json"]

WITHOUT_FLAGS = frozenset(["tsv", "vecalign", "moses"])
"""Formats of alignments that have no room for flags."""

WITH_SCORES = ("parquet", "jsonl", "tsv", "csv")
"""Formats of a run's parts that hold what a filter goes by."""

WITH_REASONS = ("parquet", "jsonl", "tsv", "csv", "xlsx")
"""Formats that have room for the reasons of what is rejected."""

Side = Literal["ar", "en"]
Kind = Literal["number", "date", "name", "placeholder", "clause", "phrase", "sentence", "heading", "boilerplate", "untranslated"]
Severity = Literal["low", "medium", "high"]
Recall = Literal["usual", "high"]
Preset = Literal["default", "strict", "permissive"]
DuplicateSides = Literal["pair", "ar", "en", "either", "off"]
Engine = Literal["local", "ray"]
Index = Literal["flat", "ivf", "pq"]
ModelPrecision = Literal["auto", "float32", "float16", "bfloat16"]
CacheAction = Literal["info", "clear"]


def names(choice: Any) -> tuple[str, ...]:
    """The names of a choice, the usual one first where there is one."""
    return get_args(choice)


def listed(known: tuple[str, ...], last: str = "or") -> str:
    """Names in a sentence: `tsv, jsonl or csv`."""
    return f" {last} ".join(filter(None, (", ".join(known[:-1]), known[-1])))
