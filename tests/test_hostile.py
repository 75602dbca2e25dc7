"""Files made to cost much: each ends in one line with its status, soon, and in bounded memory."""

import time

import hostile
import pytest

from align.errors import FormatError, InputError, MuwaziError
from align.read import apart, read
from align.read.bitext import read_bitext

pytest.importorskip("lxml")
pytest.importorskip("pdfminer")
FILES = dict.fromkeys(
    "space.html deep.html attrs.html nodes.docx spaces.odt tu.tmx deep.json deep.md columns.pdf widths.pdf bomb.pdf indirect.pdf cr.pdf "
    "hex.pdf run2.pdf loop.pdf prev.pdf size.pdf bfranges.pdf forms.pdf".split()
)


@pytest.fixture(scope="module")
def made():
    """The bytes of the files that are tried here, by name."""
    return {name: data for name, data in (*hostile.files(), *hostile.sheets()) if name in FILES or name.endswith((".xlsx", ".tsv"))}


@pytest.fixture
def reader(monkeypatch):
    monkeypatch.setattr(apart, "SECONDS", 2)
    monkeypatch.setattr(apart, "SECONDS_EACH", {"html": 0, "pdf": 0})
    found = apart.Reader()
    yield found
    found.stop()


@pytest.mark.parametrize("name", FILES)
def test_hostile_documents_end(tmp_path, made, reader, name):
    path = tmp_path / name
    path.write_bytes(made[name])
    start = time.monotonic()
    try:
        reader.read(str(path), "en", None, 256 << 20, path.suffix[1:])
    except MuwaziError as error:
        assert error.status in (3, 8) and str(error).startswith(str(path)) and "\n" not in str(error)
    assert time.monotonic() - start < 30
    good = tmp_path / "good.html"
    good.write_text("<p>All is well.</p>")
    assert reader.read(str(good), "en", None, 1 << 20, "html") == read(good, "en")


@pytest.mark.parametrize(("name", "error"), [("far.xlsx", FormatError), ("bomb.xlsx", InputError), ("shared.xlsx", InputError),
                                             ("cells.xlsx", InputError)])  # fmt: skip
def test_hostile_sheets_are_refused(tmp_path, made, name, error):
    pytest.importorskip("openpyxl")
    path = tmp_path / name
    path.write_bytes(made[name])
    with pytest.raises(error):
        list(read_bitext(path))


def test_very_wide_tables_are_read(tmp_path, made, seconds):
    (tmp_path / "wide.tsv").write_bytes(made["wide.tsv"])
    assert seconds(lambda: list(read_bitext(tmp_path / "wide.tsv"))) < 10


def test_what_a_file_does_to_its_reader_is_told_in_one_line(tmp_path, made, process):
    for name, status, said in (("columns.pdf", 3, "needs more memory to be read than a file of its size may"),
                               ("bomb.pdf", 3, "refused as a bomb"), ("deep.json", 8, "not JSON that can be read")):
        (tmp_path / name).write_bytes(made[name])
        done = process("segment", name)
        assert done.status == status and said in done.err and done.err.count("\n") == 1 and not done.out


def test_errors_of_the_other_process_are_its_own(tmp_path, reader):
    (tmp_path / "x.html").write_bytes(b"<meta charset=klingon>x")
    for path, kind in (("x.html", "html"), ("missing.pdf", "pdf")):
        with pytest.raises(InputError) as there:
            reader.read(str(tmp_path / path), "en", None, 1 << 20, kind)
        with pytest.raises(type(there.value)) as here:
            read(tmp_path / path, "en")
        assert str(there.value) == str(here.value)
