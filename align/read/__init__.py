"""Files and stdin to documents, and the check that a pair is what it claims to be."""

from .formats import FORMATS, read
from .languages import check_language, check_languages, language_of
from .text import blocks, document

__all__ = ["FORMATS", "blocks", "check_language", "check_languages", "document", "language_of", "read"]
