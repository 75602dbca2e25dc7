"""Typed facts: extraction in both languages, comparison of pairs, the promises of offsets and speed of thought."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from facts_notation import show, table
from hypothesis import given, settings
from hypothesis import strategies as st

from align import facts
from align.lang.facts import Value, arabic, compare, english, extract, find_value

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"


def rows(name: str) -> list:
    """The rows of a battery file as parameters with their ids."""
    return [pytest.param(*row[1:], id=row[0]) for row in table(name)]


def alarms(ar: str, en: str) -> list[str]:
    """The alarms of a pair as the battery writes them."""
    facts = extract(ar, "ar", hints=True), extract(en, "en", hints=True)
    found = []
    for alarm in compare(*facts, (len(ar), len(en))).alarms():
        if hasattr(alarm, "why"):
            found.append(f"{alarm.ar.text} ~ {alarm.en.text}")
        else:
            found.append(f"{alarm.fact.text} <" if alarm.side == "ar" else f"> {alarm.fact.text}")
    return found


@pytest.mark.parametrize(("text", "expected"), rows("ar.txt"))
def test_arabic_facts(text: str, expected: str) -> None:
    assert "; ".join(show(fact) for fact in extract(text, "ar")) == expected


@pytest.mark.parametrize(("text", "expected"), rows("en.txt"))
def test_english_facts(text: str, expected: str) -> None:
    assert "; ".join(show(fact) for fact in extract(text, "en")) == expected


@pytest.mark.parametrize(("ar", "en"), rows("agree.txt"))
def test_the_same_said_differently_is_no_alarm(ar: str, en: str) -> None:
    assert alarms(ar, en) == []


@pytest.mark.parametrize(("ar", "en", "expected"), rows("differ.txt"))
def test_what_differs_is_reported(ar: str, en: str, expected: str) -> None:
    assert "; ".join(alarms(ar, en)) == expected


def test_the_battery_is_large_enough() -> None:
    assert len(table("ar.txt")) >= 300
    assert len(table("en.txt")) >= 150
    assert len(table("agree.txt")) >= 120
    assert len(table("differ.txt")) >= 60


@pytest.mark.parametrize("name", ["ar.txt", "en.txt", "agree.txt", "differ.txt", "held_out.txt"])
def test_ids_are_unique(name: str) -> None:
    ids = [row[0] for row in table(name)]
    assert len(ids) == len(set(ids))


def test_held_out_cases_are_new_and_can_be_counted() -> None:
    held_out = table("held_out.txt")
    assert len(held_out) >= 60 and {row[3] for row in held_out} == {"same", "differs"}
    seen = {tuple(row[1:3]) for name in ("agree.txt", "differ.txt") for row in table(name)}
    assert not [row[0] for row in held_out if tuple(row[1:3]) in seen]


@pytest.mark.parametrize(
    ("text", "lang", "spans"),
    [
        ("قرارات 822 و853", "ar", ["822", "853"]),
        ("وخَمسونَ حزبًا", "ar", ["خَمسونَ"]),
        ("بلغ 72 كيلومترا", "ar", ["72 كيلومترا"]),
        ("وفي 27 سبتمبر عام 2020", "ar", ["27 سبتمبر عام 2020"]),
        ("\u200f٣٥\u200f كيلومترا", "ar", ["٣٥\u200f كيلومترا"]),
        ("the $2.8bn market", "en", ["$2.8bn"]),
        ("on Monday, 5 May 2020.", "en", ["Monday", "5 May 2020"]),
    ],
    ids=["glued-wa", "vocalised-wa", "unit", "date", "bidi-marks", "money", "weekday-apart"],
)
def test_spans_are_in_the_original_text(text: str, lang: str, spans: list[str]) -> None:
    assert [fact.text for fact in extract(text, lang)] == spans


def test_offsets_count_code_points_of_the_original() -> None:
    text = "😀 قُتِلَ ثَلاثَةُ رِجالٍ"
    (fact,) = extract(text, "ar")
    assert (fact.start, fact.end) == (text.index("ثَ"), text.index(" رِ"))
    assert text[fact.start : fact.end] == "ثَلاثَةُ"


_ALPHABET = st.sampled_from(
    "ثلاثة آلاف ومئة وخمسون مليون نصف ٣٫٥ 1,234 12-16 يوليو تشرين الأول عام 2020 الساعة صباحا % $ و853 الـ47 كوفيد-19 "
    "القرن العشرين two-thirds of a million May 11 1990s 24-year-old ½ ( ) / : . ، ـ ً \u200f 😀 الاثنين مرتين 00:11".split(
        " "
    )
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_ALPHABET, max_size=14).map(" ".join), st.sampled_from(["ar", "en"]))
def test_facts_stand_in_order_and_never_overlap(text: str, lang: str) -> None:
    facts = extract(text, lang, hints=True)
    assert all(fact.text == text[fact.start : fact.end] and fact.text for fact in facts)
    assert all(first.end <= second.start for first, second in pairwise(facts))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["ar", "en"]))
def test_any_text_can_be_read(text: str, lang: str) -> None:
    assert all(0 <= fact.start < fact.end <= len(text) for fact in extract(text, lang, hints=True))


@settings(max_examples=80, deadline=None)
@given(st.lists(_ALPHABET, max_size=10).map(" ".join), st.lists(_ALPHABET, max_size=10).map(" ".join))
def test_every_fact_is_accounted_for_once(ar: str, en: str) -> None:
    facts = {"ar": extract(ar, "ar", hints=True), "en": extract(en, "en", hints=True)}
    result = compare(facts["ar"], facts["en"], (len(ar), len(en)))
    for side in ("ar", "en"):
        matched = [getattr(m, side) for m in result.matched]
        answered = [getattr(m, side) for m in result.mismatches if m.why == "value"]
        alone = [u.fact for u in result.only if u.side == side]
        starts = [fact.start for fact in (*matched, *answered, *alone)]
        assert len(starts) == len(set(starts))
        assert set(starts) <= {fact.start for fact in facts[side]}


@pytest.mark.parametrize(
    "text",
    [
        ") الاثنين أيام عشرة كميات 90%",
        ") في المائة",
        "630.8 3.5 نسمة January",
        "name25@example.orgثلاثة الأول",
        "9" * 5000,
        "1," * 3000,
        "a-" * 3000,
        "111 " * 3000,
        "خمسة و" * 3000,
        "²³ ٣²",
    ],
    ids=[
        "bracket",
        "bracket-percent",
        "decimal-group",
        "address",
        "digits",
        "commas",
        "hyphens",
        "groups",
        "words",
        "powers",
    ],
)
def test_odd_text_is_read_without_complaint(text: str) -> None:
    for lang in ("ar", "en"):
        facts = extract(text, lang, hints=True)
        assert all(first.end <= second.start for first, second in pairwise(facts))
        compare(facts, facts, (len(text), len(text)))


def test_a_number_in_an_address_explains_but_is_no_fact() -> None:
    assert alarms("انظر الموقع الرسمي 2020", "see https://example.com/2020/") == []
    assert alarms("انظر الموقع", "see https://example.com/2020/") == []


def test_importing_reads_no_heavy_library() -> None:
    code = "import sys, align.lang.facts; print([m for m in ('numpy', 'babel', 'torch', 'faiss') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="known for ar and en"):
        extract("zwei", "de")


def test_nothing_in_means_nothing_out() -> None:
    assert extract("", "ar") == ()
    assert compare((), ()).alarms() == ()


def test_hints_are_kept_out_unless_asked_for() -> None:
    assert extract("كلا الطرفين", "ar") == ()
    assert {fact.kind for fact in extract("كلا الطرفين", "ar", hints=True)} == {"hint"}


def test_a_bound_is_a_difference_but_no_alarm() -> None:
    ar, en = extract("أكثر من 500 شخص", "ar"), extract("about 500 people", "en")
    (match,) = compare(ar, en).matched
    assert (match.difference, match.ar.value.bound, match.en.value.bound) == ("bound", "least", "about")


def test_one_number_of_two_equal_ones_is_matched_once() -> None:
    result = compare(extract("34 قتيلا و34 جريحا", "ar"), extract("34 dead", "en"))
    assert len(result.matched) == 1
    (only,) = result.only
    assert only.strength.repeated
    assert only.strength.weight < 0.5


def test_strength_tells_the_features() -> None:
    (only,) = compare(extract("دفع 3.5 مليون دولار", "ar"), ()).only
    s = only.strength
    assert (s.kind, s.form, s.measured, s.small, s.rivals) == ("money", "mixed", True, False, 0)
    assert s.magnitude == pytest.approx(6.544, abs=0.001)


def test_the_extra_year_of_one_side_is_left_alone() -> None:
    result = compare(extract("27 سبتمبر", "ar"), extract("27 September 2020", "en"))
    (match,) = result.matched
    assert match.difference == "part"
    assert [(part.name, part.value) for part in match.en.parts] == [("day", 27), ("month", 9), ("year", 2020)]
    assert result.alarms() == ()


def test_find_value_finds_what_was_moved() -> None:
    (fact,) = extract("قتل 47 شخصا", "ar")
    elsewhere = extract("On 3 May the 47th victim, aged 12, died.", "en")
    found = find_value(fact, elsewhere)
    assert found is not None and found.text == "47th"
    assert find_value(fact, extract("48 people", "en")) is None


def test_core_is_the_number_without_its_unit() -> None:
    (fact,) = extract("على مسافة 72 كيلومترا", "ar")
    assert fact.text == "72 كيلومترا"
    assert "على مسافة 72 كيلومترا"[slice(*fact.core)] == "72"


def test_ambiguous_separators_match_either_reading() -> None:
    for other in ("150 people", "150,000 people"):
        assert alarms("حضر 150.000 شخص", other) == []
    assert alarms("حضر 150.000 شخص", "15,000 people") == ["150.000 ~ 15,000"]


def test_values_are_numbers_of_the_right_type() -> None:
    (fact,) = extract("١٬٢٣٤٬٥٦٧ نسمة", "ar")
    assert isinstance(fact.value, Value)
    assert fact.value.number == 1234567
    assert isinstance(fact.value.number, int)


def pairs_of(name: str) -> list[tuple[str, str]]:
    """One-to-one lines of a development set, or a skip where it is absent."""
    path = SHARED / "docs" / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"development data not found: {path.name}")
    documents = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [(d["ar"][a[0]], d["en"][e[0]]) for d in documents for a, e in d["gold"] if len(a) == len(e) == 1]


@pytest.mark.parametrize("name", ["ntrex", "tico19"])
def test_professional_translations_raise_few_alarms(name: str) -> None:
    pairs = pairs_of(name)
    assert sum(bool(alarms(ar, en)) for ar, en in pairs) <= 0.015 * len(pairs)


@pytest.mark.parametrize(("ar", "en"), [
    ("اشتراه بدينار ونصف", "He bought it for a dinar and a half"),
    ("اشتراه بدينار ونصف الدينار", "He bought it for one and a half dinars"),
    ("انتظرت لساعة ونصف", "I waited for an hour and a half"),
    ("خلال خمسة عشر يوماً", "within a fortnight"),
    ("كل أسبوعين", "every fortnight"),
    ("يقع في حي النخيل", "It lies in the palm quarter"),
    ("بعد ربع ساعة", "after a quarter of an hour"),
])  # fmt: skip
def test_halves_fortnights_and_quarters_answer_each_other(ar: str, en: str) -> None:
    found = compare(extract(ar, "ar", hints=True), extract(en, "en", hints=True))
    assert not found.mismatches and not found.only


def test_a_quarter_that_is_a_number_still_counts() -> None:
    found = compare(extract("ارتفعت المبيعات", "ar", hints=True), extract("Sales rose by a quarter", "en", hints=True))
    assert [only.fact.value.number for only in found.only] == [0.25]
    assert not extract("بطن الحوت ونصف", "ar")[0].value.unit


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("قال الوزير إن الحكومة ستواصل العمل في المدينة.", "ar"),
        ("منذ ذلك الوقت حتى الصباح", "ar"),
        ("The minister said that the government would continue until the morning.", "en"),
        ("More than that, in the afternoon, per se.", "en"),
    ],
)
def test_sentences_in_which_no_fact_can_begin_have_no_items(text: str, lang: str) -> None:
    items = arabic.items if lang == "ar" else english.items
    assert items(text) == []


@pytest.mark.parametrize(
    ("text", "lang", "value"),
    [
        ("وصل و خمسة رجال", "ar", 5), ("حضر ½ الأعضاء", "ar", 0.5), ("حضر ٣ أعضاء", "ar", 3),
        ("a hundred of them came", "en", 100), ("ate ¼ of it", "en", 0.25), ("half of them left", "en", 0.5),
    ],
)  # fmt: skip
def test_one_telling_word_or_sign_is_enough(text: str, lang: str, value: float) -> None:
    assert [fact.value.number for fact in extract(text, lang)] == [value]


_PIECES = st.sampled_from([
    *"0123456789٠٣٩.,٬٫،'/-–:+()%$€ \n½", "th", "k", "bn", "ft", "am", "هـ", " ألف", " مليون", " thousand", " and ", " of ", " March",
    " كانون ", " ق.م", " القرن", " عام", "الساعة ", " minus ", " تحت الصفر", " below zero", "Rabi' al-Thani ", "version 3.", "البند ",
    "COVID-", "إف-", " ريال سعودي", " Qatari riyals", "II", " one", " لا ", "9" * 41,
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=12).map("".join), st.lists(_PIECES, max_size=12).map("".join))
def test_no_text_raises(one: str, other: str) -> None:
    for text in (one, other):
        for lang in ("ar", "en"):
            for fact in facts._extract.unguarded(text, lang, True):
                assert text[fact.start : fact.end] == fact.text
    compare.unguarded(extract(one, "ar", hints=True), extract(other, "en", hints=True), texts=(one, other))


def test_a_text_that_cannot_be_read_has_no_facts_and_says_so(monkeypatch, caplog) -> None:
    monkeypatch.setattr(facts, "_SCANNERS", {"ar": lambda text: 1 / 0})
    assert extract("12 مارس", "ar") == ()
    assert "_extract failed and is left out for '12 مارس' (ZeroDivisionError: division by zero)" in caplog.text


def test_several_of_a_unit_beside_a_sum() -> None:
    found = [extract(text, lang, hints=True) for text, lang in (("7 في المئة5", "ar"), ("COVID-:٪thousands of ²", "en"))]
    compare.unguarded(*found)


@pytest.mark.parametrize("numeral", ["1,1,1٬000", "1" * 41 + "bn", "2" * 400 + "m", "1'2'3.4.5", "600 10.5 7"])
def test_numerals_that_no_reading_fits(numeral: str) -> None:
    for lang in ("ar", "en"):
        extract(numeral, lang, hints=True)


RUNS = ["1", "1 ", "1,", "1-", "0123 ", "+1 ", "a1", "A/", "وواحد ", "one and ", "a@a.a ", "www.a ", "Rabi' al-Thani ", "a-", "(01) ", "1\u00a0",
        "%s ", "{a, ", "{a} ", "{a,plural,one{", "<b x ", "</b>", "\ufe8d\ufe91 3 ", "{a," + " " * 8000]


@pytest.mark.parametrize("piece", RUNS)
def test_long_runs_take_linear_time(piece: str, seconds) -> None:
    def extract_both(size: int) -> None:
        for lang in ("ar", "en"):
            extract(piece * (size // len(piece)), lang, hints=True)

    assert seconds(extract_both, 128_000) < 20 * seconds(extract_both, 16_000) + 0.1


@pytest.mark.parametrize(
    ("ar", "en"),
    [
        ("لا توجد ملفات", "0 files"),
        ("لم يُسجل أي خطأ", "zero errors"),
        ("تحدث الاثنان طويلا", "both talked for a long time"),
        ("من الألف إلى الياء", "from A to Z"),
        ("كل واحد منهم", "each of them"),
        ("عاد إلى بئر السبع", "he returned to Beersheba"),
        ("في عيد الخمسين", "at Pentecost"),
        ("كتبت إيما ستون", "Emma Stone wrote"),
        ("شعاع ألفا", "an alpha ray"),
    ],
)
def test_an_ordinary_reading_that_is_answered_is_no_finding(ar: str, en: str) -> None:
    found = compare(extract(ar, "ar", hints=True), extract(en, "en", hints=True), texts=(ar, en))
    assert found.alarms() == ()


@pytest.mark.parametrize(
    ("ar", "en", "differs"),
    [
        ("الإصدار 3.11.2", "version 3.12.2", "part 2"),
        ("بلغت -4 درجات", "it was 4 degrees", "sign"),
        ("40 لترا", "40 gallons", "unit"),
        ("في 5 رجب 1301 هـ", "on 5 Safar 1301 AH", "month"),
        ("في 9 آذار 1990", "on 8 March 1991", "year, day"),
    ],
    ids=["part", "sign", "unit", "month", "year-and-day"],
)
def test_what_differs_is_named(ar: str, en: str, differs: str) -> None:
    (mismatch,) = compare(extract(ar, "ar", hints=True), extract(en, "en", hints=True)).mismatches
    assert mismatch.why == differs


@pytest.mark.parametrize("other", ["under (ii) this or (iii) that", "under (II) this or (III) that"])
def test_marks_of_a_list_may_be_roman(other: str) -> None:
    assert alarms("وفق (2) هذا أو (3) ذاك", other) == []
    assert alarms("اشترى 3 كتب", "He bought books (iii)") == [] and alarms("اشترى 7 كتب", "He bought books (iii)") != []
