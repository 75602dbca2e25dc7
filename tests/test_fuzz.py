"""Documents of every format, cut, doubled and spoilt at random: each is read or refused, and never a fault of ours.

`MUWAZI_FUZZ=3600 python -m pytest tests/test_fuzz.py` goes on for so many seconds a format. What it finds is kept in KEPT.
"""

import os
import time
import zlib

import hostile
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from align import facts
from align.errors import MuwaziError
from align.lang.names.find import analyse_arabic, analyse_english
from align.read import apart, read
from align.read.draft import Source
from align.segment import segment

SECONDS = float(os.environ.get("MUWAZI_FUZZ", "1.5"))
AR, EN = "وصل الوفد يوم الاثنين ٣ آذار. وبقي ثلاثة أيام في حلب.", "The delegation arrived on Monday, 3 March. It stayed 3 days in Aleppo."
TEXT = f"{EN}\n\n{AR}\n"
SAMPLES = {
    "txt": TEXT.encode(), "html": f'<!doctype html><meta charset="utf-8"><nav><a href="#">x</a></nav><h1>{EN}</h1><table><tr><td colspan=2>{AR}</table><pre>a\nb</pre>'.encode(),
    "md": f"# {EN}\n\n* a\n* b\n\n| x | y |\n|---|---|\n| {AR} | z |\n\n```\ncode\n```\n".encode(),
    "json": f'{{"en": "{EN}", "ar": ["{AR}", {{"x": 1.5, "y": null}}]}}'.encode(), "jsonl": f'{{"en": "{EN}"}}\n{{"en": "x", "ar": "{AR}"}}\n'.encode(),
    "srt": f"1\n00:00:01,000 --> 00:00:02,500\n<i>{EN}</i>\n\n2\n00:00:03,000 --> 00:00:04,000\n{AR}\n".encode(),
    "vtt": f"WEBVTT\n\nNOTE x\n\n00:01.000 --> 00:02.500 align:left\n<v Bob>{EN}\n".encode(),
    "po": f'msgid ""\nmsgstr "Language: ar\\nContent-Type: text/plain; charset=UTF-8\\n"\n\n#: a:1\nmsgid "{EN}"\nmsgstr "{AR}"\n\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\n'.encode(),
    "tmx": f'<?xml version="1.0"?><tmx version="1.4"><header/><body><tu tuid="1"><tuv xml:lang="en"><seg>{EN}<ph x="1">a</ph></seg></tuv><tuv xml:lang="ar"><seg>{AR}</seg></tuv></tu></body></tmx>'.encode(),
    "xliff": f'<xliff version="1.2"><file source-language="en" target-language="ar" original="x"><body><trans-unit id="1"><source>{EN}<g id="1">x</g></source><target>{AR}</target><note>n</note></trans-unit></body></file></xliff>'.encode(),
    "arb": f'{{"@@locale": "en", "a": "{EN}", "@a": {{"description": "x"}}, "b": "{{count, plural, one {{x}} other {{%2$s}}}}"}}'.encode(),
    "yml": f"en:\n  a: &a\n    b: '{EN}'\n  c:\n    <<: *a\n    d: [x, {AR}]\n".encode(), "properties": f"a = {EN}\nb: \\u0627\\\n  x\n# y\n".encode(),
    "strings": f'/* x */\n"a" = "{EN}";\n"b" = "\\U0627 \\n {AR}";\n'.encode(),
    "stringsdict": f'<?xml version="1.0"?><plist version="1.0"><dict><key>a</key><dict><key>NSStringLocalizedFormatKey</key><string>%#@x@</string><key>x</key><dict><key>one</key><string>{EN}</string></dict></dict></dict></plist>'.encode(),
    "xcstrings": f'{{"sourceLanguage": "en", "strings": {{"{EN}": {{"localizations": {{"ar": {{"stringUnit": {{"state": "translated", "value": "{AR}"}}}}}}}}}}}}'.encode(),
    "xml": f'<resources><string name="a">{EN} \\u0627 \\\'</string><plurals name="p"><item quantity="one">{AR}</item></plurals></resources>'.encode(),
    "ts": f'<TS version="2.1" language="ar"><context><name>c</name><message numerus="yes"><source>{EN}</source><translation><numerusform>{AR}</numerusform></translation></message></context></TS>'.encode(),
    "ass": f"[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Text\nDialogue: 0,0:00:01.00,0:00:02.50,Default,{{\\i1}}{EN}\\Nx\nDialogue: 0,0:00:03.00,0:00:04.00,Default,{AR}\n".encode(),
    "sbv": f"0:00:01.000,0:00:02.500\n{EN}\n\n0:00:03.000,0:00:04.000\n{AR}\n".encode(),
    "docx": hostile.docx(f"<w:p><w:pPr><w:pStyle w:val='Heading1'/></w:pPr><w:r><w:t>{EN}</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>{AR}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"),
    "odt": hostile.odt(f"<text:h text:outline-level='1'>{EN}</text:h><text:p>{AR}<text:s text:c='3'/>x</text:p>"),
    "pdf": hostile.page(hostile.stream(hostile.TXT + b"0 -20 Td (And a second line.) Tj")),
}  # fmt: skip
PIECES = [b"<", b">", b"&", b"&#x110000;", b"&#0;", b"<![CDATA[", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800",
          b"\\", b'"', b"'", b"{", b"}", b"[", b"]", b"9" * 40, b"-1", b"1e999", b"NaN", b"null", b"\n", b"\r", b"\t", b" " * 50, b"/", b"<<", b">>", b"obj", b"endobj",
          b"stream", b"R", b"Tf", b"Tj", b"q", b"Do", "ـ".encode(), "\u202e".encode(), "\u200f".encode(), "١٢٣".encode(), b"charset=rot13", b"PK\x03\x04", b"(" * 20]  # fmt: skip

CHANGES = st.lists(
    st.tuples(st.sampled_from(["cut", "insert", "replace", "double", "flip"]), st.floats(0, 1), st.integers(0, 60), st.sampled_from(PIECES)), min_size=1, max_size=6
)
# Minimal inputs that once ended in a fault.
KEPT = [
    ("html", b"<meta charset=rot13>x"), ("html", b"<meta charset=punycode><p>x"), ("html", b"<meta charset=undefined>x"),
    ("odt", hostile.odt("<text:p>a<text:s text:c='" + "9" * 5000 + "'/></text:p>")), ("json", b"[" * 5000), ("json", b"9" * 5000),
    ("po", b'msgid ""\nmsgstr "charset=rot13\\n"\n\nmsgid "a"\nmsgstr "b"\n'), ("txt", "1,1,1٬000".encode()), ("txt", b"1" * 41 + b"bn"),
    ("txt", "7 في المئة5".encode()), ("txt", b"thousands of " * 400), ("html", b" " * 200_000 + b"<p>x"),
]  # fmt: skip


def spoilt(data: bytes, changes) -> bytes:
    """`data` with changes at places from 0 to 1."""
    for what, place, size, piece in changes:
        at = int(place * len(data))
        if what == "cut":
            data = data[:at] + data[at + size :]
        elif what == "insert":
            data = data[:at] + piece + data[at:]
        elif what == "replace":
            data = data[:at] + piece + data[at + len(piece) :]
        elif what == "double":
            data = data[:at] + data[max(0, at - size) : at] * 5 + data[at:]
        elif data:
            at = min(at, len(data) - 1)
            data = data[:at] + bytes([data[at] ^ (1 << size % 8)]) + data[at + 1 :]
    return data


def check(path, data: bytes, reader=None) -> None:
    """Read a document, segment it, and look for its facts and names."""
    path.write_bytes(data)
    for lang in ("en", "ar"):
        try:
            document = read(path, lang, max_bytes=1 << 20) if reader is None else reader.read(Source(str(path), lang, data, None, 1 << 20), "pdf")
        except MuwaziError as error:
            assert error.status in (3, 4, 8) and "\n" not in str(error), error
            continue
        segments = segment(document).segments
        for one in segments:
            assert 0 <= one.start <= one.end <= len(document.text)
        for one in segments[:20]:
            text = document.text[one.start : one.end][:2000]
            for found in facts._extract.unguarded(text, lang, True):
                assert text[found.start : found.end] == found.text
            (analyse_arabic if lang == "ar" else analyse_english).unguarded(text)


@pytest.fixture(scope="module")
def reader():
    found = apart.Reader()
    yield found
    found.stop()


@pytest.mark.parametrize("format", SAMPLES)
def test_spoilt_documents_are_read_or_refused(tmp_path, reader, format):
    pytest.importorskip("lxml")
    if format == "pdf":
        pytest.importorskip("pdfminer")
    path = tmp_path / f"x.{format}"
    end = time.monotonic() + SECONDS
    sample = SAMPLES[format]

    process = reader if format == "pdf" else None

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(CHANGES)
    def spoil(changes) -> None:
        if time.monotonic() < end:
            check(path, spoilt(sample, changes), process)

    check(path, sample, process)
    number = int(time.time()) if SECONDS > 10 else zlib.crc32(format.encode())
    while time.monotonic() < end:
        seed(number)(spoil)()
        number += 1


@pytest.mark.parametrize(("format", "data"), KEPT, ids=range(len(KEPT)))
def test_what_was_found_is_kept(tmp_path, format, data):
    pytest.importorskip("lxml")
    check(tmp_path / f"x.{format}", data)
