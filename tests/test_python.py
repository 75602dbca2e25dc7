"""The functions of Python as their user meets them: options, results in a notebook, as tables and as files, mistakes."""

import inspect
import re
import subprocess
import sys

import numpy as np
import pytest

import align
from align.calls import OPTIONS
from align.cli.align import align as command
from align.errors import EncoderError, LanguageError, OutputError, UsageError

AR = "وصل الوفد يوم الاثنين. وبقي ثلاثة أيام في حلب. ثم عاد إلى <b>بلده</b>."
EN = "The delegation arrived on Monday. It stayed in Aleppo for four days. Then it went back to <b>its country</b>."


@pytest.fixture(scope="module")
def result():
    """A pair with one number stated differently."""
    return align.align_texts(AR, EN, flags=True)


def test_a_result_is_told_in_one_short_line(result):
    assert re.fullmatch(r"<Result: 3 ar and 3 en segments, 3 pairs, alone 0 ar and 0 en, mean confidence \d\.\d\d, "
                        r"\d flags>", repr(result))
    assert len(repr(align.align_texts(AR * 50, EN * 50))) < 140


def test_a_notebook_shows_two_columns_with_flags_marked_and_all_escaped(result):
    html = result._repr_html_()
    assert html.count("<tr>") == 4 and html.count('dir="rtl" lang="ar"') == 3 and html.count('dir="ltr" lang="en"') == 3
    assert re.search(r"<mark [^>]*>ثلاثة</mark>", html) and re.search(r"<mark [^>]*>four</mark>", html)
    assert "<b>" not in html and "&lt;b&gt;" in html
    # All that is shown, and no more: the texts without the tags.
    shown = re.sub(r"<[^>]+>", " ", html)
    assert "وبقي" in shown and "script" not in html


def test_controls_of_direction_are_not_shown():
    html = align.align_segments(["عاد \u202eالوفد أمس."], ["The delegation returned."])._repr_html_()
    assert "\u202e" not in html


def test_a_long_result_shows_its_beginning():
    lines = [f"عاد الوفد رقم {k} إلى المدينة." for k in range(150)], [f"Delegation number {k} returned to the city." for k in range(150)]
    result = align.align_segments(*lines)
    beads = len(result.alignment.beads)
    assert beads > 110 and result._repr_html_().count("<tr>") == 101
    assert f"{beads - 100} more beads" in result._repr_html_()


def test_a_result_becomes_a_table(result):
    frame = result.to_pandas()
    assert frame["ar"].tolist()[0] == "وصل الوفد يوم الاثنين." and frame["en"].tolist()[0] == "The delegation arrived on Monday."
    assert frame["type"].tolist() == ["1:1"] * 3 and frame["ar_start"].dtype == "Int64"
    assert [flag["text"] for flag in frame["flags"][1]] == ["ثلاثة", "four"]
    alone = align.align_segments(["عاد الوفد إلى المدينة أمس.", ""], ["The delegation returned to the city yesterday."]).to_pandas()
    assert alone["en_start"].isna().tolist() == [bead == "" for bead in alone["en"]]


@pytest.mark.parametrize(("name", "begins"), [
    ("x.tmx", b"<?xml"), ("x.tsv", "وصل".encode()), ("x.jsonl", b"{"), ("x.csv", b"ar,en"), ("x.xlsx", b"PK"),
    ("x.parquet", b"PAR1"), ("x.html", b"<!DOCTYPE"), ("x.xlf", b"<?xml"), ("x.tsv.gz", b"\x1f\x8b"),
])
def test_a_result_is_saved_as_its_name_says(result, tmp_path, name, begins):
    assert result.save(tmp_path / name) == [str(tmp_path / name)]
    assert (tmp_path / name).read_bytes().startswith(begins)
    with pytest.raises(OutputError):
        result.save(tmp_path / name)
    result.save(tmp_path / name, force=True)


def test_saving_refuses_what_it_cannot_write(result, tmp_path):
    for name, format in (("x.docx", None), ("x.csv", "tmx"), ("x", "nope")):
        with pytest.raises(UsageError):
            result.save(tmp_path / name, format)
    assert not list(tmp_path.iterdir())
    assert len(result.save(tmp_path / "x", "moses")) == 2


def test_all_names_are_there():
    assert set(align.__all__) <= set(dir(align))
    for name in align.__all__:
        assert getattr(align, name).__doc__
    assert not {"calls", "TYPE_CHECKING", "Any"} & set(dir(align))


def test_options_are_called_as_the_command_calls_them():
    # What is about files that are written or the page belongs to the command alone, and the two inputs to both.
    own = {"context", "ar", "en", "output", "format", "header", "flags", "manifest", "report", "plot", "filter", "rejects", "precision",
           "force", "fail_if_unrelated"}  # fmt: skip
    assert set(inspect.signature(command).parameters) - own <= set(OPTIONS)


def test_the_commands_names_and_the_fields_mean_the_same():
    one = align.align_texts(AR, EN, max_ar=1, max_en=2, no_cache=True, langs="ar-en", model="default", model_precision="auto")
    two = align.align_texts(AR, EN, limits=(1, 2), cache=False, langs=("ar", "en"), encoder="default", precision="auto")
    assert one.alignment == two.alignment
    with pytest.raises(LanguageError):
        align.align_texts(EN, AR)
    align.align_texts(EN, AR, no_language_check=True)


@pytest.mark.parametrize(("call", "error", "told"), [
    (lambda: align.align_texts(AR, None), UsageError, "the second is a NoneType"),
    (lambda: align.align_texts([AR], [EN]), UsageError, "align_segments takes lists"),
    (lambda: align.align_segments(AR, [EN]), UsageError, "align_texts takes texts"),
    (lambda: align.align_segments([AR, 3], [EN]), UsageError, "segment 1 of the first list is a int"),
    (lambda: align.align_texts(AR, EN, max_arr=3), TypeError, "did you mean max_ar"),
    (lambda: align.align_texts(AR, EN, max_ar=0), UsageError, "1 to 16"),
    (lambda: align.align_texts(AR, EN, max_ar="3"), UsageError, "whole numbers"),
    (lambda: align.align_texts(AR, EN, langs="arabic"), UsageError, "two codes"),
    (lambda: align.align_texts(AR, EN, batch_size="3"), UsageError, "batch_size is a whole number"),
    (lambda: align.align_texts(AR, EN, min_probability=7), UsageError, "from 0 to 1"),
    (lambda: align.align_texts(AR, EN, segmented="yes"), UsageError, "True or False"),
    (lambda: align.align_texts(AR, EN, model_precision="half"), UsageError, "float16"),
    (lambda: align.align_texts(AR, EN, second_weight="1"), UsageError, "weight"),
    (lambda: align.align_texts(AR, EN, encoder=5), UsageError, "a SentenceTransformer"),
    (lambda: align.align_texts(AR, EN, encoder="default", model="default"), UsageError, "say the same"),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_wrong_values_are_refused_with_what_would_be_right(call, error, told):
    with pytest.raises(error, match=told):
        call()


class Sentences:
    """What a SentenceTransformer shows of itself, over counts of letters."""

    device = type("Device", (), {"type": "cpu", "__str__": lambda self: "cpu"})()
    prompts: dict = {}

    def get_sentence_embedding_dimension(self):
        """The size of a vector."""
        return 32

    def encode(self, texts, **_):
        """A row a text."""
        return np.array([[1.0 + text.count(chr(97 + k)) + 3 * len(text) * (k == 31) for k in range(32)] for text in texts], np.float32)


def test_a_sentence_transformer_is_an_encoder():
    lines = ["one line", "another, which is longer", "a third"]
    result = align.align_segments(lines, [line + "!" for line in lines], encoder=Sentences(), langs=("de", "fr"))
    assert [bead.kind for bead in result.alignment.beads] == ["1:1"] * 3


def test_paths_of_models_are_taken_as_names(tmp_path):
    for given in ({"encoder": tmp_path / "nowhere"}, {"model": tmp_path / "nowhere"}):
        with pytest.raises(EncoderError, match="nowhere"):
            align.align_texts(AR, EN, **given)


@pytest.mark.slow
def test_a_real_sentence_transformer_is_an_encoder(tmp_path):
    from sentence_transformers import SentenceTransformer

    from align.encode import export_model

    path = export_model(tmp_path / "model")
    by_path = align.align_texts(AR, EN, encoder=path)
    assert [bead.kind for bead in by_path.alignment.beads] == ["1:1"] * 3
    model = SentenceTransformer(str(path), trust_remote_code=True)
    found = align.align_texts(AR, EN, encoder=model, flags=True)
    assert [bead.kind for bead in found.alignment.beads] == ["1:1"] * 3 and found.flags


def test_the_distributions_name_is_the_same_package():
    code = ("import muwazi, muwazi.lang.facts, muwazi.data, align, align.lang.facts; from muwazi.errors import UsageError; "
            "import align.errors; assert muwazi is align and muwazi.lang.facts is align.lang.facts; "
            "assert UsageError is align.errors.UsageError; assert align.lang.facts.__spec__.name == 'align.lang.facts'; "
            "print(muwazi.__version__)")
    for given in (["-c", code], ["-m", "muwazi", "--version"]):
        done = subprocess.run([sys.executable, *given], capture_output=True, text=True, check=False,
                              cwd=align.__path__[0] + "/..")
        assert (done.returncode, done.stdout.split()[-1]) == (0, align.__version__), done.stderr
