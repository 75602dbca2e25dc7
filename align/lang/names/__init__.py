"""Names of people, places and organisations across Arabic and English: found, matched, and told when one is missing."""

from .alike import same_name_probability
from .comparison import NameAlert, NameComparison, NameMatch
from .document import DocumentNames, cooccurrence
from .find import Name, find_names
from .lexicon import Lexicon, read_glossary, shipped_lexicon
from .match import match_names

__all__ = [
    "DocumentNames",
    "Lexicon",
    "Name",
    "NameAlert",
    "NameComparison",
    "NameMatch",
    "cooccurrence",
    "find_names",
    "match_names",
    "read_glossary",
    "same_name_probability",
    "shipped_lexicon",
]
