"""How long a bridge waits for cameras."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for a camera that takes no frames.

    Attributes:
        outage_s: Its frames are held for so long in each outage before attempts are spent on them.
    """

    outage_s: float = 60.0


USUAL = Patience()
