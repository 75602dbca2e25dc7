"""What a file is: by how its content begins where that is plain, else by its name."""

import re
from pathlib import PurePath

from ..errors import InputError
from ..files import COMPRESSED

SUFFIXES: dict[str, str] = {
    "html": "html", "htm": "html", "xhtml": "html", "docx": "docx", "docm": "docx", "dotx": "docx", "odt": "odt",
    "ott": "odt", "pdf": "pdf", "epub": "epub", "srt": "srt", "vtt": "vtt", "ass": "ass", "ssa": "ass", "sbv": "sbv",
    "md": "md", "markdown": "md", "json": "json", "jsonl": "jsonl", "ndjson": "jsonl", "tmx": "tmx", "xliff": "xliff",
    "xlf": "xliff", "sdlxliff": "xliff", "mqxliff": "xliff", "mxliff": "xliff", "po": "po", "pot": "po", "arb": "arb",
    "yml": "yaml", "yaml": "yaml", "strings": "strings", "stringsdict": "stringsdict", "xcstrings": "xcstrings",
    "properties": "properties",
}  # fmt: skip
"""The format that each suffix stands for; whatever has another suffix is known by its content, or plain text."""

WHAT = {
    "html": "a web page", "docx": "a Word document", "odt": "an OpenDocument text", "pdf": "a PDF", "epub": "an e-book",
    "srt": "SubRip subtitles", "vtt": "WebVTT subtitles", "ass": "SubStation subtitles", "sbv": "YouTube subtitles",
    "md": "Markdown", "json": "JSON", "jsonl": "JSON lines", "tmx": "a translation memory", "xliff": "XLIFF",
    "po": "a message catalogue (.po)", "arb": "a table of strings (.arb)", "yaml": "YAML",
    "strings": "a table of strings of Apple", "stringsdict": "a property list", "xcstrings": "a string catalogue of Apple",
    "properties": "Java properties", "android": "Android strings", "ts": "a Qt catalogue",
}  # fmt: skip
"""What each format is, for messages."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What stands in an archive of each format; the first that fits.
_MEMBERS = ((b"word/document", "docx"), (b"application/vnd.oasis.opendocument.text", "odt"),
            (b"application/epub+zip", "epub"))  # fmt: skip
_SLIDES_OR_SHEETS = ((b"ppt/presentation", "a presentation", "save it as .pdf or its outline as .docx"),
                     (b"xl/workbook", "a spreadsheet", "score and filter read it as bitext; to read it as a text, save it as .docx"),
                     (b"application/vnd.oasis.opendocument.spreadsheet", "a spreadsheet", "save it as .xlsx or .csv"),
                     (b"application/vnd.oasis.opendocument.presentation", "a presentation", "save it as .pdf"),
                     (b"designmap.xml", "an InDesign document", "export it as .pdf, .docx or .xliff"),
                     (b"Index/Document.iwa", "a Pages document", "export it as .docx"))  # fmt: skip
_ROOTS = {"xliff": "xliff", "tmx": "tmx", "TS": "ts", "resources": "android", "html": "html", "HTML": "html"}
_REFUSED = {
    "doc": ("an old Word document", "save it as .docx"),
    "dot": ("an old Word document", "save it as .docx"),
    "xls": ("an old Excel sheet", "save it as .xlsx or .csv"),
    "ppt": ("an old presentation", "save it as .pdf"),
    "pages": ("a Pages document", "export it as .docx"),
    "wpd": ("a WordPerfect document", "save it as .docx"),
    "mobi": ("a Kindle book", "convert it to .epub"),
    "azw3": ("a Kindle book", "convert it to .epub"),
    "djvu": ("a DjVu scan", "put it through OCR and save it as .pdf or .txt"),
}
# Beginnings of files that no reader takes, each with what cures it.
_STARTS = (
    (b"{\\rtf", "an RTF document", "save it as .docx"),
    (b"%!PS", "a PostScript file", "convert it to .pdf"),
    (b"AT&TFORM", "a DjVu scan", "put it through OCR and save it as .pdf or .txt"),
    (b"\x89PNG", "a PNG image", "put it through OCR and save its text"),
    (b"\xff\xd8\xff", "a JPEG image", "put it through OCR and save its text"),
    (b"GIF8", "a GIF image", "put it through OCR and save its text"),
    (b"II*\0", "a TIFF image", "put it through OCR and save its text"),
    (b"MM\0*", "a TIFF image", "put it through OCR and save its text"),
    (b"Rar!", "a RAR archive", "unpack it"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it"),
    (b"BZh", "bzip2 data", "unpack it, or pack it as .gz, .xz or .zst"),
    (b"SQLite format 3", "a database", "export its text"),
    (b"\xde\x12\x04\x95", "a compiled message catalogue (.mo)", "give the .po file"),
    (b"\x95\x04\x12\xde", "a compiled message catalogue (.mo)", "give the .po file"),
)
_ROOT = re.compile(
    rb"(?:<\?xml[^>]*\?>|<!--.*?-->|<!(?i:DOCTYPE)[^>\[]*(?:\[[^\]]*\])?>|<\?[^>]*\?>|\s)*+<(?:[\w.-]+:)?([A-Za-z][\w.-]*)",
    re.DOTALL,
)
_HTML = re.compile(rb"(?:<!--.*?-->|\s)*+<!doctype\s+html\b", re.DOTALL | re.IGNORECASE)
_SRT = re.compile(rb"\s*+(?:\d+[^\S\n]*+\n\s*+)?\d{1,3}:\d\d:\d\d[,.]\d{1,3}\s*-->\s*\d{1,3}:\d\d:\d\d[,.]\d{1,3}")
_SBV = re.compile(rb"\s*\d{1,2}:\d\d:\d\d\.\d{3},\d{1,2}:\d\d:\d\d\.\d{3}\s*\r?\n")
_PO = re.compile(rb'(?:[ \t]*(?:#[^\n]*)?\r?\n)*+(?:msgctxt[ \t]+"[^\n]*\n)?msgid[ \t]+".*?^msgstr(?:\[0\])?[ \t]+"', re.DOTALL | re.MULTILINE)
_SCRIPT_INFO = re.compile(rb"\s*(?:;[^\n]*\n\s*)*\[Script Info\]", re.IGNORECASE)
_HEAD = 65_536


def kind_of(name: str, data: bytes) -> str:
    """The name of the format of a file with these bytes, `text` for plain text.

    Raises InputError for what is known but not read, with what would make it readable.
    """
    suffix = suffix_of(name)
    told = SUFFIXES.get(suffix, "")
    head = data[:_HEAD]
    shown = "<stdin>" if name == "-" else name
    found = _by_bytes(head, data, shown, suffix) or _by_text(_plain(head))
    if found in ("android", "ts", "html") and told not in ("", found):
        return told  # pieces of web pages and the like stand in many formats
    if found == "po" and told == "po" or not found:
        found = told or _unknown(suffix, head, shown)
    return found


def suffix_of(name: str) -> str:
    """The suffix that names a format, that of a compression left out."""
    pure = PurePath(name)
    if pure.suffix.lower() in COMPRESSED:
        pure = pure.with_suffix("")
    return pure.suffix.lower().removeprefix(".")


def _by_bytes(head: bytes, data: bytes, shown: str, suffix: str) -> str:
    """The format of a file with a signature; an empty string for what may be text."""
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"bplist00"):
        return "stringsdict" if suffix == "stringsdict" else "strings"
    if head.startswith(_ZIP):
        return _by_members(data, shown)
    if head.startswith(_OLE):
        what, cure = _REFUSED.get(suffix, ("an old Office document", "save it as .docx"))
        raise InputError(f"{shown}: {what}, which is not read; {cure}")
    for start, what, cure in _STARTS:
        if head.startswith(start):
            raise InputError(f"{shown}: {what}, which is not read; {cure}")
    return ""


def _by_members(data: bytes, shown: str) -> str:
    """The format of an archive, by the names in its index and the type that it may begin with."""
    edges = data[:4096] + data[-_HEAD * 4 :]
    for mark, kind in _MEMBERS:
        if mark in edges:
            return kind
    for mark, what, cure in _SLIDES_OR_SHEETS:
        if mark in edges:
            raise InputError(f"{shown}: {what}, which is not read as a document; {cure}")
    return ""


def _by_text(head: bytes) -> str:
    """The format of a text that begins as only files of this format do."""
    if head.startswith(b"WEBVTT"):
        return "vtt"
    if _SCRIPT_INFO.match(head):
        return "ass"
    if _SRT.match(head):
        return "srt"
    if _SBV.match(head):
        return "sbv"
    if head.startswith((b"#", b"msg", b"\n", b"\r")) and _PO.match(head):
        return "po"
    if head.startswith(b"<") and (root := _ROOT.match(head)):
        return "html" if _HTML.match(head) else _ROOTS.get(root[1].decode("ascii"), "")
    return ""


def _plain(head: bytes) -> bytes:
    """The first bytes as ASCII where they are text of wider characters, without a byte order mark or space before."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\0", b"")[2:]
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _unknown(suffix: str, head: bytes, shown: str) -> str:
    """Plain text, or a refusal of what only its name tells."""
    if suffix in _REFUSED and b"\0" in head:
        what, cure = _REFUSED[suffix]
        raise InputError(f"{shown}: {what}, which is not read; {cure}")
    if suffix == "plist" or (head.startswith(b"<?xml") and b"<plist" in head):
        return "stringsdict"
    if suffix != "txt" and _plain(head).startswith(b"<?xml"):
        root = _ROOT.match(_plain(head))
        what = f"XML of the kind <{root[1].decode('ascii')}>" if root else "XML of an unknown kind"
        raise InputError(f"{shown}: {what}, which is not read; export it as .xliff, .tmx, .docx or plain text")
    return "text"
