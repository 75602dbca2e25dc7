"""The notebooks of docs/: they run from the first cell to the last, and what they show is what they print.

`python tests/test_notebook.py NOTEBOOK...` writes their outputs anew, to be read before they are kept.
"""

import os
import re
import sys
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="notebooks need muwazi[test]")
nbclient = pytest.importorskip("nbclient", reason="notebooks need muwazi[test]")

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "docs").glob("*.ipynb"))
_DECIMAL = re.compile(r"\d+\.\d+")
_NEAR = 0.05


def run(path: Path, folder: Path) -> nbformat.NotebookNode:
    """The notebook with outputs of its own run in `folder`, in which `corpora` is the shipped one."""
    if not (folder / "corpora").exists():
        (folder / "corpora").symlink_to(ROOT / "corpora")
    book = nbformat.read(path, as_version=4)
    kept = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        nbclient.NotebookClient(book, timeout=300, kernel_name="python3",
                                resources={"metadata": {"path": str(folder)}}).execute()
    finally:
        os.environ.pop("PYTHONPATH") if kept is None else os.environ.update(PYTHONPATH=kept)
    book.metadata.language_info = {"name": "python"}
    for cell in book.cells:
        cell.pop("id", None)
        if cell.cell_type == "code":
            cell.metadata.clear()
            cell.execution_count = None
            for output in cell.outputs:
                output.pop("execution_count", None)
                if output.output_type == "execute_result":
                    output.execution_count = None
    return book


def shown(cell: nbformat.NotebookNode) -> list[tuple[str, str]]:
    """Kind and text of a cell's outputs."""
    out = []
    for output in cell.get("outputs", ()):
        data = output.get("data") or {output.get("name", output.output_type): output.get("text") or output.get("evalue", "")}
        out += [(kind, "".join(text)) for kind, text in sorted(data.items())]
    return out


def agree(one: str, two: str) -> bool:
    """Whether two texts are equal but for decimals that differ a little, as they do from processor to processor."""
    numbers = [list(map(float, _DECIMAL.findall(text))) for text in (one, two)]
    return _DECIMAL.sub("#", one) == _DECIMAL.sub("#", two) and all(
        abs(a - b) <= _NEAR for a, b in zip(*numbers, strict=True))


def test_there_is_a_notebook():
    assert NOTEBOOKS


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_shows_what_it_prints(path, tmp_path):
    kept = nbformat.read(path, as_version=4)
    found = run(path, tmp_path)
    for number, (old, new) in enumerate(zip(kept.cells, found.cells, strict=True)):
        assert [kind for kind, _ in shown(old)] == [kind for kind, _ in shown(new)], f"cell {number}"
        for (kind, one), (_, two) in zip(shown(old), shown(new), strict=True):
            assert kind != "error" and agree(one, two), f"cell {number} shows\n{one}\nand prints\n{two}"


def test_decimals_may_differ_a_little_and_nothing_else():
    assert agree("p 0.98 of 3", "p 0.97 of 3")
    assert not agree("p 0.98", "p 0.90") and not agree("of 3", "of 4") and not agree("a 0.5", "b 0.5")


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    for name in sys.argv[1:]:
        with TemporaryDirectory() as place:
            nbformat.write(run(Path(name), Path(place)), name)
