"""What the truth asks of the triggers that measure, on small stories told by hand."""

from dataclasses import replace

import pytest

from gtvision.domain.camera import Camera, Source
from gtvision.domain.event import Event
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Calibration, Zone
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.traffic import FrameTruth, Seen, Step, Story
from gtvision.traffic.expected import expected
from gtvision.traffic.passages import passages
from gtvision.traffic.scoring import score

CORNERS = ((0.3, 0.1), (0.8, 0.1), (0.8, 0.9), (0.3, 0.9))
ZONE = Zone("road", CORNERS, calibration=Calibration(CORNERS, ((0.0, 0.0), (50.0, 0.0), (50.0, 80.0), (0.0, 80.0))))
CAMERA = Camera(
    "street",
    (Source("file:///traffic.mp4"),),
    zones=(ZONE,),
    triggers=(
        Trigger("speed", TriggerType.SPEED, zone="road"),
        Trigger("wrong-way", TriggerType.WRONG_WAY, zone="road", way=((0.7, 0.5), (0.4, 0.5))),
        Trigger("queue", TriggerType.QUEUE, zone="road", min_s=5.0),
        Trigger("stationary", TriggerType.STATIONARY, zone="road", min_s=6.0),
    ),
)
SIZE = (0.1, 0.1)
FRAME_S, ALL_S = 0.1, 40.0
KMH_A_WIDTH = 360.0


def drive(id=1, *, begin_s=1.0, speed=0.1, to=1.0, until_s=ALL_S, wrong_way=False, visible=1.0):
    """Along the picture at that many widths a second; it stands at `to` until then, and drives on."""
    story, boxes, x, y = Story(id, Kind.CAR, None, wrong_way), {}, 0.0, 0.2 + 0.1 * id
    for frame in range(round(ALL_S / FRAME_S) + 1):
        time_s = round(frame * FRAME_S, 3)
        if time_s < begin_s or x >= 1:
            continue
        stands = x >= to and time_s < until_s
        story.go(Step(time_s, (x, y), 0.0 if stands else speed * KMH_A_WIDTH, visible), CAMERA)
        boxes[time_s] = (max(x - SIZE[0] / 2, 0), y - SIZE[1], min(x + SIZE[0] / 2, 1), y)
        x += 0.0 if stands else speed * FRAME_S
    return story, boxes


def wanted(trigger, *drives):
    times_s = [round(frame * FRAME_S, 3) for frame in range(round(ALL_S / FRAME_S) + 1)]
    frames = [
        FrameTruth(t, tuple(Seen(s.id, s.kind, boxes[t], 1.0) for s, boxes in drives if t in boxes)) for t in times_s
    ]
    told = passages([story for story, _ in drives], frames)
    return [e for e in expected(CAMERA, told) if e.trigger_id == trigger]


def waiting(number, *, until_s=20.0):
    """Three or more that stop behind each other, a second apart."""
    return [drive(id, begin_s=float(id), to=0.4 + 0.1 * id, until_s=until_s) for id in range(1, number + 1)]


def queue_event(start_s=14.0, *, box=(0.4, 0.1, 0.8, 0.7), vehicles=3):
    return Event(
        id=f"queue-{start_s}",
        camera_id="street",
        trigger_id="queue",
        trigger_type=TriggerType.QUEUE,
        zone_id="road",
        line_id=None,
        track=1,
        kind=Kind.BUS,
        score=0.8,
        direction=None,
        start_s=start_s,
        end_s=start_s + 5,
        seen_s=start_s + 5,
        best_s=start_s,
        best_box=box,
        box=box,
        epoch=0,
        vehicles=vehicles,
    )


def test_a_speed_is_the_one_that_was_kept_for_half_of_the_way():
    (steady,) = wanted("speed", drive(speed=0.1))
    assert (steady.doubt, steady.speed_kmh) == ("", pytest.approx(36.0))
    (stopped,) = wanted("speed", drive(speed=0.1, to=0.5, until_s=20.0))
    assert stopped.speed_kmh == pytest.approx(36.0)


def test_who_never_moves_in_the_zone_has_no_speed_and_who_is_still_in_it_is_in_doubt():
    assert wanted("speed", drive(speed=0.005, begin_s=0.0)) == []
    assert [e.doubt for e in wanted("speed", drive(to=0.6))] == ["end"]


def test_the_speed_of_one_that_is_hardly_seen_is_in_doubt():
    assert [e.doubt for e in wanted("speed", drive(speed=0.6))] == ["brief"]
    assert [e.doubt for e in wanted("speed", drive(visible=0.1))] == ["hidden"]


def test_only_who_drives_against_the_traffic_is_asked_for_from_where_it_came_in():
    assert wanted("wrong-way", drive()) == []
    (against,) = wanted("wrong-way", drive(wrong_way=True))
    assert against.doubt == ""
    assert against.earliest_s == pytest.approx(4.0, abs=0.3)


def test_who_turns_against_the_traffic_for_a_few_sizes_only_is_in_doubt():
    assert wanted("wrong-way", drive(wrong_way=True, speed=0.005, begin_s=0.0)) == []
    assert [e.doubt for e in wanted("wrong-way", drive(wrong_way=True, to=0.5))] == ["end"]


def test_a_queue_begins_when_enough_have_stood_for_long_enough_and_says_how_many():
    (queue,) = wanted("queue", *waiting(4))
    third_stands_s = 3.0 + 0.7 / 0.1
    assert queue.doubt == ""
    assert queue.earliest_s <= third_stands_s + 5.0 + 0.2
    assert queue.latest_s == pytest.approx(third_stands_s + 6.0, abs=0.3)
    assert queue.vehicles == (3, 4)  # the fourth stands at the border
    assert queue.passage.story.id == 1


def test_two_that_stand_are_no_queue_and_one_that_dissolves_soon_is_in_doubt():
    assert wanted("queue", *waiting(2)) == []
    assert [e.doubt for e in wanted("queue", *waiting(3, until_s=15.5))] == ["brief"]
    assert wanted("queue", *waiting(3, until_s=12.0)) == []


def test_who_stands_where_queues_are_looked_for_need_not_be_stationary():
    assert [e.doubt for e in wanted("stationary", drive(to=0.5, until_s=30.0))] == ["queue"]


def test_a_queue_is_found_by_its_time_and_by_the_one_that_stood_first_whatever_its_kind():
    asked = wanted("queue", *waiting(3))
    assert len(score(asked, [queue_event()]).hits) == 1
    assert len(score(asked, [queue_event(start_s=25.0)]).missed) == 1
    assert len(score(asked, [replace(queue_event(), best_box=(0.6, 0.4, 0.8, 0.7))]).missed) == 1
