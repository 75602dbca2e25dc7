"""Documents of every format, made here as their programs make them, to text with parts and places."""

import io
import json
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from align.data import Document, Part, place_of
from align.errors import FormatError, InputError, MissingExtra, MuwaziError, UsageError
from align.read import read
from align.read.bidi import Glyph, attach_marks, backward, folded_forms, logical, turned_words
from align.read.tags import primary, speaks
from align.segment import as_records, segment
from align.segment.structure import structure_links


def parts(document: Document) -> list[tuple[str, str, str]]:
    """Kind, place and text of every part."""
    return [(part.kind, part.place, document.text[part.start : part.end]) for part in document.parts]


def saved(folder: Path, name: str, data: str | bytes) -> str:
    """The path of a new file."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def zipped(members: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of these members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


# Parts and places


def test_place_of() -> None:
    document = Document("x", "en", "One.\n\nTwo.", (Part(0, 4, "heading", "page 1"), Part(6, 10, "cell", "page 2")))
    assert [place_of(document, offset) for offset in (0, 4, 5, 6, 9)] == ["page 1"] * 3 + ["page 2"] * 2
    plain = Document("x", "en", "a\nb\nc")
    assert [place_of(plain, offset) for offset in (0, 2, 4)] == ["line 1", "line 2", "line 3"]


def test_sentences_stay_inside_parts() -> None:
    pieces = {
        "heading": "عنوان الباب",
        "list_item": "وصل الوفد إلى",
        "paragraph": "المدينة. ثم غادر\nفي المساء.",
        "furniture": "12",
    }
    text = "\n\n".join(pieces.values())
    cuts = tuple(Part(text.index(piece), text.index(piece) + len(piece), kind, "") for kind, piece in pieces.items())
    document = Document("x", "ar", text, cuts)
    found = segment(document)
    assert [(s.form, s.kind, s.paragraph, s.line) for s in found.segments] == [
        ("عنوان الباب", "heading", 0, 0),
        ("وصل الوفد إلى", "body", 1, 2),
        ("المدينة.", "body", 2, 4),
        ("ثم غادر في المساء.", "body", 2, 4),
        ("12", "boilerplate", 3, 7),
    ]
    assert [s.form for s in segment(document, segmented=True).segments] == [
        "عنوان الباب", "وصل الوفد إلى", "المدينة. ثم غادر في المساء.", "12",
    ]  # fmt: skip
    assert next(as_records(found))["text"] == "عنوان الباب"


@pytest.mark.parametrize(
    ("tag", "lang"), [("ar-EG", "ar"), ("AR_sa", "ar"), ("ara", "ar"), ("eng", "en"), ("EN", "en")]
)
def test_tags(tag: str, lang: str) -> None:
    assert primary(tag) == lang
    assert speaks(tag, lang)
    assert not speaks(tag, "fr")


# HTML

PAGE = """<!DOCTYPE html><html lang=ar dir=rtl><head><meta charset="{charset}"><title>x</title>
<style>p {{ color: red }}</style><script>alert("لا")</script></head><body>
<header><a href=/>الرئيسية</a> <a href=/n>أخبار</a></header>
<nav><ul><li><a href=/a>رياضة</a></li></ul></nav>
<article><h1>عودة القطار</h1>
<p>عاد القطارُ إلى الخدمة <b>صباح</b> اليوم،
كما &quot;وُعد&quot; الركاب.<br>وسيعمل يوميًا.</p>
<ul><li>المحطة الأولى<ul><li>فرعية</li></ul></li><li><p>الثانية</p></li></ul>
<table><tr><th>السنة</th><th>الركاب</th></tr><tr><td>٢٠٢٤</td><td>٥٬٠٠٠</td></tr></table>
<p style="display: none">مخفي</p><pre>سطر
آخر</pre></article>
<footer>جميع الحقوق محفوظة</footer></body></html>"""
PAGE_PARTS = [
    ("furniture", "line 3", "الرئيسية أخبار"),
    ("furniture", "line 4", "رياضة"),
    ("heading", "line 5", "عودة القطار"),
    ("paragraph", "line 6", 'عاد القطارُ إلى الخدمة صباح اليوم، كما "وُعد" الركاب.'),
    ("paragraph", "line 6", "وسيعمل يوميًا."),
    ("list_item", "line 8", "المحطة الأولى"),
    ("list_item", "line 8", "فرعية"),
    ("list_item", "line 8", "الثانية"),
    ("cell", "table 1 row 1 cell 1", "السنة"),
    ("cell", "table 1 row 1 cell 2", "الركاب"),
    ("cell", "table 1 row 2 cell 1", "٢٠٢٤"),
    ("cell", "table 1 row 2 cell 2", "٥٬٠٠٠"),
    ("paragraph", "line 10", "سطر"),
    ("paragraph", "line 10", "آخر"),
    ("furniture", "line 12", "جميع الحقوق محفوظة"),
]


def test_html(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    assert parts(read(saved(tmp_path, "a.html", PAGE.format(charset="utf-8")), "ar")) == PAGE_PARTS


def test_html_in_the_encoding_that_it_declares(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    text = PAGE.format(charset="windows-1256").replace("٢٠٢٤", "2024").replace("٥٬٠٠٠", "5000")
    found = read(saved(tmp_path, "a.htm", text.encode("cp1256")), "ar")
    assert parts(found)[3] == PAGE_PARTS[3]


def test_html_menu_without_a_frame_is_furniture(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    links = "".join(f'<div><a href="/{k}">قسم الأخبار رقم {k}</a></div>' for k in range(9))
    prose = "".join(
        f"<p>قال المتحدث في اليوم {k} إن الأعمال تسير وفق الخطة، وإن العمال سيعودون قريبًا.</p>" for k in range(9)
    )
    found = read(saved(tmp_path, "a.html", f"<meta charset=utf-8><body>{links}<div id=content>{prose}</div>"), "ar")
    kinds = [kind for kind, _, _ in parts(found)]
    assert kinds == ["furniture"] * 9 + ["paragraph"] * 9


def test_html_that_is_all_form_or_hostile(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    assert parts(read(saved(tmp_path, "a.html", "<form>Name and address</form>"), "en"))[0][0] == "paragraph"
    deep = "<div>" * 50_000 + "deep" + "</div>" * 50_000
    assert read(saved(tmp_path, "b.html", f"<p>top</p>{deep}"), "en").text.startswith("top")
    with pytest.raises(InputError, match=r"c\.html: the file holds no text$"):
        read(saved(tmp_path, "c.html", "<script>x</script>"), "en")
    with pytest.raises(FormatError, match="declares the unknown encoding 'klingon'"):
        read(saved(tmp_path, "d.html", "<meta charset=klingon><p>x"), "en")


# Word


def test_docx(tmp_path: Path) -> None:
    library = pytest.importorskip("docx")
    from docx.oxml import parse_xml

    made = library.Document()
    made.add_heading("الفصل الأول", 1)
    paragraph = made.add_paragraph("وصلَ القطارُ ")
    paragraph.add_run("متأخرًا").bold = True
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    paragraph._p.append(parse_xml(f"<w:ins {w}><w:r><w:t> ساعة.</w:t></w:r></w:ins>"))
    paragraph._p.append(parse_xml(f"<w:del {w}><w:r><w:delText>يومًا</w:delText></w:r></w:del>"))
    made.add_paragraph("أولًا", style="List Bullet")
    table = made.add_table(rows=2, cols=2)
    for k, text in enumerate(("الاسم", "العمر", "سلمى", "٣٠")):
        table.cell(k // 2, k % 2).text = text
    made.add_paragraph("سطر").add_run().add_break()
    made.paragraphs[-1].add_run("بعده")
    made.element.body.insert(
        0, parse_xml(f"<w:sdt {w}><w:sdtContent><w:p><w:r><w:t>في إطار</w:t></w:r></w:p></w:sdtContent></w:sdt>")
    )
    made.sections[0].header.paragraphs[0].text = "وزارة النقل"
    made.sections[0].footer.paragraphs[0].text = "صفحة ١"
    path = tmp_path / "a.docx"
    made.save(path)
    assert parts(read(path, "ar")) == [
        ("paragraph", "paragraph 1", "في إطار"),
        ("heading", "paragraph 2", "الفصل الأول"),
        ("paragraph", "paragraph 3", "وصلَ القطارُ متأخرًا ساعة."),
        ("list_item", "paragraph 4", "أولًا"),
        ("cell", "table 1 row 1 cell 1", "الاسم"),
        ("cell", "table 1 row 1 cell 2", "العمر"),
        ("cell", "table 1 row 2 cell 1", "سلمى"),
        ("cell", "table 1 row 2 cell 2", "٣٠"),
        ("paragraph", "paragraph 5", "سطر"),
        ("paragraph", "paragraph 5", "بعده"),
        ("furniture", "header", "وزارة النقل"),
        ("furniture", "footer", "صفحة ١"),
    ]
    cut = path.read_bytes()
    for size in (10, 2000, len(cut) - 30):
        with pytest.raises(FormatError, match=r"cut\.docx: .*(damaged|not a Word document)"):
            read(saved(tmp_path, "cut.docx", cut[:size]), "ar")


# OpenDocument and EPUB

ODT = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0">
<office:automatic-styles><style:style style:name="T1"><style:text-properties text:display="none"/></style:style></office:automatic-styles>
<office:body><office:text>
<text:h text:outline-level="1">عنوان</text:h>
<text:p>كلمة<text:s text:c="2"/>ثم <text:span>أخرى</text:span><text:span text:style-name="T1"> مخفي</text:span><text:note><text:note-citation>1</text:note-citation>
<text:note-body><text:p>حاشية</text:p></text:note-body></text:note>.<text:line-break/>سطر<draw:frame
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"><draw:text-box><text:p>إطار</text:p></draw:text-box></draw:frame></text:p>
<text:list><text:list-item><text:p>بند</text:p></text:list-item></text:list>
<table:table><table:table-row><table:table-cell><text:p>خلية</text:p></table:table-cell></table:table-row></table:table>
</office:text></office:body></office:document-content>"""


def test_odt(tmp_path: Path) -> None:
    pytest.importorskip("lxml")
    found = read(saved(tmp_path, "a.odt", zipped({"content.xml": ODT})), "ar")
    assert parts(found) == [
        ("heading", "paragraph 1", "عنوان"),
        ("paragraph", "paragraph 2", "كلمة ثم أخرى."),
        ("paragraph", "paragraph 2", "سطر"),
        ("paragraph", "paragraph 2 text box", "إطار"),
        ("paragraph", "note 1", "حاشية"),
        ("list_item", "paragraph 3", "بند"),
        ("cell", "table 1 row 1 cell 1", "خلية"),
    ]
    with pytest.raises(FormatError, match=r"holds no content\.xml"):
        read(saved(tmp_path, "b.odt", zipped({"x": "y"})), "ar")


def book(chapter: str = "", **more: str) -> bytes:
    """A small e-book of a table of contents and two chapters, the second first in the archive."""
    items = "".join(
        f'<item id="{k}" href="{name}" media-type="application/xhtml+xml" {extra}/>'
        for k, name, extra in (("n", "nav.xhtml", 'properties="nav"'), ("b", "b%20c.xhtml", ""), ("a", "a.xhtml", ""))
    )
    return zipped({
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
                                  '<rootfile full-path="OPS/p.opf"/></rootfiles></container>',
        "OPS/p.opf": f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{items}</manifest><spine>'
                     '<itemref idref="n"/><itemref idref="a"/><itemref idref="b"/></spine></package>',
        "OPS/b c.xhtml": "<html><body><p>Second&nbsp;chapter.</p></body></html>",
        "OPS/a.xhtml": chapter
        or '<?xml version="1.0" encoding="utf-8"?><html><body><h2>One</h2>\n<p>First.</p></body></html>',
        "OPS/nav.xhtml": "<html><body><nav><a>One</a></nav></body></html>",
        **more,
    })  # fmt: skip


def test_epub(tmp_path: Path) -> None:
    pytest.importorskip("lxml")
    assert parts(read(saved(tmp_path, "a.epub", book()), "en")) == [
        ("furniture", "OPS/nav.xhtml line 1", "One"),
        ("heading", "OPS/a.xhtml line 1", "One"),
        ("paragraph", "OPS/a.xhtml line 2", "First."),
        ("paragraph", "OPS/b c.xhtml line 1", "Second chapter."),
    ]
    with pytest.raises(FormatError, match=r"a\.epub: holds no META-INF/container\.xml"):
        read(saved(tmp_path, "a.epub", zipped({"x": "y"})), "en")


# Subtitles


def test_srt(tmp_path: Path) -> None:
    text = (
        "1\r\n00:00:01,500 --> 00:00:03,000\r\n<i>أين كنت</i>\r\nأمس؟\r\n\r\n2\r\n00:00:04,000 --> 00:00:05,250\r\n"
        "{\\an8}- هنا.\r\n- كاذب!\r\n\r\n7\r\n01:02:03,4 --> 01:02:05,000\r\n1984\r\n\r\nبعد فراغ\r\n"
    )
    assert parts(read(saved(tmp_path, "a.srt", text), "ar")) == [
        ("cue", "cue 1 00:00:01.500", "أين كنت\nأمس؟"),
        ("cue", "cue 2 00:00:04.000", "- هنا."),
        ("cue", "cue 2 00:00:04.000", "- كاذب!"),
        ("cue", "cue 7 01:02:03.400", "1984\nبعد فراغ"),
    ]
    with pytest.raises(FormatError, match="holds no subtitle cues"):
        read(saved(tmp_path, "b.srt", "hello"), "en")


def test_vtt(tmp_path: Path) -> None:
    text = (
        "WEBVTT - x\n\nNOTE a remark\n\nSTYLE\n::cue { color: red }\n\nid\n00:01.000 --> 00:02.000 align:start\n"
        "<v Sara>Tea &amp; <00:01.500>coffee</v>\n\n00:03.000 --> 00:04.000\nNo.\n"
    )
    assert parts(read(saved(tmp_path, "a.vtt", text), "en")) == [
        ("cue", "cue 1 00:00:01.000", "Tea & coffee"),
        ("cue", "cue 2 00:00:03.000", "No."),
    ]


# Markdown and JSON


def test_markdown(tmp_path: Path) -> None:
    pytest.importorskip("markdown_it")
    text = (
        "---\ntitle: عنوان\n---\n# فصل *أول*\n\nنص [رابط](http://x.y) و`رمز`\nيتبع  \nوسطر.\n\n- بند\n  1. فرعي\n\n"
        "| أ | ب |\n|---|---|\n| ١ | ٢ |\n\n```\ncode\n```\n"
    )
    assert parts(read(saved(tmp_path, "a.md", text), "ar")) == [
        ("heading", "line 4", "فصل أول"),
        ("paragraph", "line 6", "نص رابط ورمز\nيتبع"),
        ("paragraph", "line 6", "وسطر."),
        ("list_item", "line 10", "بند"),
        ("list_item", "line 11", "فرعي"),
        ("cell", "table 1 row 1 cell 1", "أ"),
        ("cell", "table 1 row 1 cell 2", "ب"),
        ("cell", "table 1 row 2 cell 1", "١"),
        ("cell", "table 1 row 2 cell 2", "٢"),
        ("paragraph", "line 18", "code"),
    ]


def test_json_of_one_language(tmp_path: Path) -> None:
    value = {"id": "a b", "title": "A title", "meta": {"url": "x y"}, "paragraphs": ["One.", "Two.\n\nThree."]}
    assert parts(read(saved(tmp_path, "a.json", json.dumps(value)), "en")) == [
        ("heading", "/title", "A title"),
        ("paragraph", "/paragraphs/0", "One."),
        ("paragraph", "/paragraphs/1", "Two."),
        ("paragraph", "/paragraphs/1", "Three."),
    ]
    assert parts(read(saved(tmp_path, "b.json", '["x", {"k": "two words"}]'), "en")) == [("paragraph", "/0", "x")]
    assert parts(read(saved(tmp_path, "c.json", '{"k/~": "two words", "n": 1}'), "en")) == [
        ("string", "k/~", "two words")
    ]


@pytest.mark.parametrize("line", [
    {"translation": {"ar": "مرحبا", "en": "Hello"}},
    {"ar": "مرحبا", "en": "Hello", "id": "x"},
    {"record": "bead", "ar": {"text": "مرحبا", "segments": [{"text": "مرحبا"}]}, "en": {"text": "Hello"}},
])  # fmt: skip
def test_json_lines_of_two_languages(tmp_path: Path, line: dict) -> None:
    path = saved(tmp_path, "a.jsonl", json.dumps(line, ensure_ascii=False) + "\n\n")
    for lang, text in (("ar", "مرحبا"), ("en", "Hello")):
        ((kind, place, found),) = parts(read(path, lang))
        assert (kind, found) == ("unit", text)
        assert place.startswith("line 1 /")
    with pytest.raises(FormatError, match="holds ar, en, but nothing in fr"):
        read(path, "fr")


def test_bad_json(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"a\.jsonl:2: not JSON"):
        read(saved(tmp_path, "a.jsonl", '{"text": "x"}\n{"text": \n'), "en")
    with pytest.raises(FormatError, match=r"a\.json: (not JSON that can be read|JSON nested deeper)"):
        read(saved(tmp_path, "a.json", "[" * 100_000 + "]" * 100_000), "en")
    with pytest.raises(FormatError, match=r"nested deeper than 64"):
        read(saved(tmp_path, "a.json", "[" * 100 + '"x"' + "]" * 100), "en")


# Translation memories and catalogues

TMX = """<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4"><header/><body>
<tu tuid="x"><tuv xml:lang="EN-us"><seg>Press <bpt i="1">&lt;b&gt;</bpt>Start<ept i="1">&lt;/b&gt;</ept> &amp; <hi>go</hi>.</seg>
</tuv>
<tuv xml:lang="ar"><seg>اضغط ابدأ.</seg></tuv></tu>
<tu><tuv lang="ar"><seg>وحده</seg></tuv></tu></body></tmx>"""


def test_tmx(tmp_path: Path) -> None:
    pytest.importorskip("lxml")
    path = saved(tmp_path, "a.tmx", TMX)
    assert parts(read(path, "en")) == [("unit", "tu 1 x", "Press Start & go.")]
    assert parts(read(path, "ar")) == [("unit", "tu 1 x", "اضغط ابدأ."), ("unit", "tu 2", "وحده")]
    with pytest.raises(FormatError, match="holds 2 units in ar, en, but none in fr"):
        read(path, "fr")
    with pytest.raises(FormatError, match="not well-formed XML"):
        read(saved(tmp_path, "b.tmx", TMX[:300]), "en")


@pytest.mark.parametrize("text", [
    '<xliff version="1.2"><file source-language="en-GB" target-language="ar"><body><trans-unit id="7"><source>Open '
    '<g id="1">it</g><x id="2"/></source><target>افتحه</target></trans-unit></body></file></xliff>',
    '<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en-GB" trgLang="ar"><file id="f">'
    '<unit id="7"><segment><source>Open <pc id="1">it</pc></source>'
    "<target>افتحه</target></segment></unit></file></xliff>",
], ids=["1.2", "2.0"])  # fmt: skip
def test_xliff(tmp_path: Path, text: str) -> None:
    pytest.importorskip("lxml")
    path = saved(tmp_path, "a.xlf", text)
    assert parts(read(path, "en")) == [("unit", "unit 7", "Open it")]
    assert parts(read(path, "ar")) == [("unit", "unit 7", "افتحه")]
    with pytest.raises(FormatError, match="units in en-GB and ar, but no text in de"):
        read(path, "de")


def test_po(tmp_path: Path) -> None:
    pytest.importorskip("polib")
    text = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: ar_EG\\n"\n\n#: a.c:3\n'
        'msgid "Open"\nmsgstr "افتح"\n\n#, fuzzy\nmsgid "Close"\nmsgstr "غ"\n\nmsgid "None"\nmsgstr ""\n\n'
        'msgid "a file"\nmsgid_plural "files"\nmsgstr[0] "ملف"\nmsgstr[1] "ملفات"\n'
    )
    path = saved(tmp_path, "a.po", text)
    assert parts(read(path, "ar")) == [
        ("unit", "entry 1 a.c:3", "افتح"), ("unit", "entry 4#one", "ملف"), ("unit", "entry 4", "ملفات"),
    ]  # fmt: skip
    assert parts(read(path, "en")) == [
        ("unit", "entry 1 a.c:3", "Open"), ("unit", "entry 2", "Close"), ("unit", "entry 3", "None"),
        ("unit", "entry 4#one", "a file"), ("unit", "entry 4", "files"),
    ]  # fmt: skip
    with pytest.raises(FormatError, match="messages are in English and ar_EG, not in fr"):
        read(path, "fr")


# PDF


def pdf(pages: list[list[tuple[float, float, float, list[str]]]], *, extra: bytes = b"", count: int = 0) -> bytes:
    """A PDF with pages of lines: x, y, size, and the glyphs from left to right, in the order in which they are drawn.

    Each glyph is what the font's table says it stands for; all are half a size wide.
    """
    glyphs = sorted({glyph for page in pages for line in page for glyph in line[3]})
    codes = {glyph: k + 1 for k, glyph in enumerate(glyphs)}
    table = "".join(f"<{code:04x}> <{glyph.encode('utf-16-be').hex()}>\n" for glyph, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <0000> <ffff> "
        f"endcodespacerange {len(codes)} beginbfchar\n{table}endbfchar endcmap end end"
    ).encode()
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding "
               b"/Identity-H /DescendantFonts [4 0 R] /ToUnicode 6 0 R >>",
               b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /CIDSystemInfo << /Registry (Adobe) /Ordering "
               b"(Identity) /Supplement 0 >> /DW 500 /FontDescriptor 5 0 R >>",
               b"<< /Type /FontDescriptor /FontName /F /Flags 4 /FontBBox [0 0 1 1] /Ascent 800 /Descent -200 >>",
               b"<< /Length %d >> stream\n%s\nendstream" % (len(cmap), cmap)]  # fmt: skip
    kids = []
    for page in pages:
        drawn = b" ".join(
            b"BT /F %g Tf %g %g Td <%s> Tj ET" % (size, x, y, "".join(f"{codes[g]:04x}" for g in line).encode())
            for x, y, size, line in page
        )
        packed = zlib.compress(drawn)
        objects.append(b"<< /Length %d /Filter /FlateDecode >> stream\n%s\nendstream" % (len(packed), packed))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F 3 0 R >> >> "
            b"/Contents %d 0 R >>" % len(objects)
        )
        kids.append(len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (
        b" ".join(b"%d 0 R" % k for k in kids),
        count or len(kids),
    )
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    out += extra
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


def visual(text: str) -> list[str]:
    """Arabic as it looks, from left to right."""
    return list(reversed(text))


def test_pdf_in_the_eyes_order_with_forms_and_ligatures(tmp_path: Path) -> None:
    pytest.importorskip("pdfminer")
    # م + ن seen from the left: final noon, initial meem; lam-alef as one glyph.
    line = [*visual("ﻦﻣ"[::-1]), " ", "ﻻ", " ", *visual("رأى")]
    found = read(saved(tmp_path, "a.pdf", pdf([[(100, 700, 12, line)]])), "ar")
    assert found.text == "رأى لا من"


def test_pdf_numbers_latin_words_and_brackets(tmp_path: Path) -> None:
    pytest.importorskip("pdfminer")
    # Reads: رقم 853 (2021): Microsoft Office بنسبة 12.5%.
    line = [
        ".",
        "%",
        *"12.5",
        " ",
        *visual("بنسبة"),
        " ",
        *"Microsoft Office",
        " ",
        ":",
        "(",
        *"2021",
        ")",
        " ",
        *"853",
        " ",
        *visual("رقم"),
    ]
    found = read(saved(tmp_path, "a.pdf", pdf([[(100, 700, 12, line)]])), "ar")
    assert found.text == "رقم 853 (2021): Microsoft Office بنسبة 12.5%."


def test_pdf_letters_drawn_backwards_are_mended(tmp_path: Path) -> None:
    pytest.importorskip("pdfminer")
    words = ["إلى", "المدينة", "في", "القطار", "وصل"]
    # Words from right to left, but the letters of each from left to right, as some scanners' text layers have them.
    line = [glyph for k, word in enumerate(words) for glyph in ([" "] if k else []) + list(word)]
    found = read(saved(tmp_path, "a.pdf", pdf([[(100, 700, 12, line)]])), "ar")
    assert found.text == "وصل القطار في المدينة إلى"


def test_pdf_a_line_that_only_looks_backward_is_left_alone(tmp_path: Path) -> None:
    pytest.importorskip("pdfminer")
    lines = ["وصل القطار إلى المدينة في المساء", "هناك أي داع لننزع أسلحتنا أولا"]
    page = [(100, 700 - 20 * k, 12, list(visual(line))) for k, line in enumerate(lines)]
    assert read(saved(tmp_path, "a.pdf", pdf([page])), "ar").text.split() == " ".join(lines).split()


def test_pdf_addresses_and_colons_in_an_arabic_line(tmp_path: Path) -> None:
    pytest.importorskip("pdfminer")
    line = [*visual("غدا"), " ", *"bugs.example.org@12345", " ", *visual("إلى"), " ", *"(xdev: 1)", " ", *visual("اكتب")]
    found = read(saved(tmp_path, "a.pdf", pdf([[(100, 700, 12, line)]])), "ar")
    assert found.text == "اكتب (xdev: 1) إلى 12345@bugs.example.org غدا"


def test_pdf_a_browser_prints_its_title_beside_the_date(tmp_path: Path) -> None:
    pytest.importorskip("pdfminer")
    page = [(30, 780, 8, list("11/22/26, 5:37 AM")), (300, 780, 8, list("A title")), *lines_of(["The train left.", "It came back."]),
            (30, 15, 8, list("file:///home/a.html")), (550, 15, 8, list("1/1"))]  # fmt: skip
    found = parts(read(saved(tmp_path, "a.pdf", pdf([page])), "en"))
    assert {text for kind, _, text in found if kind == "furniture"} >= {"A title", "11/22/26, 5:37 AM"}
    assert " ".join(text for kind, _, text in found if kind != "furniture") == "The train left. It came back."


def lines_of(
    texts: list[str], x: float = 60, top: float = 700, size: float = 12
) -> list[tuple[float, float, float, list[str]]]:
    return [(x, top - 16 * k, size, list(text)) for k, text in enumerate(texts)]


def test_pdf_pages(tmp_path: Path) -> None:
    pytest.importorskip("pdfminer")
    ends = ["night was over", "rain had ceased", "guard came home", "moon had risen"]
    pages = []
    for number, end in enumerate(ends, 1):
        full = f"The train left the station at nine and it did not come back before the {end}"
        body = lines_of([full, f"and nobody saw the {end.split()[0]}."])
        body += lines_of([f"Second paragraph, {end}: and that was all that we heard of it at the", full], top=650)
        if number == 1:
            body = [(60, 740, 20, list("A Title")), *body]
        pages.append([(60, 780, 9, list("Annual Report")), *body, (300, 20, 9, list(str(number)))])
    found = parts(read(saved(tmp_path, "a.pdf", pdf(pages)), "en"))
    assert [text for kind, _, text in found if kind == "furniture"] == [
        "Annual Report",
        "1",
        "Annual Report",
        "2",
        "Annual Report",
        "3",
        "Annual Report",
        "4",
    ]
    assert ("heading", "page 1", "A Title") in found
    texts = {place: text for kind, place, text in found if kind == "paragraph"}
    assert texts["page 1"].endswith("before the night was over\nand nobody saw the night.")
    # The last lines break off, so that the paragraph goes on with the next page's first.
    assert texts["pages 1-2"].startswith("Second paragraph, night was over:")
    assert texts["pages 1-2"].endswith(
        "night was over\nThe train left the station at nine and it did not come back "
        "before the rain had ceased\nand nobody saw the rain."
    )


def test_pdf_columns_and_cells(tmp_path: Path) -> None:
    pytest.importorskip("pdfminer")
    left = [f"left column line {k} of some length" for k in range(6)]
    right = [f"right column line {k} of some length" for k in range(6)]
    page = lines_of(left, 40) + lines_of(right, 330)
    text = read(saved(tmp_path, "a.pdf", pdf([page])), "en").text.replace("\n", " ")
    assert text.index("left column line 5") < text.index("right column line 0")
    cells = [
        (40, 700, 12, list("Year")),
        (300, 700, 12, list("Seats")),
        (40, 680, 12, list("1990")),
        (300, 680, 12, list("44")),
    ]
    found = parts(read(saved(tmp_path, "b.pdf", pdf([cells])), "en"))
    assert [(kind, text) for kind, _, text in found] == [
        ("cell", "Year"),
        ("cell", "Seats"),
        ("cell", "1990"),
        ("cell", "44"),
    ]


def test_pdf_refusals(tmp_path: Path) -> None:
    pytest.importorskip("pdfminer")
    good = pdf([[(60, 700, 12, list("Hello there"))]])
    with pytest.raises(InputError, match="holds no text on its 1 pages; a scan must go through OCR"):
        read(saved(tmp_path, "scan.pdf", pdf([[]])), "en")
    with pytest.raises(InputError, match=r"has 10,000 pages, more than the 3,000 allowed"):
        read(saved(tmp_path, "long.pdf", pdf([[]], count=10_000)), "en")
    with pytest.raises(InputError, match="more than the 3,000 pages allowed"):
        read(saved(tmp_path, "lie.pdf", pdf([[]] * 3001, count=1)), "en")
    bomb = zlib.compress(bytes(80 * 2**20), 9)
    extra = b"99 0 obj\n<< /Length %d /Filter /FlateDecode >> stream\n%s\nendstream\nendobj\n" % (len(bomb), bomb)
    with pytest.raises(InputError, match="unpacks to more than 67,108,864 bytes: refused as a bomb"):
        read(saved(tmp_path, "bomb.pdf", pdf([[(60, 700, 12, ["x"])]], extra=extra)), "en")
    for size in (9, 200, len(good) // 2):
        with pytest.raises(InputError, match=r"cut\.pdf: (a damaged PDF|holds no text)"):
            read(saved(tmp_path, "cut.pdf", good[:size]), "en")


# Reading order by itself


def glyphs(text: list[str]) -> list[Glyph]:
    return [Glyph(t, 6.0 * k, 6.0 * k + 6, 0, 12, False, k) for k, t in enumerate(text)]


@pytest.mark.parametrize(("seen", "read_as"), [
    ("ﺪﻟو"[::-1][::-1], "ولد"),
    ("10 swodniW مع".replace("swodniW 10", ""), "مع swodniW 10"),
    ("«مالس»", "«سلام»"),
    ("»مالس«", "«سلام»"),
    ("١٢-١٦ موي"[::1], "يوم ١٦-١٢"),
    ("٢٠٢٠/٨/١٢ يف", "في ٢٠٢٠/٨/١٢"),
])  # fmt: skip
def test_logical(seen: str, read_as: str) -> None:
    if "swodniW" in seen:
        seen = "Windows 10 عم"
        read_as = "مع Windows 10"
    assert folded_forms(logical(glyphs(list(seen)), True)) == read_as


@pytest.mark.parametrize(
    ("seen", "read_as"),
    [
        ("BTC 01 000 0.000 ةميق", "قيمة 0.000 000 01 BTC"),
        ("static:5000 ةغيص", "صيغة static:5000"),
        ("Office (2019) ةخسن", "نسخة Office (2019)"),
        ("COVID-19 دض", "ضد COVID-19"),
    ],
)
def test_numbers_beside_latin_words(seen: str, read_as: str) -> None:
    assert logical(glyphs(list(seen)), True) == read_as


def test_arabic_inside_an_english_line() -> None:
    assert logical(glyphs(list("see ةيبرع ةملك here")), False) == "see كلمة عربية here"


def test_marks_go_to_their_letters() -> None:
    def stream(order: list[tuple[str, float]]) -> list[Glyph]:
        return [Glyph(t, x, x + (0 if t == "\u064f" else 6), 0, 12, False, k) for k, (t, x) in enumerate(order)]

    # ق ُ ي from the left, the mark before its letter; and the same letters drawn in reading order.
    eye = attach_marks(stream([("ق", 0), ("\u064f", 4), ("ي", 6)]), True)
    reading = attach_marks(stream([("ي", 6), ("\u064f", 8), ("ق", 0)]), False)
    assert [glyph.text for glyph in eye] == ["ق", "ي\u064f"]
    assert [glyph.text for glyph in reading] == ["ي\u064f", "ق"]
    assert logical(sorted(reading, key=lambda glyph: glyph.x0), True) == "يُق"


def test_forms_fold_and_nothing_else() -> None:
    assert folded_forms("ﷲ ﻻ ﻛﺘﺎب ﴿١﴾ ½ ﬁ") == "الله لا كتاب ﴿١﴾ ½ ﬁ"


def test_backward_words() -> None:
    assert backward("وصل القطار إلى المدينة في المساء") < 0
    assert backward("لصو راطقلا ىلإ ةنيدملا يف ءاسملا") > 0
    assert turned_words("راطقلا 12 في\u064f") == "القطار 12 ي\u064fف"


# What comes from outside


def test_archives_are_bounded(tmp_path: Path) -> None:
    pytest.importorskip("lxml")
    bomb = zipped({"content.xml": bytes(40 * 2**20)})
    with pytest.raises(InputError, match="times its size: refused as a ZIP bomb"):
        read(saved(tmp_path, "a.odt", bomb), "en")
    with pytest.raises(InputError, match="unpacks to 41,943,040 bytes, more than the 1,000,000 allowed"):
        read(saved(tmp_path, "a.odt", bomb), "en", max_bytes=1_000_000)
    with pytest.raises(InputError, match=r"leads out of the archive: '\.\./x'"):
        read(saved(tmp_path, "a.epub", zipped({"../x": "y"})), "en")
    with pytest.raises(InputError, match=r"holds 20,001 members"):
        read(saved(tmp_path, "a.epub", zipped({f"f{k}": "" for k in range(20_001)}, zipfile.ZIP_STORED)), "en")
    # An index that lies about the size.
    lying = bytearray(zipped({"content.xml": ODT * 3}))
    at = lying.rindex(b"PK\x01\x02")
    lying[at + 24 : at + 28] = (100).to_bytes(4, "little")
    with pytest.raises(MuwaziError):
        read(saved(tmp_path, "a.odt", bytes(lying)), "en")


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("name", ["a.tmx", "a.xliff", "a.odt", "a.epub", "a.docx"])
def test_entities_are_refused(tmp_path: Path, name: str) -> None:
    pytest.importorskip("lxml")
    pytest.importorskip("docx")
    text = f'{LAUGHS}<tmx><tu><tuv lang="en"><seg>&b;&f;</seg></tuv></tu></tmx>'
    data: str | bytes = text
    if name == "a.odt":
        data = zipped({"content.xml": text})
    elif name == "a.epub":
        data = zipped({"META-INF/container.xml": text})
    elif name == "a.docx":
        data = zipped({"word/document.xml": text})
    with pytest.raises(FormatError, match="declares XML entities, which are not expanded"):
        read(saved(tmp_path, name, data), "en")


def test_entities_in_a_book_are_not_expanded(tmp_path: Path) -> None:
    pytest.importorskip("lxml")
    chapter = f"{LAUGHS}<html><body><p>Text &b; &f; end.</p></body></html>"
    text = read(saved(tmp_path, "a.epub", book(chapter)), "en").text
    assert "root:" not in text
    assert "haha" not in text


@pytest.mark.parametrize("name", ["a.html", "a.docx", "a.pdf", "a.epub", "a.srt", "a.vtt", "a.md", "a.odt", "a.json",
                                  "a.jsonl", "a.tmx", "a.xliff", "a.po"])  # fmt: skip
def test_garbage_ends_in_one_line(tmp_path: Path, name: str) -> None:
    for data in (
        b"\x00\x01\x02" * 99,
        b"PK\x03\x04" + b"\xff" * 50,
        b"%PDF-1.4\n" + bytes(range(256)),
        b"<" * 99,
        b"{" * 99,
    ):
        try:
            read(saved(tmp_path, name, data), "en")
        except MuwaziError as error:
            assert "\n" not in str(error)
            assert name in str(error)


def test_a_missing_library_names_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, module, extra in (
        ("a.docx", "docx", "office"),
        ("a.pdf", "pdfminer", "pdf"),
        ("a.odt", "lxml.etree", "office"),
        ("a.po", "polib", "web"),
        ("a.md", "markdown_it", "web"),
    ):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(MissingExtra, match=rf"reading \.{name[2:]} needs: pip install 'muwazi\[{extra}\]'"):
            read(saved(tmp_path, name, b"x"), "en")


def test_by_name_or_as_told(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.srt", "1\n00:00:01,000 --> 00:00:02,000\nHi.\n")
    assert read(path, "en", format="text").parts == ()
    assert read(path, "en").text == "Hi."
    assert read(saved(tmp_path, "b.txt", Path(path).read_bytes()), "en", format="srt").text == "Hi."
    with pytest.raises(UsageError, match="unknown input format 'doc'"):
        read(path, "en", format="doc")
    with pytest.raises(InputError, match="more than 2 bytes"):
        read(path, "en", format="srt", max_bytes=2)


def test_reading_text_loads_none_of_the_libraries() -> None:
    heavy = ("lxml", "docx", "pdfminer", "openpyxl", "pyarrow")
    code = f"import sys, align.read, align.write; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


# Structure as anchors


def lines_as_segments(lang: str, *lines: str):
    return segment(Document(lang, lang, "\n".join(lines) + "\n"), segmented=True)


def test_labels_and_markers_tie() -> None:
    ar = lines_as_segments(
        "ar", "الفصل الثاني: التعاريف", "مادة (٣)", "أ) السفينة", "(ب) الميناء", "المادة الحادية عشرة", "١. نص", "كلام"
    )
    en = lines_as_segments(
        "en",
        "Preface",
        "Chapter Two. Definitions",
        "Article 3",
        "(a) vessel",
        "b. port",
        "Article XI",
        "1) text",
        "Article 3a",
    )
    assert structure_links(ar, en) == [
        (0, 1, 1.0), (1, 2, 1.0), (2, 3, 0.5), (3, 4, 0.5), (4, 5, 1.0), (5, 6, 0.5),
    ]  # fmt: skip


def test_labels_that_stand_twice_or_cross_do_not_tie() -> None:
    ar = lines_as_segments("ar", "المادة ١", "المادة ١", "المادة ٢", "المادة ٣", "المادة ٤")
    en = lines_as_segments("en", "Article 4", "Article 1", "Article 2", "Article 3")
    assert structure_links(ar, en) == [(2, 2, 1.0), (3, 3, 1.0)]


def test_cues_tie_by_their_times(tmp_path: Path) -> None:
    def film(lang: str, times: list[str]):
        text = "".join(f"{k}\n00:00:{t},000 --> 00:00:{t},900\nLine {k}.\n\n" for k, t in enumerate(times, 1))
        return segment(read(saved(tmp_path, f"{lang}.srt", text.replace(".000,000", ",400")), lang))

    assert structure_links(film("ar", ["01", "05", "09"]), film("en", ["01", "03", "09"])) == [(0, 0, 1.0), (2, 2, 1.0)]
    assert structure_links(film("ar", ["01", "05", "09"]), film("en", ["03", "07", "11"])) == []
