"""What ruff and mypy find wrong; the rules stand in pyproject.toml, each exception with its reason."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("align", "muwazi", "scripts", "tests")


def run(*command: str) -> None:
    """Run a tool in the checkout; what it finds is the message."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing():
    run("ruff", "check", "--no-cache", *FOLDERS)


@pytest.mark.slow
def test_types_hold():
    run("mypy", "--no-error-summary")
