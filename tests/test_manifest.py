"""The manifest: what enters the recipe, what does not, and what a person reads."""

import dataclasses
import json
import os

import pytest

from align import __version__
from align.errors import DecodingError, FormatError, InputError, OutputError
from align.manifest import EncoderRecord, Manifest, Source, check_inputs, read_manifest

SOURCES = (Source.of("ar.txt", "سلام\n".encode(), 5), Source.of("en.txt", b"peace\n", 6))
MANIFEST = Manifest(
    encoder=EncoderRecord("use-m3", "0123456789abcdef", 512),
    options={"beads": "8x8", "fold": True, "skip": -0.1, "glossary": None, "kinds": ["number", "date"]},
    inputs=SOURCES,
    seed=7,
    counts={"beads": 12, "one_sided": 2},
    seconds={"encode": 0.25},
    started="2026-01-02T03:04:05+00:00",
)


def test_source_hashes_the_bytes():
    # printf 'peace\\n' | sha256sum
    peace = "981e716f18f52a482410ef44def820c027f8d03e2dc9e5519c9cf004be354e38"
    assert SOURCES[1] == Source("en.txt", peace, 6, 6)
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Source.of("x", b"", 0) == Source("x", empty, 0, 0)


def test_signature():
    assert MANIFEST.signature == (
        f"muwazi|v:{__version__}|enc:use-m3@0123456789ab|dim:512|beads:8x8|fold:yes|glossary:none|"
        f"kinds:number+date|skip:-0.1|seed:7|recipe:{MANIFEST.recipe_hash[:12]}"
    )


def test_signature_stays_one_line_of_fields():
    odd = dataclasses.replace(MANIFEST, options={"model": "my |model\nhere"})
    assert "|model:my_/model_here|" in odd.signature
    assert "\n" not in odd.signature


@pytest.mark.parametrize(
    "change",
    [
        {"version": "9.9"},
        {"encoder": EncoderRecord("use-m3", "other", 512)},
        {"options": MANIFEST.options | {"skip": -0.2}},
        {"inputs": SOURCES[::-1]},
        {"inputs": (SOURCES[0], Source.of("en.txt", b"Peace\n", 6))},
        {"seed": 8},
    ],
    ids=["version", "encoder", "option", "swapped", "content", "seed"],
)
def test_the_recipe_changes_with(change):
    assert dataclasses.replace(MANIFEST, **change).recipe_hash != MANIFEST.recipe_hash


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": tuple(dataclasses.replace(source, path="/moved/" + source.path) for source in SOURCES)},
        {"counts": {}},
        {"seconds": {"encode": 99.0}},
        {"started": "2030-01-01T00:00:00+00:00"},
        {"python": "3.99"},
        {"options": dict(reversed(MANIFEST.options.items()))},
    ],
    ids=["paths", "counts", "seconds", "started", "python", "order of options"],
)
def test_the_recipe_stays_with(change):
    assert dataclasses.replace(MANIFEST, **change).recipe_hash == MANIFEST.recipe_hash


def test_reads_back_equal(tmp_path):
    path = tmp_path / "manifest.json"
    MANIFEST.write(path)
    assert read_manifest(path) == MANIFEST
    record = json.loads(path.read_text("utf-8"))
    assert (record["schema"], record["signature"], record["recipe_hash"]) == (
        1,
        MANIFEST.signature,
        MANIFEST.recipe_hash,
    )
    with pytest.raises(OutputError, match="exists already"):
        MANIFEST.write(path)
    MANIFEST.write(tmp_path / "packed.json.gz")
    assert read_manifest(tmp_path / "packed.json.gz") == MANIFEST
    assert sorted(os.listdir(tmp_path)) == ["manifest.json", "packed.json.gz"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 2}, ":1: has the schema 2; this version reads 1"),
        ({"options": None}, ":1: 'options' is missing"),
        ({"seed": "7"}, ":1: 'seed' is not what it should be"),
        ({"inputs": [{"path": "x"}]}, ":1: the encoder or an input has missing or unknown parts"),
        ({"recipe_hash": ...}, ":1: is not a manifest of muwazi"),
    ],
)
def test_a_broken_manifest_is_told(tmp_path, change, message):
    record = MANIFEST.as_dict() | change
    path = tmp_path / "m.json"
    path.write_text(json.dumps({key: value for key, value in record.items() if value is not ...}), encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        read_manifest(path)
    assert str(caught.value) == f"{path}{message}"


def test_no_json_and_no_utf8(tmp_path):
    path = tmp_path / "m.json"
    path.write_text('{\n "schema": 1,\n oops\n}')
    with pytest.raises(FormatError) as caught:
        read_manifest(path)
    assert str(caught.value).startswith(f"{path}:3: is not JSON: ")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DecodingError, match="is not UTF-8"):
        read_manifest(path)


def test_changed_inputs_are_told(tmp_path):
    path = tmp_path / "ar.txt"
    path.write_bytes("سلام".encode())
    manifest = dataclasses.replace(MANIFEST, inputs=(Source.of(path, path.read_bytes(), 4),))
    check_inputs(manifest)
    path.write_bytes("سلامٌ".encode())
    with pytest.raises(InputError, match=r"ar.txt: has changed since the manifest was written"):
        check_inputs(manifest)
    path.unlink()
    with pytest.raises(InputError, match=r"ar.txt: cannot be read: No such file"):
        check_inputs(manifest)
    with pytest.raises(InputError, match="read stdin, which cannot be repeated"):
        check_inputs(dataclasses.replace(MANIFEST, inputs=(Source.of("-", b"", 0),)))
