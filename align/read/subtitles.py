"""Subtitles (SubRip, WebVTT, SubStation, YouTube's .sbv): a part for every cue, with its number and its time."""

import re

from ..errors import FormatError
from .containers import unescaped
from .draft import Draft, Source, need

_SBV_TIME = re.compile(r"\s*(\d{1,3}):(\d{1,2}):(\d{1,2})\.(\d{1,3}),\d{1,3}:\d{1,2}:\d{1,2}\.\d{1,3}\s*$")
_TIME = re.compile(
    r"\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})\s*-->\s*(?:\d{1,3}:)?\d{1,2}:\d{1,2}[,.]\d{1,3}"
)
_TAG = re.compile(
    r"</?(?:i|b|u|s|c|v|lang|ruby|rt|font)(?:[.\s][^<>]*)?>|<(?:\d+:)?\d\d:\d\d\.\d{3}>|\{\\[^{}]*\}", re.IGNORECASE
)
_DASH = re.compile(r"[\u200e\u200f\u202a-\u202e]*[-‐–—]\s*\S")
_NUMBER = re.compile(r"\d+")
_NOT_CUES = ("WEBVTT", "NOTE", "STYLE", "REGION")


def fill(source: Source, draft: Draft) -> None:
    """Add the cues; the lines of one are joined but for those in which speakers take turns."""
    text = source.text().replace("\r\n", "\n").replace("\r", "\n")
    is_vtt = text.startswith("WEBVTT")
    lines = text.split("\n")
    count, at = 0, 0
    while at < len(lines):
        found = _begins(lines[at])
        if not found:
            at += 1
            continue
        count += 1
        start = at + 1
        at = _end(lines, start)
        shown = [_plain(line, is_vtt) for line in lines[start:at]]
        _add(draft, [line for line in shown if line], f"cue {_number(lines, start - 2, count)} {_time(found)}")
    if not count:
        raise FormatError(f"{source.shown}: holds no subtitle cues (00:00:01,000 --> 00:00:02,000)")


def fill_ass(source: Source, draft: Draft) -> None:
    """Add the dialogue of a SubStation script in order of time, without styling, drawings and remarks."""
    library = need("pysubs2", "web", source.shown)
    try:
        script = library.SSAFile.from_string(source.text())
    except (library.exceptions.Pysubs2Error, ValueError, KeyError, IndexError, TypeError) as error:
        raise FormatError(f"{source.shown}: not a SubStation script: {' '.join(str(error).split())[:100]}") from None
    script.sort()
    count = 0
    for event in script:
        if event.is_comment or event.is_drawing:
            continue
        count += 1
        lines = [line.strip() for line in event.plaintext.replace("\u00a0", " ").split("\n")]
        seconds, part = divmod(event.start, 1000)
        time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{part:03}"
        _add(draft, [line for line in lines if line], f"cue {count} {time}")
    if not count:
        raise FormatError(f"{source.shown}: holds no dialogue")


def _begins(line: str) -> re.Match[str] | None:
    """The time with which a cue begins."""
    return _TIME.match(line) or _SBV_TIME.match(line)


def _end(lines: list[str], start: int) -> int:
    """Where the text of the cue that begins at `start` ends: a blank line that a number, a time or nothing follows."""
    at = start
    while at < len(lines):
        if _begins(lines[at]):
            # A cue with no blank line before it: its number is no text of this one.
            return at - 1 if at - 1 >= start and _NUMBER.fullmatch(lines[at - 1].strip()) else at
        if not lines[at].strip():
            ahead = [line.strip() for line in lines[at + 1 : at + 3]] + ["", ""]
            if not ahead[0] or _begins(ahead[0]) or _begins(ahead[1]) or ahead[0].startswith(_NOT_CUES):
                return at
        at += 1
    return at


def _add(draft: Draft, text: list[str], place: str) -> None:
    turns = [[line] for line in text[:1]]
    for line in text[1:]:
        if _DASH.match(line):
            turns.append([line])
        else:
            turns[-1].append(line)
    for turn in turns:
        draft.add("\n".join(turn), "cue", place)


def _plain(line: str, is_vtt: bool) -> str:
    line = _TAG.sub("", line).strip()
    return unescaped(line) if is_vtt else line


def _number(lines: list[str], at: int, count: int) -> str:
    """The number written above the time line, else the count of cues."""
    above = lines[at].strip() if at >= 0 else ""
    return above if _NUMBER.fullmatch(above) else str(count)


def _time(found: re.Match[str]) -> str:
    hours, minutes, seconds, part = found.groups()
    return f"{int(hours or 0):02}:{int(minutes):02}:{int(seconds):02}.{part:0<3}"
