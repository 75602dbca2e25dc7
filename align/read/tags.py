"""Language tags as files write them."""

_LONG = {"ara": "ar", "arb": "ar", "arabic": "ar", "eng": "en", "english": "en", "fra": "fr", "fre": "fr",
         "deu": "de", "ger": "de", "spa": "es", "rus": "ru", "zho": "zh", "chi": "zh"}  # fmt: skip


def primary(tag: str) -> str:
    """The language of a tag, without region or script: `ar` of `ar-EG`, `AR_sa` and `ara`."""
    first = tag.strip().lower().replace("_", "-").partition("-")[0]
    return _LONG.get(first, first)


def speaks(tag: str | None, lang: str) -> bool:
    """Whether a tag names the language, whatever the region."""
    return bool(tag and primary(tag) == primary(lang))
