"""Arabic, as the other rooms ask for it: see `align.lang.Language`."""

from .calendar import months, weekdays
from .clauses import function_words, is_function, opens
from .letters import fold
from .numbers import parse as read_number
from .numbers import words as write_number
from .sentences import dangling, enumerators, full_stop_ends, speech_follows
from .units import countries, units

CODE = "ar"
__all__ = [
    "CODE", "countries", "dangling", "enumerators", "fold", "full_stop_ends", "function_words", "is_function", "months", "opens",
    "read_number", "speech_follows", "units", "weekdays", "write_number",
]  # fmt: skip
