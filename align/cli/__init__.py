"""Arguments in, pipeline called, result printed."""

import sys

# Commands that need the embedded encoder unless another is named: its files are read while the rest is imported.
_ENCODING = {"align", "demo", "encode", "flag", "report", "score"}


def main() -> None:
    """Run the command."""
    asked = set(sys.argv[1:])
    if asked & _ENCODING and not asked & {"-h", "--help", "-m", "--model", "--list"}:
        from ..encode import prepare

        prepare()
    from .main import main as run

    run()
