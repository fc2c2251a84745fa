"""A circuit breaker: who is away is not asked again and again.

Theory of operation. Some failures in a row open the breaker, and for a while nobody is let through. When that time is
over it is half-open: the first who asks is let through as the probe, and nobody else. A probe that succeeds closes the
breaker, one that fails opens it for the same time again.

    CLOSED ── `failures` in a row ──► OPEN ── `open_s` have passed ──► HALF_OPEN
       ▲                               ▲                                   │
       │                               └──────────── probe failed ─────────┤
       └──────────────────────────────────────────── probe succeeded ──────┘

No timer runs: the state follows from the clock that is passed in. Whoever is let through gets a permit and brings it
back with the outcome, so that an outcome that comes late, from before the breaker opened, neither closes it nor
fails the probe. A probe whose outcome never comes is given up after `open_s`, and another one is let through.

Failures count in a row, not within a time: asking may itself take longer than any such time, and then a breaker that
forgets would never open.
"""

from dataclasses import dataclass
from enum import StrEnum


class BreakerState(StrEnum):
    """Who is let through: everybody, nobody, or one probe."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to ask once.

    Attributes:
        term: The stretch between two changes of state in which it was given; the breaker's own.
    """

    term: int


class Breaker:
    """The breaker of one source, broker or target.

    Not thread-safe: threads that share one hold a lock of theirs around each call, not around the asking itself. Times
    are seconds of one clock that never steps back.
    """

    def __init__(self, failures: int = 5, open_s: float = 60.0) -> None:
        """A closed breaker.

        Args:
            failures: So many in a row open it, at least 1.
            open_s: For so long nobody is let through.
        """
        self._most_failures = failures
        self._open_s = open_s
        self._failures = 0
        self._term = 0
        self._opened_s: float | None = None
        self._probed_s: float | None = None

    def state(self, now_s: float) -> BreakerState:
        """The state at that time."""
        if self._opened_s is None:
            return BreakerState.CLOSED
        if self._probed_s is None and now_s - self._opened_s < self._open_s:
            return BreakerState.OPEN
        return BreakerState.HALF_OPEN

    def admit(self, now_s: float) -> Permit | None:
        """Leave to ask now, None when nobody may; whoever gets it reports how it went."""
        match self.state(now_s):
            case BreakerState.OPEN:
                return None
            case BreakerState.HALF_OPEN:
                if self._probed_s is not None and now_s - self._probed_s < self._open_s:
                    return None
                self._probed_s = now_s
                self._term += 1
        return Permit(self._term)

    def succeeded(self, permit: Permit) -> None:
        """The one with that permit got an answer."""
        if permit.term == self._term:
            self._failures = 0
            self._opened_s = self._probed_s = None

    def failed(self, permit: Permit, now_s: float) -> None:
        """The one with that permit got none."""
        if permit.term != self._term:
            return
        self._failures += 1
        if self._probed_s is not None or self._failures >= self._most_failures:
            self._failures, self._opened_s, self._probed_s = 0, now_s, None
            self._term += 1
