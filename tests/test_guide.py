"""Whoever adds a thing by CONTRIBUTING is told where it must be named, too: exit statuses, formats, files of the guide."""

import re
from pathlib import Path

import pytest

from align import errors, suffixes
from align.read.formats import READERS
from align.read.kinds import SUFFIXES, WHAT

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "CONTRIBUTING.md"

pytestmark = pytest.mark.skipif(not GUIDE.is_file(), reason="no guide beside the installed package")


def statuses(page: str) -> set[int]:
    """The exit statuses in the table of a page."""
    table = re.search(r"^\| (?:exit )?status \| meaning \|\n(?:\|.*\n)+", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    return {int(number) for row in table[0].splitlines()[2:] for number in re.findall(r"\d+", row.split("|")[1])}


@pytest.mark.parametrize("page", ["README.md", "docs/align.md"])
def test_every_exit_status_is_told(page):
    raised = {kind.status: kind.__name__ for kind in vars(errors).values() if isinstance(kind, type)}
    untold = {status: name for status, name in raised.items() if status not in statuses(page)}
    assert not untold, f"the table of exit statuses in {page} lacks {untold}"


def test_a_status_stands_for_one_thing():
    own: dict[int, list[str]] = {}
    for kind in vars(errors).values():
        if isinstance(kind, type) and "status" in vars(kind):
            own.setdefault(kind.status, []).append(kind.__name__)
    assert not {status: names for status, names in own.items() if len(names) > 1}


def test_every_format_that_is_read_has_its_reader_its_words_and_its_row():
    told = set(re.findall(r"\.([a-z]+)\b", (ROOT / "docs" / "formats.md").read_text("utf-8").split("## ")[1]))
    wrong = [f".{suffix}: {what}" for suffix, kind in SUFFIXES.items() for holds, what in (
        (kind in READERS, "has no reader in align/read/formats.py"),
        (kind in WHAT, "is not called anything in WHAT of align/read/kinds.py"),
        (suffix in told, "is not in the table of docs/formats.md"),
        (suffix in {*suffixes._NEVER, *suffixes._FORMATS, "json"}, "could be written under this name as a TSV: add it to _NEVER of align/suffixes.py"),
    ) if not holds]  # fmt: skip
    assert not wrong, "\n".join(wrong)


def test_files_that_the_guide_names_are_there():
    """Of the table: a path, or the name of a file beside one that was named before it in its cell, or of a test."""
    lost = []
    for row in re.findall(r"^\| (?!to add|---)(.*)\|$", GUIDE.read_text("utf-8"), re.MULTILINE):
        folder = ROOT / "tests"
        for name in re.findall(r"`([\w./*-]+(?:/|\.(?:py|md|toml|tsv|json)))`", row):
            known = [path for base in (ROOT, folder, ROOT / "tests") for path in base.glob(name)]
            if not known:
                lost.append(name)
            elif "/" in name:
                folder = known[0] if known[0].is_dir() else known[0].parent
    assert not lost, f"CONTRIBUTING.md names what is not there: {', '.join(lost)}"
