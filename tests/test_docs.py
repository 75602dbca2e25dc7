"""The README and the pages of docs/: what they show is run and is true.

In blocks marked `console`, a line that begins with `$ muwazi` is a command; the lines below it, up to the next `$ `,
are what it prints on both streams (or on one of them), where `...` stands for any lines, or for any text within a
line. Decimals may differ a little, for processors differ, and seconds as they like. The exit status is 0, or the one
that a following `$ echo $?` shows. A block below a line that holds only a file's name, as in "`notes.txt`:", is that
file. Blocks marked `python` are run in one namespace a page; a `text` block below "It prints:" is what the last one
printed. `<!-- not run: reason -->` above a block passes it over.

Commands of a page share a folder in which `corpora` is the shipped one, and `ar.txt` and `en.txt` the news pair.
`python tests/test_docs.py PAGE...` writes the output of commands anew into pages, to be read before it is kept.
"""

import contextlib
import io
import logging
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import align
from align.cli.main import _run, app

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`([\w.-]+)`:")
_SKIP = re.compile(r"<!-- not run: \S.* -->")
_DECIMAL = re.compile(r"(\d+\.\d+ s\b)|(\d+\.\d+)|(\.\.\.)")
# What may stand in a shell line beside muwazi; lines that begin with anything else (pip, git) are for the reader.
_HELPERS = {"cat", "cut", "echo", "gzip", "head", "ls", "mkdir", "printf", "sort", "tail", "wc", "zcat"}
_NEAR = 0.05


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, the last line before it, and the line its text begins on, from 0."""

    lang: str
    text: str
    before: str
    line: int


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a console block, its line of the page from 0, the lines shown below it, and its exit status."""

    command: str
    shown: tuple[str, ...]
    line: int
    status: int = 0


@cache
def text_of(page: Path) -> str:
    """What a page holds."""
    return page.read_text("utf-8")


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page that are not passed over."""
    for match in _FENCE.finditer(text):
        before = text[: match.start()].rstrip().rpartition("\n")[2].strip()
        if not _SKIP.fullmatch(before):
            yield Block(match[1], match[2], before, text.count("\n", 0, match.start()) + 1)


def steps(block: Block) -> list[Step]:
    """The commands of a console block, each with what it shows; a backslash continues a command."""
    found: list[tuple[str, list[str], int]] = []
    goes_on = False
    for number, line in enumerate(block.text.splitlines(), block.line):
        if goes_on:
            command, shown, at = found[-1]
            found[-1] = (command[:-1].rstrip() + " " + line.strip(), shown, at)
        elif line.startswith("$ "):
            found.append((line[2:].strip(), [], number))
        elif found:
            found[-1][1].append(line.rstrip())
            continue
        goes_on = bool(found) and found[-1][0].endswith("\\")
    out: list[Step] = []
    for command, shown, at in found:
        if command == "echo $?":
            last = out.pop()
            out.append(Step(last.command, last.shown, last.line, int(shown[0])))
        else:
            out.append(Step(command, tuple(shown), at))
    return out


def run(command: str, folder: Path) -> tuple[int, str, str, str] | None:
    """Status and output (both streams, stdout, stderr) of a line of a console block; None for what is not run."""
    words = list(shlex.shlex(command, posix=True, punctuation_chars=True))
    plain = shlex.split(command)
    if "muwazi" not in words and plain[:3] != ["python", "-m", "align"] and plain[0] not in _HELPERS:
        return None
    first, _, rest = command.partition(" | ")
    plain = shlex.split(first)
    settings = {}
    while re.fullmatch(r"[A-Z_]+=.*", plain[0]):
        name, _, value = plain.pop(0).partition("=")
        settings[name] = value
    operators = [word for word in words if set(word) <= set("|&;<>()")]
    if plain[0] == "muwazi" and operators == ["|"] * command.count(" | ") and "muwazi" not in rest:
        done = in_process(plain[1:], settings)
        if not rest:
            return done
        status, printed = in_shell(rest, folder, done[2])[:2]
        return done[0] or status, printed + done[3], printed, done[3]
    return in_shell(command, folder)


def in_shell(command: str, folder: Path, given: str = "") -> tuple[int, str, str, str]:
    """Status and output of a line run by a shell."""
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, input=given.encode(), timeout=60,
                          env={**os.environ, "PATH": f"{_shim(folder)}:{os.environ['PATH']}"}, capture_output=True,
                          check=False)
    out, err = done.stdout.decode(), done.stderr.decode()
    return done.returncode, out + err, out, err


def _shim(folder: Path) -> Path:
    """A folder with the command muwazi (and a python that knows it) for lines that need a shell."""
    place = folder / ".bin"
    if not place.exists():
        place.mkdir()
        for name, what in (("muwazi", "-m align"), ("python", "")):
            shim = place / name
            shim.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" {what} "$@"\n')
            shim.chmod(0o755)
    return place


def in_process(arguments: list[str], settings: dict[str, str]) -> tuple[int, str, str, str]:
    """Status and output of muwazi run here, so that the encoder is loaded once."""
    both, parts = io.BytesIO(), (io.BytesIO(), io.BytesIO())

    class Tee(io.RawIOBase):
        def __init__(self, own: io.BytesIO) -> None:
            self.own = own

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:
            both.write(data)
            return self.own.write(data)

    before = (sys.stdout, sys.stderr, sys.stdin)
    log = logging.getLogger("align")
    kept = (log.handlers, log.propagate, log.level)
    environment = dict(os.environ)
    try:
        os.environ.update(settings)
        sys.stdout, sys.stderr = (io.TextIOWrapper(io.BufferedWriter(Tee(part)), "utf-8", write_through=True)
                                  for part in parts)
        sys.stdin = io.TextIOWrapper(io.BytesIO(), "utf-8")
        status = _run(arguments)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        sys.stdout, sys.stderr, sys.stdin = before
        log.handlers, log.propagate = kept[:2]
        log.setLevel(kept[2])
        os.environ.clear()
        os.environ.update(environment)
    return status, *(part.getvalue().decode("utf-8") for part in (both, *parts))


def same_line(shown: str, printed: str) -> bool:
    """Whether a line of a page is the line printed, but for decimals that are near, seconds, and `...`."""
    pattern, numbers, at = "", [], 0
    for match in _DECIMAL.finditer(shown):
        pattern += re.escape(shown[at:match.start()])
        at = match.end()
        if match[1]:
            pattern += r"\d+\.\d+ s"
        elif match[2]:
            pattern += r"(\d+\.\d+)"
            numbers.append(float(match[2]))
        else:
            pattern += ".*?"
    found = re.fullmatch(pattern + re.escape(shown[at:]), printed)
    return found is not None and all(abs(a - float(b)) <= _NEAR for a, b in zip(numbers, found.groups(), strict=True))


def same(shown: tuple[str, ...], printed: str) -> bool:
    """Whether the lines of a page are the lines printed; `...` alone on a line stands for any number of them."""
    lines = [line.rstrip() for line in printed.strip("\n").split("\n")]
    wanted = list(shown)
    while wanted and not wanted[-1]:
        wanted.pop()
    reached = {0}  # how many printed lines the lines shown so far can stand for
    for line in wanted:
        if line.strip() == "...":
            reached = set(range(min(reached, default=len(lines) + 1), len(lines) + 1))
        else:
            reached = {k + 1 for k in reached if k < len(lines) and same_line(line, lines[k])}
    return len(lines) in reached


@contextlib.contextmanager
def desk(folder: Path) -> Iterator[Path]:
    """A folder to work in, with the shipped pairs, a cache of its own and no settings of the user."""
    folder = folder.resolve()
    (folder / "corpora").symlink_to(ROOT / "corpora")
    for name in ("ar.txt", "en.txt"):
        (folder / name).symlink_to(ROOT / "corpora" / "news" / name)
    before, here = dict(os.environ), Path.cwd()
    for name in [name for name in os.environ if name.startswith("MUWAZI_")]:
        del os.environ[name]
    os.environ.update(XDG_CACHE_HOME=str(folder / ".cache"), COLUMNS="80", NO_COLOR="1", HF_HUB_OFFLINE="1")
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)


def shortfalls(page: Path, folder: Path) -> Iterator[tuple[Step | None, str, str]]:
    """What on a page is not true: the step, what is wrong, and what was printed. Runs everything on it."""
    namespace: dict[str, object] = {"__name__": "__docs__"}
    printed: str | None = None
    for block in blocks(text_of(page)):
        where = f"{page.relative_to(ROOT)}:{block.line + 1}"
        if name := _FILE.fullmatch(block.before):
            (folder / name[1]).write_text(block.text, "utf-8")
        elif block.lang == "python":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                try:
                    exec(compile(block.text, where, "exec"), namespace)  # the pages are ours
                    printed = out.getvalue()
                except Exception as error:  # noqa: BLE001 - whatever a snippet raises is reported
                    printed = None
                    yield None, f"{where}: {type(error).__name__}: {error}", ""
        elif block.lang == "text" and block.before.endswith("It prints:") and printed is not None:
            shown = tuple(line.rstrip() for line in block.text.splitlines())
            if not same(shown, printed):
                yield Step("", shown, block.line - 1), f"{where}: the Python above prints\n{printed}", printed
        elif block.lang == "console":
            for step in steps(block):
                done = run(step.command, folder)
                if done is None:
                    continue
                status, *outputs = done
                at = f"{page.relative_to(ROOT)}:{step.line + 1}: {step.command}"
                if status != step.status:
                    yield step, f"{at}\nends with {status}, not {step.status}:\n{outputs[0]}", outputs[0]
                elif any(step.shown) and not any(same(step.shown, output) for output in outputs):
                    yield step, f"{at}\nprints\n{outputs[0]}", outputs[0]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_what_a_page_shows_is_what_happens(page: Path, tmp_path: Path) -> None:
    with desk(tmp_path):
        wrong = [what for _, what, _ in shortfalls(page, tmp_path)]
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("shown, printed, is_same", [
    (("a", "...", "d"), "a\nb\nc\nd\n", True),
    (("a", "...", "d"), "a\nd\n", True),
    (("a", "...", "d"), "a\nb\nc\n", False),
    (("a ... d",), "a b c d\n", True),
    (("p 0.91  high",), "p 0.94  high\n", True),
    (("p 0.91  high",), "p 0.81  high\n", False),
    (("3 pairs; 0.30 s",), "3 pairs; 12.50 s\n", True),
    (("3 pairs; 0.30 s",), "4 pairs; 0.30 s\n", False),
    (("a", ""), "a \n\n", True),
    (("a",), "a\nb\n", False),
])  # fmt: skip
def test_shown_and_printed_are_compared(shown: tuple[str, ...], printed: str, is_same: bool) -> None:
    assert same(shown, printed) is is_same


def test_steps_of_a_console_block() -> None:
    block = Block("console", "$ muwazi a \\\n    b\none\n\ntwo\n$ muwazi c\nmuwazi: no\n$ echo $?\n3\n", "", 10)
    assert steps(block) == [Step("muwazi a b", ("one", "", "two"), 10), Step("muwazi c", ("muwazi: no",), 15, 3)]


def _commands() -> dict[str, object]:
    """The commands of the program by name, as its parser knows them."""
    from typer.main import get_command

    return get_command(app).commands


@pytest.mark.parametrize("name", sorted(_commands()))
def test_every_command_has_help_and_stands_in_the_readme(name: str) -> None:
    command = _commands()[name]
    assert command.help and command.epilog.startswith(f"Example: muwazi {name}")
    assert [p.name for p in command.params if not getattr(p, "help", None)] == []
    assert re.search(rf"\bmuwazi {name}\b", text_of(ROOT / "README.md"))


@pytest.mark.parametrize("name", ["align", "flag"])
def test_every_option_stands_in_the_pages(name: str) -> None:
    pages = "".join(text_of(ROOT / "docs" / f"{page}.md") for page in ("align", "flags", "encoders"))
    options = [max(p.opts, key=len) for p in _commands()[name].params if p.opts[0].startswith("-")]
    assert [option for option in options if not re.search(rf"{option}\b|{option.replace('--', '--no-')}\b", pages)] == []


def test_public_functions_stand_in_the_page_on_python() -> None:
    assert [name for name in align.__all__ if name not in text_of(ROOT / "docs" / "python.md")] == []


def _anchors(page: Path) -> set[str]:
    """The names under which headings of a page can be linked to, as code hosts make them."""
    prose = _FENCE.sub("", text_of(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in re.findall(r"^#+ +(.*)$", prose, re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    prose = _FENCE.sub("", text_of(page))
    links = re.findall(r"\]\(<?([^)\s>]+)>?[^)]*\)", prose) + re.findall(r"(?:src|href)=\"([^\"]+)\"", prose)
    broken = []
    for link in links:
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in _anchors(target)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_pages_name_no_machine(page: Path) -> None:
    assert re.findall(r"(?<![\w.~])/(?:work|home|root|tmp|Users|mnt|var)/\S*|[A-Z]:\\\S*", text_of(page)) == []


def renewed(page: Path, folder: Path) -> str:
    """A page with the output of its commands as it is now; output shown in part, and what failed, is left to a person."""
    lines = text_of(page).split("\n")
    for step, what, printed in reversed(list(shortfalls(page, folder))):
        if step is None or any(line.strip() == "..." for line in step.shown) or "\nends with " in what:
            print(what, file=sys.stderr)
            continue
        start = step.line
        while lines[start].endswith("\\"):
            start += 1
        shown = list(step.shown)
        tail = [""] if shown and not shown[-1] else []
        fresh = [line.rstrip() for line in printed.strip("\n").split("\n")]
        lines[start + 1:start + 1 + len(shown)] = fresh + tail
    return "\n".join(lines)


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    for argument in sys.argv[1:]:
        with TemporaryDirectory() as place, desk(Path(place)):
            text = renewed(ROOT / argument, Path(place))
        (ROOT / argument).write_text(text, "utf-8")
