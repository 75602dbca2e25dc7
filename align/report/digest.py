"""By what a page and the corrections that it saves know their texts again."""

import hashlib

from ..data import Segmented


def digest(segmented: Segmented) -> str:
    """64 hexadecimal digits for the places and the texts of all segments.

    White space between segments enters by its length alone, so that an alignment which kept only its segments has the
    digest of the file it was made from.
    """
    sha = hashlib.sha256()
    text = segmented.document.text
    for segment in segmented.segments:
        part = text[segment.start : segment.end].encode("utf-8", "surrogatepass")
        sha.update(b"%d:%d:%d:" % (segment.start, segment.end, len(part)))
        sha.update(part)
    return sha.hexdigest()
