"""Files and stdin to documents, and the check that a pair is what it claims to be."""

from .formats import FORMATS, read
from .languages import check_language, check_languages, language_of
from .text import document

__all__ = ["FORMATS", "check_language", "check_languages", "document", "language_of", "read"]
