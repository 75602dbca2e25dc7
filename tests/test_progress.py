"""Progress: a bar on a terminal, lines elsewhere, nothing when quiet."""

import io
import sys
from types import SimpleNamespace

import pytest

from align.cli import progress
from align.cli.progress import Meter


def context(quiet=False):
    return SimpleNamespace(obj={"quiet": quiet})


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        """It says so."""
        return True


@pytest.fixture
def at_once(monkeypatch):
    """Lines come at once."""
    monkeypatch.setattr(progress, "_EVERY", 0.0)


def test_lines_say_how_many_are_done(at_once, capsys):
    with Meter(context(), "pairs") as tell:
        tell(250)
    with Meter(context(), "pairs", total=1000) as tell:
        tell(500)
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("muwazi: 250 pairs, ") and first.endswith("/s") and second.startswith("muwazi: 500 of 1,000 pairs")


def test_quiet_says_nothing(at_once, capsys):
    with Meter(context(quiet=True), "pairs") as tell:
        tell(250)
    assert not capsys.readouterr().err


@pytest.mark.parametrize("total", [None, 1000])
def test_a_terminal_has_a_bar(monkeypatch, total):
    caught = Terminal()
    monkeypatch.setattr(sys, "stderr", caught)
    with Meter(context(), "pairs", total) as tell:
        tell(250)
        tell.bar.refresh()
    assert "pairs" in caught.getvalue() and "250" in caught.getvalue()
