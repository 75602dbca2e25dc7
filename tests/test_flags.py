"""Flags: places, words and cuts, coverage, moved sentences, and whole judgements on small real texts."""

import math
from dataclasses import replace

import numpy as np
import pytest

from align.data import Alignment, Bead, Block, Document, Flag, Part, Segment, Segmented, Span
from align.flags import bead_probability, judge, judge_together, score_pairs, word_places, word_rows
from align.flags.coverage import chunks, covers
from align.flags.judging import completeness, flagged_pairs
from align.flags.moved import moved
from align.flags.places import Places, offsets_of
from align.flags.spans import _highest
from align.flags.tables import Network, probability
from align.flags.texts import BeadText
from align.flags.typed import Facts
from align.flags.words import CLAUSE, COMMA, PHRASE, SENTENCE, Words, lines
from align.lang.ar import clauses as arabic_clauses
from align.lang.en import clauses as english_clauses
from align.segment import segment


@pytest.fixture(scope="module")
def encoder():
    from align.encode import load

    return load()


def pair(ar: str, en: str, beads: list[tuple[int, int]]):
    """Two segmented documents, a segment a line, and an alignment of beads of so many lines."""
    sides = [segment(Document(lang, lang, text), segmented=True) for text, lang in ((ar, "ar"), (en, "en"))]
    out, a, e = [], 0, 0
    for n, m in beads:
        out.append(Bead(Span(a, a + n), Span(e, e + m), 0.6, 0.9))
        a, e = a + n, e + m
    return *sides, Alignment(tuple(out))


@pytest.mark.parametrize(
    ("text", "form", "offsets"),
    [
        ("abc", "abc", [0, 1, 2, 3]),
        ("a\n  b", "a b", [0, 1, 4, 5]),
        ("a\u200f b", "a b", [0, 2, 3, 4]),
        ("inter-\nnational", "international", [0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15]),
        ("كتـاب\nجديد", "كتـاب جديد", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ],
    ids=["same", "line break", "control", "hyphen", "arabic"],
)
def test_offsets_of_forms(text, form, offsets):
    assert offsets_of(text, form) == offsets


def test_places_give_the_raw_text_back():
    text = "The  mayor\nof Goran-\nboy spoke."
    document = Segmented(Document("x", "en", text), (Segment(0, len(text), "The mayor of Goranboy spoke."),))
    places = Places(document)
    at = document.segments[0].form.index("Goranboy")
    start, end = places.span(0, at, at + 8)
    assert text[start:end] == "Goran-\nboy"
    start, end = places.span(0, 4, 12)
    assert text[start:end] == "mayor\nof"


def test_bead_text_joins_segments():
    text = "One two.\n\nThree  four."
    document = Segmented(Document("x", "en", text), (Segment(0, 8, "One two."), Segment(10, 22, "Three four.")))
    bead = BeadText.of(document, [0, 1])
    assert bead.text == "One two. Three four."
    start, end = bead.place(Places(document), bead.text.index("two"), bead.text.index(" four"))
    assert text[start:end] == "two.\n\nThree"


@pytest.mark.parametrize(("word", "level"), [("who", CLAUSE), ("while", CLAUSE), ("near", PHRASE), ("including", CLAUSE), ("houses", 0), ("sweeping", PHRASE), ("ring", 0)])
def test_english_openers(word, level):
    assert english_clauses.opens(word) == level


@pytest.mark.parametrize(("word", "level"), [("الذي", CLAUSE), ("حيث", CLAUSE), ("مما", CLAUSE), ("في", PHRASE), ("ومنازل", PHRASE), ("قال", 0), ("ثم", CLAUSE)])
def test_arabic_openers(word, level):
    assert arabic_clauses.opens(word) == level


def test_cuts_of_a_sentence():
    (line,) = lines("en", ["He left, while Dr. Vann stayed in Paris. They met again."], None)
    assert line.texts == ["He", "left", "while", "Dr", "Vann", "stayed", "in", "Paris", "They", "met", "again"]
    assert line.cuts == [SENTENCE, 0, COMMA, 0, 0, 0, PHRASE, 0, SENTENCE, 0, 0, SENTENCE]


def test_cuts_of_an_arabic_sentence():
    (line,) = lines("ar", ["وصل الوفد إلى عدن، حيث التقى بالوزير. ثم غادر."], None)
    assert line.texts[3:6] == ["عدن", "حيث", "التقى"]
    assert line.cuts[0] == SENTENCE
    assert line.cuts[2] == PHRASE
    assert line.cuts[4] == COMMA
    assert line.cuts[line.texts.index("ثم")] == SENTENCE


def test_words_keep_marks_and_numbers_whole():
    (line,) = lines("ar", ["شخصًا ١٦٬٧٠٠ و2.5"], None)
    assert line.texts == ["شخصًا", "١٦٬٧٠٠", "و2", "5"] or line.texts[:2] == ["شخصًا", "١٦٬٧٠٠"]


def test_highest_of_runs_equals_the_plain_way():
    rng = np.random.default_rng(3)
    for n in (1, 2, 5, 16, 33):
        values = rng.normal(size=n)
        runs = np.array([(a, b) for a in range(n) for b in range(a + 1, n + 1)])
        assert _highest(values, runs[:, 0], runs[:, 1]) == pytest.approx([values[a:b].max() for a, b in runs])


def test_network_by_hand():
    table = {"mean": [1.0, 0.0], "scale": [2.0, 1.0], "layers": [[[[1.0], [0.5]], [0.1]], [[[2.0]], [-1.0]]]}
    hidden = math.tanh((3 - 1) / 2 + 0.5 * 4 + 0.1)
    assert Network.of(table)(np.array([[3.0, 4.0]], np.float32))[0] == pytest.approx(2 * hidden - 1, rel=1e-5)
    assert probability(0.0) == 0.5
    assert probability(1e9) == pytest.approx(1.0)


def words_of(ids: list[int], cuts: list[int], dimension: int = 12) -> Words:
    """Words whose vectors are basis vectors: equal numbers are translations."""
    n = len(ids)
    at = np.arange(n) * 3
    return Words("en", np.zeros(n, np.int64), at, at + 2, [f"w{i}" for i in ids], np.eye(dimension, dtype=np.float32)[ids], np.ones(n),
                 np.array(cuts), np.ones(n, bool))  # fmt: skip


def test_covers_by_hand():
    one, two = words_of([0, 1, 2, 3], [4, 0, 3, 0, 4]), words_of([0, 1, 5], [4, 0, 0, 4])
    cover, kept = covers(one, two, one.vectors @ two.vectors.T, np.array([0, 2]), np.array([0]))
    assert cover[:, 0] == pytest.approx([1.0, 0.0], abs=1e-5)
    assert kept[:, 0] == pytest.approx([2 / 3, 0.0], abs=1e-5)


def test_chunks_end_at_sentences_and_marks():
    cuts = [4, 0, 3, 0, 0, 3, 4, 0, 4]
    assert chunks(words_of([0] * 8, cuts)).tolist() == [0, 5, 6]


def sentences(order: list[int]) -> Words:
    """Sentences of three words each, sentence k of words 3k to 3k + 2."""
    return words_of([3 * k + i for k in order for i in range(3)], [SENTENCE if i % 3 == 0 else 0 for i in range(3 * len(order) + 1)])


def test_a_moved_sentence_is_found():
    (found,) = moved(sentences([0, 1, 2, 3]), sentences([0, 2, 3, 1]))
    assert (found.ar, found.en) == ((3, 6), (9, 12))
    assert moved(sentences([0, 1, 2, 3]), sentences([0, 1, 2, 3])) == []
    assert moved(sentences([0, 1]), sentences([1, 0])) == []


def flag(side: str, start: int, end: int, p: float, relation: str = "only") -> Flag:
    return Flag(side, start, end, "", "phrase", relation, p, "low", 0)


def test_completeness_counts_overlapping_flags_once():
    flags = [flag("en", 0, 10, 0.5), flag("en", 2, 4, 0.4), flag("en", 20, 30, 0.2), flag("ar", 0, 5, 0.1)]
    assert completeness(flags) == pytest.approx(0.5 * 0.8 * 0.9)
    assert completeness([]) == 1.0
    assert completeness([flag("en", 0, 5, 0.9, "moved")]) == 1.0
    assert bead_probability(flags, 0.5) == pytest.approx(0.18)


AR = """أعلنت وزارة الصحة أن 384 شخصا أصيبوا في مدينة عدن يوم السبت.
ووصلت شحنة المساعدات إلى الميناء.
وقال الوزير إن العمل سيبدأ في الربيع."""
EN = """The Ministry of Health announced that 348 people were injured in the city of Aden on Saturday.
The shipment of aid reached the port, while hundreds of volunteers unloaded blankets and tents from the trucks.
The minister said that work would begin in spring.
The governor of the province resigned in protest last month."""


def test_a_pair_is_judged(encoder):
    ar, en, alignment = pair(AR, EN, [(1, 1), (1, 1), (1, 1), (0, 1)])
    judged = judge(ar, en, alignment, encoder)
    found = {(f.side, f.kind, f.relation): f for f in judged.flags}
    assert found["ar", "number", "mismatch"].text == "384"
    assert found["en", "number", "mismatch"].text == "348"
    assert found["en", "number", "mismatch"].counterpart[2].startswith("384")
    clause = next(f for f in judged.flags if f.bead == 1)
    assert clause.side == "en"
    assert "volunteers" in clause.text
    lone = next(f for f in judged.flags if f.bead == 3)
    assert (lone.kind, lone.relation, lone.text) == ("sentence", "only", EN.splitlines()[3])
    assert not [f for f in judged.flags if f.bead == 2]


def test_flags_stand_where_they_say(encoder):
    ar, en, alignment = pair(AR, EN, [(1, 1), (1, 1), (1, 1), (0, 1)])
    judged = judge(ar, en, alignment, encoder, min_probability=0.0)
    texts = {"ar": AR, "en": EN}
    assert judged.flags
    for f in judged.flags:
        assert texts[f.side][f.start : f.end] == f.text
        assert 0 <= f.probability <= 1
        assert f.evidence["why"]
        if f.counterpart:
            a, b, text = f.counterpart
            assert texts["en" if f.side == "ar" else "ar"][a:b] == text


def test_at_probability_0_every_word_is_listed(encoder):
    ar, en, alignment = pair(AR, EN, [(1, 1), (1, 1), (1, 1), (0, 1)])
    flags = judge(ar, en, alignment, encoder, min_probability=0.0).flags
    for word in ("Ministry", "shipment", "volunteers", "spring"):
        at = EN.index(word)
        assert any(f.side == "en" and f.start <= at and f.end >= at + len(word) for f in flags), word


def test_a_faithful_pair_has_no_flags(encoder):
    ar = "وصلت ٢٥ شاحنة إلى دمشق في 3 أيار 2019، وفق بيان للأمم المتحدة."
    en = "Twenty-five trucks arrived in Damascus on 3 May 2019, according to a United Nations statement."
    assert judge(*pair(ar, en, [(1, 1)]), encoder).flags == ()


def test_a_moved_block_is_called_moved(encoder):
    ar, en, alignment = pair("وصلت الشحنة إلى الميناء.\nاستقال محافظ الإقليم الشهر الماضي.", "The governor of the province resigned last month.\nThe shipment reached the port.", [(0, 1), (1, 1), (1, 0)])
    block = Block(Span(1, 2), Span(0, 1), "moved", 0.7)
    flags = judge(ar, en, Alignment(alignment.beads, (block,)), encoder).flags
    assert [(f.side, f.kind, f.relation) for f in flags] == [("en", "sentence", "moved"), ("ar", "sentence", "moved")]
    assert flags[0].counterpart[2] == "استقال محافظ الإقليم الشهر الماضي."


def test_furniture_is_boilerplate(encoder):
    ar, en, alignment = pair("وصلت الشحنة إلى الميناء.", "The shipment reached the port.\nLeave a comment", [(1, 1), (0, 1)])
    segments = (*en.segments[:1], Segment(en.segments[1].start, en.segments[1].end, "Leave a comment", "boilerplate", 1, 1))
    (found,) = judge(ar, Segmented(en.document, segments), alignment, encoder).flags
    assert (found.kind, found.severity, found.text) == ("boilerplate", "low", "Leave a comment")


def test_a_glossary_explains_a_name(encoder):
    case = pair("زار الوفد بلدة الزهراوية أمس.", "The delegation visited the town of Kestrelby yesterday.", [(1, 1)])
    assert any(f.text == "Kestrelby" for f in judge(*case, encoder).flags)
    told = judge(*case, encoder, glossary=[("الزهراوية", "Kestrelby")]).flags
    assert not any(f.kind == "name" for f in told)


class Plain:
    """An encoder of which only `encode` is known."""

    name = "plain"
    dimension = 4

    def encode(self, texts):
        return np.ones((len(texts), 4), np.float32) / 2


def test_known_states_and_what_is_kept_of_them_give_the_same_flags(encoder):
    ar, en, alignment = pair(AR, EN, [(1, 1), (1, 1), (1, 1), (0, 1)])
    texts = {"ar": ar.forms, "en": en.forms}
    states = {side: encoder.word_states(forms, word_places(forms)) for side, forms in texts.items()}
    kept = {side: encoder.word_states(forms, word_places(forms), word_rows(side)) for side, forms in texts.items()}
    assert {rows.shape[1] for side in ("ar", "en") for rows in states[side]} == {640}
    assert {rows.shape[1] for side in ("ar", "en") for rows in kept[side]} == {129}
    assert np.allclose(word_rows("ar")(states["ar"][0]), kept["ar"][0], atol=1e-5)
    vectors, gates = kept["en"][1][:, :-1], kept["en"][1][:, -1]
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5) and (gates > 0).all()
    asked = judge(ar, en, alignment, encoder).flags
    for known in (states, kept):
        given = judge(ar, en, alignment, None, states={side: dict(enumerate(rows)) for side, rows in known.items()}).flags
        assert [(f.side, f.text, f.kind) for f in given] == [(f.side, f.text, f.kind) for f in asked]
        assert [f.probability for f in given] == pytest.approx([f.probability for f in asked], abs=2e-4)


def alike(found, wanted, within: float = 2e-4) -> None:
    """Flags are the same but for the last digits of their figures."""
    plain = lambda f: (f.side, f.start, f.end, f.text, f.kind, f.relation, f.bead, f.counterpart, f.evidence["why"].partition(" (cover")[0])
    assert [plain(f) for f in found] == [plain(f) for f in wanted]
    assert [f.probability for f in found] == pytest.approx([f.probability for f in wanted], abs=within)


def several():
    """Small documents of all sorts: with names and numbers that others answer, one-sided, moved, long, of strings under keys, empty."""
    other_ar = "زارت الوزيرة مدينة قرطبة في 12 أيار.\nوقال السيد كستربي إن 348 سفينة غرقت."
    other_en = "The minister visited Granada on 12 May.\nMr Kesterby said that the ships had sunk.\nThe ministry of health announced that 384 people had died in the earthquake."
    moved_block = pair("وصلت الشحنة إلى الميناء.\nاستقال محافظ الإقليم الشهر الماضي.", "The governor of the province resigned last month.\nThe shipment reached the port.", [(0, 1), (1, 1), (1, 0)])
    moved_block = (*moved_block[:2], Alignment(moved_block[2].beads, (Block(Span(1, 2), Span(0, 1), "moved", 0.7),)))
    keyed_ar, keyed_en, alignment = pair("حفظ\nإلغاء", "Save\nCancel it all", [(1, 1), (1, 1)])
    keyed = [replace(side, document=replace(side.document, parts=tuple(Part(s.start, s.end, "string", key) for s, key in zip(side.segments, "ab", strict=True))))
             for side in (keyed_ar, keyed_en)]  # fmt: skip
    return [
        pair(AR, EN, [(1, 1), (1, 1), (1, 1), (0, 1)]), pair(other_ar, other_en, [(1, 1), (1, 1), (0, 1)]), moved_block,
        pair("", "The mayor of Goranboy spoke.", [(0, 1)]), (*keyed, alignment), pair(other_ar, other_en, [(1, 1), (1, 2)]),
        pair("…", "!!!", [(1, 1)]), pair("", "", []), pair("\n".join([AR] * 6), "\n".join([EN] * 6), [(1, 1), (1, 1), (1, 1), (0, 1)] * 6),
        pair("The minister said that it is raining.", "The minister said that it is raining.", [(1, 1)]),
    ]  # fmt: skip


@pytest.mark.parametrize("least", [None, 0.0])
def test_documents_judged_together_know_nothing_of_one_another(encoder, least):
    encoder.settle()
    documents = several()
    together = judge_together(documents, encoder, min_probability=least)
    assert sum(len(one.flags) for one in together) > 10
    for document, one in zip(documents, together, strict=True):
        assert (one.ar, one.en, one.alignment) == document
        # of a text that repeats itself, rounding decides which of the equal passages around is the nearest
        alike(one.flags, judge(*document, encoder, min_probability=least).flags, 0.1 if len(document[2].beads) > 9 else 2e-4)
    states = [{"ar": dict(enumerate(encoder.word_states(ar.forms, word_places(ar.forms), word_rows("ar"))))} for ar, _, _ in documents]
    for one, other in zip(judge_together(documents, encoder, min_probability=least, states=states), together, strict=True):
        alike(one.flags, other.flags)
    assert judge_together([], encoder) == []


def test_pairs_scored_together_know_nothing_of_one_another(encoder):
    encoder.settle()
    sides = [[" ".join(document[k].forms) for document in several() if len(document[2].beads) < 9] for k in (0, 1)]
    found = flagged_pairs(*sides, encoder, None, 0.05)
    assert sum(len(one.flags) for one in found) > 10
    for ar, en, one in zip(*sides, found, strict=True):
        (alone,) = flagged_pairs([ar], [en], encoder, None, 0.05)
        alike(one.flags, alone.flags)
        assert one.probability == pytest.approx(alone.probability, abs=2e-4)


def test_evidence_goes_without_the_collector_of_garbage(encoder):
    import gc
    import weakref

    from align.flags.judging import evidence_of_pairs, scores_of

    joined, evidence = evidence_of_pairs(AR.splitlines(), EN.splitlines()[:3], encoder, None)
    scores_of(joined, evidence, None)
    there = weakref.ref(evidence)
    gc.disable()
    try:
        del evidence
        assert there() is None
    finally:
        gc.enable()


def test_products_of_flags_wait_for_no_other_thread(encoder, monkeypatch):
    from threadpoolctl import threadpool_info

    from align.flags import reader

    threads = []
    network = reader._network
    monkeypatch.setattr(reader, "_network", lambda *given: threads.append({own["num_threads"] for own in threadpool_info() if own["user_api"] == "blas" and "numpy" in own["filepath"]}) or network(*given))
    judge(*pair(AR, EN, [(1, 1), (1, 1), (1, 1), (0, 1)]), encoder)
    score_pairs(AR.splitlines()[:2], EN.splitlines()[:2], encoder)
    assert threads and all(some == {1} for some in threads)


def test_an_encoder_without_word_states_still_finds_facts():
    ar, en, alignment = pair(AR, EN, [(1, 1), (1, 1), (1, 1), (0, 1)])
    kinds = {f.kind for f in judge(ar, en, alignment, Plain()).flags}
    assert "number" in kinds
    assert "sentence" in kinds


def test_pairs_are_scored(encoder):
    good, bad = score_pairs(
        ["وصلت الشحنة إلى الميناء يوم السبت.", "وصلت الشحنة إلى الميناء يوم السبت."],
        ["The shipment reached the port on Saturday.", "The shipment reached the port on Saturday, and 40 sailors were arrested by the coast guard near the old lighthouse."],
        encoder,
    )  # fmt: skip
    assert good.probability > 0.6
    assert good.flags == ()
    assert bad.probability < 0.3
    assert bad.flags
    with pytest.raises(ValueError, match="1 Arabic and 0 English texts"):
        score_pairs(["نص"], [], encoder)


CAT_AR = "فتح الحارس البوابة عند الفجر.\nثم أشعل النار وأعد الشاي.\nولم يصل أحد قبل الظهر.\nوعاد إلى بيته.\n"
CAT_EN = ("The guard opened the gate at dawn.\nThen he lit the fire and made tea, and the cat slept on his coat beside the stove.\n"
          "Nobody arrived before noon.\nIt was a long road.\n")  # fmt: skip


def test_beads_have_the_probability_that_score_gives_the_same_pairs(encoder):
    from align.flags.pairs import bead_probabilities

    ar, en, alignment = pair(CAT_AR, CAT_EN, [(1, 1), (1, 1), (1, 1), (1, 0), (0, 1)])
    judged = judge(ar, en, alignment, encoder)
    whole, more, other, *alone = bead_probabilities(judged, encoder)
    assert alone == [None, None]
    assert more < 0.4 < 0.7 < min(whole, other)
    given = score_pairs(CAT_AR.split("\n")[:3], CAT_EN.split("\n")[:3], encoder, confidences=[0.9] * 3)
    assert [score.probability for score in given] == pytest.approx([whole, more, other], abs=0.02)
    surer = score_pairs(CAT_AR.split("\n")[:3], CAT_EN.split("\n")[:3], encoder, confidences=[0.99] * 3)
    assert all(a.probability > b.probability for a, b in zip(surer, given, strict=True))


def test_texts_too_long_to_be_compared_have_no_probability(encoder, monkeypatch):
    from align.flags import pairs

    monkeypatch.setattr(pairs, "MOST_CHARACTERS", 40)
    ar, en, alignment = pair(CAT_AR, CAT_EN, [(1, 1), (1, 1), (1, 1), (1, 0), (0, 1)])
    known = [p is not None for p in pairs.bead_probabilities(judge(ar, en, alignment, encoder), encoder)]
    assert known == [True, False, True, False, False]


def test_quality_and_confidence_are_weighed_together():
    from align.flags.pairs import joint

    found = joint(np.array([0.0, 0.02, 0.9, 0.99, 1.0]), np.array([1.0, 0.95, 0.95, 0.95, 1.0]))
    assert (np.diff(found) > 0).all() and (found >= 0).all() and (found <= 1).all()
    assert found[1] < 0.1 and found[3] > 0.95
    assert joint(np.array([0.99]), np.array([0.3]))[0] < found[3]


def test_only_likely_facts_count_against_a_pair_and_a_mismatch_once():
    from align.flags.pairs import facts_agree

    def fact(side, p, kind="number", relation="only", start=0):
        return Flag(side, start, start + 2, "", kind, relation, p, "high", 0)

    assert facts_agree([]) == 1.0
    assert facts_agree([fact("ar", 0.8, relation="mismatch"), fact("en", 0.8, relation="mismatch")]) == pytest.approx(0.2)
    assert facts_agree([fact("ar", 0.8), fact("en", 0.5, "name")]) == pytest.approx(0.1)
    assert facts_agree([fact("ar", 0.49), fact("en", 0.9, "clause"), fact("en", 0.9, relation="moved")]) == 1.0


def test_what_is_shown_does_not_change_what_is_probable(encoder):
    from align.pipeline import Options, align_segmented, as_segmented

    sides = [as_segmented([text], lang, lang) for text, lang in
             (("اشترى المتحف 12 لوحة.", "ar"), ("The museum bought 21 paintings last year.", "en"))]  # fmt: skip
    found = [align_segmented(*sides, Options(segmented=True, min_probability=least), encoder=encoder, flags=True)
             for least in (None, 0.999)]
    assert found[0].flags and not found[1].flags
    first, second = ([bead.probability for bead in one.alignment.beads] for one in found)
    assert first == pytest.approx(second) and first[0] < 0.5
    assert align_segmented(*sides, Options(segmented=True), encoder=encoder).alignment.beads[0].probability is None


def test_empty_sides_do_no_harm(encoder):
    ar, en, alignment = pair("نص\n", "text\n\n", [(1, 1), (0, 1)])
    judge(ar, en, alignment, encoder, min_probability=0.0)
    assert judge(*pair("…", "!!!", [(1, 1)]), encoder, min_probability=0.0).flags == ()


@pytest.mark.parametrize("ar", ["3 - وقد واصل الفريق عمله", "٣- وقد واصل الفريق عمله", "(3) وقد واصل الفريق عمله"])
def test_the_number_of_a_paragraph_in_one_version_is_no_finding(ar: str) -> None:
    assert Facts([ar], ["The team continued its work"]).findings(0) == []
    (told, _) = Facts(["واصل 30 رجلاً عملهم"], ["The 40 men continued their work"]).findings(0)
    assert told.relation == "mismatch"


# Output for people


def _flag(kind, probability, start=0, relation="only", side="ar"):
    from align.data import Flag

    return Flag(side, start, start + 3, "abc", kind, relation, probability, "low", 0, None, {"why": "<because>"})


def test_flags_come_by_reliability_and_facts_before_clauses():
    from align.write.flags import by_reliability, reliability

    given = [_flag("clause", 0.99), _flag("number", 0.95, 5), _flag("phrase", 0.3), _flag("date", 0.92, 9), _flag("name", 0.7),
             _flag("clause", 0.65), _flag("number", 0.91, 1), _flag("boilerplate", 0.99), _flag("sentence", 0.97)]  # fmt: skip
    assert [(f.kind, f.start) for f in by_reliability(given)] == [
        ("number", 5), ("number", 1), ("date", 9), ("sentence", 0), ("clause", 0), ("boilerplate", 0), ("name", 0), ("clause", 0), ("phrase", 0)]
    weighty = replace(_flag("clause", 0.8, 3), severity="high")
    assert by_reliability([_flag("number", 0.9), weighty]) == [weighty, _flag("number", 0.9)]
    assert [reliability(_flag("name", p)) for p in (0.75, 0.749, 0.45, 0.44, 0.0)] == ["sure", "likely", "likely", "possible", "possible"]


def test_the_head_counts_flags_and_missing_sentences(muwazi, tmp_path):
    (tmp_path / "ar.txt").write_text("وصل الوفد يوم الاثنين. وبقي ثلاثة أيام في حلب. وزار المتحف الوطني ثم عاد إلى بلده.\n", "utf-8")
    (tmp_path / "en.txt").write_text("The delegation arrived on Monday. It stayed in Aleppo for three days.\n", "utf-8")
    result = muwazi("flag", tmp_path / "ar.txt", tmp_path / "en.txt")
    head = result.out.splitlines()[0]
    assert head.endswith("; 1 sentence missing from the English") and ("sure" in head or "likely" in head)
    other = muwazi("flag", tmp_path / "en.txt", tmp_path / "ar.txt", "--langs", "en-ar")
    assert other.out == result.out
    assert muwazi("flag", tmp_path / "ar.txt", tmp_path / "en.txt", "--kind", "date").out == "no flags\n\n"


def test_flags_are_a_page_and_a_sheet(muwazi, tmp_path):
    from openpyxl import load_workbook

    (tmp_path / "ar.txt").write_text("بيعت 12 لوحة يوم الاثنين في <المزاد> الكبير أمس.\n", "utf-8")
    (tmp_path / "en.txt").write_text("On Monday 21 paintings were sold at the big <auction> yesterday.\n", "utf-8")
    for name in ("f.html", "f.xlsx", "f.csv"):
        assert muwazi("flag", tmp_path / "ar.txt", tmp_path / "en.txt", "-o", tmp_path / name).status == 0
    page = (tmp_path / "f.html").read_text("utf-8")
    assert "<mark>12</mark>" in page and 'dir="rtl"' in page and "&lt;" in page and "<المزاد>" not in page and "<script" not in page
    lines = list(load_workbook(tmp_path / "f.xlsx").active.iter_rows(values_only=True))
    assert lines[0][:4] == ("side", "start", "end", "kind") and ("ar", 5) in [line[:2] for line in lines]
    assert (tmp_path / "f.csv").read_text("utf-8").startswith("side,start")


def test_score_and_filter_mean_the_same_by_a_probability(muwazi, tmp_path):
    import json

    pairs = [("اشترى المتحف 12 لوحة في العام الماضي.", "The museum bought 12 paintings last year."),
             ("اشترى المتحف 12 لوحة في العام الماضي.", "The museum bought 21 paintings last year."),
             ("عاد الوفد إلى المدينة مساء أمس بالقطار.", "Olive trees are grown on the slopes of the hills.")]  # fmt: skip
    (tmp_path / "b.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in pairs), "utf-8")
    assert muwazi("score", tmp_path / "b.tsv", "-o", tmp_path / "s.jsonl").status == 0
    found = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text("utf-8").splitlines()]
    assert found[0]["probability"] > 0.9 and found[1]["probability"] < 0.2 and found[2]["probability"] < 0.2
    # What is shown does not change what is probable.
    muwazi("score", tmp_path / "b.tsv", "-o", tmp_path / "t.jsonl", "--min-probability", "0.99")
    assert [json.loads(line)["probability"] for line in (tmp_path / "t.jsonl").read_text("utf-8").splitlines()] == [
        one["probability"] for one in found]
    muwazi("filter", tmp_path / "b.tsv", "-o", tmp_path / "k.jsonl", "--scored", tmp_path / "all.jsonl", "--off", "numbers")
    quality = [json.loads(line).get("quality") for line in (tmp_path / "all.jsonl").read_text("utf-8").splitlines()]
    assert abs(quality[0] - found[0]["probability"]) < 0.05 and abs(quality[2] - found[2]["probability"]) < 0.05


def test_strangers_are_told_where_there_are_few_pairs():
    from align.flags.pairs import quick_scores
    from align.pipeline import Options, load_encoder

    encoder = load_encoder(Options(cache=False))
    strangers = [("عاد الوفد إلى المدينة مساء أمس بالقطار.", "Olive trees are grown on the slopes of the hills."),
                 ("نعم، أعرف ذلك.", "She bought a car."), ("وقعت الاتفاقية في جنيف بعد مفاوضات طويلة.", "The ship was inspected by engineers.")]
    for ar, en in strangers:
        assert quick_scores([ar], [en], encoder).probabilities[0] < 0.1
    right = ["The delegation returned to the city last night by train.", "Yes, I know that.", "The agreement was signed in Geneva after long talks."]
    for (ar, _), en in zip(strangers, right, strict=True):
        assert quick_scores([ar], [en], encoder).probabilities[0] > 0.8
