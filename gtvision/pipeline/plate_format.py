"""What the characters of one reading may mean: a Brazilian plate in either format, or something else.

The format is decided first, then each place knows whether it holds a letter or a digit. A character of the wrong sort
may be a look-alike of one that fits, at a price, and the dearer the surer it was read. What costs more than
`_DEAREST` is not Brazilian, so that nothing is forced: one correction that every reader needs (O for 0) is always
affordable, two are when they were read with doubt, and so is one that hardly any needs (A for 4). The fifth place tells
the formats apart; while it holds a look-alike, both meanings are kept. The old format has a hyphen or a dot before its
digits, Mercosul plates have none: where that was seen or missed, a look-alike in the fifth place is taken accordingly.
Source: CONTRAN resolutions 231/2007 and 969/2022.

Characters around a whole Brazilian plate are dropped only where they are known to come along (a rivet or a hyphen read
as I, the strip that says BRASIL), and only when what remains fits as it stands and was read with certainty. A 1 is
dropped from the front alone: elsewhere it may be the fifth digit of `WAU 12341`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gtvision.domain.kinds import Kind
from gtvision.domain.plate import Plate, PlateFormat, Reading

LAYOUTS = {PlateFormat.OLD: "AAA9999", PlateFormat.MERCOSUL: "AAA9A99"}
"""Where a format has letters (`A`) and digits (`9`)."""

LETTERS = {
    "0": {"O": 0.2, "D": 0.4, "Q": 0.4},
    "1": {"I": 0.3, "L": 0.8},
    "2": {"Z": 0.3},
    "4": {"A": 0.8},
    "5": {"S": 0.3},
    "6": {"G": 0.4},
    "7": {"T": 0.8},
    "8": {"B": 0.3},
}
"""The letters that a digit may be, and the price of believing so."""

DIGITS = {
    "O": {"0": 0.2},
    "D": {"0": 0.4},
    "Q": {"0": 0.4},
    "I": {"1": 0.3},
    "L": {"1": 0.8},
    "Z": {"2": 0.3},
    "A": {"4": 0.8},
    "S": {"5": 0.3},
    "G": {"6": 0.4},
    "T": {"7": 0.8},
    "B": {"8": 0.3},
}
"""The digits that a letter may be, and the price of believing so."""

_ONE_LINE = (Kind.CAR, Kind.BUS, Kind.TRUCK)
_DEAREST = 0.45  # on blurred pictures 24 of 33 corrections up to 0.35 were right, and none dearer than 0.45
_LENGTH = 7
_HYPHEN_AT, _FIFTH = 3, 4
_SAME_STROKES = {"0": "O", "1": "I"}  # hardly told apart by their form
_SURE = 0.8
_STRIPS = ("BRASIL", "BR")
_BARS = "I1"
_BAR = "I"
_OTHER_LENGTHS = range(6, 9)
_FEW_DIGITS = re.compile(r"(?=(?:.*[A-Z]){2})(?=(?:.*[0-9]){2})(?!.*[A-Z]{4}).*")
_DIGITS_AND_A_LETTER = re.compile(r"(?=.*[A-Z])(?=(?:.*[0-9]){3}).*")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reading may mean.

    Attributes:
        text: The plate; for format `OTHER` the characters as they were read.
        format: How it is made up.
        cost: Of the corrections that it takes; 0 when none.
        seen: The characters that it was made from, as they were read (the fifth in the light of the hyphen), as many as
            in `text`.
        scores: The confidence of each.
    """

    text: str
    format: PlateFormat
    cost: float
    seen: str
    scores: tuple[float, ...]


def meanings(text: str, scores: tuple[float, ...], is_hyphenated: bool | None = None) -> tuple[Meaning, ...]:
    """The Brazilian plates that a reading may mean, likeliest first, else its one meaning of format `OTHER`.

    Args:
        text: Of `ALPHABET`, as it was read.
        scores: Confidence of each character.
        is_hyphenated: See `Reading`.
    """
    bare, kept = _bare(text, scores)
    if is_hyphenated or bare == text:
        bare = _by_hyphen(bare, is_hyphenated)
    found = [meaning for format_ in LAYOUTS if (meaning := _fitted(bare, kept, format_)) is not None]
    if not found:
        return (Meaning(text, PlateFormat.OTHER, 0.0, text, scores),)
    return tuple(sorted(found, key=lambda meaning: meaning.cost))


def meanings_of(reading: Reading) -> tuple[Meaning, ...]:
    """The meanings of a reading."""
    return meanings(reading.text, reading.scores, reading.is_hyphenated)


def plate_of(reading: Reading) -> Plate:
    """The likeliest plate of a single reading."""
    best = meanings_of(reading)[0]
    return Plate(best.text, best.format, min(best.scores) * (1 - best.cost))


def is_brazilian(reading: Reading) -> bool:
    """Whether the reading may mean a Brazilian plate."""
    return meanings_of(reading)[0].format is not PlateFormat.OTHER


def is_out_of_place(reading: Reading, kind: Kind | None) -> bool:
    """Whether no Brazilian plate looks like this on such a vehicle, whatever its text: two lines on a car.

    Source: CONTRAN resolution 969/2022, annex I: two lines are for motorcycles, mopeds, three- and four-wheelers.
    """
    return reading.lines > 1 and kind in _ONE_LINE


def may_be_foreign(text: str) -> bool:
    """Whether a text that is no Brazilian plate may be a plate at all.

    Plates elsewhere have 6 to 8 characters: letters and at least three digits, or two of each and no word of four
    letters. So words, telephone numbers and most names of models are none. Shorter plates exist, but are rarer on the
    road than `HB20S` and `1.0 FLEX`.
    """
    if len(text) not in _OTHER_LENGTHS:
        return False
    return any(form.fullmatch(text) is not None for form in (_FEW_DIGITS, _DIGITS_AND_A_LETTER))


def layout(text: str, format_: PlateFormat) -> str:
    """Which sort of character each place of a plate holds: `A`, `9`, or `?` for any."""
    return LAYOUTS.get(format_, "?" * len(text))


def choices(char: str, sort: str) -> dict[str, float]:
    """The characters of a sort (see `layout`) that a read character may be, each with its price."""
    if sort == "?" or char.isalpha() == (sort == "A"):
        return {char: 0.0}
    return (LETTERS if sort == "A" else DIGITS).get(char, {})


def _fitted(text: str, scores: tuple[float, ...], format_: PlateFormat) -> Meaning | None:
    if len(text) != _LENGTH:
        return None
    fits, cost = "", 0.0
    for char, score, sort in zip(text, scores, LAYOUTS[format_], strict=True):
        options = choices(char, sort)
        if not options:
            return None
        best = min(options, key=options.__getitem__)
        fits, cost = fits + best, cost + options[best] * score
    return Meaning(fits, format_, round(cost, 6), text, scores) if cost <= _DEAREST else None


def _by_hyphen(text: str, is_hyphenated: bool | None) -> str:
    """The text with a fifth character that fits to whether there was a hyphen, where it looks like one that does."""
    if is_hyphenated is None or len(text) != _LENGTH:
        return text
    fifth = text[_FIFTH]
    alike = DIGITS.get(fifth, {}) if is_hyphenated else _SAME_STROKES.get(fifth, "")
    return text[:_FIFTH] + next(iter(alike), fifth) + text[_FIFTH + 1 :]


def _bare(text: str, scores: tuple[float, ...]) -> tuple[str, tuple[float, ...]]:
    """The reading without what came along, where that is beyond doubt, else all of it."""
    if len(text) <= _LENGTH:
        return text, scores
    whole: dict[str, tuple[float, ...]] = {}
    for places in _kept(text):
        bare, kept = "".join(text[i] for i in places), tuple(scores[i] for i in places)
        fits = (_fitted(bare, kept, format_) for format_ in LAYOUTS)
        if min(kept) >= _SURE and any(meaning is not None and meaning.cost == 0 for meaning in fits):
            whole[bare] = kept
    return next(iter(whole.items())) if len(whole) == 1 else (text, scores)


def _kept(text: str) -> Iterator[list[int]]:
    """The places of seven characters that are left when only what is known to come along is dropped."""
    strip = next((strip for strip in _STRIPS if text.startswith(strip) and len(text) - len(strip) == _LENGTH), "")
    if strip:
        yield list(range(len(strip), len(text)))
    places = range(len(text))
    front = [0] if text[0] in _BARS else []
    rivets = front + [i for i in (_HYPHEN_AT, _HYPHEN_AT + 1, len(text) - 1) if text[i] == _BAR]
    for dropped in _subsets(rivets, len(text) - _LENGTH):
        yield [i for i in places if i not in dropped]


def _subsets(places: list[int], size: int) -> Iterator[set[int]]:
    if size == 1:
        yield from ({place} for place in places)
    elif size == 2:
        yield from ({a, b} for a in places for b in places if a < b)
