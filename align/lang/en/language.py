"""English, as the other rooms ask for it: see `align.lang.Language`."""

from .calendar import months, weekdays
from .clauses import function_words, is_function, opens
from .numbers import parse as read_number
from .numbers import words as write_number
from .sentences import dangling, enumerators, full_stop_ends, speech_follows
from .units import countries, units

CODE = "en"
__all__ = [
    "CODE", "countries", "dangling", "enumerators", "fold", "full_stop_ends", "function_words", "is_function", "months", "opens",
    "read_number", "speech_follows", "units", "weekdays", "write_number",
]  # fmt: skip


def fold(text: str) -> str:
    """`text` in small letters, with one apostrophe."""
    return text.lower().replace("\u2019", "'")
