"""What ruff finds wrong whatever the style; the rules stand in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_nothing_is_unused_or_undefined():
    done = subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", "align", "scripts", "tests"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
