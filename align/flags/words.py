"""The words of a side of a bead: where they stand, what they mean to the encoder, where something may begin or end."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain

import numpy as np

from ..lang import language
from ..learnt import maps
from ..memoise import memoise

States = Callable[..., list[np.ndarray]]
"""Texts, the places of their words, and what is to be kept of states, to an array a text; see `Embedded.word_states`."""

WORD = re.compile(
    r"\d[\d.,٬٫٠-٩]*\d|[\w\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]+(?:['’][\w]+)*"
)
SENTENCE, COMMA, CLAUSE, PHRASE = 4, 3, 2, 1
"""How strong a cut between two words is: a sentence ends, a mark stands there, a clause begins, a phrase begins."""

MOST_LETTERS = 20_000
"""Segments longer than this have no words."""
_AT_ONCE = 512  # texts whose words' states are in memory together
_MARKS = re.compile(r"[,;:،؛()\[\]{}\"“”«»–—…]|(?:^|\s)-+(?:\s|$)")


@dataclass(slots=True)
class Words:
    """Words of running text, several segments long.

    `segment` and `starts`/`ends` say where each stands (code points of the segment's form); `vectors` are unit rows,
    shape (words, dimension); `gates` how much content each carries; `cuts[i]` the strength of the cut before word i
    (0: none), with one more for the end; `content` marks words that are no grammar.
    """

    lang: str
    segment: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    texts: list[str]
    vectors: np.ndarray
    gates: np.ndarray
    cuts: np.ndarray
    content: np.ndarray

    def __len__(self) -> int:
        return len(self.texts)

    def part(self, start: int, stop: int) -> "Words":
        """The words `start` to `stop`, where a sentence begins before the first and after the last."""
        return Words(self.lang, self.segment[start:stop], self.starts[start:stop], self.ends[start:stop], self.texts[start:stop],
                     self.vectors[start:stop], self.gates[start:stop], self.cuts[start : stop + 1], self.content[start:stop])  # fmt: skip


@cache
def projection() -> dict[str, np.ndarray]:
    """The learnt map from token states to the space in which words and their translations are near."""
    return maps("flags/projection.npz")


@cache
def _table(lang: str) -> tuple[np.ndarray, np.ndarray]:
    """The map with the gate beside it, of shape (640, 129), and their bias."""
    table = projection()
    return (np.concatenate([table[f"{lang}.map"], table[f"{lang}.gate"][:, None]], axis=1),
            np.append(table[f"{lang}.bias"], table[f"{lang}.gate_bias"]))  # fmt: skip


def rows_of(lang: str) -> Callable[[np.ndarray], np.ndarray]:
    """From states of words to their unit rows and, in the last column, content gates, float32 of shape (n, 129);
    languages are `ar` and `en`."""
    table, bias = _table(lang)

    def rows(states: np.ndarray) -> np.ndarray:
        norms = np.sqrt(np.einsum("ij,ij->i", states, states))
        found = states @ table
        found /= np.maximum(norms, np.float32(1e-6))[:, None]
        found += bias
        vectors = found[:, :-1]
        vectors /= np.maximum(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), np.float32(1e-6))[:, None]
        found[:, -1] = np.logaddexp(np.float32(0), found[:, -1])
        return found

    return rows


@dataclass(slots=True)
class Line:
    """The words of one segment before they are joined."""

    spans: list[tuple[int, int]]
    texts: list[str]
    vectors: np.ndarray
    gates: np.ndarray
    cuts: list[int]
    content: list[bool]


def places(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Where the words of each text stand; a "segment" as long as a book would need gigabytes, and tells nothing."""
    return [[m.span() for m in WORD.finditer(text)] if len(text) <= MOST_LETTERS else [] for text in texts]


def lines(lang: str, texts: Sequence[str], states: States | None,
          known: Mapping[int, np.ndarray] | None = None) -> list[Line]:  # fmt: skip
    """The words of texts; `known` are the states of those of some texts, the others' are asked for.

    Without states all vectors are zero.
    """
    found = places(texts)
    out = []
    for start in range(0, len(texts), _AT_ONCE):
        part = range(start, min(start + _AT_ONCE, len(texts)))
        rows = _rows(lang, [texts[i] for i in part], [found[i] for i in part], states, [(known or {}).get(i) for i in part])
        out += [_line(lang, texts[i], found[i], *row) for i, row in zip(part, rows, strict=True)]
    return out


def _rows(lang: str, texts: Sequence[str], found: Sequence[list[tuple[int, int]]], states: States | None,
          known: list[np.ndarray | None]) -> list[tuple[np.ndarray, np.ndarray]]:  # fmt: skip
    """Vectors and gates of the words of each text."""
    keep, (states_wide, wide) = rows_of(lang), _table(lang)[0].shape
    missing = [i for i, (rows, spans) in enumerate(zip(known, found, strict=True)) if rows is None or len(rows) != len(spans)]
    if states is not None and missing:
        for i, rows in zip(missing, states([texts[i] for i in missing], [found[i] for i in missing], keep), strict=True):
            known[i] = rows
    usable = [rows for rows in known if rows is not None and rows.shape[1] in (wide, states_wide)]
    if len(usable) < len(known):  # none, or another encoder's
        return [(np.zeros((len(spans), 1), np.float32), np.ones(len(spans))) for spans in found]
    kept = [rows if rows.shape[1] == wide else keep(rows) for rows in usable]
    return [(rows[:, :-1], rows[:, -1]) for rows in kept]


def _line(lang: str, text: str, spans: list[tuple[int, int]], vectors: np.ndarray, gates: np.ndarray) -> Line:
    words = [text[a:b] for a, b in spans]
    known = list(map(_ROLES[lang], words))
    return Line(spans, words, vectors, gates, _cuts(lang, text, spans, known), [content for content, _ in known])


def joined(lang: str, indices: Sequence[int], found: Sequence[Line]) -> Words:
    """The words of neighbouring segments as one text."""
    parts = [found[i] for i in indices]
    cuts: list[int] = []
    for part in parts:
        cuts += part.cuts[:-1]
    spans = np.array([*chain.from_iterable(chain.from_iterable(part.spans for part in parts))], np.int64)
    return Words(
        lang,
        np.repeat(np.asarray(indices, np.int64), [len(p.spans) for p in parts]),
        spans[::2], spans[1::2],
        [*chain.from_iterable(part.texts for part in parts)],
        np.concatenate([p.vectors for p in parts]) if parts else np.zeros((0, 1), np.float32),
        np.concatenate([p.gates for p in parts]) if parts else np.zeros(0),
        np.array([*cuts, SENTENCE], np.int64),
        np.array([*chain.from_iterable(part.content for part in parts)], bool),
    )  # fmt: skip


def _role(lang: str, word: str) -> tuple[bool, int]:
    """Whether a word is content, and how strongly it begins something."""
    known = language(lang)
    folded = known.fold(word)
    return not known.is_function(folded), known.opens(folded)


_ROLES = {lang: memoise(partial(_role, lang)) for lang in ("ar", "en")}


def _cuts(lang: str, text: str, spans: list[tuple[int, int]], known: list[tuple[bool, int]]) -> list[int]:
    """The strength of the cut before each word, and after the last."""
    if not spans:
        return [SENTENCE]
    cuts = [SENTENCE]
    last = spans[0][1]
    for (start, stop), (_, opens) in zip(spans[1:], known[1:], strict=True):
        gap = text[last:start]
        last = stop
        cuts.append(opens if gap == " " else _cut(lang, text, spans, len(cuts), gap, opens))
    cuts.append(SENTENCE)
    return cuts


def _cut(lang: str, text: str, spans: list[tuple[int, int]], i: int, gap: str, opens: int) -> int:
    """The strength of the cut before word i, with more than a blank before it."""
    if _ends(lang, text, spans, i, gap):
        return SENTENCE
    if _MARKS.search(gap):
        return COMMA
    return opens if " " in gap else 0


def _ends(lang: str, text: str, spans: list[tuple[int, int]], i: int, gap: str) -> bool:
    """Whether a sentence ends before word i."""
    before = gap.split(" ")[0] if gap[:1] != " " else ""
    if not before or not any(c in ".!?؟…۔" for c in before) or " " not in gap:
        return False
    if "." not in before or before[0] != ".":
        return True
    start = text.rfind(" ", 0, spans[i - 1][0]) + 1
    token = text[start : spans[i - 1][1]].lstrip("\"“‘'«([")
    previous = text[spans[i - 2][0] : spans[i - 2][1]] if i > 1 else ""
    following = text[spans[i][0] : spans[i][1]]
    ends = language(lang).full_stop_ends
    return ends(token, previous, following, True)
