"""The verdict of the motion gate on one sample."""

from dataclasses import dataclass

from gtvision.domain.geometry import Box

MOTION_SHARE = 0.01
"""Foreground share of the watched area from which a change is called `motion`, below it `blob`."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the gate says of a sample.

    Attributes:
        passed: Whether the detector should see it.
        share: Foreground share of the watched area, 0-1.
        reason: `motion`, `blob`, `warm_up`, `recalibrating` or `still`; the camera core adds `track`, `parked`
            and `pushed`.
        box: Around the largest change, None when none has the size of a vehicle, or while the gate learns.
    """

    passed: bool
    share: float
    reason: str
    box: Box | None = None


PUSHED = Look(passed=True, share=0.0, reason="pushed")
"""Of a picture that somebody chose, and pushed: it passes without the gate."""
