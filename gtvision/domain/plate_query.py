"""What plates can be looked for by: a text and how a plate has to agree with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gtvision.domain.errors import BadConfiguration
from gtvision.domain.plate import ALPHABET, PlateFormat
from gtvision.domain.plate_match import LOOK_ALIKES, converted, matches_pattern, spellings, tidied, vehicle_distance

_LONGEST = 12
_WILDCARDS = "*?"
_WILDCARD = re.compile(r"[*?]")
_BRAZILIAN = re.compile(r"[A-Z]{3}[0-9][0-9A-Z][0-9]{2}")
_BRAZILIAN_LENGTH = 7
_CONVERTED_FROM_END = -3
_DIGITS, _LETTERS = "0123456789", "ABCDEFGHIJ"


class PlateMatch(StrEnum):
    """How a plate agrees with a text. A converted plate is the same vehicle: `ABC1234` is `ABC1C34`."""

    EXACT = "exact"
    """It is the text."""
    PREFIX = "prefix"
    """It begins with the text."""
    PATTERN = "pattern"
    """It fits the text, in which `*` stands for any characters and `?` for one."""
    NEAR = "near"
    """It is the text but for one character at most, which looks like the text's; Brazilian plates only."""


@dataclass(frozen=True, slots=True)
class PlateQuery:
    """A text to look for, valid from birth or `BadConfiguration`.

    Attributes:
        text: As people write it; kept in capitals and without separators.
        match: How a plate has to agree with it.
    """

    text: str
    match: PlateMatch = PlateMatch.EXACT

    def __post_init__(self) -> None:
        text = tidied(self.text)
        is_pattern = self.match is PlateMatch.PATTERN
        if not 1 <= len(text) <= _LONGEST or not set(text) <= set(ALPHABET + _WILDCARDS * is_pattern):
            also = ", and * and ?" if is_pattern else ""
            raise BadConfiguration(f"write 1 to {_LONGEST} letters A-Z and digits{also}, such as ABC1D23", "text")
        if self.match is PlateMatch.NEAR and not is_brazilian(text):
            raise BadConfiguration(f"{text} is no Brazilian plate: near needs one such as ABC1234 or ABC1D23", "text")
        object.__setattr__(self, "text", text)

    @property
    def pattern(self) -> str:
        """The same as a pattern, for `prefix` and `pattern`."""
        return f"{self.text}*" if self.match is PlateMatch.PREFIX else self.text

    def distance(self, text: str, form: PlateFormat) -> int | None:
        """In how many look-alike characters a plate of that text and format differs; None when it does not agree."""
        if self.match is PlateMatch.EXACT:
            return 0 if converted(text) == converted(self.text) else None
        if self.match is not PlateMatch.NEAR:
            return 0 if matches_pattern(self.pattern, text) else None
        if form is PlateFormat.OTHER:
            return None
        distance = vehicle_distance(self.text, text)
        return distance if distance is not None and distance <= 1 else None

    @property
    def beginnings(self) -> tuple[str, ...]:
        """With one of these begins the `converted` form of whatever fits the `pattern`; empty when nothing is fixed."""
        fixed = _WILDCARD.split(self.pattern)[0]
        return _converted_at(fixed, _CONVERTED_FROM_END + _BRAZILIAN_LENGTH) if fixed else ()

    @property
    def endings(self) -> tuple[str, ...]:
        """With one of these ends the `converted` form of whatever fits the `pattern`; empty when nothing is fixed."""
        fixed = _WILDCARD.split(self.pattern)[-1]
        return _converted_at(fixed, _CONVERTED_FROM_END + len(fixed)) if fixed else ()

    @property
    def near_texts(self) -> tuple[str, ...]:
        """All texts of Brazilian plates that are `near`: few, because no two digits look alike."""
        texts = {other for spelling in spellings(self.text) for other in (spelling, *_misread(spelling))}
        return tuple(sorted(text for text in texts if is_brazilian(text)))


def is_brazilian(text: str) -> bool:
    """Whether it is made up as a Brazilian plate, `ABC1234` or `ABC1D23`."""
    return _BRAZILIAN.fullmatch(text) is not None


def spelled_beginnings(beginning: str) -> tuple[str, ...]:
    """That beginning of a plate, and the one that the other plate of a converted vehicle has then."""
    place = _BRAZILIAN_LENGTH + _CONVERTED_FROM_END
    if len(beginning) <= place or beginning[place] not in _LETTERS:
        return _converted_at(beginning, place)
    return beginning, beginning[:place] + _DIGITS[_LETTERS.index(beginning[place])] + beginning[place + 1 :]


def _converted_at(fixed: str, place: int) -> tuple[str, ...]:
    if not 0 <= place < len(fixed) or fixed[place] not in _DIGITS:
        return (fixed,)
    return fixed, fixed[:place] + _LETTERS[int(fixed[place])] + fixed[place + 1 :]


def _misread(text: str) -> Iterator[str]:
    """The text with one character replaced by one that looks like it."""
    for place, char in enumerate(text):
        for other in next((group for group in LOOK_ALIKES if char in group), ""):
            yield text[:place] + other + text[place + 1 :]
