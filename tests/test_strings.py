"""Tables of strings, made by the tools that write them, read, paired by their keys and judged."""

import json
import logging
import plistlib
from pathlib import Path

import pytest

import align
from align.data import Document, Judged, Part
from align.errors import FormatError, InputError
from align.keyed import are_keyed, in_order_of, is_form, lone_keys
from align.pipeline import Options, align_files
from align.read import read
from align.read.bitext import read_bitext

pytest.importorskip("lxml")


def saved(folder: Path, name: str, data: str | bytes) -> str:
    """The path of a new file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def strings(path: str | Path, lang: str) -> list[tuple[str, str]]:
    """Key and text of every string of a table."""
    document = read(path, lang)
    assert {part.kind for part in document.parts} == {"string"}
    return [(part.place, document.text[part.start : part.end]) for part in document.parts]


def pairs(ar: str, en: str, *, flags: bool = False) -> Judged:
    """Two files aligned without a look at their languages, for tables of few words."""
    return align_files(ar, en, Options(language_check=False), flags=flags)


def texts(judged: Judged) -> list[tuple[str, str]]:
    """The texts of all beads."""
    return [(ar, en) for ar, en, _ in align.pairs(judged)]


# JSON


def test_i18next_as_its_writer_makes_it(tmp_path: Path) -> None:
    jsonl10n = pytest.importorskip("translate.storage.jsonl10n")
    files = {}
    for lang, home, saved_text in (("en", "Home page", "Saved"), ("ar", "الصفحة الرئيسية", "تم الحفظ")):
        store = jsonl10n.I18NextV4File()
        for key, text in (("home.title", home), ("status.saved", saved_text)):
            unit = store.UnitClass(text)
            unit.setid(key)
            store.addunit(unit)
        files[lang] = saved(tmp_path, f"{lang}.json", bytes(store))
    assert strings(files["en"], "en") == [("home.title", "Home page"), ("status.saved", "Saved")]
    assert texts(pairs(files["ar"], files["en"])) == [("الصفحة الرئيسية", "Home page"), ("تم الحفظ", "Saved")]


def test_every_leaf_by_its_key_in_any_order(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    en = {"b": {"title": "Settings", "list": ["One", "Two"]}, "ok": "OK", "title": "Welcome", "gone": "Contact us"}
    ar = {"title": "أهلاً", "ok": "حسناً", "b": {"list": ["واحد", "اثنان"], "title": "الإعدادات"}, "new": "نعم", "empty": ""}
    one, two = saved(tmp_path, "ar.json", json.dumps(ar)), saved(tmp_path, "en.json", json.dumps(en))
    with caplog.at_level(logging.WARNING):
        judged = pairs(one, two, flags=True)
    assert texts(judged) == [
        ("أهلاً", "Welcome"), ("", "Contact us"), ("حسناً", "OK"), ("واحد", "One"), ("اثنان", "Two"),
        ("الإعدادات", "Settings"), ("نعم", ""),
    ]  # fmt: skip
    assert all(judged.en.document.text[s.start : s.end] == judged.en.text(k) for k, s in enumerate(judged.en.segments))
    assert caplog.messages == [
        f"{one}: strings without text: 1 (empty)",
        f"{two}: lacks 1 of the other's 6 keys: new",
        f"{one}: lacks 1 of the other's 6 keys: gone",
    ]
    found = [(f.side, f.text, f.evidence["why"]) for f in judged.flags if f.kind == "sentence"]
    assert found == [
        ("en", "Contact us", "the other version has nothing under the key gone"),
        ("ar", "نعم", "the other version has nothing under the key new"),
    ]


def test_forms_of_plurals_that_only_one_language_has_are_no_finding(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    en = {"files_one": "{{count}} file", "files_other": "{{count}} files"}
    ar = {f"files_{name}": text for name, text in (
        ("zero", "لا ملفات"), ("one", "ملف واحد"), ("two", "ملفان"), ("few", "{{count}} ملفات"), ("many", "{{count}} ملفاً"),
        ("other", "{{count}} ملف"))}  # fmt: skip
    with caplog.at_level(logging.WARNING):
        judged = pairs(saved(tmp_path, "ar.json", json.dumps(ar)), saved(tmp_path, "en.json", json.dumps(en)), flags=True)
    assert judged.flags == () and caplog.messages == []
    assert ("ملف واحد", "{{count}} file") in texts(judged)


def test_arb_and_other_kinds_of_json_tables(tmp_path: Path) -> None:
    arb = {"@@locale": "en", "hello": "Hello {name}", "@hello": {"description": "greets"}}
    assert strings(saved(tmp_path, "app_en.arb", json.dumps(arb)), "en") == [("hello", "Hello {name}")]
    chrome = {"ok": {"message": "OK then", "description": "a button"}}
    assert strings(saved(tmp_path, "_locales/en/messages.json", json.dumps(chrome)), "en") == [("ok", "OK then")]
    both = {"en": {"a": "One"}, "ar": {"a": "واحد"}}
    path = saved(tmp_path, "both.json", json.dumps(both))
    assert strings(path, "ar") == [("a", "واحد")]
    assert strings(path, "en") == [("a", "One")]
    article = {"title": "A title", "body": "Text.", "id": "x"}
    assert [part.kind for part in read(saved(tmp_path, "article.json", json.dumps(article)), "en").parts] == ["heading", "paragraph"]


def test_yaml_of_rails(tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    value = {"ar": {"yes": "نعم", "home": {"title": "الرئيسية", "items": ["واحد"]}, "n": 3, "base": {"x": "س"}}}
    path = saved(tmp_path, "ar.yml", yaml.safe_dump(value, allow_unicode=True, sort_keys=False))
    assert strings(path, "ar") == [("yes", "نعم"), ("home.title", "الرئيسية"), ("home.items.0", "واحد"), ("base.x", "س")]
    with pytest.raises(FormatError, match=r"ar\.yml: holds ar, but nothing in en$"):
        read(path, "en")
    merged = "base: &b\n  no: 'No'\nsub:\n  <<: *b\n  yes: 'Yes'\n"
    assert strings(saved(tmp_path, "x.yaml", merged), "en") == [("base.no", "No"), ("sub.yes", "Yes"), ("sub.no", "No")]
    with pytest.raises(FormatError, match=r"bad\.yaml:2: not YAML"):
        read(saved(tmp_path, "bad.yaml", "a: b\n c: [\n"), "en")
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]\n" for k in range(1, 10)
    )
    with pytest.raises(InputError, match="repeats itself too often|more than"):
        read(saved(tmp_path, "bomb.yaml", bomb), "en", max_bytes=100_000)


# Apps


def test_android_as_its_writer_makes_it(tmp_path: Path) -> None:
    aresource = pytest.importorskip("translate.storage.aresource")
    from translate.misc.multistring import multistring

    store = aresource.AndroidResourceFile()
    for key, text in (("hello", "Don't worry,\n\"friend\""), ("sign", "@home  now")):
        unit = store.addsourceunit(key)
        unit.setid(key)
        unit.target = text
    store.settargetlanguage("en")
    unit = store.UnitClass("files")
    unit.setid("files")
    store.addunit(unit)
    unit.target = multistring(["%d file", "%d files"])
    path = saved(tmp_path, "strings.xml", bytes(store))
    assert b"\\'" in Path(path).read_bytes() and b"\\n" in Path(path).read_bytes()
    assert strings(path, "en") == [
        ("hello", "Don't worry,"), ("hello", '"friend"'), ("sign", "@home  now"), ("files.one", "%d file"),
        ("files.other", "%d files"),
    ]  # fmt: skip


def test_android_arrays_references_and_quotes(tmp_path: Path) -> None:
    path = saved(tmp_path, "strings.xml", """<?xml version="1.0"?><resources>
      <string name="skip" translatable="false">X</string><string name="ref">@string/other</string>
      <string name="q">  "  two  " words\\u0021\n   here </string><string name="b">Tap <b>Save</b></string>
      <string-array name="days"><item>Saturday</item><item>Sunday</item></string-array></resources>""")  # fmt: skip
    assert strings(path, "en") == [
        ("q", "two   words! here"), ("b", "Tap Save"), ("days.0", "Saturday"), ("days.1", "Sunday"),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_apple_strings_as_their_writer_makes_them(tmp_path: Path, encoding: str) -> None:
    properties = pytest.importorskip("translate.storage.properties")
    store = (properties.stringsutf8file if encoding == "utf-8" else properties.stringsfile)()
    store.parse('"title" = "x";\n'.encode(encoding))
    store.units[0].target = 'قل "مرحباً"\nالآن'
    path = saved(tmp_path, "a.strings", bytes(store))
    assert strings(path, "ar") == [("title", 'قل "مرحباً"'), ("title", "الآن")]


def test_apple_strings_by_hand_and_as_property_lists(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.strings", '/* "no" = "no"; */\nkey.one = "A \\U0041\\"";\n// x\n"same";\n')
    assert strings(path, "en") == [("key.one", 'A A"'), ("same", "same")]
    for form in (plistlib.FMT_XML, plistlib.FMT_BINARY):
        assert strings(saved(tmp_path, "b.strings", plistlib.dumps({"k": "Text"}, fmt=form)), "en") == [("k", "Text")]
    with pytest.raises(FormatError, match=r'c\.strings:2: not a table of strings: "key" = "value"; is expected'):
        read(saved(tmp_path, "c.strings", '"a" = "b";\n"a" "b"\n'), "en")


def test_apple_stringsdict(tmp_path: Path) -> None:
    table = {"files": {"NSStringLocalizedFormatKey": "%#@n@ found", "n": {
        "NSStringFormatSpecTypeKey": "NSStringPluralRuleType", "NSStringFormatValueTypeKey": "d", "one": "%d file",
        "other": "%d files"}}}  # fmt: skip
    path = saved(tmp_path, "a.stringsdict", plistlib.dumps(table, sort_keys=False))
    assert strings(path, "en") == [("files", "%#@n@ found"), ("files.n.one", "%d file"), ("files.n.other", "%d files")]


CATALOGUE = {
    "sourceLanguage": "en",
    "strings": {
        "Save": {"localizations": {"ar": {"stringUnit": {"state": "translated", "value": "حفظ"}}}},
        "Delete": {"localizations": {"ar": {"stringUnit": {"state": "new", "value": ""}}}},
        "code": {"shouldTranslate": False},
        "n": {
            "localizations": {
                lang: {"variations": {"plural": {
                    name: {"stringUnit": {"state": "translated", "value": text}} for name, text in forms.items()}}}
                for lang, forms in (("en", {"one": "%d file", "other": "%d files"}),
                                    ("ar", {"one": "ملف واحد", "few": "%d ملفات", "other": "%d ملف"}))
            }
        },
    },
}  # fmt: skip


def test_apple_catalogue_on_both_sides(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = saved(tmp_path, "Localizable.xcstrings", json.dumps(CATALOGUE))
    assert strings(path, "en") == [("Save", "Save"), ("Delete", "Delete"), ("n.one", "%d file"), ("n.other", "%d files")]
    with caplog.at_level(logging.WARNING):
        judged = pairs(path, path, flags=True)
    assert texts(judged) == [
        ("حفظ", "Save"), ("", "Delete"), ("ملف واحد", "%d file"), ("%d ملفات", ""), ("%d ملف", "%d files"),
    ]  # fmt: skip
    assert [flag.text for flag in judged.flags] == ["Delete"]
    assert caplog.messages == [f"{path}: entries without translation: 1 (Delete)"]
    assert [(row.ar.text, row.en.text) for row in read_bitext(path)][:2] == [("حفظ", "Save"), ("", "Delete")]


def test_qt_as_its_writer_makes_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ts2 = pytest.importorskip("translate.storage.ts2")
    store = ts2.tsfile()
    store.settargetlanguage("ar")
    for source, target in (("Open", "افتح"), ("Close", "")):
        unit = store.UnitClass(source)
        store.addunit(unit, contextname="Window", createifmissing=True)
        unit.target = target
    path = saved(tmp_path, "app.ts", bytes(store))
    with caplog.at_level(logging.WARNING):
        assert strings(path, "ar") == [("Window 1", "افتح")]
    assert caplog.messages == [f"{path}: entries without translation: 1 (Window 2)"]
    assert strings(path, "en") == [("Window 1", "Open"), ("Window 2", "Close")]
    assert [(row.ar.text, row.en.text) for row in read_bitext(path)] == [("افتح", "Open"), ("", "Close")]


def test_java_properties_as_their_writer_makes_them(tmp_path: Path) -> None:
    library = pytest.importorskip("javaproperties")
    for lang, text in (("ar", "مرحباً {0}\nاليوم"), ("en", "Hello {0}\ntoday = fine")):
        path = saved(tmp_path, f"m_{lang}.properties", library.dumps({"a.b": text, "e": ""}, timestamp=False))
        assert strings(path, lang) == [("a.b", line) for line in text.split("\n")]
    utf8 = saved(tmp_path, "u.properties", "# note\nk : قيمة \\\n   طويلة\n")
    assert strings(utf8, "ar") == [("k", "قيمة طويلة")]


# Keys


def test_order_and_lone_keys() -> None:
    def table(id: str, lang: str, *keys: str) -> Document:
        text = "\n\n".join(f"text {key}" for key in keys)
        cuts, at = [], 0
        for key in keys:
            cuts.append(Part(at, at + 5 + len(key), "string", key))
            at += 7 + len(key)
        return Document(id, lang, text, tuple(cuts))

    one, two = table("1", "ar", "a", "b", "c"), table("2", "en", "c", "x", "a", "b")
    assert are_keyed(one, two)
    moved = in_order_of(one, two)
    assert [part.place for part in moved.parts] == ["a", "b", "c", "x"]
    assert [moved.text[part.start : part.end] for part in moved.parts] == ["text a", "text b", "text c", "text x"]
    assert in_order_of(one, moved) is moved
    assert lone_keys(one, two) == ((), ("x",))
    units = [Document("3", "ar", "text", (Part(0, 4, "unit", place),), origin) for place, origin in (
        ("line 1 /ar", "f"), ("line 1 /en", "f"), ("line 1 /ar", "f"), ("line 1 /ar", "g"))]  # fmt: skip
    assert [are_keyed(units[0], unit) for unit in units[1:]] == [False, True, False]
    assert not are_keyed(one, Document("3", "en", "text a", (Part(0, 6, "paragraph", "a"),)))


@pytest.mark.parametrize(("key", "others", "expected"), [
    ("files_few", ["files_other"], True),
    ("files.few", ["files.other"], True),
    ("entry 3#one", ["entry 3"], True),
    ("files.few", ["files"], True),
    ("files.few", ["folders.other"], False),
    ("days.few", [], False),
    ("files.title", ["files.other"], False),
])  # fmt: skip
def test_forms(key: str, others: list[str], expected: bool) -> None:
    assert is_form(key, dict.fromkeys(others)) is expected


def test_corrections_of_tables_are_taken_back(tmp_path: Path) -> None:
    from report_pairs import run
    from report_pairs import saved as corrections

    ar = saved(tmp_path, "ar.json", json.dumps({"b": "حفظ {x}", "a": "مرحبا", "c": "نعم"}, ensure_ascii=False))
    en = saved(tmp_path, "en.json", json.dumps({"a": "Hello", "d": "Alone", "b": "Save {y}"}))
    judged = pairs(ar, en, flags=True)
    path = saved(tmp_path, "c.json", json.dumps(corrections(judged)))
    made = run("apply", path, ar, en)
    assert made.exit_code == 0, made.output
    assert [line.split("\t")[:2] for line in made.stdout.splitlines()] == [
        ["حفظ {x}", "Save {y}"], ["مرحبا", "Hello"], ["نعم", ""], ["", "Alone"],
    ]  # fmt: skip
