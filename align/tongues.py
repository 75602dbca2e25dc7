"""Names and scripts of languages by their codes, and which script a text is in."""

import re

from .lang.ar.letters import LETTER

LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
"""A letter of the Latin script."""

NAMES = {"ar": "Arabic", "en": "English", "fr": "French", "de": "German", "es": "Spanish", "it": "Italian",
          "pt": "Portuguese", "tr": "Turkish", "id": "Indonesian", "fa": "Persian", "ur": "Urdu", "ckb": "Kurdish",
          "ps": "Pashto", "ug": "Uyghur"}  # fmt: skip
_ARABIC_SCRIPT = frozenset(["ar", "fa", "ur", "ckb", "ps", "ug", "sd", "arz", "ary", "apc", "ajp", "acm", "aeb", "azb"])
_LATIN_SCRIPT = frozenset(
    ["en", "fr", "de", "es", "it", "pt", "tr", "id", "nl", "pl", "sv", "da", "no", "nb", "nn", "fi", "cs", "sk", "sl", "hr",
     "bs", "hu", "ro", "ca", "eu", "gl", "et", "lv", "lt", "is", "ga", "cy", "sq", "sw", "ms", "vi", "af", "tl", "so", "mt"]
)  # fmt: skip


def code_of(lang: str) -> str:
    """A language's code without its region, in lower case."""
    return lang.replace("_", "-").partition("-")[0].lower()


def script_of(lang: str) -> str | None:
    """`Arabic` or `Latin`, the script of a language; None where it is not known here."""
    code = code_of(lang)
    return "Arabic" if code in _ARABIC_SCRIPT else "Latin" if code in _LATIN_SCRIPT else None


def script_in(text: str) -> str | None:
    """`Arabic` or `Latin` where letters of that script prevail in a text by far."""
    arabic, latin = len(LETTER.findall(text)), len(LATIN.findall(text))
    return "Arabic" if arabic > 2 * latin else "Latin" if latin > 2 * arabic else None


def are_swapped(first: str, second: str, langs: tuple[str, str] = ("ar", "en")) -> bool:
    """Whether each of two texts is in the script of the other's language."""
    scripts = script_of(langs[0]), script_of(langs[1])
    return None not in scripts and scripts[0] != scripts[1] and (script_in(first), script_in(second)) == scripts[::-1]
