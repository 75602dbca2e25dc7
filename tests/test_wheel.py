"""The sdist and the wheel: what is in them, and that the wheel works elsewhere."""

import os
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import align

ROOT = Path(__file__).resolve().parent.parent
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / "pyproject.toml").is_file(), reason="the tests do not stand in a checkout"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist of this checkout, and the wheel made from it."""
    pytest.importorskip("hatchling", reason="building the wheel needs: pip install hatchling")
    out = tmp_path_factory.mktemp("dist")
    code = "import sys; from hatchling.build import build_{0}; print(build_{0}(sys.argv[1]))"

    def build(kind, where):
        done = subprocess.run([sys.executable, "-c", code.format(kind), str(out)], cwd=where, capture_output=True,
                              text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return out / done.stdout.split()[-1]

    sdist = build("sdist", ROOT)
    with tarfile.open(sdist) as archive:
        archive.extractall(out / "unpacked", filter="data")
    (unpacked,) = (out / "unpacked").iterdir()
    return sdist, build("wheel", unpacked)


def shipped():
    """Files of `models` and `corpora`, relative to the checkout."""
    return {path.relative_to(ROOT).as_posix() for kind in ("models", "corpora") for path in (ROOT / kind).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts}


def modules():
    """Files of the package and of its other name, relative to the checkout."""
    return {path.relative_to(ROOT).as_posix() for name in ("align", "muwazi") for path in (ROOT / name).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"}


def test_the_wheel_holds_the_package_and_what_it_ships(built):
    with zipfile.ZipFile(built[1]) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        assert names == modules() | {f"align/_shipped/{name}" for name in shipped()}
        (entry,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "muwazi = align.cli:main" in archive.read(entry).decode()
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())
        (metadata,) = (name for name in archive.namelist() if name.endswith("METADATA"))
        told = message_from_bytes(archive.read(metadata))
    assert (told["Name"], told["Version"]) == ("muwazi", align.__version__)
    assert told["Requires-Python"] == ">=3.11"
    assert {"align/py.typed", "align/lang/units.tsv", "align/lang/ar/calendar.tsv"} <= names


def test_the_sdist_holds_all_that_is_needed(built):
    with tarfile.open(built[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert modules() | shipped() | {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "PKG-INFO"} <= names
    assert "tests/test_wheel.py" in names
    stray = {name for name in names if "__pycache__" in name or name.endswith((".pyc", ".part", ".log", ".DS_Store"))
             or name.startswith((".venv", ".git/", ".hypothesis", ".pytest_cache", "dist", "build"))}
    assert not stray


def test_the_wheel_works_elsewhere(built, tmp_path):
    target, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(target)

    def run(*arguments):
        return subprocess.run([sys.executable, *arguments], cwd=elsewhere, capture_output=True, text=True, timeout=120,
                              encoding="utf-8", env={**os.environ, "PYTHONPATH": str(target)})

    where = run("-c", "import align, align.shipped; print(align.__file__, align.shipped.folder('models'), sep='\\n')")
    assert where.stdout.split() == [str(target / "align/__init__.py"), str(target / "align/_shipped/models")], where
    done = run("-m", "align", "demo", "news")
    assert done.returncode == 0, done.stderr
    assert "strict F1" in done.stderr
    for name in ("law", "moved", "story", "vocalised"):
        assert name in run("-m", "align", "demo", "--list").stdout.split()
    assert list(elsewhere.iterdir()) == []
