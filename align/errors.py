"""Every error raised on purpose, with its exit status."""


class MuwaziError(Exception):
    """What went wrong, where, and what would be right, in one line; `status` is the command's exit status.

    Line breaks in a message, which may quote a file, become spaces.
    """

    status = 1

    def __init__(self, message: object = "") -> None:
        super().__init__(" ".join(str(message).splitlines()))


class UsageError(MuwaziError):
    """Options or arguments that contradict each other."""

    status = 2


class InputError(MuwaziError):
    """An input that is missing, unreadable, empty or not text."""

    status = 3


class DecodingError(InputError):
    """Bytes that are not text in the encoding that was named or found."""

    status = 4


class LanguageError(InputError):
    """A text that is not in the language its place asks for: swapped, wrong script, or the same file twice."""

    status = 5


class EncoderError(MuwaziError):
    """An encoder that cannot be found, loaded or trusted (NaN, zero rows, wrong dimension)."""

    status = 6


class OutputError(MuwaziError):
    """An output that exists already or cannot be written."""

    status = 7


class FormatError(InputError):
    """A file whose contents break the format it is read as; the message names path and line."""

    status = 8


class LearntError(FormatError):
    """A file of `models/` that is missing or damaged, or weights that were learnt with other features than the code has."""


class MissingExtra(MuwaziError):
    """An optional dependency that is not installed; the message says what to install."""

    status = 9


class FailedDocuments(MuwaziError):
    """A corpus that is done but for documents that failed; they are listed beside the output."""

    status = 11


class DamagedError(MuwaziError):
    """What an earlier start left and is not as it was left: the ledger or a part of a run."""

    status = 14


class WorkerKilled(MuwaziError):
    """A document that ended each process which worked on it."""

    status = 12
