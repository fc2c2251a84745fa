"""Messages that we send, and what becomes of those that came in."""

import json
from dataclasses import replace
from typing import Any

import pytest
from celery_messages import BARE, CANVAS, DET, JPEG, TASK_ID, args, headers, message, protocol_1, protocol_2

from gtvision.adapters.celery_wire import (
    WireMessage,
    buried,
    plate_message,
    read_message,
    reply_message,
    retried,
    revived,
)
from gtvision.domain.task import ProcessPlate, Task, plate_task_id

NOW_S = 1795440000.0
PLATE = ProcessPlate("câm", (4, 5, 20.5, 18), 0.875, "car", 7, 1760000000.25)


def task_of(wire: WireMessage) -> Task:
    read = read_message(wire)
    assert isinstance(read, Task), read
    return read


def test_a_plate_task_is_written_byte_for_byte_as_celery_does() -> None:
    sent = plate_message(PLATE, TASK_ID, "gtvision@node-1")
    assert sent.body == (
        b'[["c\\u00e2m", {"bbox": [4, 5, 20.5, 18], "confidence": 0.875, "class": "car", "track_id": 7, '
        b'"timestamp": 1760000000.25}], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]'
    )
    assert list(sent.properties.items()) == [
        ("content_type", "application/json"),
        ("content_encoding", "utf-8"),
        ("delivery_mode", 2),
        ("priority", 5),
        ("correlation_id", TASK_ID),
    ]
    assert list((sent.headers or {}).items()) == [
        ("lang", "py"),
        ("task", "detection.tasks.process_plate"),
        ("id", TASK_ID),
        ("shadow", None),
        ("eta", None),
        ("expires", None),
        ("group", None),
        ("group_index", None),
        ("retries", 0),
        ("timelimit", [None, None]),
        ("root_id", TASK_ID),
        ("parent_id", None),
        ("argsrepr", f"{['câm', DET]}"),
        ("kwargsrepr", "{}"),
        ("origin", "gtvision@node-1"),
        ("ignore_result", None),
        ("replaced_task_nesting", 0),
        ("stamped_headers", None),
        ("stamps", {}),
    ]


def test_a_picture_is_sent_as_bare_base64_and_stands_in_no_header() -> None:
    work = replace(PLATE, crop=JPEG, event_id="e-1")
    sent = plate_message(work, TASK_ID, "gtvision@node-1")
    assert json.loads(sent.body)[0][1] == {**DET, "crop": BARE, "event_id": "e-1"}
    assert BARE[:20] not in str(sent.headers)
    assert "reply_to" not in sent.properties
    assert task_of(sent).work == work


def test_the_task_of_an_event_is_always_the_same_one() -> None:
    assert plate_task_id("e-1") == plate_task_id("e-1") != plate_task_id("e-2")


def test_a_reply_says_what_became_of_the_task() -> None:
    task = replace(task_of(protocol_2(args())), correlation_id="c-1")
    done = reply_message(task, {"events": 1}, NOW_S)
    assert json.loads(done.body) == {
        "status": "SUCCESS",
        "result": {"events": 1},
        "traceback": None,
        "children": [],
        "date_done": "2026-11-23T13:20:00+00:00",
        "task_id": TASK_ID,
    }
    assert (done.properties["delivery_mode"], done.properties["correlation_id"]) == (1, "c-1")
    failed = json.loads(reply_message(task, {"exc_type": "BadInput"}, NOW_S, error="no whole JPEG").body)
    assert (failed["status"], failed["traceback"]) == ("FAILURE", "no whole JPEG")


@pytest.mark.parametrize(
    "wire",
    [
        protocol_2(args(), of=headers(eta="2026-11-23T15:00:00Z", retries=1), expiration="60000", priority=7),
        protocol_2(args(), of=headers(retries=1), compression="application/x-bz2", priority=7),
        message(protocol_1(args(), retries=1, eta="2026-11-23T15:00:00Z"), of={"x-death": []}, priority=7),
        message(protocol_1(args(), retries=1), of={}, compression="application/x-gzip", priority=7),
        message(protocol_1(args(frame_bytes=JPEG), retries=1), of={}, content_type="application/x-msgpack", priority=7),
    ],
)
def test_the_next_attempt_is_the_same_task_with_one_retry_more(wire: WireMessage) -> None:
    task = task_of(wire)
    again = task_of(retried(wire, task))
    assert again == replace(task, retries=2, eta_s=None)
    assert retried(wire, task).properties == {
        name: value for name, value in wire.properties.items() if name != "expiration"
    }


def test_the_next_attempt_names_the_one_before_and_forgets_the_brokers_deaths() -> None:
    died = {"x-death": [{"count": 1}], "x-first-death-queue": "q", "x-last-death-reason": "expired", "x-mine": 1}
    wire = protocol_2(args(), of=headers(**died))
    sent = retried(wire, task_of(wire))
    assert sent.headers == headers(retries=1, parent_id=TASK_ID, **{"x-mine": 1})
    assert sent.body == wire.body


@pytest.mark.parametrize("of", [None, {}, headers(), headers(**{"x-death": [{"count": 1}]})])
@pytest.mark.parametrize("other", [{}, {"expiration": "60000", "delivery_mode": 1}, {"delivery_mode": None}])
def test_a_dead_letter_is_kept_and_can_be_had_back_as_it_was(of: Any, other: dict[str, Any]) -> None:
    plain = message([args(), {}, CANVAS])
    wire = WireMessage(b"\x00not a body", of, {**plain.properties, **other})
    dead = buried(wire, "malformed_body", "the body is no JSON in UTF-8", NOW_S)
    assert (dead.headers or {})["gtv-dead-reason"] == "malformed_body"
    assert (dead.properties["delivery_mode"], "expiration" in dead.properties) == (2, False)
    back = revived(dead)
    assert (back.body, back.headers, back.properties) == (wire.body, wire.headers or None, wire.properties)


def test_a_dead_letter_that_died_twice_tells_of_the_second_time() -> None:
    wire = protocol_2(args())
    again = buried(revived(buried(wire, "failed", "first", NOW_S)), "arity", "second", NOW_S + 60)
    assert (again.headers or {})["gtv-dead-reason"] == "arity"
    assert revived(again).headers == wire.headers
