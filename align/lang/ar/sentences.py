"""Arabic: which full stops end a sentence."""

from functools import cache

from .. import tables
from .letters import CONTROLS, MARKS


@cache
def _words(name: str) -> frozenset[str]:
    """A list of `sentences.tsv`."""
    return tables.lists("ar/sentences")[name]


def dangling() -> frozenset[str]:
    """Words that no sentence ends with."""
    return _words("dangling")


def enumerators() -> list[str]:
    """Words that number the pieces of a text."""
    return tables.ordered("ar/sentences")["enumerator"]


def full_stop_ends(token: str, previous: str, following: str, cased: bool) -> bool:
    """Whether the full stop after `token` ends a sentence; the arguments are those of `Language.full_stop_ends`."""
    token = _plain(token)
    if token in _words("era") and previous[-1:].isdigit():
        return not _goes_on(following)
    if token[:-1].isdigit() and token[-1:] in "مه":
        return not _goes_on(following)
    letters = token.replace("ـ", "")
    if token in _words("either"):
        return not _goes_on(following)
    if letters in _words("blessing") or (letters[:1] == "و" and letters[1:] in ("د", "أ", "أد")):
        return False
    if letters in _words("before_number") and following[:1].isdigit():
        return False
    if len(letters) == 1 and letters.isalpha():
        return letters not in _words("title") and _plain(previous) in _words("before_letter")
    return letters not in _words("before_name") and not _is_dotted(letters)


def _goes_on(following: str) -> bool:
    """Whether a sentence goes on with this word after a short form."""
    return _plain(following) in _words("goes_on")


def is_short(token: str) -> bool:
    """Whether a token before a full stop is a short form, which ends no sentence in brackets or before them: 656 هـ. (1258 م.)"""
    plain = _plain(token).replace("ـ", "").lstrip("0123456789٠١٢٣٤٥٦٧٨٩")
    return len(plain) == 1 or plain in _words("either") or plain in _words("before_name") or _is_dotted(plain)


def ellipsis_ends(following: str) -> bool:
    """Whether dots of hesitation end the sentence: they don't where a conjunction goes on."""
    word = _plain(following)
    return not (word in _words("connective") or (len(word) > 2 and word[0] in "وف"))


def speech_follows(words: list[str]) -> bool:
    """Whether the words after a quotation say who spoke: «أين كنت؟» سألته أمه."""
    plain = _plain(words[0]).strip(".,،؛:!؟") if words else ""
    return plain in _words("speech") or (plain[:1] in "وف" and plain[1:] in _words("speech"))


def _plain(word: str) -> str:
    return MARKS.sub("", CONTROLS.sub("", word)) if word else word


def _is_dotted(token: str) -> bool:
    """Single letters with full stops between: أ.د, ق.م, ش.م.م, أ.ف.ب."""
    parts = token.split(".")
    return len(parts) > 1 and all(0 < len(part) <= 2 for part in parts)
