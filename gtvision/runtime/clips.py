"""Which stretch of video belongs to which event, and when it is there to be cut."""

from gtvision.domain.event import Event
from gtvision.settings import Recording

_REMEMBERED = 1000  # later revisions come within seconds


class Clips:
    """Events that still want their clip: one each, cut when the event has closed or its clip is as long as allowed."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._waiting: dict[str, Event] = {}
        self._cut_open: set[str] = set()
        self._done: dict[str, None] = {}

    def see(self, event: Event) -> None:
        """Takes note of a new revision; one of an event whose clip was cut, such as its plate, asks for none."""
        if event.id in self._done:
            return
        if event.id not in self._cut_open:
            self._waiting[event.id] = event
        elif not event.is_open:
            self._cut_open.discard(event.id)
            self._finish(event)

    def due(self, newest_s: float) -> list[Event]:
        """The events whose stretch has ended at that time of the stream, each given once."""
        ready = [event for event in self._waiting.values() if self.stretch(event)[1] <= newest_s]
        for event in ready:
            del self._waiting[event.id]
            if event.is_open:
                self._cut_open.add(event.id)
            else:
                self._finish(event)
        return ready

    def _finish(self, event: Event) -> None:
        self._done[event.id] = None
        if len(self._done) > _REMEMBERED:
            del self._done[next(iter(self._done))]

    def stretch(self, event: Event) -> tuple[float, float]:
        """From when to when its clip goes, in the stream's time."""
        longest_s = event.start_s + self._recording.max_clip_s
        end_s = longest_s if event.end_s is None else min(event.end_s, longest_s)
        return event.start_s - self._recording.pre_roll_s, end_s + self._recording.post_roll_s
