"""From what a message asks, in pixels, to the camera as it watches the picture."""

from dataclasses import replace
from typing import Any

import pytest

from gtvision.domain.camera import Camera, Source
from gtvision.domain.errors import MessageRefused
from gtvision.domain.geometry import Point
from gtvision.domain.kinds import VEHICLES, Kind
from gtvision.domain.places import Direction, Line, Zone, ZoneKind
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.slug import slug_of
from gtvision.domain.task import AskedTrigger, DetectVehicle
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.pipeline.asked import Asking, asked_camera

SIZE = (200, 100)
OWN = Camera("gate", (Source("pushed:"),))
LEFT = ((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0))
LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
YARD = Zone("yard", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9)))
TREE = Zone("tree", ((0.0, 0.0), (0.1, 0.0), (0.1, 0.1)), ZoneKind.IGNORE)
ENTER, CROSS = TriggerType.ENTER, TriggerType.CROSS


def work(*triggers: AskedTrigger, roi: tuple[Point, ...] = ()) -> DetectVehicle:
    return DetectVehicle("gate", b"\xff\xd8\xff", roi, triggers)


def asked(camera: Camera, *triggers: AskedTrigger, **more: Any) -> Camera:
    return asked_camera(camera, work(*triggers, **more), SIZE)


def zones_of(camera: Camera) -> dict[str, tuple[Point, ...]]:
    return {zone.id: zone.polygon for zone in camera.zones}


def test_a_camera_of_which_nothing_is_asked_is_itself() -> None:
    own = replace(OWN, zones=(YARD,), triggers=(Trigger("in", ENTER, zone="yard"),))
    assert asked(own) is own


def test_frames_that_ask_for_the_same_get_the_same_camera_until_something_changes() -> None:
    asking, yard = Asking(OWN), replace(OWN, zones=(YARD,))
    first = asking.of(OWN, work(roi=LEFT), SIZE)
    assert asking.of(OWN, work(roi=LEFT), SIZE) is first
    assert asking.of(OWN, work(roi=LEFT), (400, 100)) != first
    assert YARD in asking.of(yard, work(roi=LEFT), SIZE).zones
    assert asking.of(yard, work(), SIZE) is yard


def test_a_frame_that_is_refused_leaves_the_former_camera() -> None:
    asking = Asking(OWN)
    first = asking.of(OWN, work(roi=LEFT), SIZE)
    for _ in range(2):
        with pytest.raises(MessageRefused):
            asking.of(OWN, work(roi=OUTSIDE), SIZE)
    assert asking.camera is first


def test_the_region_is_what_the_implicit_trigger_watches() -> None:
    camera = asked(OWN, roi=LEFT)
    assert zones_of(camera) == {"roi": LEFT_HALF}
    assert camera.triggers == (Trigger("enter", ENTER, zone="roi"),)


def test_the_region_is_what_own_triggers_watch_that_name_no_zone() -> None:
    lines = (Line("gate", (0.0, 0.5), (1.0, 0.5)),)
    triggers = (Trigger("in", ENTER, zone="yard"), Trigger("any", ENTER), Trigger("over", CROSS, line="gate"))
    camera = asked(replace(OWN, zones=(YARD,), lines=lines, triggers=triggers), roi=LEFT)
    assert [trigger.zone for trigger in camera.triggers] == ["yard", "roi", None]
    assert zones_of(camera) == {"yard": YARD.polygon, "roi": LEFT_HALF}
    assert camera.lines == lines


def test_asked_triggers_take_the_place_of_the_cameras_own_and_have_plates_read() -> None:
    own = replace(OWN, lines=(Line("gate", (0.0, 0.5), (1.0, 0.5)),), triggers=(Trigger("over", CROSS, line="gate"),))
    over = AskedTrigger(
        "Linha 1", CROSS, ((0.0, 50.0), (200.0, 50.0)), Direction.FORWARD, frozenset({Kind.BUS}), 0.7, {"x": 1}
    )
    camera = asked(own, over, AskedTrigger("in", ENTER, LEFT))
    line_id = slug_of("Linha 1")
    assert camera.lines == (Line(line_id, (0.0, 0.5), (1.0, 0.5)),)
    assert camera.triggers == (
        Trigger(line_id, CROSS, line=line_id, direction=Direction.FORWARD, kinds=frozenset({Kind.BUS}), min_score=0.7),
        Trigger("in", ENTER, zone="in", kinds=VEHICLES),
    )
    assert all(trigger.read_plate for trigger in camera.triggers)
    assert zones_of(camera) == {"in": LEFT_HALF}


def test_a_trigger_without_points_watches_the_region_the_own_zone_or_the_whole_picture_and_no_others_zone() -> None:
    placed, anywhere = AskedTrigger("in", ENTER, LEFT), AskedTrigger("any", ENTER)
    roi = ((0.0, 0.0), (200.0, 0.0), (200.0, 50.0))
    watched = [
        (camera.triggers[1].zone, zones_of(camera))
        for camera in (
            asked(OWN, placed, anywhere, roi=roi),
            asked(replace(OWN, zones=(YARD, TREE)), placed, anywhere),
            asked(OWN, placed, anywhere),
            asked(OWN, anywhere, replace(anywhere, id="in")),
        )
    ]
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    assert watched == [
        ("roi", {"in": LEFT_HALF, "roi": ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5))}),
        ("yard", {"tree": TREE.polygon, "in": LEFT_HALF, "yard": YARD.polygon}),
        ("picture", {"in": LEFT_HALF, "picture": whole}),
        (None, {}),
    ]


def test_a_trigger_called_like_the_region_or_like_an_own_zone_keeps_its_place() -> None:
    camera = asked(OWN, AskedTrigger("roi", ENTER, LEFT), AskedTrigger("any", ENTER), roi=LEFT[:3])
    assert [trigger.zone for trigger in camera.triggers] == ["roi", "roi-2"]
    camera = asked(replace(OWN, zones=(YARD, TREE)), AskedTrigger("yard", ENTER, LEFT))
    assert zones_of(camera) == {"tree": TREE.polygon, "yard": LEFT_HALF}


def test_what_is_ignored_stays_ignored() -> None:
    camera = asked(replace(OWN, zones=(TREE,)), AskedTrigger("in", ENTER, LEFT), roi=LEFT)
    assert TREE in camera.zones


def test_what_reaches_beyond_the_picture_is_cut_off() -> None:
    line = AskedTrigger("over", CROSS, ((-100.0, 50.0), (900.0, 50.0)))
    camera = asked(
        OWN,
        line,
        AskedTrigger("any", ENTER),
        roi=((-5000.0, -5000.0), (100.0, -5000.0), (100.0, 5000.0), (-5000.0, 5000.0)),
    )
    assert camera.lines == (Line("over", (0.0, 0.5), (1.0, 0.5)),)
    assert set(zones_of(camera)["roi"]) == set(LEFT_HALF)


OUTSIDE = ((300.0, 0.0), (400.0, 0.0), (400.0, 90.0))
SLIVER = ((-90.0, 0.0), (0.01, 0.0), (0.01, 100.0), (-90.0, 100.0))


@pytest.mark.parametrize(
    ("asking", "reason", "says"),
    [
        (work(roi=OUTSIDE), RefusalReason.BAD_ROI, "roi lies outside the picture, which has 200 x 100 pixels"),
        (work(roi=SLIVER), RefusalReason.BAD_ROI, "roi in a picture of 200 x 100 pixels: .*no area"),
        (work(AskedTrigger("in", ENTER, OUTSIDE)), RefusalReason.BAD_TRIGGERS, "'in' lies outside"),
        (work(AskedTrigger("over", CROSS, OUTSIDE[:2])), RefusalReason.BAD_TRIGGERS, "line of 'over' lies outside"),
        (work(AskedTrigger("fast", TriggerType.SPEED)), RefusalReason.BAD_TRIGGERS, "calibrated zone"),
        (
            work(AskedTrigger("A", ENTER), AskedTrigger(slug_of("A"), ENTER)),
            RefusalReason.BAD_TRIGGERS,
            "is there twice",
        ),
    ],
)
def test_what_no_camera_could_watch_is_refused_with_the_reason(
    asking: DetectVehicle, reason: RefusalReason, says: str
) -> None:
    with pytest.raises(MessageRefused, match=says) as refused:
        asked_camera(OWN, asking, SIZE)
    assert refused.value.reason is reason
