"""What was learnt is read in one place, and means what the code takes it for: names of features are checked."""

import ast
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

import align
from align import beads, errors, learnt, pairing, shipped
from align.beads import confidence
from align.flags import calibration, coverage, judging, lone, pairs, reader, spans, tables, typed, units
from align.lang.names import letters
from align.mine import choosing
from align.pairing import scores

PACKAGE = Path(align.__file__).parent
# What is read by position: the file, the names in the code and what reads it.
CHECKED = {
    "words": (coverage, "FEATURES", lambda: coverage._network("ar")),
    "sentences": (lone, "FEATURES", lambda: lone._network("en")),
    "spans": (spans, "FEATURES", lambda: spans._network("ar")),
    "facts": (typed, "FACT_FEATURES", lambda: judging._typed_network("fact")),
    "names": (typed, "NAME_FEATURES", lambda: judging._typed_network("name")),
    "units": (units, "FEATURES", lambda: tables.network("units", "", units.FEATURES)),
    "reader": (reader, "FEATURES", reader.weights),
    "calibration": (calibration, "FEATURES", calibration._trees),
    "pairs of the filter": (pairs, "FEATURES", pairs.trees),
    "what the filter compares": (pairs, "COMPARED", pairs.trees),
    "mining": (choosing, "FEATURES", choosing.weights),
    "mining by words": (choosing, "OF_WORDS", choosing.weights),
    "mining by facts": (choosing, "OF_FACTS", choosing.weights),
    "rivals of mining": (choosing, "RIVALS", choosing.weights),
    "pairing": (scores, "FEATURES", scores.model),
    "last step of pairing": (scores, "LAST", scores.model),
    "letters of names": (letters, "JUDGED", letters._weights),
    "paired beads": (beads, "PAIR", beads.weights),
    "segments alone": (beads, "ALONE", beads.weights),
}
CACHED = (coverage._network, lone._network, spans._network, judging._typed_network, reader.weights, calibration._trees,
          pairs.trees, choosing.weights, scores.model, letters._weights, beads.weights, tables.table)  # fmt: skip


@pytest.fixture
def fresh():
    """Nothing of `models/` is remembered, before and after."""
    for function in CACHED:
        function.cache_clear()
    yield
    for function in CACHED:
        function.cache_clear()


@pytest.fixture
def copied(tmp_path, monkeypatch, fresh):
    """A copy of `models/` to break."""
    shutil.copytree(shipped.folder("models"), tmp_path / "models")
    monkeypatch.setattr(learnt, "folder", lambda kind: tmp_path / kind)
    return tmp_path / "models"


@pytest.mark.parametrize("what", CHECKED)
def test_features_in_another_order_are_refused(what, monkeypatch, fresh):
    room, name, read = CHECKED[what]
    read()
    names = getattr(room, name)
    for other, told in (((*names[1:], names[0]), "the same in another order"), ((*names, "novel"), "novel on one side only")):
        for function in CACHED:
            function.cache_clear()
        monkeypatch.setattr(room, name, other)
        with pytest.raises(errors.LearntError, match=told):
            read()


def test_weights_of_the_path_are_checked(monkeypatch, fresh):
    monkeypatch.setattr(beads.Scorer, "SKIPS", beads.Scorer.SKIPS[::-1])
    with pytest.raises(errors.LearntError, match=r"beads.weights\.json: was learnt with other features"):
        beads.weights()


def test_a_file_that_names_no_features_is_refused(copied):
    path = copied / "flags" / "units.json"
    path.write_text(json.dumps({name: value for name, value in json.loads(path.read_text()).items() if name != "features"}))
    with pytest.raises(errors.LearntError, match="does not name the features"):
        tables.network("units", "", units.FEATURES)


@pytest.mark.parametrize(("file", "read"), [
    ("filter/beads.json", lambda: learnt.record("filter/beads.json")),
    ("flags/thresholds.json", lambda: learnt.record("flags/thresholds.json")),
    ("names/model.toml", lambda: learnt.record("names/model.toml")),
    ("names/people.tsv.xz", lambda: learnt.rows("names/people.tsv.xz")),
    ("names/letters.tsv", lambda: learnt.rows("names/letters.tsv")),
    ("flags/projection.npz", lambda: learnt.maps("flags/projection.npz")),
])
def test_damaged_and_missing_files_are_named(copied, file, read):
    read()
    path = copied.joinpath(*file.split("/"))
    path.write_bytes(b"\xff\xfe[not what it was")
    with pytest.raises(errors.LearntError, match=rf"{path.name}: is missing or damaged .*; reinstall muwazi"):
        read()
    path.unlink()
    with pytest.raises(errors.LearntError, match="is missing or damaged"):
        read()


def test_the_error_is_one_of_the_format_with_its_status():
    assert issubclass(errors.LearntError, errors.FormatError) and errors.LearntError.status == 8


def test_models_are_read_in_one_place():
    """No other file of the package opens what lies in `models/`, but for what tells of the encoders."""
    readers = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if "_shipped" not in path.parts
               for node in ast.walk(ast.parse(path.read_text("utf-8")))
               if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "folder"
               and node.args and ast.unparse(node.args[0]) == "'models'"}  # fmt: skip
    assert readers == {"learnt.py", str(Path("encode/registry.py")), str(Path("encode/export.py"))}


def test_a_network_gives_log_odds():
    stored = {"mean": [1, 2], "scale": [2, 1], "layers": [[[[1, 0], [0, 1]], [0, 0]], [[[2], [1]], [-1]]]}
    rows = np.array([[3.0, 2.5], [401.0, 2.0]], np.float32)
    plain = 2 * math.tanh(1) + math.tanh(0.5) - 1
    assert learnt.Network.of(stored)(rows).tolist() == pytest.approx([plain, 1])
    bounded = learnt.Network.of({**stored, "layers": [[[[1], [1]], [0]]]}, kind="float64", most=6.0)(rows)
    assert bounded.tolist() == [1.5, 6.0] and bounded.dtype == np.float64


def test_the_logistic_function_and_its_bound():
    found = learnt.logistic(np.array([-1000.0, 0.0, math.log(3), 1000.0]))
    assert found.tolist() == pytest.approx([9.36e-14, 0.5, 0.75, 1], rel=1e-3) and found[0] > 0
    assert learnt.logistic(np.array([-40.0]), math.inf)[0] < found[0]
    assert learnt.chance(math.log(3)) == pytest.approx(0.75) and learnt.chance(-1000) == pytest.approx(found[0])
    assert confidence.logistic is learnt.logistic and tables.probability(0.0) == 0.5


def test_maps_hold_numbers_alone():
    assert set(learnt.maps("mine/projection.npz")) == {f"{lang}.{name}" for lang in ("ar", "en") for name in ("map", "bias", "gate", "gate_bias")}
    assert "features" not in reader.weights() and "features" in learnt.arrays("flags/reader.npz")
    assert pairing.model().last == (0.5, 0.7052, 0.9152)
