"""Files made to cost much: each ends in one line with its status, soon, and in bounded memory."""

import contextlib
import io
import time

import hostile
import pytest

from align.errors import FormatError, InputError, MuwaziError
from align.read import apart, formats, read
from align.read.bitext import read_bitext
from align.read.draft import Source
from align.read.kinds import kind_of

etree = pytest.importorskip("lxml.etree")
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


def ask(reader, path, max_bytes=1 << 20):
    data = path.read_bytes()
    return reader.read(Source(str(path), "en", data, None, max_bytes), kind_of(str(path), data))


@pytest.mark.parametrize("name", FILES)
def test_hostile_documents_end(tmp_path, made, reader, name):
    path = tmp_path / name
    path.write_bytes(made[name])
    start = time.monotonic()
    try:
        ask(reader, path, 256 << 20)
    except MuwaziError as error:
        assert error.status in (3, 8) and str(error).startswith(str(path)) and "\n" not in str(error)
    assert time.monotonic() - start < 30
    good = tmp_path / "good.html"
    good.write_text("<p>All is well.</p>")
    assert ask(reader, good) == read(good, "en")


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
    (tmp_path / "x.strings").write_bytes(b'"a" = b c;')
    for path in ("x.html", "x.strings"):
        with pytest.raises(InputError) as there:
            ask(reader, tmp_path / path)
        with pytest.raises(type(there.value)) as here:
            read(tmp_path / path, "en")
        assert str(there.value) == str(here.value)


def test_what_a_file_lacks_is_told_from_the_other_process(tmp_path, reader, caplog):
    (tmp_path / "x.po").write_text('msgid ""\nmsgstr "Language: en\\n"\n\nmsgid "a"\nmsgstr "Well."\n\nmsgid "b"\nmsgstr ""\n')
    here = read(tmp_path / "x.po", "en")
    told = [(record.name, record.levelno, record.getMessage()) for record in caplog.records]
    caplog.clear()
    there = ask(reader, tmp_path / "x.po")
    assert told and [(record.name, record.levelno, record.getMessage()) for record in caplog.records] == told
    assert there == here and there.origin == here.origin != ""


def test_files_of_both_languages_and_stdin_are_read_apart(tmp_path, reader, monkeypatch):
    asked = []
    monkeypatch.setattr(formats, "apart", reader)
    monkeypatch.setattr(reader, "_ask", lambda one, data, _: asked.append((one["shown"], one["kind"], data)) or "is not read here")
    (tmp_path / "x.po").write_text('msgid "a"\nmsgstr "b"\n')
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"<!doctype html><p>x")))
    for ask_for in (lambda: list(read_bitext(tmp_path / "x.po")), lambda: read("-", "en")):
        with pytest.raises(InputError, match="is not read here"):
            ask_for()
    assert asked == [(str(tmp_path / "x.po"), "po", b'msgid "a"\nmsgstr "b"\n'), ("<stdin>", "html", b"<!doctype html><p>x")]


SLOW = {
    "lines.txt": b"1" + b"\n" * 65_000,
    "gap.tmx": b'<tmx><body><tu><tuv xml:lang="en"><seg>a<ph>{' + b" " * 20_000 + b'!</ph>b</seg></tuv></tu></body></tmx>',
    "breaks.tmx": b'<tmx><body><tu><tuv xml:lang="en"><seg>a<ph>' + b"\n" * 50_000 + b'x</ph>b</seg></tuv></tu></body></tmx>',
    "merge.yml": b"en:\n  a0: &a0 {x: y}\n" + b"".join(b"  a%d: &a%d {<<: [%s]}\n" % (k, k, b", ".join([b"*a%d" % (k - 1)] * 9)) for k in range(1, 20)),
}  # fmt: skip


@pytest.mark.parametrize("name", SLOW)
def test_small_files_take_no_long_time(tmp_path, seconds, name):
    (tmp_path / name).write_bytes(SLOW[name])

    def read_it():
        with contextlib.suppress(InputError):
            read(tmp_path / name, "en")

    assert seconds(read_it) < 20


@pytest.mark.parametrize("number", ["1000000000", "9" * 5000, "-1", "x"])
def test_numbers_of_lists_are_bounded(tmp_path, number):
    from align.read.numbering import Numbering, written
    from align.read.odt_lists import Lists

    text = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    style = 'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" style:num-format="A"'
    root = etree.fromstring(f'<r><text:outline-style {text}><text:outline-level-style {style} text:level="{number}" text:display-levels="{number}" '
                            f'text:start-value="{number}"/><text:outline-level-style {style} text:level="1" text:start-value="{number}"/></text:outline-style></r>')
    head = etree.fromstring(f'<text:h {text} text:outline-level="1" text:start-value="{number}"/>')
    assert len(Lists(root).heading(head)) < 20
    assert Lists(root).heading(etree.fromstring(f'<text:h {text} text:outline-level="{number}"/>')) == ""
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    lists = etree.fromstring(f'<w:numbering {w}><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="{number}"/><w:numFmt w:val="upperLetter"/>'
                             '<w:lvlText w:val="%1"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num></w:numbering>')
    paragraph = etree.fromstring(f'<w:p {w}><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr></w:p>')
    assert len(Numbering(lists, None).label(paragraph)) < 20
    assert (written(28, "lowerLetter"), written(781, "lowerLetter")) == ("bb", "781")
