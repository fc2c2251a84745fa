"""Privacy: what of a stored picture nobody shall recognise."""

from enum import StrEnum


class Blurred(StrEnum):
    """What is made unrecognisable."""

    PEOPLE = "people"
    PLATES = "plates"
    """Of other vehicles than the event's own."""
