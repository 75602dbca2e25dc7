"""From places in a segment's form to places in the document."""

from ..lang.ar.letters import PRESENTED, plain_with_offsets
from ..data import Segment, Segmented


class Places:
    """Turns code points of forms into code points of the document, segment by segment, each worked out once."""

    def __init__(self, segmented: Segmented) -> None:
        self._segmented = segmented
        self._maps: dict[int, list[int]] = {}

    def span(self, index: int, start: int, end: int) -> tuple[int, int]:
        """Where `form[start:end]` of segment `index` stands in the document; an empty range stays empty."""
        offsets = self._maps.get(index)
        segment = self._segmented.segments[index]
        if offsets is None:
            text = self._segmented.document.text[segment.start : segment.end]
            offsets = self._maps[index] = offsets_of(text, segment.form)
        if start >= end:
            place = segment.start + offsets[min(start, len(offsets) - 1)]
            return place, place
        return segment.start + offsets[start], segment.start + offsets[end - 1] + 1

    def segment(self, index: int) -> Segment:
        """The segment itself."""
        return self._segmented.segments[index]


def offsets_of(text: str, form: str) -> list[int]:
    """For every character of `form`, and its end, the offset in `text` at which it stands.

    A form differs from its text in white space, invisible controls, mended line breaks and presentation forms only, so
    its characters are met in order; a character that isn't met (a mark put for a lone surrogate) takes the next place.
    All letters of a ligature stand where it does.
    """
    if text == form:
        return list(range(len(text) + 1))
    if PRESENTED.search(text):
        plain, origins = plain_with_offsets(text)
        return [origins[at] for at in offsets_of(plain, form)]
    offsets = []
    at = 0
    for char in form:
        if char == " ":
            found = at
            while found < len(text) and not (text[found].isspace() or text[found] < " "):
                found += 1
            if found == len(text):
                found = at
        else:
            found = text.find(char, at)
            if found < 0:
                found = at
        found = min(found, max(len(text) - 1, 0))
        offsets.append(found)
        at = found + 1
    return [*offsets, len(text)]
