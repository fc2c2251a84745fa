"""`gtvision queue inspect`: on messages made here, and on those captured from real clients where they are at hand."""

import json
from base64 import b64encode
from datetime import datetime
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from celery_messages import args, headers, protocol_2

from gtvision.adapters.celery_wire import WireMessage, read_message
from gtvision.adapters.queue_case import read_case
from gtvision.domain.task import DetectVehicle, Task
from tests.unit.cli.conftest import Run

NOW = "2026-11-23T14:00Z"


def written(folder: Path, stem: str, wire: WireMessage, **other: Any) -> str:
    """The path of the message as a case."""
    case = {"properties": wire.properties, "headers": wire.headers, "body_base64": b64encode(wire.body).decode()}
    file = folder / f"{stem}.json"
    file.write_text(json.dumps(case | other), encoding="utf-8")
    return str(file)


@pytest.fixture
def cases(tmp_path: Path) -> list[str]:
    """A case for each action."""
    later, gone = headers(eta="2026-11-23T14:00:05Z"), headers(expires="2026-11-23T13:59:00+00:00")
    return [
        written(tmp_path, "frame", protocol_2(args()), name="a frame"),
        written(tmp_path, "later", protocol_2(args(), of=later)),
        written(tmp_path, "gone", protocol_2(args(), of=gone)),
        written(tmp_path, "bad [1]", protocol_2(args(roi=[[0, 0], [1, 1]])), delivery={"redelivered": True}),
    ]


def test_each_case_is_a_line_with_what_would_become_of_it(run: Run, cases: list[str]) -> None:
    ran = run("queue", "inspect", *cases, "--now", NOW, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert [json.loads(line) for line in ran.out.splitlines()] == [
        {"case": "a frame", "action": "process", "reason": None},
        {"case": "later", "action": "park", "reason": "eta"},
        {"case": "gone", "action": "ack_drop", "reason": "expired"},
        {"case": "bad [1]", "action": "dlq", "reason": "bad_roi"},
    ]


def test_for_people_it_says_why(run: Run, cases: list[str]) -> None:
    ran = run("queue", "inspect", *cases, "--now", NOW)
    assert ran.out.splitlines() == [
        "a frame: process: its time has come",
        "later: park (eta): its time comes in 5 s",
        "gone: ack_drop (expired): it expired 60 s ago",
        "bad [1]: dlq (bad_roi): roi: a zone has 3 to 256 corners, not 2",
    ]


def test_without_a_time_it_is_now(run: Run, tmp_path: Path) -> None:
    old = written(tmp_path, "old", protocol_2(args(), of=headers(expires="2020-01-01T00:00:00")))
    future = written(tmp_path, "future", protocol_2(args(), of=headers(eta="2999-01-01T00:00:00")))
    lines = run("queue", "inspect", old, future, "--json").out.splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["ack_drop", "park"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[]", "is no case"),
        (b"{}", "`body_base64` is missing"),
        (b'{"body_base64": "@"}', "is no Base64"),
        (b'{"body_base64": "", "headers": []}', "`headers` is an object"),
        (b'{"body_base64": "", "properties": null}', "`properties` and `delivery` are objects"),
    ],
)
def test_a_file_that_holds_no_message_stops_nobody(
    run: Run, cases: list[str], tmp_path: Path, content: bytes, says: str
) -> None:
    bad = tmp_path / "broken.json"
    bad.write_bytes(content)
    ran = run("queue", "inspect", str(bad), str(tmp_path / "none.json"), cases[0], "--json")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert (ran.code, [line["case"] for line in lines]) == (1, ["broken", "none", "a frame"])
    assert [line["action"] for line in lines] == [None, None, "process"]
    assert says in lines[0]["error"]
    first, second = ran.err.splitlines()
    assert first.startswith(f"gtvision: {bad}: ")
    assert "No such file" in second


@pytest.mark.parametrize("arguments", [("--now", "soon", "x.json"), ()])
def test_wrong_usage_ends_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run("queue", "inspect", *arguments)
    assert ran.code == 2
    assert ran.err


def expected(case: dict[str, Any], now: str) -> tuple[str, str | None]:
    """What should become of a captured message; where it names the header's `eta`, not before that."""
    expect = case["expect"]
    if expect.get("eta") == "header" and datetime.fromisoformat(case["headers"]["eta"]) > datetime.fromisoformat(now):
        return "park", "eta"
    return expect["action"], expect.get("reason")


@pytest.mark.parametrize("now", [NOW, "2026-11-23T15:07:00Z"])
def test_every_captured_message_has_its_expected_verdict(run: Run, queue_cases: Path, now: str) -> None:
    files = sorted(queue_cases.glob("*.json"))
    ran = run("queue", "inspect", *map(str, files), "--now", now, "--json")
    given = [(line["action"], line["reason"]) for line in map(json.loads, ran.out.splitlines())]
    wanted = [expected(json.loads(file.read_bytes()), now) for file in files]
    assert files
    wrong = [each for each in zip(files, given, wanted, strict=True) if each[1] != each[2]]
    assert (ran.code, wrong) == (0, [])


def test_every_captured_message_means_what_it_should(queue_cases: Path) -> None:
    looked_at = 0
    for file in sorted(queue_cases.glob("*.json")):
        expect = json.loads(file.read_bytes())["expect"]
        if expect["action"] != "process":
            continue
        task = read_message(read_case(file).message)
        assert isinstance(task, Task), file
        assert task.priority == expect.get("priority", task.priority), file
        assert task.retries == expect.get("retries", 0), file
        assert task.work.camera_id == expect.get("camera_id", task.work.camera_id), file
        if "frame_sha1" in expect:
            assert isinstance(task.work, DetectVehicle)
            assert sha1(task.work.jpeg).hexdigest() == expect["frame_sha1"], file
            assert [list(point) for point in task.work.roi] == (expect["roi"] or []), file
            assert [trigger.id for trigger in task.work.triggers] == [t["id"] for t in expect["triggers"] or []], file
            looked_at += 1
    assert looked_at
