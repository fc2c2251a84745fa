from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from scenes import UPRIGHT, Noise, Vehicle, camera, look_at, newest

from gtvision.domain.event import Event
from gtvision.domain.kinds import Kind
from gtvision.domain.plate import Reading, VehiclePlate
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.plate_shots import MOST_SHOTS, Shot, ShotChooser
from gtvision.pipeline.track import Track

IN_LEFT = Trigger("left", TriggerType.ENTER, zone="left")
IN_MIDDLE = Trigger("middle", TriggerType.ENTER, zone="middle")
ACROSS = Vehicle((0.1, 0.6), (0.1, 0.0), (0.14, 0.12))
QUIET = Noise(jitter=0.0)
WIDTH_PX = 1920


def reading(text: str = "ABC1D23", box=(0.4, 0.6, 0.6, 0.7), score: float = 0.97) -> Reading:
    return Reading(text, (score,) * len(text), box)


class Street:
    """A camera core, the vehicles before it, and a reader that answers at once."""

    def __init__(self, *triggers: Trigger, read: Callable[[Shot], Sequence[Reading]], width_px: int = WIDTH_PX) -> None:
        self.core = CameraCore(camera(*triggers))
        self.core.read_plates_from(width_px)
        self.read = read
        self.shots: list[Shot] = []
        self.told: list[Event] = []
        self.plates: list[VehiclePlate] = []

    def play(self, vehicles: Sequence[Vehicle], times_s: Iterable[float]) -> "Street":
        rng = np.random.default_rng(0)
        for time_s in times_s:
            self.told += self.core.detected(float(time_s), look_at(vehicles, float(time_s), rng, QUIET))
            self._answer()
        return self

    def end(self) -> "Street":
        self.told += self.core.close()
        while self._answer():
            pass
        return self

    def _answer(self) -> bool:
        shots = self.core.plate_shots()
        for shot in shots:
            self.told += self.core.plate_read(shot, self.read(shot))
        self.shots += shots
        self.plates += self.core.plates()
        return bool(shots)

    @property
    def events(self) -> list[Event]:
        return newest(self.told)


def always(_: Shot) -> Sequence[Reading]:
    return (reading(),)


def test_the_plate_of_a_vehicle_is_that_of_all_its_events_also_of_those_that_come_later():
    street = Street(IN_LEFT, IN_MIDDLE, read=always).play([ACROSS], np.arange(0, 8, 0.2)).end()
    assert [event.trigger_id for event in street.events] == ["left", "middle"]
    assert {event.plate for event in street.events} == {"ABC1D23"}
    assert len({plate.id for plate in street.plates}) == 1
    assert set(street.plates[-1].event_ids) == {event.id for event in street.events}


def test_revisions_of_events_and_plates_only_grow():
    street = Street(IN_LEFT, IN_MIDDLE, read=always).play([ACROSS], np.arange(0, 8, 0.2)).end()
    for event in street.events:
        revisions = [told.revision for told in street.told if told.id == event.id]
        assert revisions == list(range(len(revisions)))
    assert [plate.revision for plate in street.plates] == list(range(len(street.plates)))


def test_a_settled_plate_is_not_read_again():
    street = Street(IN_LEFT, read=always).play([ACROSS], np.arange(0, 8, 0.2)).end()
    assert 2 <= len(street.shots) < MOST_SHOTS
    assert street.core.plate_shots() == ()


def test_a_vehicle_whose_plate_nobody_can_read_costs_a_bounded_number_of_pictures():
    parked = Vehicle((0.3, 0.6), (0.0, 0.0), (0.14, 0.12))
    street = Street(IN_LEFT, read=lambda _: ()).play([parked], np.arange(0, 60, 0.2)).end()
    assert 1 <= len(street.shots) <= MOST_SHOTS
    assert street.plates == []


def test_a_growing_vehicle_is_read_again_while_nothing_was_found():
    sizes = np.linspace(0.08, 0.3, 40)
    street = Street(IN_LEFT, read=lambda _: ())
    for time_s, size in zip(np.arange(0, 8, 0.2), sizes, strict=True):
        street.play([Vehicle((0.25, 0.6), (0.0, 0.0), (float(size), float(size)))], [time_s])
    areas = [(shot.box[2] - shot.box[0]) * (shot.box[3] - shot.box[1]) for shot in street.shots]
    assert len(areas) >= 4
    assert areas == sorted(areas)


@pytest.mark.parametrize("width_px", [0, 640])
def test_a_plate_that_is_too_small_in_the_picture_is_not_read(width_px: int):
    street = Street(IN_LEFT, read=always, width_px=width_px).play([ACROSS], np.arange(0, 8, 0.2)).end()
    assert street.shots == []
    assert [event.plate for event in street.events] == [None]


def test_nobody_reads_the_plates_of_a_trigger_that_does_not_ask_for_them():
    silent = replace(IN_LEFT, read_plate=False)
    street = Street(silent, read=always).play([ACROSS], np.arange(0, 8, 0.2)).end()
    assert street.shots == []


def test_bicycles_and_people_are_not_read():
    cyclist = replace(ACROSS, kind=Kind.BICYCLE)
    street = Street(IN_LEFT, read=always).play([cyclist], np.arange(0, 8, 0.2)).end()
    assert [event.kind for event in street.events] == [Kind.BICYCLE]
    assert street.shots == []


def test_a_vehicle_that_was_large_before_its_event_is_read_from_those_pictures():
    crossed = Trigger("line", TriggerType.CROSS, line=UPRIGHT.id)
    shrinking = np.linspace(0.3, 0.08, 40)
    street = Street(crossed, read=always)
    for time_s, size in zip(np.arange(0, 8, 0.2), shrinking, strict=True):
        street.play([Vehicle((0.1 + 0.09 * float(time_s), 0.6), (0.0, 0.0), (float(size), float(size)))], [time_s])
    street.end()
    assert street.shots[0].time_s < street.events[0].start_s - 1
    assert street.events[0].plate == "ABC1D23"


def test_a_vehicle_that_was_largest_before_it_was_sure_to_be_one_is_read_from_that_picture():
    street = Street(IN_LEFT, read=always)
    for looks, size in enumerate((0.3, 0.22, 0.17, 0.14, 0.12)):
        unsure = Vehicle((0.2, 0.6), (0.0, 0.0), (size, size), score=0.5)
        street.play([unsure], [0.2 * looks])
        assert looks >= 2 or not street.told
    street.end()
    assert street.shots[0].time_s == 0.0
    assert {shot.track for shot in street.shots} == {street.events[0].track}
    assert street.events[0].plate == "ABC1D23"


def test_a_plate_is_confirmed_by_a_picture_of_about_the_same_size_and_not_by_an_old_small_one():
    chooser, track = ShotChooser(), Track.start(0.0, (0.4, 0.4, 0.5, 0.5))

    def see(time_s: float, size: float) -> None:
        track.see(time_s, (0.4, 0.4, 0.4 + size, 0.4 + size), 0.8, Kind.CAR)
        chooser.see(track, [], WIDTH_PX)

    see(0.0, 0.1)
    see(0.2, 0.2)
    assert chooser.take(1).time_s == 0.2
    chooser.is_reading, chooser.has_shown = False, True
    assert not chooser.is_due(is_settled=False)
    see(0.4, 0.18)
    assert chooser.is_due(is_settled=False)
    assert chooser.take(1).time_s == 0.4


def at(shot: Shot, x1: float, y1: float, x2: float, y2: float) -> Sequence[Reading]:
    """A plate at that place of the whole picture, as it is read in the shot."""
    left, top, right, bottom = shot.area
    width, height = right - left, bottom - top
    return (reading(box=((x1 - left) / width, (y1 - top) / height, (x2 - left) / width, (y2 - top) / height)),)


def test_a_plate_belongs_to_the_vehicle_that_it_fits_to_and_not_to_the_one_behind():
    behind = Vehicle((0.25, 0.5), (0.0, 0.0), (0.3, 0.3))
    nearer = Vehicle((0.3, 0.55), (0.0, 0.0), (0.12, 0.2), kind=Kind.MOTORCYCLE)
    read = Street(IN_LEFT, read=lambda shot: at(shot, 0.28, 0.48, 0.32, 0.51))
    read.play([behind, nearer], np.arange(0, 8, 0.2)).end()
    assert {event.kind: event.plate for event in read.events} == {Kind.CAR: None, Kind.MOTORCYCLE: "ABC1D23"}


def test_a_plate_stays_that_of_its_vehicle_while_a_lorry_reaches_into_the_picture():
    car = Vehicle((0.35, 0.5), (0.0, 0.0), (0.14, 0.14))
    lorry = Vehicle((0.21, 0.99), (0.0, 0.0), (0.4, 0.75), kind=Kind.TRUCK)
    read = Street(IN_LEFT, read=lambda shot: at(shot, 0.33, 0.45, 0.37, 0.47))
    read.play([car, lorry], np.arange(0, 8, 0.2)).end()
    assert {event.kind: event.plate for event in read.events} == {Kind.CAR: "ABC1D23", Kind.TRUCK: None}


def test_the_box_of_a_plate_is_where_it_is_in_the_whole_picture():
    street = Street(IN_LEFT, read=always).play([ACROSS], np.arange(0, 8, 0.2)).end()
    plate = street.plates[-1]
    shot = next(shot for shot in street.shots if shot.time_s == plate.time_s)
    assert shot.box[0] < plate.box[0] < plate.box[2] < shot.box[2]
    assert shot.box[1] < plate.box[1] < plate.box[3] < shot.box[3]


def test_an_answer_that_comes_after_the_vehicle_has_gone_still_names_its_events():
    core = CameraCore(camera(IN_LEFT))
    core.read_plates_from(WIDTH_PX)
    rng = np.random.default_rng(0)
    told, shots = [], []
    for time_s in np.arange(0, 4, 0.2):
        told += core.detected(float(time_s), look_at([ACROSS], float(time_s), rng, QUIET))
        shots += core.plate_shots()
    told += core.close()
    assert len(shots) == 1  # the next one waits for the answer
    assert core.awaits_plate(told[0].track)
    while shots:
        told += core.plate_read(shots.pop(), [reading()])
        shots += core.plate_shots()
    assert newest(told)[0].plate == "ABC1D23"
    assert not newest(told)[0].is_open
    assert not core.awaits_plate(told[0].track)


def test_a_picture_that_nobody_read_in_time_is_made_up_for():
    street = Street(IN_LEFT, read=always)
    rng = np.random.default_rng(0)
    missed = 0
    for time_s in np.arange(0, 4, 0.2):
        street.told += street.core.detected(float(time_s), look_at([ACROSS], float(time_s), rng, QUIET))
        for shot in street.core.plate_shots():
            street.core.plate_missed(shot)
            missed += 1
    street.end()
    assert missed >= 1
    assert street.events[0].plate == "ABC1D23"


def test_a_restarted_camera_keeps_the_plate_of_an_open_event_and_does_not_read_it_again():
    standing = Vehicle((0.3, 0.6), (0.0, 0.0), (0.14, 0.12))
    before = Street(IN_LEFT, read=always).play([standing], np.arange(0, 8, 0.2))
    after = CameraCore(camera(IN_LEFT, IN_MIDDLE), open_events=[newest(before.told)[0]])
    after.read_plates_from(WIDTH_PX)
    rng = np.random.default_rng(0)
    moving_on = Vehicle((0.3, 0.6), (0.05, 0.0), (0.14, 0.12), begins_s=9.0)
    told, shots = [], []
    for time_s in np.arange(9, 14, 0.2):
        told += after.detected(float(time_s), look_at([moving_on], float(time_s), rng, QUIET))
        shots += after.plate_shots()
    assert shots == []
    assert {event.plate for event in newest(told) if event.trigger_id == "middle"} == {"ABC1D23"}


@pytest.mark.parametrize(
    ("kind", "text", "plate"),
    [(Kind.CAR, "LZW9715", None), (Kind.MOTORCYCLE, "LZW9715", "LZW9715"), (Kind.CAR, "KA01HH12", "KA01HH12")],
)
def test_a_car_with_two_rows_has_no_brazilian_plate(kind: Kind, text: str, plate: str | None):
    two_rows = replace(reading(text), lines=2)
    vehicle = replace(ACROSS, kind=kind)
    street = Street(IN_LEFT, read=lambda _: (two_rows,)).play([vehicle], np.arange(0, 8, 0.2)).end()
    assert street.events[0].plate == plate


def test_a_vehicle_that_is_lost_and_found_again_has_one_plate_and_both_its_events():
    again = replace(ACROSS, begins_s=20.0)
    street = Street(IN_LEFT, read=always).play([ACROSS], np.arange(0, 8, 0.2))
    street.play([], np.arange(8, 20, 0.5)).play([again], np.arange(20, 28, 0.2)).end()
    assert len({event.track for event in street.events}) == 2
    assert len({plate.id for plate in street.plates}) == 1
    assert set(street.plates[-1].event_ids) == {event.id for event in street.events}
    assert [plate.revision for plate in street.plates] == list(range(len(street.plates)))


def test_a_plate_that_comes_back_later_passes_again():
    again = replace(ACROSS, begins_s=60.0)
    street = Street(IN_LEFT, read=always).play([ACROSS], np.arange(0, 8, 0.2))
    street.play([], np.arange(8, 60, 0.5)).play([again], np.arange(60, 68, 0.2)).end()
    assert [len(plate.event_ids) for plate in {plate.id: plate for plate in street.plates}.values()] == [1, 1]


def test_a_vehicle_that_parks_long_before_its_event_is_read_as_it_stands():
    dwell = Trigger("dwell", TriggerType.DWELL, zone="left", min_s=60)
    parked = Vehicle((0.3, 0.6), (0.0, 0.0), (0.14, 0.12))
    street = Street(dwell, read=always).play([parked], np.arange(0, 80, 0.5))
    assert [event.plate for event in street.events] == ["ABC1D23"]
    assert all(shot.time_s > 45 for shot in street.shots)


def test_a_parked_vehicle_that_nobody_could_read_at_first_is_asked_for_again():
    parked = Vehicle((0.3, 0.6), (0.0, 0.0), (0.14, 0.12))
    street = Street(IN_LEFT, read=always)
    rng = np.random.default_rng(0)
    asked_s = []
    for time_s in np.arange(0, 20, 0.2):
        street.core.detected(float(time_s), look_at([parked], float(time_s), rng, QUIET))
        for shot in street.core.plate_shots():
            street.core.plate_missed(shot)
            asked_s.append(time_s)
    assert len(asked_s) >= 5
    assert np.diff(asked_s).min() >= 1.5
    street.play([parked], np.arange(20, 30, 0.2))
    assert street.events[0].plate == "ABC1D23"


def test_no_more_pictures_are_chosen_than_there_is_room_for():
    cars = [Vehicle((0.1 + 0.04 * n, 0.3 + 0.1 * n), (0.0, 0.0), (0.14, 0.12)) for n in range(6)]
    street = Street(IN_LEFT, read=always)
    rng = np.random.default_rng(0)
    for time_s in np.arange(0, 2, 0.2):
        street.core.detected(float(time_s), look_at(cars, float(time_s), rng, QUIET))
    assert len(street.core.plate_shots(2)) == 2
    assert len(street.core.plate_shots(0)) == 0
    assert len(street.core.plate_shots(9)) >= 2


def test_a_vehicle_in_the_first_picture_is_read_as_well():
    core = CameraCore(camera(IN_LEFT))
    rng = np.random.default_rng(0)
    parked = Vehicle((0.3, 0.6), (0.0, 0.0), (0.14, 0.12))
    for time_s in np.arange(0, 4, 0.2):
        core.detected(float(time_s), look_at([parked], float(time_s), rng, QUIET))
        core.read_plates_from(WIDTH_PX)
    assert len(core.plate_shots()) == 1


def test_queues_have_no_plate():
    jam = Trigger("jam", TriggerType.QUEUE, zone="middle", min_vehicles=2, min_s=2)
    two = [Vehicle((0.45, 0.5), (0.0, 0.0), (0.14, 0.12)), Vehicle((0.55, 0.8), (0.0, 0.0), (0.14, 0.12))]
    street = Street(jam, IN_MIDDLE, read=always).play(two, np.arange(0, 20, 0.5)).end()
    kinds = {event.trigger_id: event.plate for event in street.events}
    assert kinds == {"jam": None, "middle": "ABC1D23"}
