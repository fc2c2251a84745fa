"""Ten thousand messages that nobody would send, through the bridge with its real codec."""

import pytest
from bridging import DEAD, FRAMES, World
from hostile_messages import hostile

from gtvision.adapters.celery_wire import revived
from gtvision.domain.message import WireMessage
from gtvision.domain.metrics import BRIDGE_ERRORS, BRIDGE_MESSAGES

COUNT, SEED = 10_000, 1


@pytest.mark.timeout(240)
def test_ten_thousand_hostile_messages_crash_nothing_and_each_is_processed_or_a_dead_letter_as_it_came() -> None:
    world, sent = World(slots=64), {wire.properties["app_id"]: wire for wire in hostile(SEED, COUNT)}
    world.broker.put(FRAMES, *sent.values())
    with world.running() as bridge:
        assert world.broker.until(lambda: world.acknowledged == COUNT, 200)
        assert bridge.status().is_connected
    dead = [revived(letter) for letter in world.broker.queues[DEAD]]
    assert all(is_same(letter, sent.pop(letter.properties["app_id"])) for letter in dead)
    processed = sum(outcomes(world, outcome) for outcome in ("processed", "repeated"))
    assert (len(dead) + processed, len(sent)) == (COUNT, processed)
    assert min(len(dead), processed) > COUNT / 20  # both are asked of them
    assert world.metrics.value(BRIDGE_ERRORS, partner="city") == 0


def outcomes(world: World, outcome: str) -> int:
    return int(world.metrics.value(BRIDGE_MESSAGES, partner="city", queue="frames", outcome=outcome, reason=""))


def is_same(one: WireMessage, other: WireMessage) -> bool:
    return (one.body, one.headers or None, one.properties) == (other.body, other.headers or None, other.properties)
