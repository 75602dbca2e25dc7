"""Placeholders and tags of messages: found, hidden from numbers, compared, flagged."""

import pytest

from align.flags import score_pairs
from align.lang.facts import compare, extract, find_value
from align.lang.facts.placeholders import find
from align.lang.names import find_names, match_names
from align.pipeline import Options, load_encoder


def names(text: str) -> list[str]:
    """The names of a text's placeholders."""
    return [fact.value.name for fact in find(text)[1]]


@pytest.mark.parametrize(("text", "expected"), [
    ("%s of %d", ["%1s", "%2d"]),
    ("%2$s and %1$d", ["%2s", "%1d"]),
    ("%@ has %i%%", ["%1s", "%2d"]),
    ("%.2f MB at %-5s", ["%1f", "%2s"]),
    ("{count} of {0}, {{ name }} and ${path}", ["{count}", "{0}", "{{name}}", "${path}"]),
    ("%(user)s %{count} #{x}", ["%(user)s", "%{count}", "#{x}"]),
    ("{amount, number, percent}", ["{amount,number,percent}"]),
    ("$t(common.ok)", ["$t(common.ok)"]),
    ("<b>Bold</b><br/>and <a href='x' title=\"y\">link</a>", ["<b>", "</b>", "<br>", "<a>", "</a>"]),
    ('<g id="3">x</g> <0>y</0>', ["<g 3>", "</g>", "<0>", "</0>"]),
    ("{n, plural, =0 {none} one {# file by {who}} other {# files by {who}}} left", ["{n}", "{who}"]),
    ("{a, select, x {{b, plural, one {one} other {%d}}} other {}}", ["{a}", "{b}", "%1d"]),
    ("a 50% discount, 20%s, 5 < 6 and 7 > 2, {الحمد لله}, {two words}", []),
    ("https://example.org/%D8%A7%s", []),
    ("Windows %", []),
    ("put { and } around it", []),
    ("unclosed {n, plural, one {x", ["{n}"]),
])  # fmt: skip
def test_names(text: str, expected: list[str]) -> None:
    facts = [fact for fact in extract(text, "en") if fact.kind == "placeholder"]
    assert [fact.value.name for fact in facts] == expected
    assert all(text[fact.start : fact.end] == fact.text for fact in facts)


def test_digits_of_placeholders_are_no_numbers() -> None:
    assert [fact.kind for fact in extract("{0} of %1$d, 12 in all", "en")] == ["placeholder", "placeholder", "number"]
    hidden, found = find("{0} x")
    assert hidden == "\u2016   x" and len(found) == 1


def apart(ar: str, en: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What contradicts and what stands alone."""
    found = compare(extract(ar, "ar", True), extract(en, "en", True), texts=(ar, en))
    return [(m.ar.text, m.en.text) for m in found.mismatches], [(u.side, u.fact.text) for u in found.only]


@pytest.mark.parametrize(("ar", "en", "mismatches", "only"), [
    ("مرحبا {name}، لديك {n} رسائل", "{n} messages for {name}", [], []),
    ("%2$s في %1$s", "%1$s in %2$s", [], []),
    ("%s و%d", "%d and %s", [("%s", "%d"), ("%d", "%s")], []),
    ("مرحبا {nmae}", "Hello {name}", [("{nmae}", "{name}")], []),
    ("مرحبا", "Hello {name}", [], [("en", "{name}")]),
    ("<b>مرحبا", "<b>Hello</b>", [], [("en", "</b>")]),
    ("ملف واحد", "%d file", [], []),
    ("مرة واحدة", "Hello {name}", [], [("en", "{name}")]),
    ("{x} 12", "{x} 13", [("12", "13")], []),
])  # fmt: skip
def test_compared(ar: str, en: str, mismatches: list, only: list) -> None:
    found = apart(ar, en)
    assert found[0] == mismatches
    assert [one for one in found[1] if "{" in one[1] or "<" in one[1] or "%" in one[1]] == only


def test_placeholders_elsewhere_answer_no_number() -> None:
    (number,), marks = extract("12", "en"), extract("{x} %d", "en")
    assert find_value(number, marks) is None and find_value(marks[0], (number, *marks)) is None


def test_flags_of_their_own_kind() -> None:
    (scored,) = score_pairs(["مرحبا {nmae}، لديك %1$d رسائل جديدة."], ["Hello {name}, you have %1$d new messages."],
                            load_encoder(Options()))  # fmt: skip
    assert {(f.side, f.kind, f.relation, f.text) for f in scored.flags} == {
        ("ar", "placeholder", "mismatch", "{nmae}"), ("en", "placeholder", "mismatch", "{name}"),
    }  # fmt: skip
    assert all(flag.probability > 0.9 for flag in scored.flags)


def test_facts_of_presentation_forms() -> None:
    text = "\ufe91\ufecc\ufeaa \ufea7\ufee4\ufeb4\ufe94 \ufe83\ufef3\ufe8e\ufee1 \ufefb 7."
    assert [(fact.text, fact.value.number) for fact in extract(text, "ar")] == [(text[4:13], 5.0), ("7", 7.0)]


def test_presentation_forms_are_judged_as_letters_and_told_where_they_stand() -> None:
    ar = "\ufeed\ufebb\ufede \ufe8d\ufedf\ufeee\ufed3\ufeaa \ufee3\ufecc \ufefb\ufecb\ufe92\ufef4\ufee6 \ufed3\ufef2 2019."
    (scored,) = score_pairs([ar], ["The delegation arrived with players in 2018."], load_encoder(Options()))
    dates = [f for f in scored.flags if f.kind == "date"]
    assert [(f.side, f.text, f.start) for f in dates if f.side == "ar"] == [("ar", "2019", ar.index("2019"))]
    assert {f.kind for f in scored.flags} == {"date"}


def test_names_in_presentation_forms_stand_where_they_are_written() -> None:
    text = "\ufefb \ufebb\ufede \ufea9\ufee3\ufeb8\ufed6"
    (name,) = find_names(text, "ar")
    assert (name.text, name.start) == ("\ufea9\ufee3\ufeb8\ufed6", 5)
    assert [text[slice(*match.ar)] for match in match_names(text, "arrived in Damascus").matched] == [name.text]
    (alert,) = match_names(text, "arrived in Tunis").only_ar
    assert alert.name == name
