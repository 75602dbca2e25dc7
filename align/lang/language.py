"""What the other rooms ask of a language; `align.lang.ar.language` and `align.lang.en.language` answer."""

from typing import Protocol


class Language(Protocol):
    """The knowledge of one language. Words are given folded, by `fold`; tables are read when they are first asked for."""

    CODE: str
    """The ISO 639 code: `ar`."""

    def fold(self, text: str) -> str:
        """The form of `text` in which spellings of one word compare equal."""

    def opens(self, word: str) -> int:
        """How strongly a word begins something that can be left out: 2 a clause, 1 a phrase, 0 not."""

    def is_function(self, word: str) -> bool:
        """Whether a word carries grammar rather than content."""

    def function_words(self) -> frozenset[str]:
        """The words that carry grammar rather than content."""

    def full_stop_ends(self, token: str, previous: str, following: str, cased: bool) -> bool:
        """Whether the full stop after `token` (as written, no white space inside) ends a sentence.

        `previous` is the word before it, `following` the word after it without opening quotes; `cased` is False for
        texts without capitals.
        """

    def speech_follows(self, words: list[str]) -> bool:
        """Whether the words (as written) after a quotation say who spoke."""

    def dangling(self) -> frozenset[str]:
        """Words (as written) that no sentence ends with."""

    def enumerators(self) -> list[str]:
        """Words that number the pieces of a text: article, chapter."""

    def read_number(self, text: str) -> float | None:
        """The value of `text` if it is one number in words and nothing else."""

    def write_number(self, number: int) -> str:
        """An integer from 0 to under 10^15 in words; raises ValueError outside."""

    def months(self) -> dict[str, int]:
        """The numbers of Gregorian months by their names."""

    def weekdays(self) -> dict[str, int]:
        """The numbers of weekdays by their names; Monday is 0."""

    def units(self) -> dict[str, str]:
        """The units of measure, currencies and counts of time (rows of `units.tsv`) by their words."""

    def countries(self) -> dict[str, str]:
        """The countries (ISO 3166, small letters) by their adjectives."""
