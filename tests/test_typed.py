"""Typed flags on small pairs: what is equal stays silent, what differs is told; a third of the pairs was kept aside."""

from pathlib import Path

import pytest

from align.data import Alignment, Bead, Document, Segment, Segmented, Span
from align.flags import judge, score_pairs
from align.flags.typed import is_reference
from align.flags.untranslated import is_untranslated

FOLDER = Path(__file__).parent / "typed_battery"
TYPED = {"number", "date", "name", "untranslated"}
BEFORE = "اجتمع السكان في ساحة البلدة مساء أمس.", "The residents gathered in the town square last night."
BEHIND = "ثم عاد الجميع إلى بيوتهم.", "Then everyone went back home."


@pytest.fixture(scope="module")
def encoder():
    from align.encode import load

    return load()


def table(name: str) -> list[list[str]]:
    """The rows of a battery."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def rows(name: str, part: str) -> list[list[str]]:
    """The rows that the rules were made with, every third, which was kept aside, or those of the later battery."""
    if part == "later":
        return table(f"{name}_later.tsv")
    return [row for number, row in enumerate(table(f"{name}.tsv")) if (number % 3 == 2) == (part == "aside")]


def document(lang: str, lines: tuple[str, ...]) -> Segmented:
    """Lines as a document, a segment a line."""
    segments, at = [], 0
    for number, line in enumerate(lines):
        segments.append(Segment(at, at + len(line), line, "body", 0, number))
        at += len(line) + 1
    return Segmented(Document("", lang, "\n".join(lines)), tuple(segments))


def flags(ar: str, en: str, encoder) -> list:
    """The typed flags of a pair between two plain sentences."""
    sides = document("ar", (BEFORE[0], ar, BEHIND[0])), document("en", (BEFORE[1], en, BEHIND[1]))
    beads = Alignment(tuple(Bead(Span(k, k + 1), Span(k, k + 1), 0.6, 0.9) for k in range(3)))
    return [flag for flag in judge(*sides, beads, encoder).flags if flag.kind in TYPED]


def touches(found: list, sides: dict[str, str], wanted: str) -> bool:
    """Whether a flag overlaps one of the alternatives of `side:text|text`."""
    side, texts = wanted.split(":", 1)
    spans = [(at, at + len(text)) for text in texts.split("|") if (at := sides[side].find(text)) >= 0]
    return any(f.side == side and f.start < b and f.end > a for f in found for a, b in spans)


@pytest.mark.parametrize(("part", "least"), [("first", 1.0), ("aside", 0.95), ("later", 1.0)])
def test_what_is_equal_stays_silent(encoder, part, least):
    every = rows("equal", part)
    wrong = [(ar, en, found) for _, ar, en in every if (found := [(f.side, f.kind, f.text) for f in flags(ar, en, encoder)])]
    assert len(wrong) <= (1 - least) * len(every) + 1e-9, wrong


@pytest.mark.parametrize(("part", "least"), [("first", 0.93), ("aside", 0.8), ("later", 0.9)])
def test_what_differs_is_told(encoder, part, least):
    every = rows("different", part)
    missed = []
    for _, ar, en, *wanted in every:
        found = flags(ar, en, encoder)
        sides = {"ar": "\n".join((BEFORE[0], ar)), "en": "\n".join((BEFORE[1], en))}
        if not all(touches(found, sides, want) for want in wanted):
            missed.append((ar, en, [(f.side, f.text) for f in found]))
    assert len(missed) <= (1 - least) * len(every) + 1e-9, missed


def test_the_battery_is_large_enough():
    assert len(table("equal.tsv")) + len(table("equal_later.tsv")) >= 130
    assert len(table("different.tsv")) + len(table("different_later.tsv")) >= 95


def test_both_sides_of_a_contradiction_are_told_with_one_probability(encoder):
    found = flags("نقل الصهريج 40 لترا من الزيت.", "The tanker carried 40 gallons of oil.", encoder)
    assert [(f.side, f.text, f.kind, f.relation) for f in found] == [
        ("ar", "40 لترا", "number", "mismatch"), ("en", "40 gallons", "number", "mismatch")]  # fmt: skip
    assert found[0].probability == found[1].probability
    assert found[0].evidence["differs"] == "unit"


@pytest.mark.parametrize(
    ("lang", "form", "expected"),
    [
        ("ar", "Please read the manual before you begin.", True),
        ("ar", "يرجى قراءة الدليل قبل البدء.", False),
        ("ar", "Linux Mint 21", False),
        ("ar", "npm install --save-dev", False),
        ("ar", "The Old Man and the Sea", False),
        ("ar", "اضغط Save to continue", False),
        ("en", "يرجى قراءة الدليل", True),
        ("en", "Please read the manual", False),
        ("en", "كتاب", False),
        ("ar", "", False),
    ],
)
def test_segments_left_in_the_other_language(lang, form, expected):
    assert is_untranslated(lang, form) is expected


def test_a_copy_scores_low(encoder):
    text = "The gate is closed every day at six in the evening."
    (copy,) = score_pairs([text], [text], encoder)
    assert copy.probability < 0.1
    assert [(f.side, f.kind) for f in copy.flags] == [("ar", "untranslated")]


def test_an_acronym_whose_words_the_other_version_has_is_answered(encoder):
    assert not flags("آلة المتجهات الداعمة (SVM) ومصنف الهامش الأحسن", "Support vector machines and the optimal margin classifier", encoder)
    found = flags("قرأ التقرير الصادر عن المنظمة.", "He read the report of the organisation, the XBQ.", encoder)
    assert [(f.side, f.text) for f in found] == [("en", "XBQ")]


@pytest.mark.parametrize(
    ("text", "digits", "expected"),
    [
        ("He says so (2:158) and goes on.", "2:158", True),
        ("in the morning only (see 12:4).", "12", True),
        ("in the morning only (see 12:4).", "4", True),
        ("in the morning only (at 12 noon).", "12", False),
        ("it began at once (15:30 GMT)", "15:30", False),
        ("neither cheats him nor deserts him.4 And of the rights", "4", True),
        ("[5/-] al-Kafi: from his father", "5", True),
        ("قال ذلك (١٢) ثم مضى", "١٢", True),
        ("in 1999 (he said)", "1999", False),
        ("the law (no. 93-74 of the year) stands", "93", False),
        ("born (1874) in Cairo", "1874", False),
        ("a bag of 3.5 kg", "5", False),
        ("it cost 40, he said", "40", False),
    ],
)
def test_references_to_other_places_are_told_from_numbers_that_count(text, digits, expected):
    start = text.index(digits)
    assert is_reference(text, start, start + len(digits)) is expected


def test_what_refers_to_a_verse_is_of_low_severity(encoder):
    found = flags("يقول الله إن الصفا والمروة من شعائر الله.", "God says that Safa and Marwa are among the signs of God (2:158).", encoder)
    told = [flag for flag in found if flag.text == "2:158"]
    assert told and {flag.severity for flag in told} == {"low"}
