"""Arguments in, pipeline called, result printed."""


def main() -> None:
    """Run the command."""
