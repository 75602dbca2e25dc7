"""Files and stdin to documents, and the check that a pair is what it claims to be."""

from .languages import check_languages
from .text import document, read

__all__ = ["check_languages", "document", "read"]
