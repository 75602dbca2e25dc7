"""What a person looks at: a page to review an aligned pair, the corrections it saves, and a dot-plot."""

from .corrections import Corrections, corrected, parse_corrections, read_corrections
from .page import page, write_report
from .plot import plot

__all__ = ["Corrections", "corrected", "page", "parse_corrections", "plot", "read_corrections", "write_report"]
