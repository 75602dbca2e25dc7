"""Gettext catalogues (.po): message identifiers as English, translations as the catalogue's language."""

import re

from ..errors import FormatError
from .draft import Draft, Source, need
from .text import declared_encoding
from .tags import primary, speaks

_CHARSET = re.compile(rb'"Content-Type:[^"]*charset=([\w.:-]+)', re.IGNORECASE)


def fill(source: Source, draft: Draft) -> None:
    """Add a part for each message, of both sides only those that are translated; fuzzy and obsolete ones are left out.

    Identifiers are taken to be English unless the catalogue itself is; a catalogue without a language is taken to be
    in whichever other language is asked for.
    """
    polib = need("polib", "web", source.shown)
    declared = _CHARSET.search(source.data[:65536])
    charset = declared[1].decode("ascii") if declared and declared[1].upper() != b"CHARSET" else None
    text = source.text(_known(charset))
    try:
        # The library takes a name for a path unless it holds a line break.
        catalogue = polib.pofile(text + "\n", check_for_duplicates=False)
    except (OSError, ValueError, UnicodeError, IndexError, KeyError, AttributeError) as error:
        raise FormatError(f"{source.shown}: not a message catalogue: {' '.join(str(error).split())[:150]}") from None
    lang = catalogue.metadata.get("Language", "")
    is_target = speaks(lang, source.lang) if lang else primary(source.lang) != "en"
    if not is_target and primary(source.lang) != "en":
        raise FormatError(f"{source.shown}: its messages are in English and {lang}, not in {source.lang}")
    for count, entry in enumerate(catalogue, 1):
        if not entry.translated() or entry.obsolete or "fuzzy" in entry.flags:
            continue
        where = f" {entry.occurrences[0][0]}:{entry.occurrences[0][1]}".rstrip(":") if entry.occurrences else ""
        plural = [entry.msgstr_plural[k] for k in sorted(entry.msgstr_plural)] if entry.msgstr_plural else []
        translated = (plural or [entry.msgstr])[-1]
        message = entry.msgid_plural or entry.msgid
        for paragraph in (translated if is_target else message).split("\n\n"):
            draft.add(paragraph, "unit", f"entry {count}{where}")
    if not len(draft):
        raise FormatError(f"{source.shown}: holds no translated messages")


def _known(charset: str | None) -> str | None:
    return declared_encoding(charset) if charset else None
