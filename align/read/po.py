"""Gettext catalogues (.po): message identifiers as English, translations as the catalogue's language."""

import re

from ..errors import FormatError
from .draft import Draft, Source, need
from .strings import FORMS, UNTRANSLATED
from .tags import primary, speaks
from .text import declared_encoding

FUZZY = "fuzzy entries, whose translation is left out"
_CHARSET = re.compile(rb'"Content-Type:[^"]*charset=([\w.:-]+)', re.IGNORECASE)


def fill(source: Source, draft: Draft) -> None:
    """Add a part for each message; of translations those that are done, the others are told. Obsolete ones are left out.

    Identifiers are taken to be English unless the catalogue itself is; a catalogue without a language is taken to be
    in whichever other language is asked for. The last form of a plural stands at the entry's place, others behind it.
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
    lang = " ".join(catalogue.metadata.get("Language", "").split())[:40]
    is_target = speaks(lang, source.lang) if lang else primary(source.lang) != "en"
    if not is_target and primary(source.lang) != "en":
        raise FormatError(f"{source.shown}: its messages are in English and {lang}, not in {source.lang}")
    for count, entry in enumerate(catalogue, 1):
        if entry.obsolete:
            continue
        where = f" {entry.occurrences[0][0]}:{entry.occurrences[0][1]}".rstrip(":") if entry.occurrences else ""
        place = f"entry {count}{where}"
        if not is_target:
            _add(draft, [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid], place)
        elif "fuzzy" in entry.flags:
            draft.lack(FUZZY, place)
        elif not entry.translated():
            draft.lack(UNTRANSLATED, place)
        else:
            plural = [entry.msgstr_plural[k] for k in sorted(entry.msgstr_plural)] if entry.msgstr_plural else []
            _add(draft, plural or [entry.msgstr], place)
    if not len(draft):
        raise FormatError(f"{source.shown}: holds no {'translated ' if is_target else ''}messages")


def _add(draft: Draft, forms: list[str], place: str) -> None:
    """Add a message, each form of a plural at a place of its own."""
    for where, form in zip(FORMS.get(len(forms), map(str, range(len(forms)))), forms[:-1]):
        _add_paragraphs(draft, form, f"{place}#{where}")
    _add_paragraphs(draft, forms[-1], place)


def _add_paragraphs(draft: Draft, text: str, place: str) -> None:
    for paragraph in text.split("\n\n"):
        draft.add(paragraph, "unit", place)


def _known(charset: str | None) -> str | None:
    return declared_encoding(charset) if charset else None
