"""Which of the rows of text on a vehicle are its plate.

An OCR engine finds every text on a vehicle: the plate, perhaps in two rows or in two pieces, the strip with the town
above it, the dealer's frame, the model's name, advertisements. `readings` puts the pieces of a line together, sets the
upper row of a motorcycle's plate before the lower one, and keeps what may be a plate.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gtvision.domain.errors import BadInput
from gtvision.domain.geometry import Box
from gtvision.domain.plate import ALPHABET, Reading
from gtvision.pipeline.plate_format import is_brazilian, may_be_foreign, meanings_of, plate_of

_GAP_CHARS = 1.5  # pieces of a line are at most so many of its characters apart,
_SAME_LINE = 0.6  # overlap by this share of the lower one,
_LIKE_HEIGHT = 1.6  # and are at most so many times as high as one another: rows of a plate too
_GAP_ROWS = 1.0  # between two rows of a plate there is at most the height of one,
_SAME_COLUMN = 0.6  # and they overlap by this share of the narrower one
_UPPER, _LOWER = 3, 4
_MOST_WORDS = 8
_SURE = 0.8
_SMALL_L = "l"  # plates have capitals only: what is read as this one is a bar, not an L


@dataclass(frozen=True, slots=True)
class TextRow:
    """One piece of text as an OCR engine found it in a picture.

    Attributes:
        text: As it was read: any characters, also separators, accents and lower case.
        scores: Confidence of each character of `text`, in [0, 1].
        box: Corners 0-1 of the picture that was read.
    """

    text: str
    scores: tuple[float, ...]
    box: Box

    def __post_init__(self) -> None:
        if len(self.text) != len(self.scores):
            raise BadInput("a row of text needs a score for each of its characters")


@dataclass(frozen=True, slots=True)
class _Word:
    """Characters of `ALPHABET` without a separator between them; whether a hyphen or the like stood before them."""

    text: str
    scores: tuple[float, ...]
    is_after_mark: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """The words that stand side by side, at least one."""

    words: tuple[_Word, ...]
    box: Box

    @property
    def size(self) -> int:
        return sum(len(word.text) for word in self.words)


def readings(rows: Sequence[TextRow]) -> tuple[Reading, ...]:
    """The rows, or rows put together, that may be plates, each row in at most one of them.

    Args:
        rows: All texts of one picture, of one vehicle or of several, in any order.

    Returns:
        Brazilian plates first, surest first, then what may be a foreign one. The texts are as they were read: what
        they mean is for `meanings` to say. Their sharpness is 1; whoever has the picture may know better.
    """
    lines = _lines(rows)
    found: list[Reading] = []
    free = set(range(len(lines)))
    for used, reading in sorted(_candidates(lines), key=lambda candidate: _rank(candidate[1])):
        if used <= free:
            free -= used
            found.append(reading)
    return tuple(found)


def _rank(reading: Reading) -> tuple[bool, float]:
    return (not is_brazilian(reading), -plate_of(reading).score)


def _candidates(lines: list[_Line]) -> Iterator[tuple[set[int], Reading]]:
    for index, line in enumerate(lines):
        reading = _single(line)
        if reading is not None:
            yield {index}, reading
        for other, below in enumerate(lines):
            if line.size == _UPPER and below.size == _LOWER and _is_above(line.box, below.box):
                reading = _joined((*line.words, *below.words), _around(line.box, below.box), lines=2)
                if is_brazilian(reading):
                    yield {index, other}, reading


def _single(line: _Line) -> Reading | None:
    """The plate in a line: all of its words, or those that are left when words around it are dropped."""
    whole = _joined(line.words, line.box)
    if is_brazilian(whole):
        return whole
    words = line.words
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            part = _joined(words[start:end], line.box)
            if _is_beyond_doubt(part) and all(map(_is_plain, words[:start] + words[end:])):
                return part
    return whole if may_be_foreign(whole.text) else None


def _is_plain(word: _Word) -> bool:
    """Whether it is a word in the sense of language, so that no plate loses characters with it."""
    return word.text.isalpha() and len(word.text) > 1


def _is_beyond_doubt(reading: Reading) -> bool:
    best = meanings_of(reading)[0]
    return is_brazilian(reading) and best.text == reading.text and reading.score >= _SURE


def _joined(words: Sequence[_Word], box: Box, lines: int = 1) -> Reading:
    scores = tuple(score for word in words for score in word.scores)
    is_hyphenated = _is_hyphenated(words) if lines == 1 else None
    return Reading("".join(word.text for word in words), scores, box, lines, is_hyphenated=is_hyphenated)


def _is_hyphenated(words: Sequence[_Word]) -> bool | None:
    """Whether a hyphen stands after the third character, None when a new piece of the line begins there without one."""
    size = 0
    for word in words:
        if size == _UPPER:
            return word.is_after_mark or None
        size += len(word.text)
    return False


def _lines(rows: Sequence[TextRow]) -> list[_Line]:
    """The rows from left to right, those that continue one another as one line."""
    lines: list[_Line] = []
    for row in sorted(rows, key=lambda row: row.box[0]):
        words = tuple(_words(row))[:_MOST_WORDS]
        if not words:
            continue
        piece = _Line(words, row.box)
        before = next((i for i, line in enumerate(lines) if _continues(line, piece)), None)
        if before is None:
            lines.append(piece)
        else:
            line = lines[before]
            lines[before] = _Line(line.words + words, _around(line.box, row.box))
    return lines


def _words(row: TextRow) -> Iterator[_Word]:
    chars = [(_plain(char), score) for char, score in zip(row.text, row.scores, strict=True)]
    ends = [-1, *(i for i, (char, _) in enumerate(chars) if not char), len(chars)]
    before = 0
    for start, end in pairwise(ends):
        if end - start > 1:
            letters, scores = zip(*chars[start + 1 : end], strict=True)
            yield _Word("".join(letters), scores, is_after_mark=bool(row.text[before : start + 1].strip()))
            before = end


def _plain(char: str) -> str:
    """The character of `ALPHABET`, without its accent; nothing where there is none."""
    if char == _SMALL_L:
        return "I"
    letter = unicodedata.normalize("NFKD", char)[:1].upper()
    return letter if letter and letter in ALPHABET else ""


def _continues(line: _Line, piece: _Line) -> bool:
    a, b = line.box, piece.box
    overlap = min(a[3], b[3]) - max(a[1], b[1])
    char = (b[2] - b[0] + a[2] - a[0]) / (line.size + piece.size)
    is_beside = -char < b[0] - a[2] < _GAP_CHARS * char
    return is_beside and overlap > _SAME_LINE * min(_height(a), _height(b)) and _are_like(_height(a), _height(b))


def _is_above(upper: Box, lower: Box) -> bool:
    height = (_height(upper) + _height(lower)) / 2
    gap = lower[1] - upper[3]
    overlap = min(upper[2], lower[2]) - max(upper[0], lower[0])
    narrower = min(upper[2] - upper[0], lower[2] - lower[0])
    is_near = -height / 2 < gap < _GAP_ROWS * height
    return is_near and overlap > _SAME_COLUMN * narrower and _are_like(_height(upper), _height(lower))


def _are_like(a: float, b: float) -> bool:
    return max(a, b) < _LIKE_HEIGHT * min(a, b)


def _height(box: Box) -> float:
    return box[3] - box[1]


def _around(a: Box, b: Box) -> Box:
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
