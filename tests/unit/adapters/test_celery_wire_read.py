"""What messages from Celery's clients mean, and why some are refused."""

import bz2
import json
import zlib
from typing import Any

import msgpack
import pytest
from celery_messages import (
    BARE,
    CANVAS,
    DET,
    DETECT,
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

from gtvision.adapters.celery_wire import MAX_BODY_BYTES, WireMessage, read_message
from gtvision.domain.kinds import VEHICLES, Kind
from gtvision.domain.places import Direction
from gtvision.domain.refusal import Refusal, RefusalReason
from gtvision.domain.task import AskedTrigger, DetectVehicle, ProcessPlate, Task
from gtvision.domain.trigger import TriggerType

LINE_ASKED = AskedTrigger("gate", TriggerType.CROSS, ((0, 12), (31, 12)))
FRAME = DetectVehicle("north-gate", JPEG, ((0, 0), (31, 0), (31, 23), (0, 23)), (LINE_ASKED,))
BOMB_BYTES = 4 * MAX_BODY_BYTES


def task_of(wire: WireMessage) -> Task:
    read = read_message(wire)
    assert isinstance(read, Task), read
    return read


def reason_of(wire: WireMessage) -> RefusalReason:
    read = read_message(wire)
    assert isinstance(read, Refusal), read
    assert read.sentence
    return read.reason


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


@pytest.mark.parametrize(
    ("content_type", "encoding", "reason"),
    [
        ("application/x-python-serialize", "binary", RefusalReason.CONTENT_TYPE),
        ("application/x-yaml", "utf-8", RefusalReason.CONTENT_TYPE),
        ("text/x-foo", "utf-8", RefusalReason.CONTENT_TYPE),
        (None, "utf-8", RefusalReason.CONTENT_TYPE),
        (["application/json"], "utf-8", RefusalReason.CONTENT_TYPE),
        ("application/json", "klingon", RefusalReason.CONTENT_ENCODING),
        ("application/json", "binary", RefusalReason.CONTENT_ENCODING),
        ("application/x-msgpack", "utf-16", RefusalReason.CONTENT_ENCODING),
    ],
)
def test_only_json_and_msgpack_are_read(content_type: Any, encoding: str, reason: RefusalReason) -> None:
    plain = protocol_2(args())
    changed = {**plain.properties, "content_type": content_type, "content_encoding": encoding}
    assert reason_of(WireMessage(plain.body, plain.headers, changed)) == reason


def test_pickle_is_refused_although_it_would_unpickle() -> None:
    import pickle

    class Bomb:
        def __reduce__(self) -> Any:
            return (pytest.fail, ("a message was unpickled",))

    refused = properties(content_type="application/json") | {"content_type": "application/x-python-serialize"}
    assert reason_of(WireMessage(pickle.dumps(Bomb()), headers(), refused)) == RefusalReason.CONTENT_TYPE
    assert reason_of(WireMessage(pickle.dumps(Bomb()), headers(), properties())) == RefusalReason.MALFORMED_BODY


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", RefusalReason.MALFORMED_BODY),
        (b"\xff\xfe[[],{},{}]", RefusalReason.MALFORMED_BODY),
        (protocol_2(args()).body[:-40], RefusalReason.MALFORMED_BODY),
        (b'{"a":1}', RefusalReason.MALFORMED_BODY),
        (b'["cam", {}, {}]', RefusalReason.MALFORMED_BODY),
        (b"[[], {}]", RefusalReason.MALFORMED_BODY),
        (b"[[], [], {}]", RefusalReason.MALFORMED_BODY),
        (b"[[NaN], {}, {}]", RefusalReason.MALFORMED_BODY),
        (b"[[1e999], {}, {}]", RefusalReason.MALFORMED_BODY),
        (b"[[" + b"9" * 5000 + b"], {}, {}]", RefusalReason.MALFORMED_BODY),
        (b"[" * 200 + b"]" * 200, RefusalReason.TOO_LARGE),
        (b"[" * 50_000 + b"]" * 50_000, RefusalReason.TOO_LARGE),
        (b"[" + b"[]," * 50_001 + b"[]]", RefusalReason.TOO_LARGE),
    ],
)
def test_a_damaged_or_boundless_body_is_refused(body: bytes, reason: RefusalReason) -> None:
    assert reason_of(WireMessage(body, headers(), properties())) == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", RefusalReason.MALFORMED_BODY),
        (b"\x93\x90\x80", RefusalReason.MALFORMED_BODY),
        (b"\x93\x90\x80\x80\x80", RefusalReason.MALFORMED_BODY),
        (b"\x93\x90\x80\x80", RefusalReason.ARITY),
        (b"\xdd\xff\xff\xff\xff", RefusalReason.MALFORMED_BODY),
        (msgpack.packb([msgpack.ExtType(5, b"x")]), RefusalReason.UNKNOWN_TYPE_MARKER),
        (msgpack.packb([[[[]] * 9_000] * 10]), RefusalReason.TOO_LARGE),
        (b"\x91" * 200 + b"\x90", RefusalReason.TOO_LARGE),
        (b"\x91" * 5_000 + b"\x90", RefusalReason.MALFORMED_BODY),
    ],
)
def test_msgpack_is_bounded_as_well(body: bytes, reason: RefusalReason) -> None:
    assert reason_of(WireMessage(body, headers(), properties("application/x-msgpack"))) == reason


@pytest.mark.parametrize(
    ("body", "compression", "reason"),
    [
        (b"notzlib", "application/x-gzip", RefusalReason.DECOMPRESS),
        (b"BZhnot", "application/x-bz2", RefusalReason.DECOMPRESS),
        (b"", "application/x-bz2", RefusalReason.DECOMPRESS),
        (zlib.compress(b"[[],{},{}]")[:-3], "application/x-gzip", RefusalReason.DECOMPRESS),
        (zlib.compress(b"[[],{},{}]") + b"more", "application/x-gzip", RefusalReason.DECOMPRESS),
        (b"[[],{},{}]", "application/x-evil", RefusalReason.DECOMPRESS),
        (b"[[],{},{}]", ["application/x-gzip"], RefusalReason.DECOMPRESS),
        (zlib.compress(bytes(BOMB_BYTES)), "application/x-gzip", RefusalReason.TOO_LARGE),
        (bz2.compress(bytes(BOMB_BYTES)), "application/x-bz2", RefusalReason.TOO_LARGE),
        (bytes(MAX_BODY_BYTES + 1), None, RefusalReason.TOO_LARGE),
    ],
    ids=str,
)
def test_what_cannot_be_decompressed_within_the_bound_is_refused(
    body: bytes, compression: Any, reason: RefusalReason
) -> None:
    assert reason_of(WireMessage(body, headers(compression=compression), properties())) == reason


def test_a_body_of_exactly_the_bound_is_read() -> None:
    plain = protocol_2(args())
    packed = WireMessage(zlib.compress(plain.body), headers(compression="application/x-gzip"), plain.properties)
    for wire in (plain, packed):
        assert isinstance(read_message(wire, len(plain.body)), Task)
        read = read_message(wire, len(plain.body) - 1)
        assert isinstance(read, Refusal)
        assert read.reason == RefusalReason.TOO_LARGE


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (message([args(), {}, CANVAS], of={}), RefusalReason.NO_TASK),
        (message({"id": TASK_ID}, of={}), RefusalReason.NO_TASK),
        (message([args(), {}, CANVAS], of=headers("detection.tasks.nope")), RefusalReason.UNKNOWN_TASK),
        (message([args(), {}, CANVAS], of={**headers(), "task": ["x"]}), RefusalReason.UNKNOWN_TASK),
        (message([args(), {}, CANVAS], of={"task": DETECT}), RefusalReason.NO_ID),
        (message([args(), {}, CANVAS], of=headers(id="")), RefusalReason.NO_ID),
        (message(protocol_1(args(), id="\ud800"), of={}), RefusalReason.NO_ID),
        (message(protocol_1(args(), args="cam"), of={}), RefusalReason.MALFORMED_BODY),
        (protocol_2(args(), of=headers(eta="not-a-date")), RefusalReason.BAD_ETA),
        (protocol_2(args(), of=headers(eta=5)), RefusalReason.BAD_ETA),
        (protocol_2(args(), of=headers(expires="tomorrow")), RefusalReason.BAD_EXPIRES),
        (protocol_2(args(), of=headers(retries="1")), RefusalReason.BAD_RETRIES),
        (protocol_2(args(), of=headers(retries=-1)), RefusalReason.BAD_RETRIES),
        (protocol_2(args()[:1]), RefusalReason.ARITY),
        (protocol_2([*args(), 1]), RefusalReason.ARITY),
        (protocol_2(args(), {"roi": None}), RefusalReason.ARITY),
        (protocol_2(args()[:3], {"trigers": None}), RefusalReason.ARITY),
        (protocol_2(["north-gate"], of=headers(PLATE)), RefusalReason.ARITY),
    ],
)
def test_an_envelope_that_no_worker_could_use_is_refused(wire: WireMessage, reason: RefusalReason) -> None:
    assert reason_of(wire) == reason


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"camera_id": ""}, RefusalReason.BAD_CAMERA_ID),
        ({"camera_id": "   "}, RefusalReason.BAD_CAMERA_ID),
        ({"camera_id": "a\nb"}, RefusalReason.BAD_CAMERA_ID),
        ({"camera_id": "a\x00b"}, RefusalReason.BAD_CAMERA_ID),
        ({"camera_id": "x" * 201}, RefusalReason.BAD_CAMERA_ID),
        ({"camera_id": 7}, RefusalReason.BAD_CAMERA_ID),
        ({"frame_bytes": {"__type__": "exec", "__value__": "x"}}, RefusalReason.UNKNOWN_TYPE_MARKER),
        ({"frame_bytes": {"__type__": "base64", "__value__": 1}}, RefusalReason.UNKNOWN_TYPE_MARKER),
        ({"frame_bytes": {"__type__": ["base64"], "__value__": "x"}}, RefusalReason.UNKNOWN_TYPE_MARKER),
        ({"frame_bytes": {"__type__": "base64", "__value__": "@@@"}}, RefusalReason.BAD_BASE64),
        ({"frame_bytes": BARE[:-1]}, RefusalReason.BAD_BASE64),
        ({"frame_bytes": BARE[:4] + "\n" + BARE[4:]}, RefusalReason.BAD_BASE64),
        ({"frame_bytes": "câmera"}, RefusalReason.BAD_BASE64),
        ({"frame_bytes": {"__type__": "bytes", "__value__": "text"}}, RefusalReason.NOT_JPEG),
        ({"frame_bytes": "iVBORw0KGgo="}, RefusalReason.NOT_JPEG),
        ({"frame_bytes": ""}, RefusalReason.NOT_JPEG),
        ({"frame_bytes": None}, RefusalReason.NOT_JPEG),
        ({"frame_bytes": list(JPEG)}, RefusalReason.NOT_JPEG),
        ({"roi": [[0, 0], [1, 1]]}, RefusalReason.BAD_ROI),
        ({"roi": [[0, 0, 1], [1], [2, 2]]}, RefusalReason.BAD_ROI),
        ({"roi": [["a", "b"], ["c", "d"], ["e", "f"]]}, RefusalReason.BAD_ROI),
        ({"roi": [[1e308, 0], [0, 1], [1, 1]]}, RefusalReason.BAD_ROI),
        ({"roi": [[i, i * i] for i in range(257)]}, RefusalReason.BAD_ROI),
        ({"roi": [[True, 0], [9, 0], [9, 9]]}, RefusalReason.BAD_ROI),
        ({"roi": [[0, 0], [9, 9], [9, 0], [0, 9]]}, RefusalReason.BAD_ROI),
        ({"roi": [[0, 0], [9, 9], [18, 18]]}, RefusalReason.BAD_ROI),
        ({"roi": "all"}, RefusalReason.BAD_ROI),
        ({"triggers": "line"}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": ["line"]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [LINE, LINE]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "id": str(i)} for i in range(65)]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "id": None}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "id": ""}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "type": "speed"}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "type": None}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "points": [[0, 0]]}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "points": [[0, 0], [0, 0]]}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "points": [[0, 0], [1e9, 0]]}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "points": "all"}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "direction": "up"}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "type": "zone", "points": ROI, "direction": "forward"}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "type": "zone"}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "classes": ["ufo"]}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "classes": "car"}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "classes": []}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "min_score": 2}]}, RefusalReason.BAD_TRIGGERS),
        ({"triggers": [{**LINE, "min_score": "high"}]}, RefusalReason.BAD_TRIGGERS),
    ],
    ids=str,
)
def test_an_argument_that_means_nothing_is_refused(other: dict[str, Any], reason: RefusalReason) -> None:
    assert reason_of(protocol_2(args(**other))) == reason


@pytest.mark.parametrize(
    ("det", "reason"),
    [
        (None, RefusalReason.BAD_DET),
        ({}, RefusalReason.BAD_DET),
        ({**DET, "bbox": [1, 2, 3]}, RefusalReason.BAD_DET),
        ({**DET, "bbox": [1, 2, "3", 4]}, RefusalReason.BAD_DET),
        ({**DET, "bbox": [9, 2, 3, 4]}, RefusalReason.BAD_DET),
        ({**DET, "bbox": [1, 2, 1e9, 4]}, RefusalReason.BAD_DET),
        ({**DET, "confidence": 91}, RefusalReason.BAD_DET),
        ({**DET, "confidence": True}, RefusalReason.BAD_DET),
        ({**DET, "class": 2}, RefusalReason.BAD_DET),
        ({**DET, "class": "a\nb"}, RefusalReason.BAD_DET),
        ({**DET, "track_id": 1.5}, RefusalReason.BAD_DET),
        ({**DET, "track_id": 2**64}, RefusalReason.BAD_DET),
        ({**DET, "timestamp": 1760000000250}, RefusalReason.BAD_DET),
        ({**DET, "timestamp": None}, RefusalReason.BAD_DET),
        ({**DET, "crop": "iVBORw0KGgo="}, RefusalReason.NOT_JPEG),
        ({**DET, "crop": "@"}, RefusalReason.BAD_BASE64),
    ],
    ids=str,
)
def test_a_det_that_means_nothing_is_refused(det: Any, reason: RefusalReason) -> None:
    assert reason_of(protocol_2(["north-gate", det], of=headers(PLATE))) == reason


def test_a_sentence_is_short_however_long_what_it_speaks_of_is() -> None:
    long = "x" * 1_000_000
    for wire in (
        protocol_2(args(), {long: 1}),
        protocol_2(args(), of=headers(long)),
        protocol_2(args(), of=headers(eta=long)),
        protocol_2(args(triggers=[{**LINE, "type": long}])),
        protocol_2(args(frame_bytes={"__type__": long, "__value__": ""})),
    ):
        read = read_message(wire)
        assert isinstance(read, Refusal)
        assert len(read.sentence) < 500


def test_the_body_may_be_written_with_any_spaces_and_escapes() -> None:
    compact = json.dumps([args(), {}, CANVAS], separators=(",", ":"), indent=1).encode()
    assert task_of(WireMessage(compact, headers(), properties(content_encoding="UTF-8"))).work == FRAME
