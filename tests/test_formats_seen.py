"""Formats as their users see them: told by content, Word with its numbers, codes of translation files, cues, front matter."""

import io
import json
import logging
import zipfile
from pathlib import Path

import pytest

from align.data import Document, Judged, Part, parts_between, place_between
from align.errors import FormatError, InputError
from align.pipeline import Options, align_files
from align.read import read
from align.read.bitext import read_bitext
from align.read.kinds import kind_of
from align.read.numbering import written
from align.segment import segment
from align.write import write

pytest.importorskip("lxml")


def saved(folder: Path, name: str, data: str | bytes) -> str:
    """The path of a new file."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def parts(document: Document) -> list[tuple[str, str, str]]:
    """Kind, place and text of every part."""
    return [(part.kind, part.place, document.text[part.start : part.end]) for part in document.parts]


def aligned(ar: str, en: str, *, flags: bool = False) -> Judged:
    """Two files aligned without a look at their languages."""
    return align_files(ar, en, Options(language_check=False), flags=flags)


# What a file is


SRT = "1\n00:00:01,000 --> 00:00:02,000\nHi there.\n"
XLIFF = '<?xml version="1.0"?>\n<!-- by hand -->\n<xliff version="1.2"><file source-language="en" target-language="ar"><body/></file></xliff>'


@pytest.mark.parametrize(("name", "data", "expected"), [
    ("a.txt", b"Plain words.", "text"),
    ("a", SRT.encode(), "srt"),
    ("a.txt", b"\xef\xbb\xbf" + SRT.encode(), "srt"),
    ("a.srt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n", "vtt"),
    ("a.sub", b"[Script Info]\nTitle: x\n", "ass"),
    ("a.text", b"0:00:01.000,0:00:02.000\nHi\n", "sbv"),
    ("a", b'# note\nmsgid ""\nmsgstr ""\n"Language: ar\\n"\n', "po"),
    ("a.xml", XLIFF.encode(), "xliff"),
    ("a.sdlxliff", XLIFF.encode("utf-16"), "xliff"),
    ("a.mqxliff", XLIFF.encode(), "xliff"),
    ("values/strings.xml", b"<resources><string name='a'>x</string></resources>", "android"),
    ("app.ts", b"<!DOCTYPE TS><TS language='ar'></TS>", "ts"),
    ("index.ts", b"export const a = 1;\n", "text"),
    ("report.docx", b"%PDF-1.7\n", "pdf"),
    ("a.doc", b"<!DOCTYPE html><html><body>x</body></html>", "html"),
    ("a.md", b"<html>x", "md"),
    ("a.json.gz", b"{}", "json"),
    ("a.txt", b"<?xml is how such files begin.", "text"),
    ("a.txt", b"# A title\n\nmsgid is a word.\n", "text"),
])  # fmt: skip
def test_the_content_tells(name: str, data: bytes, expected: str) -> None:
    assert kind_of(name, data) == expected


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def archive(**members: str) -> bytes:
    """A ZIP archive of these members, a line standing for a slash."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, text in members.items():
            made.writestr(name.replace("__", "/"), text)
    return stream.getvalue()


@pytest.mark.parametrize(("name", "data", "message"), [
    ("a.doc", OLE, "a.doc: an old Word document, which is not read; save it as .docx"),
    ("a.xls", OLE, "a.xls: an old Excel sheet, which is not read; save it as .xlsx or .csv"),
    ("a.rtf", b"{\\rtf1 x}", "a.rtf: an RTF document, which is not read; save it as .docx"),
    ("a.png", b"\x89PNG\r\n", "a.png: a PNG image, which is not read; put it through OCR and save its text"),
    ("a.mo", b"\xde\x12\x04\x95", "a.mo: a compiled message catalogue (.mo), which is not read; give the .po file"),
    ("a.pptx", archive(ppt__presentation="x"), "a.pptx: a presentation, which is not read as a document; save it as .pdf or "
                                               "its outline as .docx"),
    ("a.xml", b"<?xml version='1.0'?><rss/>", "a.xml: XML of the kind <rss>, which is not read; export it as .xliff, .tmx, "
                                              ".docx or plain text"),
])  # fmt: skip
def test_what_is_not_read_says_its_cure(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read(saved(tmp_path, name, data), "en")
    assert str(raised.value) == f"{tmp_path}/{message}"


def test_messages_name_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"a\.tsv: SubRip subtitles, not bitext; give two versions to align"):
        list(read_bitext(saved(tmp_path, "a.tsv", SRT)))
    with pytest.raises(FormatError, match=r"a\.md: Markdown, not bitext"):
        list(read_bitext(saved(tmp_path, "a.md", "# x\n")))
    po = saved(tmp_path, "a.txt", 'msgid ""\nmsgstr ""\n"Language: ar\\n"\n\nmsgid "Open"\nmsgstr "افتح"\n\nmsgid "x"\nmsgstr ""\n')
    assert [(row.ar.text, row.en.text, row.ar.place) for row in read_bitext(po)] == [
        ("افتح", "Open", "entry 1"), ("", "x", "entry 2"),
    ]  # fmt: skip
    records = saved(tmp_path, "a.json", json.dumps({"pairs": [{"ar": "كلب", "en": "dog"}]}))
    assert [(row.ar.text, row.en.text) for row in read_bitext(records)] == [("كلب", "dog")]


# Word


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LEVELS = "".join(
    f'<w:lvl w:ilvl="{k}"><w:start w:val="1"/><w:numFmt w:val="{name}"/><w:lvlText w:val="{text}"/></w:lvl>'
    for k, (name, text) in enumerate((("decimal", "المادة %1:"), ("arabicAbjad", "(%2)"), ("upperRoman", "%1.%3")))
)


def word_document() -> object:
    """A document of python-docx with a list of three levels, number 90, and one that begins at 5, number 91."""
    library = pytest.importorskip("docx")
    from docx.oxml import parse_xml

    made = library.Document()
    numbering = made.part.numbering_part.element
    numbering.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="90">{LEVELS}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {W} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    numbering.append(parse_xml(f'<w:num {W} w:numId="91"><w:abstractNumId w:val="90"/><w:lvlOverride w:ilvl="0">'
                               '<w:startOverride w:val="5"/></w:lvlOverride></w:num>'))  # fmt: skip
    return made


def paragraph(made: object, text: str, inside: str = "", after: str = "", style: str | None = None) -> object:
    """A new paragraph with XML inside its properties and after its text."""
    from docx.oxml import parse_xml

    new = made.add_paragraph(text, style=style)
    for target, xml in ((new._p.get_or_add_pPr(), inside), (new._p, after)):
        for child in parse_xml(f"<w:x {W}>{xml}</w:x>") if xml else ():
            target.append(child)
    return new


def numbered(level: int, number: int = 90) -> str:
    """The property of a paragraph in a list."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def test_automatic_numbers_as_word_shows_them(tmp_path: Path) -> None:
    made = word_document()
    for text, level, number in (("one", 0, 90), ("a", 1, 90), ("b", 1, 90), ("x", 2, 90), ("two", 0, 90), ("c", 1, 90),
                                ("five", 0, 91), ("six", 0, 90)):  # fmt: skip
        paragraph(made, text, numbered(level, number))
    for text, style in (("first", "List Number"), ("dot", "List Bullet"), ("second", "List Number")):
        paragraph(made, text, style=style)
    paragraph(made, "none", numbered(0, 0), style="List Number")
    made.save(tmp_path / "a.docx")
    # LibreOffice prints the same numbers before these paragraphs.
    assert [text for _, _, text in parts(read(tmp_path / "a.docx", "en"))] == [
        "المادة 1: one", "(أ) a", "(ب) b", "1.I x", "المادة 2: two", "(أ) c", "المادة 5: five", "المادة 6: six",
        "1. first", "dot", "2. second", "none",
    ]  # fmt: skip


def test_headings_numbered_by_their_styles(tmp_path: Path) -> None:
    from docx.oxml import parse_xml

    made = word_document()
    levels = "".join(
        f'<w:lvl w:ilvl="{k}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Heading{k + 1}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>' for k, text in enumerate(("%1", "%1.%2"))
    )  # fmt: skip
    numbering = made.part.numbering_part.element
    numbering.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="95">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {W} w:numId="95"><w:abstractNumId w:val="95"/></w:num>'))
    for k in (1, 2):
        made.styles[f"Heading {k}"].element.get_or_add_pPr().append(parse_xml(
            f'<w:numPr {W}><w:ilvl w:val="{k - 1}"/><w:numId w:val="95"/></w:numPr>'))  # fmt: skip
    for text, level in (("Aims", 1), ("Means", 2), ("Ends", 2), ("Results", 1), ("Costs", 2)):
        made.add_heading(text, level)
    made.save(tmp_path / "a.docx")
    assert [(kind, text) for kind, _, text in parts(read(tmp_path / "a.docx", "en"))] == [
        ("heading", "1 Aims"), ("heading", "1.1 Means"), ("heading", "1.2 Ends"), ("heading", "2 Results"),
        ("heading", "2.1 Costs"),
    ]  # fmt: skip


@pytest.mark.parametrize(("number", "name", "expected"), [
    (4, "lowerRoman", "iv"), (1999, "upperRoman", "MCMXCIX"), (28, "lowerLetter", "bb"), (3, "upperLetter", "C"),
    (5, "arabicAbjad", "ه"), (5, "arabicAlpha", "ج"), (7, "decimalZero", "07"), (12, "ordinal", "12th"), (2, "ordinal", "2nd"),
    (2, "none", ""), (9, "chineseCounting", "9"),
])  # fmt: skip
def test_formats_of_numbers(number: int, name: str, expected: str) -> None:
    assert written(number, name) == expected


def test_hidden_text_is_left_out(tmp_path: Path) -> None:
    made = word_document()
    new = paragraph(made, "Visible ")
    new.add_run("secret").font.hidden = True
    new.add_run(" text.").font.hidden = False
    style = made.styles.add_style("Unseen", 2)
    style.font.hidden = True
    made.add_paragraph("All ").add_run("gone", style="Unseen")
    made.save(tmp_path / "a.docx")
    assert [text for _, _, text in parts(read(tmp_path / "a.docx", "en"))] == ["Visible text.", "All"]


def test_changes_are_read_as_accepted(tmp_path: Path) -> None:
    made = word_document()
    paragraph(made, "Joined ", '<w:rPr><w:del w:id="1" w:author="a"/></w:rPr>')
    paragraph(made, "end", after='<w:ins w:id="2"><w:r><w:t> new</w:t></w:r></w:ins><w:del w:id="3"><w:r><w:delText> old'
                                 '</w:delText></w:r></w:del><w:moveFrom w:id="4"><w:r><w:t> away</w:t></w:r></w:moveFrom>')
    gone = paragraph(made, "", numbered(0) + '<w:rPr><w:del w:id="5"/></w:rPr>', '<w:del w:id="6"><w:r><w:delText>x</w:delText>'
                                                                                 "</w:r></w:del>")
    assert gone is not None
    paragraph(made, "first", numbered(0))
    table = made.add_table(rows=2, cols=1)
    table.cell(0, 0).text, table.cell(1, 0).text = "kept", "removed"
    paragraph(made, "Last.", '<w:rPr><w:del w:id="8"/></w:rPr>')
    from docx.oxml import parse_xml

    table.rows[1]._tr.get_or_add_trPr().append(parse_xml(f'<w:del {W} w:id="7"/>'))
    made.save(tmp_path / "a.docx")
    assert [text for _, _, text in parts(read(tmp_path / "a.docx", "en"))] == ["Joined end new", "المادة 1: first", "kept",
                                                                               "Last."]  # fmt: skip


def test_notes_and_text_boxes_stand_in_place(tmp_path: Path) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part as Member

    made = word_document()
    notes = (f'<w:footnotes {W}><w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote><w:footnote w:id="2"><w:p><w:r>'
             "<w:t>The note.</w:t></w:r></w:p></w:footnote></w:footnotes>")  # fmt: skip
    member = Member(PackURI("/word/footnotes.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
                    notes.encode(), made.part.package)  # fmt: skip
    made.part.relate_to(member, RELATIONSHIP_TYPE.FOOTNOTES)
    box = "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    paragraph(made, "One", after='<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>.</w:t></w:r>')
    paragraph(made, "Two.", after=box)
    paragraph(made, "Three.")
    made.save(tmp_path / "a.docx")
    assert parts(read(tmp_path / "a.docx", "en")) == [
        ("paragraph", "paragraph 1", "One."), ("paragraph", "footnote 2", "The note."), ("paragraph", "paragraph 2", "Two."),
        ("paragraph", "paragraph 2 text box", "In a box."), ("paragraph", "paragraph 3", "Three."),
    ]  # fmt: skip


ODT_LISTS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"><office:automatic-styles>
<text:outline-style><text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/></text:outline-style>
<text:list-style style:name="L"><text:list-level-style-number text:level="1" loext:num-list-format="المادة %1%:" style:num-format="1"/>
<text:list-level-style-number text:level="2" style:num-prefix="(" style:num-suffix=")" style:num-format="ا, ب, ج, ..."/>
<text:list-level-style-number text:level="3" style:num-format="i" text:display-levels="3" text:start-value="2"/></text:list-style>
<text:list-style style:name="B"><text:list-level-style-bullet text:level="1"/></text:list-style></office:automatic-styles>
<office:body><office:text><text:h text:outline-level="1">Aims</text:h><text:list xml:id="a" text:style-name="L">
<text:list-item><text:p>one</text:p><text:p>more</text:p><text:list><text:list-item><text:p>a</text:p></text:list-item>
<text:list-item><text:p>b</text:p><text:list><text:list-item><text:p>x</text:p></text:list-item></text:list></text:list-item></text:list>
</text:list-item><text:list-item><text:list><text:list-item><text:p>c</text:p></text:list-item></text:list></text:list-item></text:list>
<text:list text:style-name="B"><text:list-item><text:p>dot</text:p></text:list-item></text:list>
<text:list text:continue-list="a" text:style-name="L"><text:list-item><text:p>two</text:p></text:list-item>
<text:list-item text:start-value="5"><text:p>five</text:p></text:list-item></text:list>
<text:list text:style-name="L"><text:list-item><text:p>anew</text:p></text:list-item></text:list><text:h text:outline-level="1">Ends</text:h>
</office:text></office:body></office:document-content>"""


def test_numbers_of_open_documents(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.odt", archive(**{"content.xml": ODT_LISTS}))
    assert [text for _, _, text in parts(read(path, "en"))] == [
        "I. Aims", "المادة 1: one", "more", "(أ) a", "(ب) b", "1.ب.ii x", "(ج) c", "dot", "المادة 2: two", "المادة 5: five",
        "المادة 1: anew", "II. Ends",
    ]  # fmt: skip


# Translation files


def xliff(body: str) -> str:
    """A file of XLIFF 1.2 from English to Arabic."""
    return (f'<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="a" source-language="en" '
            f'target-language="ar" datatype="html"><body>{body}</body></file></xliff>')  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), [
    ('Save<x id="1"/>Cancel', ["Save Cancel"]),
    ('Save <x id="1"/>, then', ["Save , then"]),
    ('Done.<x id="1"/>Next', ["Done. Next"]),
    ('Line<x id="1" ctype="lb"/>two', ["Line\ntwo"]),
    ('Hello <x id="1" equiv-text="{{name}}"/>!', ["Hello {{name}}!"]),
    ('<ph id="1">%2$s</ph> files', ["%2$s files"]),
    ('A<ph id="1">&amp;nbsp;</ph>B', ["A\u00a0B"]),
    ('un<bpt id="1">&lt;b&gt;</bpt>believ<ept id="1">&lt;/b&gt;</ept>able', ["unbelievable"]),
    ('un<g id="1" ctype="bold">believ</g>able', ["unbelievable"]),
    ('Open<g id="1">File</g>now', ["Open File now"]),
    ('<bpt id="1">&lt;td&gt;</bpt>One<ept id="1">&lt;/td&gt;</ept><bpt id="2">&lt;td&gt;</bpt>Two<ept id="2"/>', ["One Two"]),
    ('See <ph id="1">&lt;img alt="<sub>A red door</sub>"/&gt;</ph>here', ["See here", "A red door"]),
    ('<mrk mtype="protected">MuwaziDB</mrk> runs', ["MuwaziDB runs"]),
])  # fmt: skip
def test_codes_become_what_they_stand_for(tmp_path: Path, source: str, expected: list[str]) -> None:
    path = saved(tmp_path, "a.xlf", xliff(f'<trans-unit id="1"><source>{source}</source></trans-unit>'))
    assert [text for _, _, text in parts(read(path, "en"))] == expected


def test_segments_of_units_and_what_is_not_translated(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    body = (
        '<trans-unit id="u"><source>One. Two.</source><seg-source><mrk mtype="seg" mid="0">One.</mrk> <g id="9"><mrk mtype="seg" '
        'mid="1">Two.</mrk></g></seg-source><target><mrk mtype="seg" mid="0">واحد.</mrk><mrk mtype="seg" mid="1"/></target>'
        '</trans-unit><trans-unit id="no" translate="no"><source>CODE</source></trans-unit><group translate="no"><trans-unit '
        'id="in"><source>CODE</source></trans-unit><trans-unit id="yes" translate="yes"><source>Three</source><target '
        'state="needs-translation">Three</target></trans-unit></group>'
    )
    path = saved(tmp_path, "a.sdlxliff", xliff(body))
    assert parts(read(path, "en")) == [
        ("unit", "unit u segment 0", "One."), ("unit", "unit u segment 1", "Two."), ("unit", "unit yes", "Three"),
    ]  # fmt: skip
    with caplog.at_level(logging.WARNING):
        judged = aligned(path, path, flags=True)
    assert caplog.messages == [f"{path}: entries without translation: 2 (unit u segment 1, unit yes)"]
    assert [(f.text, f.evidence["why"]) for f in judged.flags] == [
        ("Two.", "the other version has nothing under the key unit u segment 1"),
        ("Three", "the other version has nothing under the key unit yes"),
    ]
    assert [(row.ar.text, row.en.text) for row in read_bitext(path)] == [("واحد.", "One."), ("", "Two."), ("", "Three")]


def test_xliff_2_with_native_codes(tmp_path: Path) -> None:
    text = (
        '<xliff version="2.0" srcLang="en" trgLang="ar" xmlns="urn:oasis:names:tc:xliff:document:2.0"><file id="f">'
        '<unit id="u"><originalData><data id="d">%s</data><data id="e">&lt;hr/&gt;</data></originalData><segment id="s1"><source>'
        'Hi <ph id="1" dataRef="d"/>,<cp hex="0009"/>go<ph id="2" dataRef="e"/>on</source><target>مرحبا</target></segment></unit>'
        '<unit id="v" translate="no"><segment><source>X</source></segment></unit></file></xliff>'
    )
    path = saved(tmp_path, "a.xlf", text)
    assert parts(read(path, "en")) == [("unit", "unit u", "Hi %s,\tgo on")]


def test_xliff_and_tmx_as_their_writers_make_them(tmp_path: Path) -> None:
    toolkit = pytest.importorskip("translate.storage.xliff")
    from translate.storage import tmx

    store = toolkit.xlifffile(sourcelanguage="en", targetlanguage="ar")
    memory = tmx.tmxfile()
    for source, target in (("Open the file.", "افتح الملف."), ("Close & go", "أغلق واذهب")):
        store.addsourceunit(source).target = target
        memory.addtranslation(source, "en", target, "ar")
    for name, data in (("a.xlf", bytes(store)), ("a.tmx", bytes(memory))):
        path = saved(tmp_path, name, data)
        judged = aligned(path, path)
        target = tmp_path / f"out{Path(name).suffix}"
        write(str(target), judged.ar, judged.en, judged.alignment, format="xliff" if name == "a.xlf" else "tmx")
        rows = [(row.ar.text, row.en.text) for row in read_bitext(target)]
        assert rows == [("افتح الملف.", "Open the file."), ("أغلق واذهب", "Close & go")]


def test_tmx_codes_and_units_of_one_side(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def unit(**sides: str) -> str:
        return "<tu>" + "".join(f'<tuv xml:lang="{lang}"><seg>{text}</seg></tuv>' for lang, text in sides.items()) + "</tu>"

    body = unit(en='Page<ph>&lt;br/&gt;</ph>two of<ph/>ten <bpt i="1" type="bold"/>now<ept i="1"/>', ar="صفحة") + unit(en="Alone")
    path = saved(tmp_path, "a.tmx", f'<tmx version="1.4"><header/><body>{body}</body></tmx>')
    assert parts(read(path, "en"))[0] == ("unit", "tu 1", "Page\ntwo of ten now")
    with caplog.at_level(logging.WARNING):
        read(path, "ar")
    assert caplog.messages == [f"{path}: entries without translation: 1 (tu 2)"]


def test_po_as_its_writer_makes_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    polib = pytest.importorskip("polib")
    made = polib.POFile()
    made.metadata = {"Language": "ar", "Content-Type": "text/plain; charset=UTF-8",
                     "Plural-Forms": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : 5);"}  # fmt: skip
    forms = ["لا ملفات", "ملف", "ملفان", "%d ملفات", "%d ملفا", "%d ملف"]
    made.append(polib.POEntry(msgid="Save", msgstr="حفظ", occurrences=[("a.c", "3")]))
    made.append(polib.POEntry(msgid="Later", msgstr=""))
    made.append(polib.POEntry(msgid="Maybe", msgstr="ربما لا", flags=["fuzzy"]))
    made.append(polib.POEntry(msgid="Old", msgstr="قديم", obsolete=True))
    made.append(polib.POEntry(msgid="a file", msgid_plural="%d files", msgstr_plural=dict(enumerate(forms))))
    path = str(tmp_path / "ar.po")
    made.save(path)
    with caplog.at_level(logging.WARNING):
        judged = aligned(path, path, flags=True)
    assert caplog.messages == [
        f"{path}: entries without translation: 1 (entry 2)",
        f"{path}: fuzzy entries, whose translation is left out: 1 (entry 3)",
    ]
    rows = [(row.ar.text, row.en.text) for row in read_bitext(path)]
    assert [row for row in rows if all(row)] == [("حفظ", "Save"), ("ملف", "a file"), ("%d ملف", "%d files")]
    assert [flag.text for flag in judged.flags] == ["Later", "Maybe"]


# Subtitles


def film(*cues: tuple[str, str], name: str = "srt") -> str:
    """Subtitles of pairs of a time in seconds and a text, made by pysubs2."""
    library = pytest.importorskip("pysubs2")
    made = library.SSAFile()
    for start, text in cues:
        made.append(library.SSAEvent(int(float(start) * 1000), int(float(start) * 1000) + 900, text.replace("\n", "\\N")))
    return made.to_string(name)


CUES = (("1", "I went to the market"), ("2", "and bought bread. Then I"), ("3", "went home."), ("4", "- Who is it?\n- Me."),
        ("5", "He said that..."), ("6", "...nobody came."), ("30", "It is over."))  # fmt: skip


@pytest.mark.parametrize("name", ["srt", "vtt", "ass", "ssa"])
def test_sentences_go_on_over_cues(tmp_path: Path, name: str) -> None:
    document = read(saved(tmp_path, f"a.{name}", film(*CUES, name=name)), "en")
    found = segment(document)
    assert found.forms == [
        "I went to the market and bought bread.", "Then I went home.", "- Who is it?", "- Me.",
        "He said that... ...nobody came.", "It is over.",
    ]  # fmt: skip
    first = found.segments[0]
    assert [document.text[part.start : part.end] for part in parts_between(document, first.start, first.end)] == [
        "I went to the market", "and bought bread.",
    ]  # fmt: skip
    assert place_between(document, first.start, first.end) == "cue 1 00:00:01.000 to cue 2 00:00:02.000"
    assert len(segment(document, segmented=True).segments) == 8


def test_sentences_are_given_back_by_cue(tmp_path: Path) -> None:
    ar = film(("1", "ذهبت إلى السوق"), ("2", "واشتريت خبزاً."), ("3", "ثم عدت إلى البيت."))
    en = film(("1", "I went to the market"), ("2", "and bought bread."), ("3", "Then I went home."))
    judged = aligned(saved(tmp_path, "ar.srt", ar), saved(tmp_path, "en.srt", en))
    path = tmp_path / "out.jsonl"
    write(str(path), judged.ar, judged.en, judged.alignment, format="jsonl")
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [cue["text"] for cue in records[0]["ar"]["segments"][0]["cues"]] == ["ذهبت إلى السوق", "واشتريت خبزاً."]
    assert [cue["place"] for cue in records[0]["en"]["segments"][0]["cues"]] == ["cue 1 00:00:01.000", "cue 2 00:00:02.000"]
    assert "cues" not in records[1]["en"]["segments"][0]
    assert next(iter(read_bitext(path))).en.text == "I went to the market and bought bread."


@pytest.mark.parametrize(("cues", "count"), [
    ([("1", "No stops here"), ("2", "Nor there"), ("3", "Nor anywhere")], 3),
    ([("1", "It ends."), ("2", "It goes on"), ("30", "After a pause.")], 3),
    ([("1", "It ends."), ("2", "It goes on"), ("3", "- A turn.")], 3),
    ([("1", "♪ La la ♪"), ("2", "It goes on."), ("3", "Yes.")], 3),
    ([("1", "No stops here,"), ("2", "but a comma"), ("3", "Nor anywhere"), ("4", "Or here")], 3),
])  # fmt: skip
def test_cues_that_stand_alone(tmp_path: Path, cues: list[tuple[str, str]], count: int) -> None:
    assert len(segment(read(saved(tmp_path, "a.srt", film(*cues)), "en")).segments) == count


def test_ass_as_it_is_shown(tmp_path: Path) -> None:
    script = (
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:09.00,0:00:10.00,Default,,0,0,0,,Later, with a comma.\n"
        "Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,a remark\n"
        "Dialogue: 0,0:00:02.50,0:00:03.00,Default,,0,0,0,,{\\i1}أهلا{\\i0}\\Nبك\n"
        "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 10 10{\\p0}\n"
    )
    assert parts(read(saved(tmp_path, "a.ass", script), "ar")) == [
        ("cue", "cue 1 00:00:02.500", "أهلا\nبك"), ("cue", "cue 2 00:00:09.000", "Later, with a comma."),
    ]  # fmt: skip


def test_sbv(tmp_path: Path) -> None:
    text = "0:00:01.500,0:00:03.000\nFirst line\nsecond line\n\n0:01:04.000,0:01:05.000\nNo.\n"
    assert parts(read(saved(tmp_path, "captions", text), "en")) == [
        ("cue", "cue 1 00:00:01.500", "First line\nsecond line"), ("cue", "cue 2 00:01:04.000", "No."),
    ]  # fmt: skip


# Markdown


@pytest.mark.parametrize("front", [
    "---\ntitle: A\ndate: 2024-01-02\n---\n", "+++\ntitle = 'A'\n[params]\n  x = 1\n+++\n", "---\n# note\ntags:\n  - b\n...\n",
])  # fmt: skip
def test_front_matter_is_no_text(tmp_path: Path, front: str) -> None:
    pytest.importorskip("markdown_it")
    found = parts(read(saved(tmp_path, "a.md", front + "\n# Head\n\nText.\n"), "en"))
    line = front.count("\n") + 2
    assert found == [("heading", f"line {line}", "Head"), ("paragraph", f"line {line + 2}", "Text.")]
    rules = saved(tmp_path, "b.md", "---\n\nProse between rules.\n\n---\n\nMore.\n")
    assert [text for _, _, text in parts(read(rules, "en"))] == ["Prose between rules.", "More."]


# Findings


def test_headings_are_findings_of_their_own_and_marks_are_none(tmp_path: Path) -> None:
    ar = "# مقدمة الكتاب\n\nوصل الوفد إلى المدينة صباح أمس.\n\n* * *\n\nثم غادر في المساء إلى العاصمة.\n"
    en = ("# Introduction to the book\n\nThe delegation arrived in the city yesterday morning.\n\n## The journey to the capital\n\n"
          "…\n\nThen it left for the capital in the evening.\n\n— * —\n")  # fmt: skip
    judged = aligned(saved(tmp_path, "ar.md", ar), saved(tmp_path, "en.md", en), flags=True)
    assert [(f.side, f.kind, f.text) for f in judged.flags] == [("en", "heading", "The journey to the capital")]
    assert [s.kind for s in judged.en.segments if not any(map(str.isalnum, s.form))] == ["boilerplate"] * 2


def test_a_heading_before_text_that_has_none(tmp_path: Path) -> None:
    ar = "دليل الزائر\n\nيفتح المتحف أبوابه كل يوم من التاسعة صباحاً.\n\nيمكن شراء التذاكر من المدخل الرئيسي.\n"
    en = ("Visitor guide\n\nThe museum opens its doors every day from nine in the morning.\n\nWhere to buy tickets\n\n"
          "Tickets can be bought at the main entrance.\n")  # fmt: skip
    judged = aligned(saved(tmp_path, "ar.txt", ar), saved(tmp_path, "en.txt", en), flags=True)
    assert [(f.side, f.kind, f.text) for f in judged.flags] == [("en", "heading", "Where to buy tickets")]


def test_parts_between() -> None:
    document = Document("x", "en", "ab cd", (Part(0, 2, "cue", "cue 1"), Part(3, 5, "cue", "cue 2")))
    assert [(p.start, p.end) for p in parts_between(document, 1, 4)] == [(1, 2), (3, 4)]
    assert [(p.start, p.end) for p in parts_between(document, 3, 5)] == [(3, 5)]
    assert place_between(document, 0, 2) == "cue 1"
    assert place_between(Document("x", "en", "a\nb"), 2, 3) == "line 2"
