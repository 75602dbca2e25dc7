"""What is known of Arabic and English: letters, words, sentences, numbers, dates, names.

`language("ar")` answers what other rooms ask; `facts` and `names` look at texts of both languages.
"""

from .language import Language

__all__ = ["Language", "language"]


def language(code: str) -> Language:
    """The language of a code, `ar` or `en`; raises ValueError for others."""
    if code == "ar":
        from .ar import language as arabic

        return arabic
    if code == "en":
        from .en import language as english

        return english
    raise ValueError(f"languages are known for ar and en, not {code!r}")
