"""Events against the truth, on small stories told by hand."""

from dataclasses import replace

import numpy as np
import pytest

from gtvision.domain.camera import Camera, Source
from gtvision.domain.event import Event
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction, Line, Zone
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.traffic import Crossing, FrameTruth, Seen, Step, Story
from gtvision.traffic.expected import expected
from gtvision.traffic.passages import passages
from gtvision.traffic.scoring import score

ZONE = Zone("road", ((0.4, 0.1), (0.8, 0.1), (0.8, 0.9), (0.4, 0.9)))
LINE = Line("line", (0.6, 0.9), (0.6, 0.1))
CAMERA = Camera(
    "street",
    (Source("file:///traffic.mp4"),),
    zones=(ZONE,),
    lines=(LINE,),
    triggers=(
        Trigger("enter", TriggerType.ENTER, zone="road"),
        Trigger("leave", TriggerType.LEAVE, zone="road"),
        Trigger("cross", TriggerType.CROSS, line="line"),
        Trigger("dwell", TriggerType.DWELL, zone="road", min_s=4.0),
        Trigger("stationary", TriggerType.STATIONARY, zone="road", min_s=6.0),
    ),
)
SIZE = (0.1, 0.1)
ALL_S = 30.0


def drive(id=1, *, kind=Kind.CAR, begin_s=1.0, speed=0.1, y=0.5, stop=None, visible=lambda _: 1.0):
    """A story and its boxes: from the left edge to the right one; `stop` is where it stands and for how long."""
    story, boxes = Story(id, kind, None, False), {}
    x, time_s, stood_s = 0.0, 0.0, 0.0
    while time_s <= ALL_S:
        if time_s >= begin_s and x < 1:
            story.go(Step(round(time_s, 3), (x, y), 0.0, visible(time_s)), CAMERA)
            boxes[round(time_s, 3)] = (max(x - SIZE[0] / 2, 0), y - SIZE[1], min(x + SIZE[0] / 2, 1), y)
            if stop is not None and x >= stop[0] and stood_s < stop[1]:
                stood_s += 0.1
            else:
                x += speed * 0.1
        time_s += 0.1
    return story, boxes


def told(*drives):
    times_s = [round(index * 0.1, 3) for index in range(int(ALL_S * 10) + 1)]
    frames = []
    for time_s in times_s:
        rows = [Seen(s.id, s.kind, boxes[time_s], 1.0) for s, boxes in drives if time_s in boxes]
        frames.append(FrameTruth(time_s, tuple(rows)))
    return passages([story for story, _ in drives], frames)


def event(trigger="enter", start_s=5.0, *, x=0.4, y=0.5, kind=Kind.CAR, direction=None, track=1):
    box = (x - SIZE[0] / 2, y - SIZE[1], x + SIZE[0] / 2, y)
    of_line = Direction.FORWARD if direction is None and trigger == "cross" else direction
    return Event(
        id=f"{trigger}-{track}-{start_s}",
        camera_id="street",
        trigger_id=trigger,
        trigger_type=TriggerType(trigger),
        zone_id=None,
        line_id=None,
        track=track,
        kind=kind,
        score=0.8,
        direction=of_line,
        start_s=start_s,
        end_s=start_s + 1,
        seen_s=start_s + 1,
        best_s=start_s,
        best_box=box,
        box=box,
    )


def wanted(trigger, *drives, camera=CAMERA):
    return [e for e in expected(camera, told(*drives)) if e.trigger_id == trigger]


def test_a_pass_is_expected_once_by_each_trigger_that_it_meets():
    found = expected(CAMERA, told(drive()))
    assert [(e.trigger_id, e.doubt) for e in found] == [("enter", ""), ("leave", ""), ("cross", ""), ("dwell", "brief")]
    by_trigger = {e.trigger_id: e for e in found}
    assert by_trigger["enter"].earliest_s == pytest.approx(5.0, abs=0.2)
    assert by_trigger["leave"].latest_s == pytest.approx(9.0, abs=0.2)
    assert by_trigger["cross"].direction is Direction.FORWARD


def test_a_car_that_stands_is_expected_to_be_stationary_once():
    (stands,) = wanted("stationary", drive(stop=(0.6, 10.0)))
    assert stands.doubt == ""
    assert stands.latest_s == pytest.approx(7.0 + 6.0, abs=0.3)
    assert [e.doubt for e in wanted("stationary", drive(stop=(0.6, 6.0)))] == ["brief"]
    assert wanted("stationary", drive(stop=(0.6, 3.0))) == []


def test_a_stay_about_as_long_as_the_trigger_asks_is_in_doubt_and_a_longer_one_is_not():
    assert [e.doubt for e in wanted("dwell", drive(speed=0.1))] == ["brief"]
    assert [e.doubt for e in wanted("dwell", drive(speed=0.06))] == [""]
    assert wanted("dwell", drive(speed=0.2)) == []


@pytest.mark.parametrize(("y", "doubt"), [(0.95, None), (0.905, "border"), (0.895, "border"), (0.85, "")])
def test_a_tenth_of_its_size_from_the_border_nobody_can_tell(y, doubt):
    assert [e.doubt for e in wanted("enter", drive(y=y))] == ([] if doubt is None else [doubt])


def test_a_vehicle_that_is_hidden_all_the_time_is_in_doubt_and_one_that_is_hidden_at_the_border_has_time():
    assert [e.doubt for e in wanted("enter", drive(visible=lambda _: 0.1))] == ["hidden"]
    (late,) = wanted("enter", drive(visible=lambda time_s: 0.1 if time_s < 7 else 1.0))
    assert (late.doubt, late.latest_s) == ("", pytest.approx(7.0, abs=0.11))
    crossing = wanted("cross", drive(visible=lambda time_s: 0.1 if time_s < 7.5 else 1.0))
    assert [e.doubt for e in crossing] == ["hidden"]


def test_what_the_end_of_the_scene_cuts_off_is_in_doubt():
    late = drive(begin_s=ALL_S - 5.0)
    assert [e.doubt for e in wanted("enter", late)] == ["end"]
    assert [e.doubt for e in wanted("leave", late)] == ["end"]


def test_people_are_not_expected_where_the_trigger_wants_vehicles():
    assert expected(CAMERA, told(drive(kind=Kind.PERSON))) == ()


def test_a_direction_that_is_not_counted_is_not_expected():
    back = replace(CAMERA.triggers[2], direction=Direction.BACKWARD)
    camera = replace(CAMERA, triggers=(back,))
    assert wanted("cross", drive(), camera=camera) == []


def test_right_missing_and_wrong_events_are_told_apart():
    enter = wanted("enter", drive(1), drive(2, begin_s=8.0))
    found = score(enter, [event(start_s=5.0, x=0.4), event(start_s=20.0, x=0.4, track=2)])
    assert [hit.passage.story.id for hit, _ in found.hits] == [1]
    assert [e.passage.story.id for e in found.missed] == [2]
    assert [e.track for e in found.wrong] == [2]
    assert (found.precision, found.recall) == (0.5, 0.5)


def test_a_second_event_of_the_same_pass_is_wrong():
    found = score(wanted("enter", drive()), [event(start_s=5.0, x=0.4), event(start_s=5.4, x=0.44, track=2)])
    assert (len(found.hits), len(found.wrong)) == (1, 1)


def test_an_event_in_doubt_is_neither_demanded_nor_punished():
    doubtful = wanted("enter", drive(y=0.905))
    assert (score(doubtful, []).recall, score(doubtful, [event(x=0.4, y=0.905)]).precision) == (1.0, 1.0)
    assert score(doubtful, []).excluded_share == 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        event(start_s=8.0, x=0.7),
        event(kind=Kind.MOTORCYCLE),
        event(x=0.6),
        event("cross", 5.0, x=0.4),
    ],
    ids=["too late", "two wheels", "another place", "another trigger"],
)
def test_time_family_place_and_trigger_must_fit(wrong):
    assert score(wanted("enter", drive()), [wrong]).hits == ()


def test_the_kind_may_differ_within_its_family_and_is_counted_apart():
    found = score(wanted("enter", drive()), [event(kind=Kind.TRUCK)])
    assert (len(found.hits), found.same_kind_share) == (1, 0.0)


def test_a_crossing_in_the_other_direction_is_not_the_same():
    cross = wanted("cross", drive())
    back = event("cross", 7.0, x=0.6, direction=Direction.BACKWARD)
    forth = replace(back, direction=Direction.FORWARD)
    assert score(cross, [back]).hits == ()
    assert len(score(cross, [forth]).hits) == 1


def test_only_the_newest_state_of_an_event_counts():
    first = event(start_s=5.0, x=0.4)
    assert len(score(wanted("enter", drive()), [first, replace(first, revision=1)]).hits) == 1


def test_scores_add_up():
    one = score(wanted("enter", drive()), [event(x=0.4)])
    other = score(wanted("enter", drive()), [])
    assert ((one + other).recall, (one + other).of("enter").recall, (one + other).of("cross").recall) == (0.5, 0.5, 1.0)


def test_a_passage_holds_what_the_frames_showed():
    (passage,) = told(drive())
    assert passage.times_s.shape == passage.visible.shape == (len(passage.boxes),)
    assert np.allclose(passage.places[:, 1], 0.5)
    assert passage.story.crossings == [Crossing("line", Direction.FORWARD, pytest.approx(7.0, abs=0.2), 0.0)]
