"""The triggers that watch where a vehicle stays: `enter`, `leave`, `dwell`, `stationary`."""

from collections.abc import Callable
from dataclasses import dataclass

from gtvision.domain.event import Event
from gtvision.pipeline.firing import Span, with_aftermath
from gtvision.pipeline.presence import Presence
from gtvision.pipeline.track import Track

AloneSince = Callable[[Track], float | None]
"""Since when a vehicle stands for itself, minus infinity when nobody asks; None while it waits in traffic."""


@dataclass(slots=True)
class Enter:
    """It is inside."""

    presence: Presence

    def see(self, track: Track, counts: bool) -> Span | None:
        """See `Machine`."""
        self.presence.see(track, counts)
        return self._span(self.presence.is_inside)

    def gone(self, _track: Track, /) -> Span | None:
        """See `Machine`."""
        return self._span(False)

    def resume(self, event: Event) -> None:
        """See `Machine`."""
        self.presence.resume(event.start_s, event.seen_s)

    def _span(self, goes_on: bool) -> Span | None:
        presence = self.presence
        if presence.since_s is None:
            return None
        return Span(presence.since_s, None if goes_on else presence.until_s)


@dataclass(slots=True)
class Leave:
    """It was inside and is not any more."""

    presence: Presence

    def see(self, track: Track, counts: bool) -> Span | None:
        """See `Machine`."""
        presence = self.presence
        presence.see(track, counts)
        if presence.since_s is None or presence.is_inside:
            return None
        return with_aftermath(Span(presence.until_s), track.seen_s)

    def gone(self, track: Track, /) -> Span | None:
        """See `Machine`."""
        if self.presence.since_s is None:
            return None
        return Span(self.presence.until_s).over_at(track.seen_s)

    def resume(self, event: Event) -> None:
        """See `Machine`."""
        self.presence.resume(event.start_s, event.start_s, is_inside=False)


@dataclass(slots=True)
class Dwell:
    """It has been inside for some time."""

    presence: Presence
    min_s: float

    def see(self, track: Track, counts: bool) -> Span | None:
        """See `Machine`."""
        self.presence.see(track, counts)
        return self._span(self.presence.is_inside)

    def gone(self, _track: Track, /) -> Span | None:
        """See `Machine`."""
        return self._span(False)

    def resume(self, event: Event) -> None:
        """See `Machine`."""
        self.presence.resume(event.start_s - self.min_s, event.seen_s)

    def _span(self, goes_on: bool) -> Span | None:
        presence = self.presence
        if presence.since_s is None or presence.until_s - presence.since_s < self.min_s:
            return None
        return Span(presence.since_s + self.min_s, None if goes_on else presence.until_s)


@dataclass(slots=True)
class Stationary:
    """It has been standing inside for some time, and does not wait in traffic."""

    presence: Presence
    min_s: float
    alone_s: AloneSince
    since_s: float | None = None
    until_s: float = 0.0
    _rest_s: float | None = None
    _was_resumed: bool = False

    def see(self, track: Track, counts: bool) -> Span | None:
        """See `Machine`."""
        presence, rest = self.presence, track.rest
        presence.see(track, counts)
        if not presence.is_inside or presence.since_s is None:
            return self._span(False)
        if self._was_resumed:
            self._rest_s, self._was_resumed = rest.since_s, False
        alone_s = self.alone_s(track)
        if rest.since_s != self._rest_s and alone_s is not None:
            stood_since_s = max(rest.since_s, presence.since_s, alone_s)
            if rest.until_s - stood_since_s >= self.min_s:
                self._rest_s, self.since_s, self.until_s = rest.since_s, stood_since_s + self.min_s, rest.until_s
        if rest.since_s == self._rest_s and counts:
            self.until_s = rest.until_s
        return self._span(rest.since_s == self._rest_s)

    def gone(self, _track: Track, /) -> Span | None:
        """See `Machine`."""
        return self._span(False)

    def resume(self, event: Event) -> None:
        """See `Machine`."""
        self.presence.resume(event.start_s - self.min_s, event.seen_s)
        self.since_s, self.until_s, self._was_resumed = event.start_s, event.seen_s, True

    def _span(self, goes_on: bool) -> Span | None:
        if self.since_s is None:
            return None
        return Span(self.since_s, None if goes_on else self.until_s)
