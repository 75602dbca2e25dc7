"""Machine code that is kept between processes: used when whole, made again when not, done without where nothing can be kept."""

import ctypes
import os

import numpy as np
import pytest

from align import compiled
from align.compiled import INTEGER, POINTER, Code, functions
from align.files import cache_folder

pytest.importorskip("llvmlite")


def twice(name):
    """Text of a function that doubles numbers."""
    c = Code(name, "ptr %numbers, i64 %count")

    def step(k):
        address = c.at("float", "%numbers", k)
        value = c.load("float", address)
        c.store("float", c(f"fadd float {value}, {value}"), address)

    c.loop("%count", step)
    return c.text()


def run(name):
    """The function made and used."""
    (function,), engine = functions(twice(name), {name: (POINTER, INTEGER)})
    numbers = np.arange(5, dtype=np.float32)
    function(numbers.ctypes.data_as(ctypes.c_void_p), 5)
    assert numbers.tolist() == [0, 2, 4, 6, 8]
    return engine


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return cache_folder("code")


def test_code_is_kept_and_used_again(folder, monkeypatch):
    run("kept")
    (path,) = folder.iterdir()
    before = path.stat().st_mtime_ns, path.read_bytes()
    monkeypatch.setattr(compiled._Kept, "put", lambda *_: pytest.fail("made again"))
    run("kept")
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


def test_other_code_has_another_file(folder):
    run("one")
    run("other")
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"short", None])
def test_damaged_code_is_made_again(folder, damage):
    run("damaged")
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if damage is None else damage)
    run("damaged")
    assert path.read_bytes() == whole


def test_a_folder_that_cannot_be_made_stops_nothing(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    run("nowhere")


def test_a_write_that_fails_leaves_nothing(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compiled.os, "replace", full)
    run("full")
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs owners of files")
def test_code_that_others_could_have_written_is_not_run(folder, monkeypatch):
    run("private")
    (path,) = folder.iterdir()
    assert folder.stat().st_mode & 0o077 == 0 and path.stat().st_mode & 0o077 == 0
    made = []
    monkeypatch.setattr(compiled._Kept, "put", lambda *_: made.append(1))
    run("private")
    assert made == []
    path.chmod(0o666)
    run("private")
    assert made == [1]
    path.chmod(0o600)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    run("private")
    assert made == [1, 1]
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent.parent))
    monkeypatch.setattr(compiled._Kept, "put", lambda *_: made.append(1))
    path.rename(folder.parent / "elsewhere")
    path.symlink_to(folder.parent / "elsewhere")
    run("private")
    assert made == [1, 1, 1]


def test_code_under_the_name_of_other_code_is_not_run(folder):
    run("one")
    (one,) = folder.iterdir()
    run("two")
    (two,) = set(folder.iterdir()) - {one}
    whole = two.read_bytes()
    two.write_bytes(one.read_bytes())
    run("two")
    assert two.read_bytes() == whole


def test_a_folder_that_others_could_write_to_is_made_private(folder):
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    run("open")
    assert folder.stat().st_mode & 0o077 == 0 and len(list(folder.iterdir())) == 1
