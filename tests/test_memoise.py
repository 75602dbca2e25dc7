"""Answers kept: asked once, and all forgotten when there are too many."""

import pytest

from align import memoise as room
from align.memoise import memoise


def test_a_function_is_asked_once_for_each_string() -> None:
    asked: list[str] = []

    @memoise
    def letters(word: str) -> int:
        asked.append(word)
        return len(word)

    assert [letters("كتاب"), letters("باب"), letters("كتاب")] == [4, 3, 4]
    assert asked == ["كتاب", "باب"]


def test_too_many_answers_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST", 2)
    asked: list[str] = []

    @memoise
    def same(word: str) -> str:
        asked.append(word)
        return word

    assert [same(word) for word in ("ا", "ب", "ا", "ت", "ا")] == ["ا", "ب", "ا", "ت", "ا"]
    assert asked == ["ا", "ب", "ت", "ا"]


def test_an_error_is_not_kept() -> None:
    asked: list[str] = []

    @memoise
    def number(word: str) -> int:
        asked.append(word)
        return int(word)

    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            number("x")
    assert asked == ["x", "x"]
