"""Which messages are refused, and by which word."""

import bz2
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
from gtvision.domain.refusal import Refusal, RefusalReason
from gtvision.domain.task import Task

BOMB_BYTES = 4 * MAX_BODY_BYTES


def reason_of(wire: WireMessage) -> RefusalReason:
    read = read_message(wire)
    assert isinstance(read, Refusal), read
    assert read.sentence
    return read.reason


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
        ({"frame_bytes": BARE + "="}, RefusalReason.BAD_BASE64),
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
