"""The form of a segment: what encoders see of it."""

import re

from ..lang.ar.letters import CONTROLS, PRESENTED, plain_letters

# Controls that are no white space, and surrogates, which no encoder can take.
_JUNK = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ODD = re.compile(f"{_JUNK.pattern}|{_SURROGATE.pattern}|{CONTROLS.pattern}")
# A hyphen at the end of a line, between letters or digits.
_BROKEN = re.compile("(?<=[^\\W_])[-‐\u00ad][ \\t]*(?:\r\n|[\n\r\x0b\x0c\x85\u2028])\\s*(?=[^\\W_])")
_WORD = re.compile(r"[\w’'-]+")
_NEAR = 60
# First parts that make compounds rather than syllables.
_COMPOUNDING = frozenset(
    "self well non co ex anti pre post semi vice cross high low long short full half all mid multi inter intra re "
    "two three four five six seven eight nine ten twenty thirty forty fifty sixty seventy eighty ninety in on up "
    "off so by old new far near ill best better large small north south east west".split()
)


class Former:
    """Makes the forms of one document's segments."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._words: set[str] | None = None
        self._is_presented = PRESENTED.search(text) is not None

    def form(self, start: int, end: int) -> str:
        """The text with line breaks joined, white space single, invisible controls gone, presentation forms as letters."""
        text = self.text[start:end]
        if self._is_presented:
            text = plain_letters(text)
        # Only what is printable: no white space but spaces, no controls, no halves of pairs.
        if text.isprintable() and "  " not in text:
            return text.strip()
        if "-" in text or "‐" in text or "\u00ad" in text:
            text = _BROKEN.sub(self._mended, text)
        if _ODD.search(text):
            text = CONTROLS.sub("", _JUNK.sub(" ", _SURROGATE.sub("\ufffd", text)))
        return " ".join(text.split())

    def _mended(self, broken: re.Match[str]) -> str:
        """The hyphen that stays where a word was broken at the end of a line."""
        text, at = broken.string, broken.start()
        left = _WORD.findall(text, max(0, at - _NEAR), at)[-1]
        following = _WORD.match(text, broken.end(), broken.end() + _NEAR)
        right = following[0] if following else ""
        mark = broken[0][0]
        return mark if mark != "\u00ad" and self._is_compound(left, right) else ""

    def _is_compound(self, left: str, right: str) -> bool:
        if "-" in left or not right[0].islower() or not left[-1].isalpha():
            return True
        words = self._vocabulary()
        if (left + right).lower() in words:
            return False
        if f"{left}-{right}".lower() in words or left.lower() in _COMPOUNDING:
            return True
        return left.lower() in words and right.lower() in words

    def _vocabulary(self) -> set[str]:
        """The words of the document, those broken at a line end left out."""
        if self._words is None:
            whole = _BROKEN.sub(" \0", self.text).lower()
            # The two parts of a broken word stand at its seam: they are no evidence of words.
            found = [word for part in whole.split("\0") for word in _WORD.findall(part)[1:-1]]
            self._words = {part for word in found for part in (word, *word.split("-"))}
        return self._words
