"""flag, score and evaluate-flags: what stands in one version only."""

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
