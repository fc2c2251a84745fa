"""The camera core: times, pictures, detections in; verdicts, events, counts, plates out. No I/O, no clock of its own.

A picture is `take`n, `see`n, and, when it passes, `lit`, then `detected` or `missed`; one that others push is `given`
instead of taken and seen. What decides whether it passes:

- the motion gate;
- else a vehicle that moves, seen or looked for now: reason `track`;
- else a parked one that nobody has looked at for 30 s, or for 5 s when it was missing the last time: reason `parked`.

Detections come in order of time. Without them tracks only coast: see `tracker`. A moving vehicle's events are closed
after 10 s of silence, a parked one's stay open for as long as the detector is away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.camera import Camera
from gtvision.domain.count import CountRecord
from gtvision.domain.detections import Detections
from gtvision.domain.event import Event
from gtvision.domain.plate import Reading, VehiclePlate
from gtvision.domain.trigger import Profile, TriggerType
from gtvision.pipeline.counts import CountBook
from gtvision.pipeline.events import EventBook
from gtvision.pipeline.look import PUSHED, Look
from gtvision.pipeline.motion import MotionGate
from gtvision.pipeline.plate_book import PlateBook
from gtvision.pipeline.plate_shots import Shot
from gtvision.pipeline.sample_log import SampleLog
from gtvision.pipeline.sampler import Decode, Sampler
from gtvision.pipeline.track import Track
from gtvision.pipeline.tracker import GOOD_SCORE, Tracker
from gtvision.pipeline.zones import outside_ignored

_PARKED_PERIOD_S = 30.0
_MISSING_PERIOD_S = 5.0
_STEPPED_BACK_S = 10.0  # times that run back so far are a new timeline, not a late picture
MOST_SHOTS_AT_ONCE = 8
_MOTION = ("motion", "blob")


@dataclass(frozen=True, slots=True)
class Seen:
    """What to do with a sample.

    Attributes:
        look: The verdict; the detector should see it when it passed.
        catch_up_from_s: A burst begins: decode the ring from that time on, and `see` those pictures. Else None.
    """

    look: Look
    catch_up_from_s: float | None = None


class CameraCore:
    """One camera. `epoch` is stamped on events; `open_events` are those that a core before this one had open."""

    def __init__(self, camera: Camera, *, epoch: int = 0, open_events: Sequence[Event] = ()) -> None:
        self._camera = camera
        self._gate = MotionGate(camera.zones)
        self._sampler = Sampler(camera.sampling)
        self._tracker = Tracker()
        self._book = EventBook(camera, epoch)
        self._counts = CountBook(camera, epoch, self._book.profile_at)
        self.log = SampleLog()
        """What was seen in the last minutes."""
        self._asked_s = float("-inf")
        self._is_owed = False
        self._plates = PlateBook(camera.id, epoch)
        self._untold: tuple[Event, ...] = ()
        self.resume(open_events)

    def resume(self, open_events: Sequence[Event]) -> None:
        """Takes up the events that a core before this one had open; before anything was detected."""
        self._untold += self._book.resume(open_events)
        self._plates.resume(self._book.open_events)
        self._tell(self._book.open_events)
        self._tracker.resume(event for event in self._book.open_events if event.trigger_type is not TriggerType.QUEUE)

    @property
    def mode(self) -> Literal["idle", "burst"]:
        """`burst` while something moves."""
        return self._sampler.mode

    @property
    def keyframe_interval_s(self) -> float | None:
        """Seconds between keyframes as seen, None before two of them."""
        return self._sampler.keyframe_interval_s

    @property
    def open_events(self) -> tuple[Event, ...]:
        """Events that go on now, oldest first."""
        return self._book.open_events

    @property
    def vehicles_counted(self) -> int:
        """Crossings counted since it began."""
        return self._counts.vehicles

    def counts(self, now_s: float) -> tuple[CountRecord, ...]:
        """The counts that changed, at most every 2 s; at time `inf` all of them, for the last time."""
        return self._counts.told(now_s)

    def read_plates_from(self, width_px: int) -> None:
        """How wide the pictures are that plates are read from; 0, as it is at first, when nobody reads them."""
        self._plates.width_px = width_px

    def plate_shots(self, most: int = MOST_SHOTS_AT_ONCE) -> tuple[Shot, ...]:
        """The pictures to read for plates now, so many at most; `plate_read` or `plate_missed` answers each."""
        return self._plates.shots(most)

    def plate_read(self, shot: Shot, readings: Sequence[Reading]) -> tuple[Event, ...]:
        """The events that change because of what was read in a shot; the best first, boxes 0-1 of its area."""
        plate, ended = self._plates.read(shot, readings)
        is_there = any(track.number == shot.track for track in self._tracker.tracks)
        changed = self._book.plate_agreed(shot.track, plate) if plate is not None and is_there else ()
        return (*ended, *self._tell(changed))

    def plate_missed(self, shot: Shot) -> None:
        """Nobody read that picture in time."""
        self._plates.missed(shot)

    def awaits_plate(self, track: int) -> bool:
        """Whether the plate of that vehicle's events may still change."""
        return self._plates.awaits(track)

    def plates(self) -> tuple[VehiclePlate, ...]:
        """The plates that are new, or say more than when this was last asked."""
        return self._plates.changes()

    def packet(self, time_s: float, is_keyframe: bool) -> Decode:
        """What to do with the packet of that time."""
        return self._sampler.packet(time_s, is_keyframe)

    def take(self, time_s: float) -> bool:
        """Whether the picture of that time is a sample."""
        return self._sampler.take(time_s)

    def see(self, time_s: float, grey: NDArray[np.uint8]) -> Seen:
        """The verdict on a sample.

        Args:
            time_s: When it was taken.
            grey: Shape `(h, w)`, uint8, at most 320 wide.
        """
        look = self._gate.see(time_s, grey)
        moves = any(not track.is_parked for track in self._tracker.tracks)
        if not look.passed and moves:
            look = replace(look, passed=True, reason="track")
        elif not look.passed and self._is_parked_due(time_s):
            look = replace(look, passed=True, reason="parked")
        if look.passed:
            self._asked_s = time_s
        catch_up_from_s = None
        if moves or (look.passed and look.reason in _MOTION):
            catch_up_from_s = self._sampler.active(time_s)
        else:
            self._sampler.quiet(time_s)
        self.log.add(time_s, look, is_burst=self.mode == "burst")
        return Seen(look, catch_up_from_s)

    def given(self, time_s: float) -> None:
        """A picture of that time was pushed; it passes without being taken and seen."""
        self.log.add(time_s, PUSHED, is_burst=False)

    def lit(self, time_s: float, is_colourless: bool) -> None:
        """How the sample of that time looks; told before it is `detected`, so that day and night are known then."""
        self._book.lit(time_s, is_colourless)

    def profile_at(self, time_s: float) -> Profile | None:
        """Day or night at that time, now or a little ago; None while neither place nor picture is known."""
        return self._book.profile_at(time_s)

    def detected(self, time_s: float, detections: Detections, message_id: str | None = None) -> tuple[Event, ...]:
        """The events that change because of what was found in the sample of that time; an older one changes nothing.

        An event whose `best_s` is `time_s` is best shown by this sample's picture. When a message brought it, the
        events that it opens are named after that: the same message opens none a second time.
        """
        with self._book.caused_by(message_id):
            return self._detected(time_s, detections)

    def _detected(self, time_s: float, detections: Detections) -> tuple[Event, ...]:
        self.log.answer(time_s, detections)
        self._is_owed = False
        newest_s = self._tracker.time_s
        changed = list(self._told())
        if newest_s is not None and time_s < newest_s - _STEPPED_BACK_S:
            changed += self.close()
            self._book.rewind()
        elif newest_s is not None and time_s <= newest_s:
            return tuple(changed)
        wanted = outside_ignored(detections, self._camera.zones)
        tracked = self._tracker.look(time_s, wanted, self._good_score)
        gone = self._gone(tracked.ended, time_s)
        self._counts.see(tracked.seen)
        self._plates.see(tracked.seen, tracked.fresh)
        self._plates.forget(time_s)
        return (*changed, *gone, *self._tell(self._book.see(time_s, tracked.seen)))

    def missed(self, time_s: float) -> None:
        """The detector had no answer for the sample of that time, and is asked again in 5 s."""
        self._is_owed = True
        self._asked_s = min(self._asked_s, time_s - _PARKED_PERIOD_S + _MISSING_PERIOD_S)

    def tick(self, now_s: float) -> tuple[Event, ...]:
        """The events that change because time passes without pictures."""
        self._plates.forget(now_s)
        return (*self._told(), *self._gone(self._tracker.expire(now_s), now_s), *self._tell(self._book.wait(now_s)))

    def apply(self, camera: Camera) -> tuple[Event, ...]:
        """Changed settings: tracks are kept, and events but those whose trigger is gone or watches another place."""
        if camera.zones != self._camera.zones:
            self._gate = MotionGate(camera.zones)
        if camera.sampling != self._camera.sampling:
            self._sampler = Sampler(camera.sampling)
        self._camera = camera
        self._counts.apply(camera)
        return (*self._told(), *self._tell(self._book.apply(camera)))

    def close(self) -> tuple[Event, ...]:
        """The end of a recording, or of a camera: all events are closed, each at the time its vehicle was last seen."""
        now_s = self._tracker.time_s or 0.0
        ended = self._tracker.end()
        self._counts.gone(ended)
        closed = self._tell(self._book.end(ended))
        self._plates.gone(ended, now_s)
        return (*self._told(), *closed)

    @property
    def _good_score(self) -> float:
        return min((trigger.min_score for trigger in self._camera.triggers), default=GOOD_SCORE)

    def _is_parked_due(self, time_s: float) -> bool:
        if not self._tracker.tracks and not self._is_owed:
            return False
        is_missing = any(track.missing_s > 0 for track in self._tracker.tracks)
        return time_s - self._asked_s >= (_MISSING_PERIOD_S if is_missing else _PARKED_PERIOD_S)

    def _gone(self, tracks: Sequence[Track], now_s: float) -> tuple[Event, ...]:
        """What changes because these vehicles were given up."""
        self._counts.gone(tracks)
        changed = self._tell(self._book.gone(tracks))
        self._plates.gone(tracks, now_s)
        return changed

    def _tell(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """The events, which the plates of their vehicles belong to from now on."""
        self._plates.told(events, self._book.read_by)
        return events

    def _told(self) -> tuple[Event, ...]:
        """What changed before anybody asked."""
        untold, self._untold = self._untold, ()
        return untold
