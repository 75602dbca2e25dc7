"""Which pairs are kept, and why the others are not."""

import csv
import io
import json
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.data import Row, Side
from align.errors import EncoderError, InputError, UsageError
from align.filter import PRESETS, REASONS, Filter, Histogram, certainty, load_profile, profile_of
from align.filter.duplicates import Counts, NearTexts, word_hash
from align.filter.languages import arabic_share, english_share
from align.filter.rules import different_numbers
from align.filter.texts import broken_share, longest_run, look, markup_share
from align.read.bitext import read_bitext

CHEAP = replace(PRESETS["default"], confidence=None)
GOOD = ("وصل القطار إلى المدينة قبل غروب الشمس بساعة.", "The train reached the city an hour before sunset.")
OTHER = ("اشترى الفلاح بقرة من سوق القرية يوم الخميس.", "The farmer bought a cow at the village market on Thursday.")


def row(ar: str, en: str, **known) -> Row:
    return replace(Row(known.pop("bead", 0), Side(ar), Side(en), None, None, None), **known)


def reasons(ar: str, en: str, profile=CHEAP, **known) -> tuple[str, ...]:
    return Filter(profile).judge([row(ar, en, **known)])[0].reasons


# Rules that look at one pair

MOJIBAKE = GOOD[0].encode("utf-8").decode("latin-1")


@pytest.mark.parametrize(("ar", "en", "wanted"), [
    (*GOOD, ()),
    (*OTHER, ()),
    ("", GOOD[1], ("one_sided",)),
    (GOOD[0], " \u200b".strip("\u200b"), ("one_sided",)),
    ("و", "X", ("too_short",)),
    (" ".join([GOOD[0]] * 6), "The train.", ("ratio",)),
    ("القطار.", " ".join([GOOD[1]] * 6), ("ratio",)),
    (GOOD[1], GOOD[0], ("swapped",)),
    (GOOD[0], "Поезд прибыл в город за час до заката солнца.", ("script",)),
    ("הרכבת הגיעה לעיר שעה לפני השקיעה.", GOOD[1], ("script",)),
    ("قطار یک ساعت پیش از غروب آفتاب به شهر رسید و مسافران پیاده شدند", GOOD[1] + " And so on.", ("language",)),
    ("ٹرین غروب آفتاب سے ایک گھنٹہ پہلے شہر پہنچ گئی", GOOD[1], ("language",)),
    (GOOD[0], "Le train est arrivé dans la ville une heure avant le coucher du soleil.", ("language",)),
    (GOOD[0], "Der Zug erreichte die Stadt eine Stunde vor dem Sonnenuntergang.", ("language",)),
    (GOOD[0], "Tren güneş batmadan bir saat önce şehre ulaştı.", ("language",)),
    (GOOD[1], GOOD[1], ("copy",)),
    (GOOD[0], GOOD[0], ("script", "copy")),
    ("مثال. Create a private key for signing messages", "Example. Create a private key for signing messages", ("copy",)),
    ("اضغط على Enter", "Press Enter", ()),
    ("المعاملات (parameters)", "Parameters", ()),
    ("الرئيسية | من نحن | اتصل بنا | خريطة الموقع", "Home | About us | Contact us | Site map", ("boilerplate",)),
    ("جميع الحقوق محفوظة © 2019", "All rights reserved © 2019", ("boilerplate",)),
    ("وصل القطار قبل 3 ساعات.", "The train arrived 5 hours ago.", ("number",)),
    ("وصل القطار قبل ٣ ساعات.", "The train arrived 03 hours ago.", ()),
    ("وصل القطار قبل ثلاث ساعات.", "The train arrived 3 hours ago.", ()),
    ("في ١٢ تموز/يوليو ٢٠١٩", "On July 12, 2019", ()),
    ("دفع 1.500.000 دولار", "He paid $1.5 million", ()),
    (MOJIBAKE, GOOD[1], ("script", "encoding")),
    (GOOD[0], "The cafÃ© is open, donâ€™t worry.", ("encoding",)),
    ("وصل القطار إلى \ufffd\ufffd\ufffd قبل الغروب", "The train reached the city before sunset", ("encoding",)),
    ("<a href=\"/ar\">القطار</a>", "<a href=\"/en\">The train</a>", ("markup",)),
    ("https://example.com/ar/page", "https://example.com/en/page", ("script", "copy", "markup")),
    ("==================== 12", "==================== 12", ("junk",)),
    ("هههههههههههههههه", "hahahahahahahahaha", ("junk",)),
    ("12 2019 4711", "12 2019 4711", ("junk",)),
    ("من 13 إلى 24 آب/أغسطس 2017", "13-24 August 2017", ()),
    ("١٣-١٧نيسان/أبريل ٢٠١٧", "13-17 April 2017", ()),
    ("القرار 1907 (2009)", "Resolution 1907 (2009)", ()),
    ("التقدير 2014-2015: 500 8", "Estimate 2014-2015: 8,500", ()),
    ("القطار ١١١١١ ٢٢٢٢٢ ٣٣٣٣٣", "Train 4444", ("number", "junk")),
    ("يان بيتر كواسي (غانا)", "Jan Peter Kwasi (Ghana)", ()),
    ("كينيا (2019)، بوروندي (2020)، زمبابوي (2019)", "Burundi (2020), Kenya (2019), Zimbabwe (2019)", ()),
    ("سيد علي باشا (تركيا)", "Syed Ali Pasha (Turkey)", ()),
    ("علي ناصر فهمي", "Ali Nasser Fahmi", ()),
    ("12 - إسماعيل نعمان", "12. Isma'il Nu`man", ()),
    ("المساحة: 512.7 كيلومتراً مربعاً", "Land area: 512.7 km²", ()),
    ("کان الفیلم جميلا", "The film was lovely", ()),
    (GOOD[0], "LE TRAIN EST ARRIVÉ DANS LA VILLE", ("language",)),
    ("أوه لااااااااااااا، ليس القطار مرة أخرى يا صديقي العزيز!", "Oh nooooooooooooo, not the train once more, my dear friend!", ()),
])  # fmt: skip
def test_reasons_of_a_pair(ar, en, wanted):
    found = reasons(ar, en)
    assert tuple(name for name in found if name in wanted) == wanted, found
    assert bool(found) == bool(wanted), found


def test_all_reasons_are_told_in_order():
    verdict = Filter(CHEAP).judge([row("قبل 3 ساعات", "5 Stunden vor dem Sonnenuntergang und nach der Arbeit <b><i><u> " * 6)])[0]
    assert set(verdict.reasons) == {"ratio", "language", "number"}
    assert list(verdict.reasons) == sorted(verdict.reasons, key=list(REASONS).index)
    assert not verdict.keep and verdict.scores["numbers"] >= 1


def test_marked_furniture_is_boilerplate():
    marked = replace(row(*GOOD), ar=Side(GOOD[0], kind="boilerplate"))
    assert Filter(CHEAP).judge([marked])[0].reasons == ("boilerplate",)
    assert Filter(PRESETS["permissive"], scorer=Fake(1)).judge([marked])[0].reasons == ()


def test_names_speak_for_no_language():
    for en in ("Odo Tevi (Vanuatu)", "Mr. Aurélien Llorca, France", "Layla locked the door.", "José García Márquez"):
        assert english_share(look(en).latin, look(en).names) >= 0.4, en
    for ar in ("أين ولد فريدريش راتزل؟", "فأجاب بلدد الشوحي"):
        assert arabic_share(look(ar).arabic, ar) >= 0.25, ar


@pytest.mark.parametrize(("ar", "en", "count"), [
    ("المادة ٥", "Article 5", 0), ("المادة 06", "Article 6", 0), ("20 كتابا", "twenty books", 0),
    ("٣٠٬٠٠٠ نسمة", "30,000 people", 0), ("50% من السكان", "half of the population", 0),
    ("20 كتابا", "30 books", 1), ("عام 1995", "in 1959", 1), ("8 - وكان معروضا", "3. It had before it", 1),
    ("٨ - وكان معروضا", "8. It had before it", 0),
])  # fmt: skip
def test_numbers_are_compared_by_their_value(ar, en, count):
    assert different_numbers(ar, en, look(ar), look(en)) == count


def test_shares_and_runs():
    assert broken_share("naïve café über") == 0 and broken_share(MOJIBAKE) > 0.4
    assert broken_share(GOOD[0].encode("utf-8").decode("cp1256", "replace")) > 0.1
    assert markup_share("a < b and c > d") == 0 and markup_share("<b>ab</b>") == 7 / 9
    runs = {text: longest_run(text, look(text).words) for text in ("aaaaaaaaaaaa", "no no no no no", "Good morning", "000 000 0")}
    assert list(runs.values()) == [12, 5, 0, 0]


def test_other_languages_than_arabic_and_english_have_fewer_rules():
    judge = Filter(CHEAP, ("de", "fr"))
    assert judge.judge([row("Der Zug ist da.", "Le train est là.")])[0].reasons == ()
    assert Filter(CHEAP, ("ar_EG", "en-GB")).judge([row(*GOOD)])[0].reasons == ()
    assert judge.judge([row("Der Zug ist da.", "Der Zug ist da.")])[0].reasons == ("copy",)
    strict = Filter(PRESETS["strict"], ("de", "fr"))
    assert strict.judge([row("Der Zug ist da.", "Le train est là.")])[0].reasons == ()
    assert strict.judge([row("Der Zug kam an.", "Le train est arrivé.", confidence=0.5)])[0].reasons == ("low_confidence",)


# Duplicates


def test_the_same_with_other_letters_is_a_duplicate_across_calls():
    judge = Filter(CHEAP)
    assert judge.judge([row(*GOOD)])[0].keep
    again = ("وَصَلَ القطارُ الى المدينة، قبل غروب الشمس بساعة", "the TRAIN reached the city -- an hour before sunset!")
    assert judge.judge([row(*OTHER), row(*again)])[1].reasons == ("duplicate",)


@pytest.mark.parametrize(("by", "wanted"), [
    ("pair", [False, False, False, True]), ("ar", [False, True, False, True]), ("en", [False, False, True, True]),
    ("either", [False, True, True, True]), ("off", [False] * 4),
])  # fmt: skip
def test_what_may_stand_once(by, wanted):
    profile = replace(profile_of({"duplicates": {"by": by}}, "here"), confidence=None, near_duplicates=None)
    found = Filter(profile).judge([row(*GOOD), row(GOOD[0], "It came at dusk, the train did, the city's train."),
                                   row("جاء القطار عند المغيب إلى مدينته الصغيرة.", GOOD[1]), row(*GOOD)])
    assert ["duplicate" in verdict.reasons for verdict in found] == wanted


def test_a_word_more_or_less_is_a_near_duplicate_but_another_number_is_not():
    ar, en = "وصل القطار رقم 7 إلى محطة المدينة القديمة قبل غروب الشمس", "Train number 7 reached the old town station before sunset"
    near = (ar.replace("القديمة ", ""), en.replace("old ", ""))
    other = (ar.replace("7", "9"), en.replace("7", "9"))
    assert [v.reasons for v in Filter(CHEAP).judge([row(ar, en), row(*near), row(*other), row(*GOOD)])] == [
        (), ("near_duplicate",), (), ()]  # fmt: skip
    strict = replace(PRESETS["strict"], confidence=None, similarity=None, flags=None)
    assert Filter(strict).judge([row(ar, en), row(*other)])[1].reasons == ("near_duplicate",)


def test_short_sentences_that_differ_in_a_word_are_no_near_duplicates():
    drive = ("أنا كبير بما يكفي لأن أقود سيارتي", "I'm old enough to drive my car")
    wash = ("أنا كبير بما يكفي لأن أغسل سيارتي", "I'm old enough to wash my car")
    loose = replace(CHEAP, near_duplicates=replace(CHEAP.near_duplicates, share=0.6))
    assert [v.reasons for v in Filter(loose).judge([row(*drive), row(*wash)])] == [(), ()]
    by_english = replace(loose, near_duplicates=replace(loose.near_duplicates, by="en", min_words=7))
    assert [v.reasons for v in Filter(by_english).judge([row(*drive), row(*wash)])] == [(), ("near_duplicate",)]


def test_what_recurs_again_and_again_is_boilerplate():
    profile = replace(profile_of({"boilerplate": {"most_repeats": 3}}, "here"), confidence=None)
    found = Filter(profile).judge([row(f"الفصل رقم {'ا' * k}ب", "Read on below") for k in range(5)])
    assert ["boilerplate" in verdict.reasons for verdict in found] == [False] * 3 + [True] * 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(1, 60), max_size=40), max_size=8))
def test_counts_are_those_of_a_plain_counter(batches):
    table, plain = Counts(), Counter()
    for batch in batches:
        wanted = []
        for key in batch:
            wanted.append(plain[key])
            plain[key] += 1
        assert table.add(np.array(batch, np.uint64)).tolist() == wanted


def test_tables_grow_within_their_cost():
    table, rng = Counts(), np.random.default_rng(5)
    keys = rng.integers(1, 1 << 63, 60_000).astype(np.uint64)
    for start in range(0, len(keys), 5_000):
        assert not table.add(keys[start : start + 5_000]).any()
    assert 16 <= table.nbytes / len(keys) <= 33.4
    assert (table.add(keys) == 1).all()
    near = NearTexts(0.8)
    words = [[int(w) for w in rng.integers(1, 1 << 32, 20)] for _ in range(8_000)]
    assert not near.add(words).any()
    assert near.add(words).all()
    assert near.nbytes / 16_000 < 200


def test_counts_stop_at_their_most():
    table = Counts()
    table.add(np.full(65_000, 7, np.uint64))
    assert table.add(np.full(1_000, 7, np.uint64))[0] == 65_000
    assert table.add(np.array([7], np.uint64)).tolist() == [65_535]


def test_near_sets_are_found_by_their_share():
    rng = random.Random(1)
    words = [word_hash(str(k)) for k in range(100_000)]
    near = NearTexts(0.8)
    first = [rng.sample(words, 24) for _ in range(600)]
    near.add(first)

    def changed(share: float) -> list[list[int]]:
        kept = round(24 * 2 * share / (1 + share))  # the Jaccard share of two sets of 24
        return [found[:kept] + rng.sample(words, 24 - kept) for found in first]

    assert near.add(changed(0.92)).mean() > 0.93
    assert near.add(changed(0.5)).mean() < 0.02
    assert not near.add([[], [], words[:1]])[:2].any()


# Scores


class Fake:
    """A scorer that says the same of every pair, and remembers what it was asked."""

    def __init__(self, quality: float, flags=()) -> None:
        self.quality, self.found, self.asked, self.asked_flags = quality, flags, [], []

    def quick(self, rows):
        self.asked += rows
        return [(0.5, self.quality)] * len(rows)

    def flags(self, rows):
        self.asked_flags += rows
        return [self.found] * len(rows)


def test_only_what_is_lacking_is_asked_and_it_is_stored():
    scorer = Fake(0.4)
    rows = [row(*GOOD), row(GOOD[1], GOOD[0]), row(*OTHER, confidence=0.9), row("", "x"), row(*OTHER, extra={"quality": "0.7"})]
    found = Filter(replace(PRESETS["default"], duplicates=None, near_duplicates=None), scorer=scorer).judge_with_rows(rows)
    assert scorer.asked == [rows[0]]
    assert [verdict.reasons for verdict, _ in found] == [("low_confidence",), ("swapped",), (), ("one_sided",), ()]
    assert (found[0][1].extra["quality"], found[0][1].sim, certainty(found[0][1])) == (0.4, 0.5, 0.4)
    again = Filter(PRESETS["default"])  # no scorer: none is needed now
    assert again.judge([found[0][1]])[0].reasons == ("low_confidence",)
    scorer = Fake(0.4)
    Filter(PRESETS["default"], scorer=scorer, thorough=True).judge(rows)
    assert scorer.asked == [rows[0], rows[1]]


def test_beads_are_asked_about_where_completeness_is_wanted():
    rows = [row(*GOOD, confidence=0.95), row(*OTHER, confidence=0.95, extra={"probability": 0.9})]
    strict = replace(PRESETS["default"], confidence=replace(PRESETS["default"].confidence, complete=True), near_duplicates=None)
    scorer = Fake(0.4)
    found = Filter(strict, scorer=scorer).judge_with_rows(rows)
    assert scorer.asked == [rows[0]]
    assert [verdict.reasons for verdict, _ in found] == [("low_confidence",), ()]
    assert [verdict.reasons for verdict in Filter(strict).judge(rows)] == [(), ()]  # no encoder at hand: confidence must do
    assert PRESETS["strict"].confidence.complete and not PRESETS["default"].confidence.complete


def test_what_promises_more_goes_first_probability_then_quality_then_confidence():
    assert certainty(row(*GOOD, confidence=0.9)) == 0.9
    assert certainty(row(*GOOD, confidence=0.9, extra={"quality": 0.1})) == 0.1
    assert certainty(row(*GOOD, extra={"quality": 0.3, "probability": 0.9})) == 0.9
    assert certainty(row(*GOOD, confidence=0.2, extra={"probability": None})) == 0.2
    assert reasons(*GOOD, PRESETS["default"], confidence=0.99, extra={"probability": 0.2}) == ("low_confidence",)
    assert certainty(row(*GOOD)) is None
    profile = PRESETS["default"]
    assert reasons(*GOOD, profile, extra={"probability": 0.61}) == ()
    assert reasons(*GOOD, profile, extra={"probability": 0.09}) == ("low_confidence",)
    assert reasons(*GOOD, profile, confidence=0.49) == ("low_confidence",)


@pytest.mark.parametrize("value", ["good", 5, -1, float("nan"), [], "9" * 5000])
def test_a_score_that_is_none_rejects_its_pair_alone(value):
    first, second = Filter().judge_with_rows([row(*GOOD, bead=7, extra={"quality": value}), row(*OTHER, confidence=0.9)])
    assert first[0].reasons == ("malformed",) and second[0].keep
    assert first[1].extra["error"].startswith("pair 8: quality is ")


def test_a_pair_that_cannot_be_judged_is_rejected_alone():
    class Failing:
        def quick(self, rows):
            if any("train" in row.en.text for row in rows):
                raise ValueError("no vectors for\nthis")
            return [(0.9, 0.9)] * len(rows)

        def flags(self, rows):
            raise ZeroDivisionError

    rows = [row(*OTHER), row(*GOOD), row("نامت القطة الصغيرة على السجادة.", "The small cat slept on the rug.")]
    verdicts = Filter(PRESETS["default"], scorer=Failing()).judge_with_rows(rows)
    assert [verdict.reasons for verdict, _ in verdicts] == [(), ("failed",), ()]
    assert verdicts[1][1].extra["error"] == "ValueError: no vectors for this"
    strict = Filter(PRESETS["strict"], scorer=Failing()).judge([row(*OTHER, confidence=0.99)])
    assert strict[0].reasons == ("failed",)


def test_memory_and_errors_of_the_place_end_the_work():
    class Broken:
        def quick(self, rows):
            raise EncoderError("the model is damaged")

    with pytest.raises(EncoderError):
        Filter(scorer=Broken()).judge([row(*GOOD), row(*OTHER)])


def test_what_a_profile_needs_and_nobody_gives_is_an_error():
    with pytest.raises(InputError, match="the profile 'default' needs confidence, quality or similarity"):
        Filter().judge([row(*GOOD)])
    with pytest.raises(InputError, match="the profile 'strict' needs flags"):
        Filter(replace(PRESETS["strict"], similarity=None)).judge([row(*GOOD, confidence=1.0)])


def test_flags_drop_by_kind_and_severity():
    def flag(kind, severity, probability=0.9):
        return {"kind": kind, "severity": severity, "probability": probability}

    profile = profile_of({"flags": {"number": "high", "phrase": "medium", "probability": 0.6}}, "here")
    known = {"confidence": 1.0}
    for flags, wanted in (((flag("number", "high"),), ("flag_number",)), ((flag("number", "medium"),), ()),
                          ((flag("phrase", "medium"), flag("number", "high")), ("flag_number", "flag_phrase")),
                          ((flag("number", "high", 0.5),), ()), ((flag("name", "high"),), ()), ((), ())):  # fmt: skip
        assert reasons(*GOOD, profile, flags=flags, **known) == wanted
    scorer = Fake(1, (flag("number", "high"),))
    assert Filter(profile, scorer=scorer).judge([row(*GOOD), row("", "x")])[0].reasons == ("flag_number",)
    assert len(scorer.asked_flags) == 1


def test_quality_tells_right_from_wrong_pairs():
    from align.encode import load
    from align.flags.pairs import quick_scores

    texts = [GOOD, OTHER, ("أغلق البلدية جسر النهر أسبوعين لإصلاحه.", "The town closed the river bridge for two weeks of repairs."),
             ("قرأ الطلاب قصيدة طويلة عن البحر.", "The students read a long poem about the sea.")]  # fmt: skip
    ar, en = [a for a, _ in texts], [e for _, e in texts]
    good = quick_scores(ar, en, load("default"))
    assert good.probabilities.min() > 0.8
    assert (quick_scores(ar, en[1:] + en[:1], load("default")).probabilities < 0.5).all()
    more = quick_scores([*ar[:2], f"{ar[2]} {ar[0]}", ar[3]], en, load("default"))
    assert more.probabilities[2] < 0.5
    # A pair alone, whose neighbours tell nothing.
    assert quick_scores(ar[:1], en[:1], load("default")).probabilities[0] > 0.9
    assert quick_scores(ar[:1], en[1:2], load("default")).probabilities[0] < 0.6
    assert len(quick_scores([], [], load("default")).sims) == 0
    with pytest.raises(ValueError, match="2 Arabic and 1 English"):
        quick_scores(["ا", "ب"], ["a"], None)


# Precision


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=30), st.sampled_from([0.0, 0.5, 0.9, 0.98, 1.0]))
def test_the_cut_is_the_largest_set_with_the_promised_mean(hundredths, precision):
    confidences = [k / 100 for k in hundredths]
    histogram = Histogram()
    for value in confidences:
        histogram.add(value)
    cut = histogram.cut(precision)
    kept = [value for value in confidences if cut.keeps(value)]
    best = max((sum(v >= t for v in confidences) for t in confidences
                if sum(v for v in confidences if v >= t) >= precision * sum(v >= t for v in confidences) - 1e-9), default=0)  # fmt: skip
    assert len(kept) == cut.kept == best
    assert not kept or sum(kept) / len(kept) == pytest.approx(cut.expected) and cut.expected >= precision - 1e-9


# Profiles


def test_a_profile_of_toml(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('base = "strict"\nboilerplate = false\n[length]\nmax_chars = 50\n[flags]\nname = false\nnumber = "high"\n'
                    "[ratio]\nmost = 3\n", "utf-8")  # fmt: skip
    found = load_profile(path)
    assert (found.name, found.boilerplate, found.length.max_chars, found.length.min_chars) == ("mine", None, 50, 4)
    assert (found.ratio.most, found.script) == (3.0, PRESETS["strict"].script)
    assert "name" not in found.flags.severities and found.flags.severities["number"] == "high"
    assert profile_of(found.record(), "again") == found


@pytest.mark.parametrize("name", list(PRESETS))
def test_presets_are_what_their_record_says(name):
    assert load_profile(name) == profile_of(PRESETS[name].record(), "here") == PRESETS[name]


@pytest.mark.parametrize(("text", "message"), [
    ("lenght = false", r"mine\.toml: lenght is no rule; rules are length, ratio"),
    ("[length]\nmin = 1", r"mine\.toml: length has no threshold min; it has min_chars, max_chars"),
    ("length = 5", r"mine\.toml: length is a table of thresholds, or false, not 5"),
    ("[length]\nmin_chars = -1", r"mine\.toml: length\.min_chars is a whole number from 0, not -1"),
    ("[ratio]\nmost = \"big\"", r"mine\.toml: ratio\.most is a number, not 'big'"),
    ("[duplicates]\nby = \"both\"", r"mine\.toml: duplicates\.by is one of pair, ar, en, either, off, not 'both'"),
    ("[flags]\nverb = \"high\"", r"mine\.toml: flags has no kind verb"),
    ("[flags]\nname = \"severe\"", r"mine\.toml: flags\.name is one of low, medium, high, or false, not 'severe'"),
    ("[boilerplate]\nlook = 1", r"mine\.toml: boilerplate\.look is true or false, not 1"),
    ("base = \"loose\"", r"mine\.toml: base is one of default, strict, permissive, not 'loose'"),
    ("[[", r"mine\.toml: is not TOML that can be read"),
])  # fmt: skip
def test_what_is_wrong_with_a_profile(tmp_path, text, message):
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        load_profile(tmp_path / "mine.toml")


def test_profiles_that_do_not_exist(tmp_path):
    with pytest.raises(UsageError, match="no profile is called 'strickt'; there are default, strict, permissive, or name"):
        load_profile("strickt")
    with pytest.raises(InputError, match=r"none\.toml: no such file"):
        load_profile(tmp_path / "none.toml")


# The command

PAIRS = [GOOD, OTHER, (GOOD[1], GOOD[0]), GOOD, ("", "alone"), ("دفع 20 دينارا", "He paid 30 dinars")]


@pytest.fixture
def bitext(tmp_path):
    path = tmp_path / "bitext.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        for k, (ar, en) in enumerate(PAIRS):
            record = {"id": k, "ar": ar, "en": en, "confidence": 1 - k / 10, "flags": []}
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def test_the_command_keeps_and_rejects_every_pair_once(muwazi, tmp_path, bitext):
    done = muwazi("filter", bitext, "-o", tmp_path / "kept.jsonl", "--rejects", tmp_path / "no.jsonl",
                  "--counts", tmp_path / "counts.json")
    assert (done.status, done.out) == (0, "")
    kept = [json.loads(line) for line in (tmp_path / "kept.jsonl").read_text("utf-8").splitlines()]
    assert [record["id"] for record in kept] == [0, 1]
    assert kept[0] == {"id": 0, "ar": GOOD[0], "en": GOOD[1], "confidence": 1.0, "flags": []}
    rejected = [json.loads(line) for line in (tmp_path / "no.jsonl").read_text("utf-8").splitlines()]
    assert [(r["id"], r["number"], r["reasons"]) for r in rejected] == [
        (2, 3, "swapped"), (3, 4, "duplicate"), (4, 5, "one_sided"), (5, 6, "number")]  # fmt: skip
    counts = json.loads((tmp_path / "counts.json").read_text("utf-8"))
    assert (counts["read"], counts["kept"], counts["rejected"]) == (6, 2, 4)
    assert counts["reasons"] == {"swapped": 1, "duplicate": 1, "one_sided": 1, "number": 1}
    assert counts["profile"]["name"] == "default"
    assert done.err.splitlines()[0] == "6 pairs: 2 kept, 4 rejected (66.7%)"


def test_thresholds_move_without_an_encoder(muwazi, tmp_path, bitext, monkeypatch):
    monkeypatch.setattr("align.pipeline.load_encoder", None)
    done = muwazi("filter", bitext, "--min-confidence", "0.95", "-f", "tsv", "-q", "--off", "numbers", "--off", "near-duplicates")
    assert (done.status, done.out) == (0, f"ar\ten\tconfidence\tflags\tid\textra\n{GOOD[0]}\t{GOOD[1]}\t1.0000\t\t0\t\n")


def test_kept_tsv_is_filtered_again_without_an_encoder_and_with_the_same_columns(muwazi, tmp_path, monkeypatch):
    (tmp_path / "x.tsv").write_text("".join(f"{ar}\t{en}\n" for ar, en in (GOOD, OTHER)), "utf-8")
    assert muwazi("filter", tmp_path / "x.tsv", "-o", tmp_path / "a.tsv").status == 0
    monkeypatch.setattr("align.pipeline.load_encoder", None)
    assert muwazi("filter", tmp_path / "a.tsv", "-o", tmp_path / "b.tsv").status == 0
    first = (tmp_path / "a.tsv").read_text("utf-8")
    assert first == (tmp_path / "b.tsv").read_text("utf-8")
    assert first.startswith("ar\ten\t") and "quality" in first.split("\n")[0].split("\t") and first.count("\n") == 3
    assert all(0.5 < float(r.extra["quality"]) <= 1 for r in read_bitext(tmp_path / "b.tsv"))
    bare = muwazi("filter", tmp_path / "x.tsv", "--off", "confidence", "-q")
    assert bare.out == (tmp_path / "x.tsv").read_text("utf-8")
    assert not muwazi("filter", tmp_path / "a.tsv", "--no-header", "-q").out.startswith("ar\t")


def test_a_scored_file_holds_every_pair_and_needs_no_encoder(muwazi, tmp_path, monkeypatch):
    (tmp_path / "x.tsv").write_text("".join(f"{ar}\t{en}\n" for ar, en in PAIRS if ar), "utf-8")
    first = muwazi("filter", tmp_path / "x.tsv", "--scored", tmp_path / "all.jsonl", "-o", tmp_path / "a.tsv", "--thorough")
    assert first.status == 0
    rows = list(read_bitext(tmp_path / "all.jsonl"))
    assert [r.extra["reasons"].partition(",")[0] for r in rows] == ["", "", "swapped", "duplicate", "number"]
    assert all(0 <= r.extra["quality"] <= 1 and "score_ratio" in r.extra for r in rows)
    monkeypatch.setattr("align.pipeline.load_encoder", None)
    again = muwazi("filter", tmp_path / "all.jsonl", "-o", tmp_path / "b.jsonl")
    assert again.err == first.err
    assert [r.en.text for r in read_bitext(tmp_path / "b.jsonl")] == [r.en.text for r in read_bitext(tmp_path / "a.tsv")]


def test_precision_is_kept_over_the_whole_input(muwazi, tmp_path):
    texts = [(f"{GOOD[0]} {OTHER[0]} {'ب' * (k % 40 + 1)}{'ت' * (k // 40)}", f"{GOOD[1]} {OTHER[1]} {'b' * (k % 40 + 1)}{'t' * (k // 40)}")
             for k in range(100)]  # fmt: skip
    with (tmp_path / "x.jsonl").open("w", encoding="utf-8") as stream:
        for k, (ar, en) in enumerate(texts):
            stream.write(json.dumps({"ar": ar, "en": en, "confidence": 1.0 if k % 2 else 0.8}) + "\n")
    done = muwazi("filter", tmp_path / "x.jsonl", "-o", tmp_path / "k.jsonl", "--rejects", tmp_path / "r.jsonl", "--precision", "0.95",
                  "--off", "near_duplicates", "--off", "boilerplate", "--off", "language", "--off", "junk")
    assert "expected precision 1.0000 (confidence 1.0000 and more)" in done.err
    assert {r.confidence for r in read_bitext(tmp_path / "k.jsonl")} == {1.0}
    rejected = list(read_bitext(tmp_path / "r.jsonl"))
    assert {(r.confidence, r.extra["reasons"]) for r in rejected} == {(0.8, "precision")}
    assert [r.extra["number"] for r in rejected] == list(range(1, 100, 2))
    assert "100 pairs: 50 kept, 50 rejected" in done.err


@pytest.mark.parametrize("format", ["tsv", "jsonl", "csv", "tmx", "xliff", "xlsx", "parquet"])
def test_half_a_character_is_rejected_in_every_format_and_stops_nothing(muwazi, tmp_path, format):
    for package in ("lxml", "openpyxl", "pyarrow"):
        pytest.importorskip(package)
    records = [{"ar": GOOD[0], "en": f"{GOOD[1]} \ud83d", "note": "x"}, {"ar": OTHER[0], "en": OTHER[1], "note": "\ud83d"}]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), "ascii")
    done = muwazi("filter", tmp_path / "x.jsonl", "-o", tmp_path / f"k.{format}", "--rejects", tmp_path / f"r.{format}",
                  "--scored", tmp_path / f"s.{format}", "--thorough", "--off", "encoding")  # fmt: skip
    assert done.status == 0 and "2 pairs: 1 kept, 1 rejected (50.0%)" in done.err and "encoding 1" in done.err
    assert [(r.ar.text, r.en.text) for r in read_bitext(tmp_path / f"k.{format}")] == [OTHER]
    half = chr(0xD83D if format == "jsonl" else 0xFFFD)
    assert [r.en.text for r in read_bitext(tmp_path / f"r.{format}")] == [f"{GOOD[1]} {half}"]
    assert len(list(read_bitext(tmp_path / f"s.{format}"))) == 2


@pytest.mark.parametrize("format", ["tsv", "jsonl", "csv", "tmx", "xliff", "xlsx", "parquet", "datasets"])
def test_formats_out_go_by_name(muwazi, tmp_path, bitext, format):
    for package in ("lxml", "openpyxl", "pyarrow"):
        pytest.importorskip(package)
    target = tmp_path / ("kept" if format == "datasets" else f"kept.{format}")
    options = ["-f", "datasets"] if format == "datasets" else []
    assert muwazi("filter", bitext, "-o", target, *options).status == 0
    assert [(r.ar.text, r.en.text) for r in read_bitext(target)] == [GOOD, OTHER]


def test_two_files_and_a_pair_of_files_out(muwazi, tmp_path):
    for side, name in ((0, "x.ar"), (1, "x.en")):
        (tmp_path / name).write_text("".join(pair[side] + "\n" for pair in (GOOD, OTHER)), "utf-8")
    done = muwazi("filter", tmp_path / "x.ar", tmp_path / "x.en", "-o", tmp_path / "y", "-f", "moses", "--off", "confidence")
    assert done.status == 0
    assert (tmp_path / "y.ar").read_text("utf-8") == (tmp_path / "x.ar").read_text("utf-8")


def test_files_that_are_swapped_or_the_same_are_hinted_at(muwazi, tmp_path):
    for side, name in ((0, "x.ar"), (1, "x.en")):
        (tmp_path / name).write_text("".join(pair[side] + "\n" for pair in (GOOD, OTHER)), "utf-8")
    ar, en = tmp_path / "x.ar", tmp_path / "x.en"
    hints = {pair: muwazi("filter", *pair, "--off", "confidence", "-o", tmp_path / f"{k}.tsv").err.splitlines()[2:]
             for k, pair in enumerate([(ar, en), (en, ar), (ar, ar)])}  # fmt: skip
    assert list(hints.values()) == [[], ["most pairs are swapped: are the two files, or columns, in the right order?"],
                                    ["most pairs are copies: do both sides come from the same file or column?"]]  # fmt: skip


@pytest.mark.parametrize(("arguments", "status", "message"), [
    (["none.tsv"], 3, "none.tsv: no such file"),
    (["bitext.jsonl", "--preset", "loose"], 2, "--preset is default, strict or permissive, not 'loose'"),
    (["bitext.jsonl", "--preset", "strict", "--profile", "x.toml"], 2, "--preset and --profile exclude each other"),
    (["bitext.jsonl", "-f", "doc"], 2, "unknown format 'doc'"),
    (["bitext.jsonl", "-f", "moses"], 2, "the format moses writes two files"),
    (["bitext.jsonl", "--off", "sense"], 2, "--off: sense is no rule"),
    (["bitext.jsonl", "-o", "bitext.jsonl", "--force"], 2, "bitext.jsonl: is an input or another output of the same run"),
    (["bitext.jsonl", "-o", "a.tsv", "--rejects", "a.tsv"], 2, "a.tsv: is an input or another output"),
    (["bitext.jsonl", "--rejects", "-"], 2, "--rejects and --scored name files"),
    (["bitext.jsonl", "--counts", "-"], 2, "--counts names a file where stdout is for the pairs that are kept"),
    (["named.tsv", "--columns", "en,ar", "-o", "a.tsv"], 2, "named.tsv: has a header, which names its columns"),
    (["named.csv", "--columns", "en,ar", "-o", "a.tsv"], 2, "named.csv: has a header, which names its columns"),
    (["named.tsv", "named.csv", "--columns", "en,ar"], 2, "two files of lines have no columns to name"),
    (["bitext.jsonl", "--columns", "en,ar"], 2, "bitext.jsonl: columns are named for TSV and CSV"),
    (["bitext.jsonl", "-o", "a.docx"], 2, "a.docx: rows cannot be written as docx; formats are tsv, jsonl"),
    (["bitext.jsonl", "-o", "a.json"], 2, "a.json: rows cannot be written as json"),
    (["bitext.jsonl", "-o", "a.tsv", "--rejects", "r.pdf.gz"], 2, "r.pdf.gz: rows cannot be written as pdf"),
    (["bitext.jsonl", "--header", "-f", "csv"], 2, "a header line belongs to the format tsv, not to csv"),
    (["bitext.jsonl", "-o", "there.tsv"], 7, "there.tsv: exists already; --force overwrites it"),
    (["bad.tsv"], 8, "bad.tsv:1: has no tab"),
    (["empty.jsonl"], 3, "empty.jsonl: has no pairs"),
])  # fmt: skip
def test_bad_input_ends_in_one_line(muwazi, tmp_path, bitext, monkeypatch, arguments, status, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.tsv").write_text("x")
    (tmp_path / "bad.tsv").write_text("no tab\n")
    (tmp_path / "named.tsv").write_text("ar\ten\nك\ta dog\n", "utf-8")
    (tmp_path / "named.csv").write_text("ar,en\nك,a dog\n", "utf-8")
    (tmp_path / "empty.jsonl").write_text('{"record": "block"}\n')
    done = muwazi("filter", *arguments)
    assert done.status == status and message in done.err and done.err.count("\n") == 1
    assert (tmp_path / "there.tsv").read_text() == "x" and not (tmp_path / "a.tsv").exists()


def test_an_error_half_way_leaves_no_output(muwazi, tmp_path):
    lines = [json.dumps({"ar": GOOD[0] + str(k), "en": GOOD[1] + str(k), "confidence": 1.0}) for k in range(3000)]
    (tmp_path / "x.jsonl").write_bytes("\n".join(lines).encode() + b"\n\xff")
    done = muwazi("filter", tmp_path / "x.jsonl", "-o", tmp_path / "k.tsv", "--rejects", tmp_path / "r.jsonl")
    assert done.status == 4 and "is not UTF-8" in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.jsonl"]


def test_rows_that_break_the_format_are_rejected_alone(muwazi, tmp_path):
    good = json.dumps({"ar": GOOD[0], "en": GOOD[1], "confidence": 1.0}, ensure_ascii=False)
    bad = ["{", "[]", '{"ar": "\u0643", "en": "a", "confidence": "high"}', "9" * 5000, "[" * 100_000, '{"ar": {"text": 1}, "sim": []}']
    (tmp_path / "x.jsonl").write_text("\n".join([good, *bad, json.dumps({"ar": OTHER[0], "en": OTHER[1], "confidence": 1.0})]), "utf-8")
    done = muwazi("filter", tmp_path / "x.jsonl", "-o", tmp_path / "k.tsv", "--rejects", tmp_path / "r.jsonl")
    assert done.status == 0 and "8 pairs: 2 kept, 6 rejected" in done.err
    rejected = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text("utf-8").splitlines()]
    assert {found["reasons"] for found in rejected} == {"malformed"} and [found["number"] for found in rejected] == [2, 3, 4, 5, 6, 7]
    assert [f"x.jsonl:{k}:" in found["error"] for k, found in enumerate(rejected, 2)] == [True] * 6
    scored = muwazi("score", tmp_path / "x.jsonl", "--format", "jsonl")
    assert scored.status == 0 and "of which 6 could not be scored" in scored.err
    assert sum("error" in json.loads(line) for line in scored.out.splitlines()) == 6
    scored = muwazi("score", tmp_path / "x.jsonl", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(scored.out)))
    assert [row["probability"] for row in rows[1:7]] == ["0.0"] * 6 and all(" x.jsonl:" in row["error"].replace(str(tmp_path) + "/", " ") for row in rows[1:7])
    assert len(rows) == 8 and not rows[0]["error"] and float(rows[0]["probability"]) > 0


def test_records_of_an_array_that_break_the_format_are_rejected_alone(muwazi, tmp_path):
    records = [{"ar": GOOD[0], "en": GOOD[1]}, {"ar": "\u0643", "en": "a", "confidence": "high"}, {"ar": OTHER[0], "en": OTHER[1]}]
    (tmp_path / "x.json").write_text(json.dumps(records), "utf-8")
    done = muwazi("score", tmp_path / "x.json")
    assert done.status == 0 and "of which 1 could not be scored" in done.err
    assert "error: " in done.out.splitlines()[1] and "x.json: record 2: confidence is no number" in done.out.splitlines()[1]


def test_files_that_are_read_whole_are_bounded(muwazi, tmp_path):
    (tmp_path / "x.json").write_text(json.dumps([{"ar": GOOD[0], "en": GOOD[1]}] * 100), "utf-8")
    (tmp_path / "x.po").write_text('msgid "a"\nmsgstr "b"\n' * 100)
    for name in ("x.json", "x.po"):
        done = muwazi("score", tmp_path / name, "--max-bytes", "1000")
        assert done.status == 3 and "holds more than 1,000 bytes of text" in done.err


def test_a_first_row_that_breaks_the_format_ends_the_command(muwazi, tmp_path):
    (tmp_path / "x.jsonl").write_text("{\n{}\n", "utf-8")
    done = muwazi("filter", tmp_path / "x.jsonl")
    assert done.status == 8 and "x.jsonl:1: is not JSON" in done.err


# Aligning


def test_aligned_beads_are_filtered(muwazi, tmp_path):
    from pathlib import Path

    story = Path(__file__).parent.parent / "corpora" / "story"
    plain = muwazi("align", story / "ar.txt", story / "en.txt").out.splitlines()
    lines = {}
    for format in ("tsv", "jsonl", "csv"):
        done = muwazi("align", story / "ar.txt", story / "en.txt", "-f", format, "--filter", "default",
                      "--rejects", tmp_path / f"{format}.jsonl", "-o", tmp_path / f"kept.{format}")
        assert done.status == 0, done.err
        lines[format] = (tmp_path / f"kept.{format}").read_text("utf-8").splitlines()
        rejected = list(read_bitext(tmp_path / f"{format}.jsonl"))
        assert f"{len(plain)} beads: {len(plain) - len(rejected)} kept, {len(rejected)} rejected" in done.err
        numbers = {r.extra["number"] - 1 for r in rejected}
        alone = {k for k, line in enumerate(plain) if "" in line.split("\t")[:2]}
        assert alone and alone == {r.extra["number"] - 1 for r in rejected if r.extra["reasons"] == "one_sided"}
    assert lines["tsv"] == [line for k, line in enumerate(plain) if k not in numbers]
    assert [json.loads(line)["bead"] for line in lines["jsonl"] if "bead" in line] == [
        k for k in range(len(plain)) if k not in numbers]  # fmt: skip
    assert len(lines["csv"]) == len(lines["tsv"]) + 1
    done = muwazi("align", story / "ar.txt", story / "en.txt", "--rejects", tmp_path / "x.jsonl")
    assert done.status == 2 and "--rejects goes with --filter" in done.err
