"""Captured, crafted and random messages through a real broker and the real adapters, to cameras that do as told."""

from datetime import datetime
from pathlib import Path

from hostile_messages import hostile
from rabbitmq import RabbitServer
from raw_messages import put, take_all
from real_bridge import RealBridge
from running import until

from gtvision.adapters.celery_wire import read_message, revived
from gtvision.adapters.queue_case import read_case
from gtvision.domain.message import WireMessage
from gtvision.domain.queues import dead_queue, wait_queues
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.task import DetectVehicle, Task
from gtvision.pipeline.verdict import Action, verdict_of

CASES_NOW_S = datetime.fromisoformat("2026-11-23T14:00Z").timestamp()
DETECTION = "detection"
HOSTILE, SEED = 500, 2


def settled(rabbit: RabbitServer, bridge: RealBridge, messages: int) -> bool:
    done = sum(bridge.count(outcome) for outcome in ("processed", "repeated"))
    dead = sum(bridge.count("dead", reason) for reason in RefusalReason)
    parked, dropped = bridge.count("parked", "eta"), bridge.count("dropped", "expired")
    return done + dead + dropped + parked >= messages and rabbit.depth(DETECTION) == 0


def sendable(message: WireMessage) -> WireMessage:
    """Without what says who had sent it: the broker lets nobody pretend to be somebody else."""
    return WireMessage(message.body, message.headers, {k: v for k, v in message.properties.items() if k != "user_id"})


def is_same(one: WireMessage, other: WireMessage) -> bool:
    return (one.body, one.headers or None, one.properties) == (other.body, other.headers or None, other.properties)


def test_every_case_ends_where_it_should_and_the_dead_ones_can_be_had_back_byte_for_byte(
    rabbit: RabbitServer, tmp_path: Path, queue_cases: Path
) -> None:
    cases = {case.name: sendable(case.message) for case in map(read_case, sorted(queue_cases.glob("*.json")))}
    read = {name: read_message(wire) for name, wire in cases.items()}
    on_detection = {
        name: wire
        for name, wire in cases.items()
        if not (isinstance(task := read[name], Task) and not isinstance(task.work, DetectVehicle))
    }
    verdicts = {name: verdict_of(read[name], CASES_NOW_S).action for name in on_detection}
    bridge = RealBridge(rabbit, tmp_path, now=lambda: CASES_NOW_S)
    with bridge.running():
        put(rabbit, DETECTION, on_detection.values())
        until(lambda: settled(rabbit, bridge, len(on_detection)), 30, "an end of every case")
    dead = [revived(letter) for letter in take_all(rabbit, dead_queue(DETECTION))]
    wanted = [on_detection[name] for name, action in verdicts.items() if action is Action.DEAD_LETTER]
    assert len(dead) == len(wanted) > 30
    for letter in dead:
        found = next(index for index, wire in enumerate(wanted) if is_same(letter, wire))
        del wanted[found]
    pushed = {frame.id for frame in bridge.cameras.frames}
    assert pushed == {read[name].id for name, action in verdicts.items() if action is Action.PROCESS}
    parked = sum(len(take_all(rabbit, queue)) for queue in wait_queues(DETECTION))
    assert (parked > 0) == (Action.PARK in verdicts.values())


def test_hundreds_of_hostile_messages_are_each_processed_or_a_dead_letter_as_it_came(
    rabbit: RabbitServer, tmp_path: Path
) -> None:
    sent = {wire.properties["app_id"]: wire for wire in hostile(SEED, HOSTILE)}
    bridge = RealBridge(rabbit, tmp_path)
    with bridge.running():
        put(rabbit, DETECTION, sent.values())
        until(lambda: settled(rabbit, bridge, HOSTILE), 60, "an end of every message")
    dead = [revived(letter) for letter in take_all(rabbit, dead_queue(DETECTION))]
    assert all(is_same(letter, sent.pop(letter.properties["app_id"])) for letter in dead)
    assert len(sent) == bridge.count("processed") + bridge.count("repeated")
    assert min(len(sent), len(dead)) > HOSTILE / 20
