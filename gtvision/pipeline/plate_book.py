"""The plates of one camera's vehicles: which pictures to read, what was agreed, and which events it belongs to.

A vehicle that was lost and found again, or was taken for two, has one plate: whoever carries the same text within half
a minute is the same vehicle, and what is told of its plate goes on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from gtvision.domain.event import Event
from gtvision.domain.geometry import is_middle_in
from gtvision.domain.kinds import Kind
from gtvision.domain.plate import Plate, Reading, VehiclePlate, vehicle_plate_id
from gtvision.pipeline.plate_format import is_brazilian, is_out_of_place
from gtvision.pipeline.plate_shots import Shot, ShotChooser, misfit
from gtvision.pipeline.plates import PlateVote
from gtvision.pipeline.track import Track

_SURER = 0.05
_LONGEST_ANSWER_S = 20.0
_SAME_PASSING_S = 30.0
_FRESH_S = 2.0  # longer than a track lives that is never confirmed
_MOST_EVENTS = 64  # of a vehicle that stays for days, the newest


@dataclass(slots=True)
class _Passing:
    """A plate that passes the camera, on one track or on several after one another."""

    plate: VehiclePlate
    seen_s: float
    best_worth: float


@dataclass(slots=True)
class _Vehicle:
    kind: Kind
    chooser: ShotChooser = field(default_factory=ShotChooser)
    vote: PlateVote = field(default_factory=PlateVote)
    passing: _Passing | None = None
    events: dict[str, Event] = field(default_factory=dict)
    is_wanted: bool = False
    is_known: bool = False  # from before a restart
    gone_s: float | None = None

    @property
    def is_due(self) -> bool:
        return self.is_wanted and not self.is_known and self.chooser.is_due(is_settled=self.vote.is_settled)


class PlateBook:
    """The plates of one camera. While the pictures have no width, nobody reads, and none is chosen."""

    def __init__(self, camera_id: str, epoch: int) -> None:
        self._camera_id = camera_id
        self._epoch = epoch
        self._vehicles: dict[int, _Vehicle] = {}
        self._fresh: dict[Track, ShotChooser] = {}
        self._passings: list[_Passing] = []
        self._changed: dict[str, VehiclePlate] = {}
        self.width_px = 0
        """Width of the pictures that plates are read from, 0 while nobody reads any."""

    def resume(self, events: Iterable[Event]) -> None:
        """Events that go on after a restart: a vehicle whose plate is known is not read again."""
        for event in events:
            if event.plate is not None:
                vehicle = self._vehicles.setdefault(event.track, _Vehicle(event.kind))
                vehicle.is_known = True

    def see(self, tracks: Sequence[Track], fresh: Sequence[Track]) -> None:
        """These vehicles, and no others, were just detected; `fresh` are those that may become vehicles.

        The best picture of a vehicle may be one from before it was confirmed.
        """
        if not self.width_px:
            return
        for track in tracks:
            if track.number not in self._vehicles:
                self._vehicles[track.number] = _Vehicle(track.kind, self._fresh.pop(track, ShotChooser()))
            vehicle = self._vehicles[track.number]
            vehicle.kind = track.kind
            if not vehicle.is_known:
                vehicle.chooser.see(track, [other for other in tracks if other is not track], self.width_px)
        for track in fresh:
            self._fresh.setdefault(track, ShotChooser()).see(track, tracks, self.width_px)

    def told(self, events: Iterable[Event], read_by: frozenset[str]) -> None:
        """New revisions of events; `read_by` are the triggers whose vehicles' plates are read."""
        for event in events:
            if event.vehicles is not None:
                continue
            vehicle = self._vehicles.setdefault(event.track, _Vehicle(event.kind))
            is_new = event.id not in vehicle.events
            vehicle.events[event.id] = event
            if len(vehicle.events) > _MOST_EVENTS:
                del vehicle.events[next(iter(vehicle.events))]
            vehicle.is_wanted = vehicle.is_wanted or event.trigger_id in read_by
            if is_new and vehicle.passing is not None:
                self._change(vehicle.passing, _with_events(vehicle.passing.plate, vehicle.events))

    def gone(self, tracks: Iterable[Track], now_s: float) -> None:
        """These vehicles were given up at that time: what is left to read of them is read now."""
        for track in tracks:
            vehicle = self._vehicles.get(track.number)
            if vehicle is not None:
                vehicle.gone_s = now_s
                vehicle.chooser.gone(now_s)

    def shots(self, most: int) -> tuple[Shot, ...]:
        """The pictures to read now, so many at most; each is answered by `read` or `missed`."""
        due = ((number, vehicle.chooser) for number, vehicle in self._vehicles.items() if vehicle.is_due)
        return tuple(chooser.take(number) for number, chooser in islice(due, most))

    def read(self, shot: Shot, readings: Sequence[Reading]) -> tuple[str | None, tuple[Event, ...]]:
        """The vehicle's plate, None while it is not agreed, and those of its events that have ended, with the plate.

        Args:
            shot: From `shots`.
            readings: What was read there, the best first; boxes 0-1 of the shot's area.
        """
        vehicle = self._vehicles.get(shot.track)
        if vehicle is None:
            return None, ()
        vehicle.chooser.is_reading = False
        placed = (_placed(each, shot) for each in readings)
        own = next((each for each in placed if _is_own(each, shot) and not _is_alien(each, vehicle.kind)), None)
        vehicle.chooser.has_shown = own is not None
        if own is None:
            return None, ()
        vehicle.vote.see(own, vehicle.kind)
        agreed = vehicle.vote.plate
        if agreed is None:
            return None, ()
        self._agree(vehicle, shot, own)
        ended = [event for event in vehicle.events.values() if not event.is_open and event.plate != agreed.text]
        revised = [replace(event, plate=agreed.text, revision=event.revision + 1) for event in ended]
        vehicle.events.update((event.id, event) for event in revised)
        return agreed.text, tuple(revised)

    def missed(self, shot: Shot) -> None:
        """Nobody read that picture in time."""
        vehicle = self._vehicles.get(shot.track)
        if vehicle is not None:
            vehicle.chooser.missed()

    def awaits(self, track: int) -> bool:
        """Whether the vehicle's plate may still become known, or change."""
        vehicle = self._vehicles.get(track)
        if vehicle is None or vehicle.is_known:
            return False
        return vehicle.gone_s is None or vehicle.chooser.is_reading or vehicle.is_due

    def forget(self, now_s: float) -> None:
        """Lets go of vehicles that are gone and read, and of plates that passed long ago."""
        self._fresh = {track: shots for track, shots in self._fresh.items() if abs(now_s - track.seen_s) <= _FRESH_S}
        self._passings = [each for each in self._passings if abs(now_s - each.seen_s) <= _SAME_PASSING_S]
        for number, vehicle in list(self._vehicles.items()):
            if vehicle.gone_s is None:
                continue
            if not self.awaits(number) or now_s - vehicle.gone_s > _LONGEST_ANSWER_S:
                del self._vehicles[number]

    def changes(self) -> tuple[VehiclePlate, ...]:
        """The plates that are new, or say more than when this was last asked."""
        changed, self._changed = tuple(self._changed.values()), {}
        return changed

    def _agree(self, vehicle: _Vehicle, shot: Shot, own: Reading) -> None:
        agreed = vehicle.vote.plate
        assert agreed is not None  # whoever calls has looked
        worth = own.score * own.sharpness if vehicle.vote.agrees(own) else 0.0
        passing = vehicle.passing
        if passing is None or (passing.plate.track != shot.track and passing.plate.plate.text != agreed.text):
            passing = vehicle.passing = self._passing_of(vehicle, agreed, shot, own)
        old, passing.seen_s = passing.plate, max(passing.seen_s, shot.time_s)
        new = _with_events(old, vehicle.events)
        if agreed.text != old.plate.text or agreed.score >= old.plate.score + _SURER or vehicle.vote.is_settled:
            surer = agreed if agreed.text != old.plate.text else max(agreed, old.plate, key=lambda each: each.score)
            new = replace(new, plate=surer, kind=vehicle.kind)
            if worth > passing.best_worth:
                new, passing.best_worth = replace(new, time_s=shot.time_s, box=own.box), worth
        if new != old or new.revision < 0:
            self._change(passing, new)

    def _passing_of(self, vehicle: _Vehicle, agreed: Plate, shot: Shot, own: Reading) -> _Passing:
        """That of the same plate a little while ago, else a new one."""
        for passing in self._passings:
            if passing.plate.plate.text == agreed.text and abs(shot.time_s - passing.seen_s) <= _SAME_PASSING_S:
                return passing
        number = vehicle_plate_id(self._camera_id, self._epoch, shot.track, shot.time_s)
        first = VehiclePlate(number, self._camera_id, shot.track, vehicle.kind, agreed, shot.time_s, own.box)
        passing = _Passing(replace(first, epoch=self._epoch, revision=-1), shot.time_s, own.score * own.sharpness)
        self._passings.append(passing)
        return passing

    def _change(self, passing: _Passing, plate: VehiclePlate) -> None:
        passing.plate = replace(plate, revision=plate.revision + 1)
        self._changed[plate.id] = passing.plate


def _with_events(plate: VehiclePlate, events: Iterable[str]) -> VehiclePlate:
    return replace(plate, event_ids=tuple(dict.fromkeys((*plate.event_ids, *events)))[-_MOST_EVENTS:])


def _placed(reading: Reading, shot: Shot) -> Reading:
    """The reading with its box in the whole picture."""
    x1, y1, x2, y2 = shot.area
    width, height = x2 - x1, y2 - y1
    left, top, right, bottom = reading.box
    return replace(reading, box=(x1 + left * width, y1 + top * height, x1 + right * width, y1 + bottom * height))


def _is_own(reading: Reading, shot: Shot) -> bool:
    """Whether the plate fits to no other vehicle there better than to this one."""
    holders = (box for box in shot.others if is_middle_in(reading.box, box))
    return all(misfit(reading.box, shot.box) <= misfit(reading.box, box) for box in holders)


def _is_alien(reading: Reading, kind: Kind) -> bool:
    """Whether the text is that of a Brazilian plate, and the plate is none: only motorcycles have two rows there.

    To report it, be it as a foreign one, would name a vehicle that is elsewhere.
    """
    return is_out_of_place(reading, kind) and is_brazilian(reading)
