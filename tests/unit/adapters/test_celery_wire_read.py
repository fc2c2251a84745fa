"""What messages from Celery's clients mean."""

import json
import zlib
from dataclasses import replace
from typing import Any

import pytest
from celery_messages import (
    BARE,
    CANVAS,
    DET,
    JPEG,
    LINE,
    MARKED,
    PLATE,
    ROI,
    TASK_ID,
    args,
    headers,
    message,
    properties,
    protocol_1,
    protocol_2,
)

from gtvision.adapters.celery_wire import WireMessage, buried, parked, put_back, read_message, revived
from gtvision.domain.kinds import VEHICLES, Kind
from gtvision.domain.places import Direction
from gtvision.domain.task import AskedTrigger, DetectVehicle, ProcessPlate, Task
from gtvision.domain.trigger import TriggerType

LINE_ASKED = AskedTrigger("gate", TriggerType.CROSS, ((0, 12), (31, 12)))
FRAME = DetectVehicle("north-gate", JPEG, ((0, 0), (31, 0), (31, 23), (0, 23)), (LINE_ASKED,))


def task_of(wire: WireMessage) -> Task:
    read = read_message(wire)
    assert isinstance(read, Task), read
    return read


@pytest.mark.parametrize(
    "wire",
    [
        protocol_2(args()),
        protocol_2(args(frame_bytes=BARE)),
        protocol_2([], dict(zip(("camera_id", "frame_bytes", "roi", "triggers"), args(), strict=True))),
        protocol_2(args()[:2], {"triggers": [LINE], "roi": ROI}),
        protocol_2(args(frame_bytes=JPEG), content_type="application/x-msgpack"),
        protocol_2(args(frame_bytes=BARE), content_type="application/x-msgpack", compression="application/x-gzip"),
        protocol_2(args(), compression="application/x-gzip"),
        protocol_2(args(), compression="application/x-bz2"),
        message(protocol_1(args()), of={}),
        message(protocol_1(args()), of={}, compression="application/x-bz2"),
        message([args(), {}, {**CANVAS, "callbacks": [{"task": "other.tasks.after"}]}]),
        protocol_2(args(), of=headers(timelimit="garbage", **{"x-death": [{"count": 1}]})),
    ],
)
def test_every_form_of_a_call_is_the_same_task(wire: WireMessage) -> None:
    assert task_of(wire) == Task(
        TASK_ID, FRAME, priority=5, reply_to=wire.properties["reply_to"], correlation_id=TASK_ID
    )


def test_a_message_without_any_headers_is_protocol_1() -> None:
    wire = message(protocol_1(args()), of={})
    assert task_of(WireMessage(wire.body, None, wire.properties)).work == FRAME


def test_a_true_gzip_file_is_read_too() -> None:
    engine = zlib.compressobj(wbits=31)
    plain = protocol_2(args())
    body = engine.compress(plain.body) + engine.flush()
    assert task_of(WireMessage(body, headers(compression="application/x-gzip"), plain.properties)).work == FRAME


def test_times_without_an_offset_are_utc() -> None:
    naive = headers(eta="2026-11-23T15:00:00", expires="2026-11-23T12:00:30-03:00")
    task = task_of(protocol_2(args(), of=naive))
    assert (task.eta_s, task.expires_s) == (1795446000.0, 1795446030.0)
    assert task_of(message(protocol_1(args(), eta="2026-11-23T15:00:00Z", retries=2), of={})).eta_s == 1795446000.0


@pytest.mark.parametrize(("sent", "taken"), [(None, 0), (0, 0), (9, 9), (10, 10), (200, 10), (-1, 0), ("high", 0)])
def test_a_priority_is_between_0_and_10(sent: Any, taken: int) -> None:
    assert task_of(protocol_2(args(), priority=sent)).priority == taken


def test_a_message_that_was_delivered_tried_or_dead_before_may_be_done_already() -> None:
    first = protocol_2(args())
    letter = buried(first, "failed", "the store does not answer", 1_795_442_400.0)
    old = message(protocol_1(args()), of={})
    again = [replace(first, is_redelivered=True), protocol_2(args(), of=headers(retries=1)), put_back(revived(letter))]
    again += [replace(old, is_redelivered=True), message(protocol_1(args(), retries=1), of={}), put_back(old)]
    assert [task_of(each).may_be_repeated for each in again] == [True] * 6
    assert not any(task_of(each).may_be_repeated for each in (first, old, parked(first)))
    assert task_of(parked(put_back(first))).may_be_repeated


def test_retries_are_taken_as_they_are_counted_by_whoever_tried() -> None:
    assert task_of(protocol_2(args(), of=headers(retries=99))).retries == 99


@pytest.mark.parametrize("nothing", [None, []])
def test_without_roi_and_triggers_the_whole_picture_is_watched_for_any_vehicle(nothing: Any) -> None:
    work = task_of(protocol_2(args(roi=nothing, triggers=nothing))).work
    assert work == DetectVehicle("north-gate", JPEG, (), ())


def test_a_camera_may_be_called_anything_visible() -> None:
    for name in ("камера-№1 ☃", "../../etc/passwd", "x" * 200):
        work = task_of(protocol_2(args(camera_id=name))).work
        assert work.camera_id == name


def test_what_kombu_marks_but_is_no_bytes_stays_text() -> None:
    other = {**LINE, "made": {"__type__": "datetime", "__value__": "2026-01-01T00:00:00"}}
    camera = {"__type__": "uuid", "__value__": {"hex": "f" * 32}}
    work = task_of(protocol_2(args(camera_id=camera, triggers=[other]))).work
    assert isinstance(work, DetectVehicle)
    assert work.camera_id == "f" * 32
    assert work.triggers[0].others == {"made": "2026-01-01T00:00:00"}


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ({"type": "line", "points": [[0, 1], [9, 1]], "direction": "forward"}, (TriggerType.CROSS, VEHICLES)),
        ({"type": "count", "points": [[0, 1], [9, 1]]}, (TriggerType.COUNT, VEHICLES)),
        ({"type": "zone", "points": ROI}, (TriggerType.ENTER, VEHICLES)),
        ({"type": "intrusion"}, (TriggerType.ENTER, VEHICLES)),
        ({"type": "dwell", "points": None, "classes": ["car", "bus"]}, (TriggerType.DWELL, {Kind.CAR, Kind.BUS})),
        ({"type": "enter", "classes": ["person"], "min_score": 0.5}, (TriggerType.ENTER, {Kind.PERSON})),
    ],
)
def test_triggers_mean_ours(sent: dict[str, Any], meant: Any) -> None:
    work = task_of(protocol_2(args(triggers=[{"id": "t", **sent}]))).work
    assert isinstance(work, DetectVehicle)
    (trigger,) = work.triggers
    assert (trigger.type, trigger.kinds) == meant
    assert trigger.direction == (Direction.FORWARD if sent.get("direction") == "forward" else None)
    assert trigger.min_score == sent.get("min_score")


@pytest.mark.parametrize("crop", [None, MARKED, BARE])
def test_a_plate_task_has_a_picture_or_says_where_one_was_taken(crop: Any) -> None:
    det = DET if crop is None else {**DET, "crop": crop, "event_id": "e-1"}
    work = task_of(protocol_2(["north-gate", det], of=headers(PLATE))).work
    seen = ((4, 5, 20.5, 18), 0.875, "car", 7, 1760000000.25)
    assert work == ProcessPlate("north-gate", *seen, *((JPEG, "e-1") if crop else ()))


def test_the_body_may_be_written_with_any_spaces_and_escapes() -> None:
    compact = json.dumps([args(), {}, CANVAS], separators=(",", ":"), indent=1).encode()
    assert task_of(WireMessage(compact, headers(), properties(content_encoding="UTF-8"))).work == FRAME
