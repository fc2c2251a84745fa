"""What a detection can be."""

from enum import IntEnum


class Kind(IntEnum):
    """A class of road user. The numbers are stored and sent: never renumber."""

    PERSON = 0
    BICYCLE = 1
    MOTORCYCLE = 2
    CAR = 3
    BUS = 4
    TRUCK = 5

    @property
    def label(self) -> str:
        """The name used in JSON, tables and metrics, such as `motorcycle`."""
        return self.name.lower()

    @classmethod
    def of(cls, label: str) -> "Kind":
        """The kind of that label; `KeyError` when there is none."""
        return cls[label.upper()]


VEHICLES = frozenset(Kind) - {Kind.PERSON}
