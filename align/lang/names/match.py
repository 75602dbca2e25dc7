"""Which names of a bead have their counterpart on the other side, and which have none."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ...faults import guarded
from .. import tables
from ..ar.letters import PRESENTED, plain_with_offsets
from .alerts import add_directions, joined, judge_arabic, judge_english, mark_places, mismatches, with_parts
from .bead import Bead
from .comparison import NameComparison
from .find import Analysed, Name, analyse_arabic, analyse_english
from .lexicon import Lexicon, shipped_lexicon
from .words import is_english_word

_AT_ACRONYM = tables.weights("names/weights")["left"]["acronym"]
_SMALL = re.compile(r"\b[a-z]{2,}\b")
_NO_NAMES = NameComparison((), (), ())
_MOST_PAIRS = 4_000_000  # of words of both sides that are compared: no sentence, and no paragraph, has so many


@guarded(lambda *_, **__: _NO_NAMES)
def compare_analysed(
    ar: Analysed, en: Analysed, lexicon: Lexicon | None = None, cooccurring: Mapping[str, Iterable[str]] | None = None
) -> NameComparison:
    """Compares two analysed texts that answer each other; nothing of texts of more than some thousand words."""
    if not ar.names and not en.names and not (ar.entries and en.entries) or len(ar.tokens) * len(en.tokens) > _MOST_PAIRS:
        return _NO_NAMES
    bead = Bead(ar, en, shipped_lexicon() if lexicon is None else lexicon, cooccurring or {})
    bead.by_lexicon()
    bead.explain_english()
    bead.explain_arabic()
    bead.explain_leftovers()
    only_en = [a for name in en.names if (a := judge_english(bead, name))]
    only_ar = [a for name in ar.names if (a := judge_arabic(bead, name))]
    if any(a.name.kind == "acronym" and len(a.name.text) > 3 for a in only_en):
        # its expansion may well hold the name of a place
        only_ar = [
            replace(a, strength=_AT_ACRONYM * a.strength, why=(*a.why, "acronym")) if a.name.kind == "known" else a
            for a in only_ar
        ]
    only_ar, only_en = mismatches(joined(only_ar, ar), joined(only_en, en))
    only_ar, only_en = with_parts(bead, only_ar, only_en)
    mark_places(bead.lexicon, only_ar, only_en)
    add_directions(bead, only_ar, only_en)
    return NameComparison(tuple(bead.matched), tuple(only_ar), tuple(only_en))


def match_names(ar_text: str, en_text: str, lexicon: Lexicon | None = None, ordinary: frozenset[str] = frozenset(),
                cooccurring: Mapping[str, Iterable[str]] | None = None) -> NameComparison:  # fmt: skip
    """Compares the names of an Arabic and an English text that answer each other; offsets are code points in them."""
    if PRESENTED.search(ar_text):
        plain, offsets = plain_with_offsets(ar_text)
        return _in_arabic_at(match_names(plain, en_text, lexicon, ordinary, cooccurring), ar_text, offsets)
    return compare_analysed(
        analyse_arabic(ar_text, lexicon), analyse_english(en_text, lexicon, ordinary), lexicon, cooccurring
    )


def _in_arabic_at(found: NameComparison, text: str, offsets: Sequence[int]) -> NameComparison:
    """A comparison whose Arabic places are those of `text`, by the offset at which each character that was compared stands."""

    def place(start: int, end: int) -> tuple[int, int]:
        return offsets[start], offsets[end - 1] + 1

    def moved(name: Name) -> Name:
        start, end = place(name.start, name.end)
        return replace(name, start=start, end=end, text=text[start:end])

    return NameComparison(
        tuple(replace(match, ar=place(*match.ar)) for match in found.matched),
        tuple(replace(alert, name=moved(alert.name)) for alert in found.only_ar),
        tuple(replace(alert, nearest=alert.nearest and place(*alert.nearest)) for alert in found.only_en),
    )


def english_words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words that texts write in lower case, in the form in which `analyse_english` asks for them."""
    return frozenset(w for text in texts for w in _SMALL.findall(text) if not is_english_word(w))
