"""How long a bridge waits for cameras."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for a camera that takes no frames.

    Attributes:
        outage_s: Its frames are held for so long in each outage before attempts are spent on them.
        at_work_s: A frame that is at work for longer keeps no slots from other cameras by those behind it.
    """

    outage_s: float = 60.0
    at_work_s: float = 5.0


USUAL = Patience()
