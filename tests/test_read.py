"""Files, stdin and texts to documents; the language check."""

import gzip
import io
import lzma
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from align.data import Document
from align.errors import DecodingError, InputError, LanguageError, MissingExtra, UsageError
from align.read import check_languages, document, read
from align.read.text import read as read_text
from align.segment import segment

ARABIC = "وصل الوفد صباح اليوم.\r\nوغادر في المساء.\n"


def write(path: Path, data: bytes) -> str:
    """The path, as a string, of a file with this content."""
    path.write_bytes(data)
    return str(path)


ENCODED = {
    "utf-8": (ARABIC.encode(), None),
    "utf-8 with a mark": (b"\xef\xbb\xbf" + ARABIC.encode(), None),
    "utf-16-le with a mark": (b"\xff\xfe" + ARABIC.encode("utf-16-le"), None),
    "utf-16-be with a mark": (b"\xfe\xff" + ARABIC.encode("utf-16-be"), None),
    "utf-32-le with a mark": (b"\xff\xfe\0\0" + ARABIC.encode("utf-32-le"), None),
    "cp1256 named": (ARABIC.encode("cp1256"), "cp1256"),
    "windows-1256 named": (ARABIC.encode("cp1256"), "windows-1256"),
    "iso-8859-6 named": (ARABIC.encode("iso-8859-6"), "iso-8859-6"),
    "utf-16-le named": (ARABIC.encode("utf-16-le"), "utf-16-le"),
    "utf-8 mark against a name": (b"\xef\xbb\xbf" + ARABIC.encode(), "cp1256"),
    "utf-8-sig named": (b"\xef\xbb\xbf" + ARABIC.encode(), "utf-8-sig"),
}


@pytest.mark.parametrize(("data", "encoding"), ENCODED.values(), ids=ENCODED.keys())
def test_encodings(tmp_path: Path, data: bytes, encoding: str | None) -> None:
    path = write(tmp_path / "a.txt", data)
    assert read(path, "ar", encoding) == Document(path, "ar", ARABIC)


COMPRESSED = {
    ".gz": gzip.compress(ARABIC.encode()),
    ".xz": lzma.compress(ARABIC.encode()),
    ".zst": zstandard.compress(ARABIC.encode()),
}


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_compressed_by_name(tmp_path: Path, suffix: str) -> None:
    assert read(write(tmp_path / f"a.txt{suffix}", COMPRESSED[suffix]), "ar").text == ARABIC


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_cut_off_compressed_files(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a.txt{suffix}", COMPRESSED[suffix][:-9])
    with pytest.raises(InputError, match=r"a\.txt\.\w+: cannot be read \(.+\)$"):
        read(path, "ar")


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_files_that_are_not_compressed_as_named(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a.txt{suffix}", ARABIC.encode())
    with pytest.raises(InputError, match=r"a\.txt\.\w+: cannot be read \(.+\)$"):
        read(path, "ar")


def test_several_zstandard_frames(tmp_path: Path) -> None:
    data = zstandard.compress(b"One.\n") + zstandard.compress(b"Two.\n")
    assert read(write(tmp_path / "a.zst", data), "en").text == "One.\nTwo.\n"


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(ARABIC.encode())))
    assert read("-", "ar") == Document("<stdin>", "ar", ARABIC)


def test_a_path_object(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert read(Path(write(path, b"Yes.")), "en") == Document(str(path), "en", "Yes.")


def test_nothing_is_altered(tmp_path: Path) -> None:
    text = "a\r\nb\rc\n\u2028d\ufeff\u200f\0 e\u0301\n\n"
    assert read(write(tmp_path / "a.txt", text.encode()), "en").text == text


UNKNOWN = "is not UTF-8; name its encoding with --encoding"
NO_MARK = "a.txt: a binary file, not text; if it is UTF-16 without a byte order mark: --encoding utf-16-le"

REFUSED = {
    "empty": (b"", "a.txt: the file is empty"),
    "only a mark": (b"\xef\xbb\xbf", "a.txt: the file holds nothing but white space"),
    "blank": (b" \n\t\xc2\xa0\n", "a.txt: the file holds nothing but white space"),
    "rtf": (b"{\\rtf1 x}", "a.txt: an RTF document, which is not read; save it as .docx"),
    "zip": (b"PK\x03\x04\x14\0\0\0", "a.txt: not plain text but a ZIP archive (.docx, .epub and .odt are such)"),
    "gzip": (gzip.compress(b"x" * 99), "a.txt: not plain text but gzip data: its name should end in .gz"),
    "program": (b"\x7fELF\x02\x01\x01\0\0", "a.txt: not plain text but a program"),
    "binary": (bytes(range(256)) * 9, "a.txt: a binary file, not text"),
    "zeros": (b"\0" * 500, NO_MARK),
    "utf-16 without a mark": ("The ship sailed.".encode("utf-16-le"), NO_MARK),
    "latin-1": ("naïve".encode("latin-1"), f"a.txt: byte 2 (0xef) {UNKNOWN}"),
    "cp1256": (
        "وصل الوفد صباح اليوم".encode("cp1256"),
        f"a.txt: byte 0 (0xe6) {UNKNOWN} (cp1256 is common in Arabic files)",
    ),
    "bad byte behind the mark": (b"\xef\xbb\xbfab\xff", f"a.txt: byte 5 (0xff) {UNKNOWN}"),
    "cut inside a character": ("سلام".encode()[:-1], f"a.txt: byte 6 (0xd9) {UNKNOWN}"),
    "odd utf-16": (b"\xff\xfea\0b", "a.txt: byte 4 (0x62) is not utf-16-le; name the right encoding with --encoding"),
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = write(tmp_path / "a.txt", data)
    with pytest.raises(InputError) as raised:
        read(path, "ar")
    assert str(raised.value) == f"{tmp_path}/{message}"
    assert isinstance(raised.value, DecodingError) == ("byte" in message.replace("byte order", ""))


def test_wrong_encoding_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", b"abc\x81\xff")
    with pytest.raises(DecodingError, match=r"a\.txt: byte 3 \(0x81\) is not cp1252; name the right encoding"):
        read(path, "ar", "cp1252")


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13", "utf-8\0"])
def test_unknown_encoding(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(UsageError, match="^--encoding .*"):
        read(write(tmp_path / "a.txt", b"abc"), "en", encoding)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.txt: no such file$"):
        read(tmp_path / "none.txt", "en")


def test_directory(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory, not a file$"):
        read(tmp_path, "en")


def test_impossible_path() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read("a\0b", "en")


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(InputError, match="no permission to read it$"):
        read(tmp_path / "a.txt", "en")


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz", ".zst"])
def test_size_is_limited(tmp_path: Path, suffix: str) -> None:
    packed = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstandard.compress}[suffix]
    path = write(tmp_path / f"a{suffix}", packed(b"a" * 5_000_000))
    with pytest.raises(InputError, match=r"holds more than 1,000,000 bytes of text; allow more with --max-bytes$"):
        read(path, "en", max_bytes=1_000_000)
    assert len(read(path, "en", max_bytes=5_000_000).text) == 5_000_000


def test_a_limit_of_zero_is_a_limit(tmp_path: Path) -> None:
    for reader in (read, read_text):
        with pytest.raises(InputError, match="holds more than 0 bytes"):
            reader(write(tmp_path / "a.txt", b"One."), "en", max_bytes=0)


def test_missing_zstandard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtra, match=r"a\.zst: reading \.zst needs: pip install zstandard$"):
        read(write(tmp_path / "a.zst", b"x"), "en")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_one_line(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path / "a.txt", data)
    try:
        text = read(path, "ar").text
        assert data[:2] in (b"\xff\xfe", b"\xfe\xff") or text.encode() == data.removeprefix(b"\xef\xbb\xbf")
    except InputError as error:
        assert "\n" not in str(error)


AR = "أعلنت الوزارة اليوم أن العام الدراسي الجديد يبدأ في المدارس كلها بعد أسبوعين من الآن. " * 4
EN = "The ministry announced today that the new school year begins in all schools in two weeks from now. " * 4
FRENCH = "Le ministère a annoncé que la nouvelle année scolaire commence dans les écoles, que les cours ont lieu. " * 4
PERSIAN = "وزارت اعلام کرد که سال تحصیلی جدید در همه مدارس از هفته آینده آغاز می شود و این خبر را به مردم داد. " * 4
RUSSIAN = "Министерство объявило сегодня о начале учебного года во всех школах. " * 4


def pair(ar: str, en: str) -> tuple[Document, Document]:
    """Two documents with names as in messages."""
    return document(ar, "ar", "a.txt"), document(en, "en", "b.txt")


ACCEPTED = {
    "plain": (AR, EN),
    "short": ("نعم.", "Yes."),
    "numbers only": ("1 2 3", "1 2 3 4"),
    "code in the Arabic": ("شغل الأمر\n" + "npm install --save react-dom\n" * 8, EN),
    "Arabic quoted in the English": (AR, EN + "«" + AR[:120] + "»"),
    "vocalised": ("قَدْ قَسَمُوا قُلُوبَهُمْ الآنَ يُعَاقَبُونَ " * 12, EN),
    "names in English": (AR, "Table of contents. Chapter one. Ali, Omar, Hassan. " * 9),
}

REJECTED = {
    "swapped": (EN, AR, "a.txt looks English and b.txt Arabic: give the Arabic file first (or --no-language-check)"),
    "both English": (EN, EN + "More.", "a.txt should be Arabic but is in Latin script (or --no-language-check)"),
    "both Arabic": (AR, AR + "نعم.", "b.txt should be English but is in Arabic script (or --no-language-check)"),
    "the same text": (AR, AR + "\n", "a.txt and b.txt hold the same text; give an Arabic and an English version"),
    "Russian": (AR, RUSSIAN, "b.txt should be English but is in another script (or --no-language-check)"),
    "French": (AR, FRENCH, "b.txt should be English but looks French (or --no-language-check)"),
    "Persian": (PERSIAN, EN, "a.txt should be Arabic but looks Persian (or --no-language-check)"),
}


@pytest.mark.parametrize(("ar", "en"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted_pairs(ar: str, en: str) -> None:
    check_languages(*pair(ar, en))


@pytest.mark.parametrize(("ar", "en", "message"), REJECTED.values(), ids=REJECTED.keys())
def test_rejected_pairs(ar: str, en: str, message: str) -> None:
    first, second = pair(ar, en)
    for one, two in ((first, second), (segment(first), segment(second))):
        with pytest.raises(LanguageError) as raised:
            check_languages(one, two)
        assert str(raised.value) == message


def test_other_languages_are_judged_where_they_are_known() -> None:
    check_languages(document(FRENCH, "fr"), document(EN, "en"))
    check_languages(document(FRENCH, "xx"), document(EN, "yy"))
    for first, second, told in ((FRENCH, FRENCH, "same text"), (EN, FRENCH, "looks English"), (AR, EN, "Latin script")):
        with pytest.raises(LanguageError, match=told):
            check_languages(document(first, "fr" if told != "Latin script" else "ar"), document(second, "de" if told == "same text"
                                                                                     else "fr" if told == "looks English" else "fa"))


@pytest.mark.parametrize("langs", [("ar", "en"), ("en", "ar"), ("ar_EG", "en-GB")], ids="-".join)
def test_swapped_texts_are_told_under_any_order(langs) -> None:
    texts = (AR, EN) if langs[0].startswith("ar") else (EN, AR)
    check_languages(*(document(text, lang) for text, lang in zip(texts, langs, strict=True)))
    with pytest.raises(LanguageError, match="give the (Arabic|English) file first"):
        check_languages(*(document(text, lang) for text, lang in zip(texts[::-1], langs, strict=True)))


@pytest.mark.parametrize(("name", "text"), [
    ("Persian", "دولت گفت که ساختن پل نو تا پایان سال تمام خواهد شد و مردم از آن استفاده می‌کنند."),
    ("Urdu", "حکومت نے کہا ہے کہ نئے پل کا کام سال کے آخر تک مکمل ہو جائے گا۔"),
    ("Kurdish", "شەمەندەفەر کاتژمێر هەشتی بەیانی لە وێستگە دەردەچێت و خەڵک لە ماڵەوەن."),
    ("Pashto", "حکومت وویل چې د نوي پله کار به د کال تر پایه بشپړ شي."),
])
def test_a_line_of_another_language_in_arabic_script_is_told(name, text) -> None:
    with pytest.raises(LanguageError, match=f"should be Arabic but looks {name}"):
        check_languages(document(text, "ar"), document(EN, "en"))
    check_languages(document(text, name[:2].lower().replace("pe", "fa").replace("ku", "ckb").replace("pa", "ps")), document(EN, "en"))


def test_arabic_with_borrowed_letters_is_arabic() -> None:
    text = "وصل المهندس پاولو إلى مدينة ڤيينا أمس، وزار مقر شركة گوگل في المدينة قبل أن يعود إلى باريس."
    check_languages(document(text, "ar"), document(EN, "en"))
    check_languages(document("هذا كتاب عن الأدب الفارسي، وفيه بيت: این کتاب را بخوان. ثم يعود المؤلف إلى الشعر العربي.", "ar"),
                    document(EN, "en"))
    check_languages(document("ده بيتي الجديد.\nده سر.\nده مفتاحي.", "ar"), document(EN, "en"))  # a word of the dialect, not Pashto
