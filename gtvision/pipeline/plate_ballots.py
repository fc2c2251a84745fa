"""Readings that are alike enough to be of one plate, and what they agree on, place by place."""

from dataclasses import dataclass, field

from gtvision.domain.kinds import Kind
from gtvision.domain.plate import Plate, PlateFormat, Reading
from gtvision.domain.plate_match import look_alike_key
from gtvision.pipeline.plate_format import choices, is_out_of_place, layout, may_be_foreign, meanings, meanings_of

_UNLIKE_PLACES = 2  # of one plate, two readings differ in so many places at most, look-alikes aside
_MOST_BALLOTS = 32
_AGREEING = 2
_SURE_ALONE = 0.9  # of 71 such readings of blurred plates none was wrong, of 30 between 0.8 and 0.9 three were
_SHARP_ALONE = 0.5
_OUTWEIGHS = 1.5


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one reading says.

    Attributes:
        seen: The plate's characters as they were read.
        scores: Confidence of each.
        sharpness: Of the picture.
        texts: The plates that it may mean.
        is_foreign: It is no Brazilian plate, whatever its text.
    """

    seen: str
    scores: tuple[float, ...]
    sharpness: float
    texts: tuple[str, ...]
    is_foreign: bool = False

    @classmethod
    def of(cls, reading: Reading, kind: Kind | None = None) -> "Ballot":
        """The ballot that a reading casts, on a vehicle of that kind, None when it is not known."""
        if is_out_of_place(reading, kind):
            return cls(reading.text, reading.scores, reading.sharpness, (reading.text,), is_foreign=True)
        found = meanings_of(reading)
        return cls(found[0].seen, found[0].scores, reading.sharpness, tuple(meaning.text for meaning in found))

    @property
    def weight(self) -> float:
        """What it counts for as a whole."""
        return self.sharpness * sum(self.scores) / len(self.scores)

    @property
    def is_enough(self) -> bool:
        """Whether it needs no second one: nothing was corrected or may be read in two ways, and all of it is sure."""
        return self.texts == (self.seen,) and min(self.scores) >= _SURE_ALONE and self.sharpness >= _SHARP_ALONE


@dataclass(slots=True, eq=False)
class Ballots:
    """The readings of one plate.

    Attributes:
        lead: What most of them say at each place, whatever makes sense.
        is_foreign: It is no Brazilian plate, whatever its text.
    """

    lead: str
    is_foreign: bool = False
    _cast: list[Ballot] = field(default_factory=list)

    @property
    def weight(self) -> float:
        """Of all readings together."""
        return sum(ballot.weight for ballot in self._cast)

    def unlike(self, ballot: Ballot) -> int | None:
        """In how many places the reading differs from these, look-alikes aside; None when it is of another plate."""
        if len(ballot.seen) != len(self.lead) or ballot.is_foreign != self.is_foreign:
            return None
        keys = zip(look_alike_key(ballot.seen), look_alike_key(self.lead), strict=True)
        differing = sum(a != b for a, b in keys)
        return differing if differing <= _UNLIKE_PLACES else None

    def cast(self, ballot: Ballot) -> None:
        """Counts a reading; of very many, the lightest are forgotten."""
        self._cast.append(ballot)
        if len(self._cast) > _MOST_BALLOTS:
            self._cast.remove(min(self._cast, key=lambda ballot: ballot.weight))
        self.lead = self._elected("?" * len(self.lead))

    def agreed(self) -> Plate | None:
        """The plate that enough of them agree on, in the format that explains them best."""
        plates = [self._counted(self._elected(layout(self.lead, format_)), format_) for format_ in self._formats()]
        best = max(plates, key=lambda plate: sum(self._shares(plate.text, plate.format)))
        return best if self._is_enough(best) else None

    def follow(self, before: Plate) -> Plate:
        """The agreed plate, or the one published before as it stands now, unless that is clearly outweighed."""
        best = self.agreed()
        if best is not None and (best.text == before.text or self._outweighs(best, before)):
            return best
        return self._counted(before.text, before.format)

    def _formats(self) -> list[PlateFormat]:
        if self.is_foreign:
            return [PlateFormat.OTHER]
        return [meaning.format for meaning in meanings(self.lead, self._shares(self.lead, PlateFormat.OTHER))]

    def _elected(self, sorts: str) -> str:
        """At each place the character of its sort with the most votes; what was read where none fits."""
        return "".join(max(votes, key=votes.__getitem__) for votes in map(self._votes, range(len(sorts)), sorts))

    def _votes(self, place: int, sort: str) -> dict[str, float]:
        options = {char for ballot in self._cast for char in choices(ballot.seen[place], sort)}
        votes = {char: sum(self._supports(place, char, sort)) for char in sorted(options)}
        return votes or {self.lead[place]: 0.0}

    def _counted(self, text: str, format_: PlateFormat) -> Plate:
        agreeing = sum(text in ballot.texts for ballot in self._cast)
        return Plate(text, format_, round(min(self._shares(text, format_)), 4), max(1, agreeing))

    def _shares(self, text: str, format_: PlateFormat) -> tuple[float, ...]:
        """How sure each place of a text is: 1 when all that were read say so with certainty."""
        total = sum(ballot.sharpness for ballot in self._cast)
        sorts = layout(text, format_)
        supports = (self._supports(place, char, sorts[place]) for place, char in enumerate(text))
        return tuple(sum(support) / total for support in supports)

    def _supports(self, place: int, char: str, sort: str) -> list[float]:
        """What each reading gives to a character at a place."""
        prices = (choices(ballot.seen[place], sort).get(char, 1.0) for ballot in self._cast)
        return [
            ballot.sharpness * ballot.scores[place] * (1 - price)
            for ballot, price in zip(self._cast, prices, strict=True)
        ]

    def _is_enough(self, plate: Plate) -> bool:
        agreeing = [ballot for ballot in self._cast if plate.text in ballot.texts]
        if plate.format is PlateFormat.OTHER and not may_be_foreign(plate.text):
            return False
        if len(agreeing) >= _AGREEING:
            return True
        return plate.format is not PlateFormat.OTHER and any(ballot.is_enough for ballot in agreeing)

    def _outweighs(self, best: Plate, before: Plate) -> bool:
        """Whether, wherever the two differ, clearly more speaks for the first than for the second."""
        for place, (new, old) in enumerate(zip(best.text, before.text, strict=True)):
            for_new = self._supports(place, new, layout(best.text, best.format)[place])
            for_old = self._supports(place, old, layout(before.text, before.format)[place])
            leads = [a - b for a, b in zip(for_new, for_old, strict=True)]
            if new != old and sum(max(lead, 0) for lead in leads) < _OUTWEIGHS * sum(max(-lead, 0) for lead in leads):
                return False
        return True
