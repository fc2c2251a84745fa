"""When two plate texts may mean one vehicle: conversion, look-alike characters and patterns.

A vehicle whose old plate was converted keeps its number: the second digit became a letter, 0-9 to A-J, so `ABC1234` and
`ABC1C34` are the same vehicle. What a list names and what a camera reads can differ by that, and by characters that
look alike. To find a listed vehicle among readings, compare what was read with both `spellings` of what is listed;
`vehicle_distance` does so for one pair, and for an index `look_alike_key` of what was read with that of each spelling.

Source: conversion after CONTRAN resolution 969/2022, annex I.
"""

import re
from functools import lru_cache

LOOK_ALIKES = ("0ODQ", "1IL", "2Z", "4A", "5S", "6G", "7T", "8B")
"""Characters that one picture may show as another of the same group; the digit comes first."""

_FOLD = str.maketrans({char: group[0] for group in LOOK_ALIKES for char in group})
_SEPARATORS = re.compile(r"[\s.\-_·•]+")
_OLD = re.compile(r"[A-Z]{3}[0-9]{4}")
_CONVERTED = re.compile(r"[A-Z]{3}[0-9][A-J][0-9]{2}")
_AT = 4
_DIGITS, _LETTERS = "0123456789", "ABCDEFGHIJ"


def tidied(typed: str) -> str:
    """What somebody typed, in upper case and without spaces, hyphens and dots; anything else is left to be judged."""
    return _SEPARATORS.sub("", typed).upper()


def converted(text: str) -> str:
    """The one form for both plates of a vehicle: an old Brazilian plate as converted, any other text as it is."""
    if not _OLD.fullmatch(text):
        return text
    return text[:_AT] + _LETTERS[int(text[_AT])] + text[_AT + 1 :]


def spellings(text: str) -> tuple[str, ...]:
    """The texts that the same vehicle may carry: this one, and its other plate where there is one."""
    if _OLD.fullmatch(text):
        return (text, converted(text))
    if _CONVERTED.fullmatch(text):
        return (text, text[:_AT] + _DIGITS[_LETTERS.index(text[_AT])] + text[_AT + 1 :])
    return (text,)


def look_alike_key(text: str) -> str:
    """The text with each character replaced by the digit that it looks like: equal for texts that look alike."""
    return text.translate(_FOLD)


def look_alike_distance(a: str, b: str) -> int | None:
    """In how many places the texts differ, None when any of these differences is not between look-alikes."""
    if look_alike_key(a) != look_alike_key(b):
        return None
    return sum(one != other for one, other in zip(a, b, strict=True))


def vehicle_distance(listed: str, read: str) -> int | None:
    """In how many look-alike characters a plate that was read differs from either plate of the listed vehicle.

    0 is the same vehicle; None is another one.
    """
    distances = (look_alike_distance(spelling, read) for spelling in spellings(listed))
    return min((distance for distance in distances if distance is not None), default=None)


def matches_pattern(pattern: str, text: str) -> bool:
    """Whether the pattern covers this text or the other plate of the same vehicle.

    Args:
        pattern: `*` stands for any number of characters, also none; `?` for one; all others for themselves.
        text: A plate.
    """
    expression = _compiled(pattern)
    return any(expression.fullmatch(spelling) is not None for spelling in spellings(text))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern_expression(pattern))


def pattern_expression(pattern: str) -> str:
    """The regular expression that a whole text matches when the pattern covers it, of no other spelling."""
    squeezed = re.sub(r"\*+", "*", pattern)
    wild = {"*": ".*", "?": "."}
    return "".join(wild.get(char) or re.escape(char) for char in squeezed)
