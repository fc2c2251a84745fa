"""`gtvision queue status` and `gtvision queue dead` on a real broker, with messages made here and captured ones."""

import json
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery_messages import args, headers, message, properties, protocol_2

from gtvision.adapters.amqp import AmqpIntake, AmqpOutlet, Login, queues_beside
from gtvision.adapters.celery_wire import WireMessage, buried, read_message
from gtvision.adapters.queue_case import read_case
from gtvision.cli import main
from gtvision.domain.queues import dead_queue
from gtvision.domain.refusal import Refusal
from gtvision.domain.task import Task
from tests.rabbitmq import RabbitServer
from tests.system.amqp_parts import Running, bridge_of, new_name
from tests.unit.cli.conftest import Ran, _state_of_process  # noqa: F401 - a fixture

Run = Callable[..., Ran]
NOW_S = 1_795_000_000.0
DIED = "2026-11-18T11:06:40+00:00"


@pytest.fixture
def queue() -> str:
    return new_name()


@pytest.fixture
def login(rabbit: RabbitServer, tmp_path: Path) -> Login:
    bridge = bridge_of((rabbit.host,), tmp_path)
    return Login.of(bridge, bridge.partners[0])


@pytest.fixture
def run(rabbit: RabbitServer, tmp_path: Path, queue: str, capsys: pytest.CaptureFixture[str], request: Any) -> Run:
    """`run("queue", "status")`, with settings whose first partner has that queue of frames."""
    request.getfixturevalue("_state_of_process")
    bridge = bridge_of((rabbit.host,), tmp_path).model_dump(mode="json")
    bridge["partners"][0]["frames"] = queue
    bridge["partners"][1]["sends_plates"] = True
    file = tmp_path / "gtvision.yaml"
    file.write_text(yaml.safe_dump({"bridge": bridge}), encoding="utf-8")

    def command(*arguments: str) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(["--config", str(file), *arguments])
        return Ran(int(end.value.code or 0), *capsys.readouterr())

    return command


def dead(run: Run, *arguments: str) -> Ran:
    return run("queue", "dead", *arguments, "--partner", "city")


def frame(number: int, retries: int = 0) -> WireMessage:
    return protocol_2(args(camera_id=f"cam-{number}"), of=headers(id=f"task-{number}", retries=retries))


def put(login: Login, queue: str, *letters: WireMessage) -> None:
    """Puts letters where dead ones lie, in order."""
    queues = queues_beside(queue, bridge_of(login.hosts, login.password_file.parent))
    outlet = AmqpOutlet(login, queues)
    with Running(outlet):
        for letter in letters:
            outlet.publish(letter, dead_queue(queue)).result(20)


def taken(login: Login, queue: str, count: int) -> list[WireMessage]:
    """Takes so many messages from a queue."""
    found = []
    with Running(AmqpIntake(login, queue, 1, {})) as consumer:
        for _ in range(count):
            delivery = consumer.next()
            found.append(delivery.message)
            delivery.acknowledge()
    return found


@pytest.fixture
def three(login: Login, queue: str) -> None:
    """Three dead letters: two of one reason, and between them one that failed too often."""
    put(
        login,
        queue,
        buried(frame(1), "bad_roi", "roi: it has no area", NOW_S),
        buried(frame(2, retries=3), "failed", "the store does not answer", NOW_S),
        buried(frame(3), "bad_roi", "roi: it has no area", NOW_S),
    )


def ids(run: Run) -> list[str]:
    return [letter["id"] for letter in dead(run, "list", "--json").json["letters"]]


@pytest.mark.usefixtures("three")
def test_status_counts_each_queue_of_each_partner(run: Run, queue: str) -> None:
    ran = run("queue", "status", "--json")
    assert ran.code == 0
    counts = {(each["partner"], each["queue"]): each for each in _named(ran.json["queues"])}
    assert counts["city", queue] == {"partner": "city", "queue": queue, "messages": 0, "consumers": 0}
    assert counts["city", dead_queue(queue)]["messages"] == 3
    assert len([1 for partner, _ in counts if partner == "city"]) == 6
    assert run("queue", "status", "--partner", "city").out.count(queue) == 6
    assert [name for partner, name in counts if partner == "road" and "ocr" in name] == ["ocr"]  # we only send there


def _named(queues: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"queue" if key == "name" else key: value for key, value in each.items()} for each in queues]


def test_a_queue_that_is_not_there_has_no_counts(run: Run, queue: str) -> None:
    listed = run("queue", "status", "--partner", "city", "--json").json["queues"]
    assert listed[0] == {"partner": "city", "name": queue, "messages": None, "consumers": None}


@pytest.mark.usefixtures("three")
def test_dead_letters_are_listed_oldest_first_and_stay(run: Run) -> None:
    for _ in range(2):
        listed = dead(run, "list", "--json").json["letters"]
        assert [letter["id"] for letter in listed] == ["task-1", "task-2", "task-3"]
    size = len(frame(2).body)
    assert listed[1] == {
        "id": "task-2",
        "reason": "failed",
        "sentence": "the store does not answer",
        "time": DIED,
        "task": "detection.tasks.detect_vehicle",
        "camera": "cam-2",
        "retries": 3,
        "size_bytes": size,
    }
    assert [letter["id"] for letter in dead(run, "list", "--limit", "2", "--json").json["letters"]] == [
        "task-1",
        "task-2",
    ]
    chosen = dead(run, "list", "--reason", "failed", "--json").json["letters"]
    assert [letter["id"] for letter in chosen] == ["task-2"]
    table = dead(run, "list").out
    assert "roi: it has no area" in table
    assert "cam-3" in table


def test_without_dead_letters_it_says_so(run: Run, queue: str) -> None:
    ran = dead(run, "list")
    assert (ran.code, ran.out) == (0, f"No dead letters of {queue}.\n")


def test_a_letter_is_shown_without_its_picture_and_written_byte_for_byte(
    run: Run, login: Login, queue: str, tmp_path: Path
) -> None:
    of = {
        **headers(id="shown"),
        "argsrepr": "('cam', b'\\xff\\xd8 the picture')",
        "kwargsrepr": "{}",
        "note": "n" * 500,
    }
    wire = protocol_2(args(), of=of)
    put(login, queue, buried(wire, "bad_roi", "why", NOW_S))
    body, case = tmp_path / "body", tmp_path / "case.json"
    ran = dead(run, "show", "shown", "--body", str(body), "--case", str(case))
    assert ran.code == 0
    assert "the picture" not in ran.out
    assert "n" * 81 not in ran.out
    assert "gtv-dead" not in ran.out
    assert body.read_bytes() == wire.body
    read = read_case(case)
    assert (read.name, read.message.body) == ("shown", wire.body)
    assert (read.message.headers, read.message.properties) == (wire.headers, wire.properties)
    shown = dead(run, "show", "shown", "--json").json
    assert (shown["id"], shown["reason"], shown["properties"]["priority"]) == ("shown", "bad_roi", "5")
    assert run("queue", "inspect", str(case)).out.startswith("shown: process")


def test_a_letter_without_an_id_has_a_name_of_its_own(run: Run, login: Login, queue: str) -> None:
    put(login, queue, WireMessage(b"\x00", {"gtv-dead-reason": 7, "id": "\x1b[2J"}, {}), WireMessage(b"[bold]", None))
    named = ids(run)
    assert [name[:5] for name in named] == ["body-", "body-"]
    assert dead(run, "list").code == 0
    assert dead(run, "requeue", *named, "--json").json == {"requeued": 2}
    assert [message.body for message in taken(login, queue, 2)] == [b"\x00", b"[bold]"]


@pytest.mark.usefixtures("three")
def test_letters_go_back_in_order_as_they_were_and_failed_ones_with_all_attempts(
    run: Run, login: Login, queue: str
) -> None:
    assert dead(run, "requeue", "--all").out == f"3 put back to {queue}.\n"
    back = taken(login, queue, 3)
    marked = [{**(frame(number).headers or {}), "gtv-revived": True} for number in (1, 2, 3)]
    assert [message.headers for message in back] == marked
    assert [message.body for message in back] == [frame(number).body for number in (1, 2, 3)]
    assert [message.properties for message in back] == [properties()] * 3
    assert ids(run) == []


def test_a_failed_letter_of_protocol_1_has_all_attempts_again(run: Run, login: Login, queue: str) -> None:
    fields = {"task": "detection.tasks.detect_vehicle", "id": "old", "args": args(), "kwargs": {}, "retries": 3}
    put(login, queue, buried(message(fields, of={}), "failed", "why", NOW_S))
    assert dead(run, "requeue", "old").code == 0
    [back] = taken(login, queue, 1)
    task = read_message(back)
    assert isinstance(task, Task)
    assert (task.id, task.retries, task.may_be_repeated) == ("old", 0, True)


@pytest.mark.usefixtures("three")
def test_letters_are_put_back_by_id_or_reason_and_the_others_keep_their_order(
    run: Run, login: Login, queue: str
) -> None:
    assert dead(run, "requeue", "task-2", "--json").json == {"requeued": 1}
    assert ids(run) == ["task-1", "task-3"]
    assert dead(run, "requeue", "--reason", "bad_roi", "--json").json == {"requeued": 2}
    assert [(message.headers or {})["id"] for message in taken(login, queue, 3)] == ["task-2", "task-1", "task-3"]


def asked(answer: str, folder: Path) -> int:
    """The exit code of throwing all away, in a process of its own, with that answer to its question."""
    config = ["--config", str(folder / "gtvision.yaml")]
    command = [
        sys.executable,
        "-c",
        "from gtvision.cli import main; main()",
        *config,
        "queue",
        "dead",
        "purge",
        "--all",
        "--partner",
        "city",
    ]
    ran = subprocess.run(command, input=answer, text=True, capture_output=True, check=False)
    assert "throw them away for good?" in ran.stderr
    return ran.returncode


@pytest.mark.usefixtures("three")
def test_letters_are_thrown_away_by_reason_or_all_and_only_after_asking(run: Run, tmp_path: Path) -> None:
    for answer in ("", "n\n"):
        assert asked(answer, tmp_path) == 1
        assert ids(run) == ["task-1", "task-2", "task-3"]
    assert dead(run, "purge", "--reason", "bad_roi", "--yes").out == "2 thrown away.\n"
    assert ids(run) == ["task-2"]
    assert asked("y\n", tmp_path) == 0
    assert ids(run) == []


@pytest.mark.usefixtures("three")
def test_a_queue_that_is_gone_takes_no_letter_back_and_none_is_lost(run: Run, rabbit: RabbitServer, queue: str) -> None:
    with rabbit.channel() as channel:
        channel.queue_delete(queue)
    ran = dead(run, "requeue", "--all")
    assert (ran.code, ran.err) == (1, f"gtvision: there is no queue {queue} to put dead letters back to\n")
    assert ids(run) == ["task-1", "task-2", "task-3"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["dead", "list"], 2, "--partner: say whose: city, road"),
        (["dead", "list", "--partner", "village"], 2, "no partner is called village"),
        (["dead", "list", "--partner", "city", "--queue", "other"], 2, "city has the queues"),
        (["dead", "show", "none", "--partner", "city"], 2, "is called none"),
        (["dead", "requeue", "none", "--partner", "city"], 2, "is called none"),
        (["dead", "requeue", "--partner", "city"], 2, "name letters, or one --reason, or --all"),
        (["dead", "purge", "--all", "--reason", "x", "--partner", "city"], 2, "name letters"),
    ],
)
def test_what_is_not_clear_is_asked_for(run: Run, arguments: list[str], code: int, sentence: str) -> None:
    ran = run("queue", *arguments)
    assert ran.code == code
    assert sentence in ran.err


def test_every_captured_message_comes_back_from_the_dead_letters_byte_for_byte(
    run: Run, rabbit: RabbitServer, login: Login, queue: str, queue_cases: Path
) -> None:
    files = sorted(queue_cases.glob("*.json"))
    cases = [read_case(file).message for file in files]
    with rabbit.channel() as channel:
        channel.queue_declare(queue, durable=True)  # without priorities: they come in the order that they went
    folder = login.password_file.parent
    queues = queues_beside(queue, bridge_of(login.hosts, folder))
    outlet = AmqpOutlet(login, queues)
    with Running(outlet), Running(AmqpIntake(login, queue, 1, queues)) as consumer:
        for case in cases:
            outlet.publish(case, queue).result(20)
            delivery = consumer.next()
            read = read_message(delivery.message)
            reason, sentence = (read.reason, read.sentence) if isinstance(read, Refusal) else ("failed", "for the test")
            outlet.publish(buried(delivery.message, reason, sentence, time.time()), dead_queue(queue)).result(20)
            delivery.acknowledge()
    assert len(files) > 50
    for file, letter in zip(files, dead(run, "list", "--json").json["letters"], strict=True):
        written = folder / "case.json"
        expected = json.loads(file.read_bytes())["expect"]
        if expected["action"] == "dlq":
            assert letter["reason"] == expected["reason"], file
        if file.stem.startswith("hostile"):
            assert dead(run, "show", letter["id"], "--case", str(written)).code == 0
    assert dead(run, "requeue", "--all", "--json").json == {"requeued": len(files)}
    for file, case, back in zip(files, cases, taken(login, queue, len(files)), strict=True):
        assert back.body == case.body == b64decode(json.loads(file.read_bytes())["body_base64"]), file
        before = read_message(case)
        is_used_up = isinstance(before, Task) and before.retries >= 3
        changed = {"gtv-revived": True, **({"retries": 0} if is_used_up else {})}
        assert back.headers == {**(case.headers or {}), **changed}, file
        assert back.properties == {name: value for name, value in case.properties.items() if value is not None}, file
