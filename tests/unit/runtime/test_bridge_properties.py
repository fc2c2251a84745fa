"""Whatever comes in, and whatever happens meanwhile: each message ends somewhere, and is acknowledged there once."""

from dataclasses import replace
from random import Random

from bridging import FRAMES, World, a_frame
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gtvision.domain import metrics as m
from gtvision.domain.errors import MessageRefused, TryLater
from gtvision.domain.message import WireMessage
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.refusal import RefusalReason

FAULTS = (TryLater("busy"), MessageRefused("no", RefusalReason.BAD_ROI), RuntimeError("a fault"))
BEFORE, AFTER = "2026-11-23T13:00:00+00:00", "2026-11-23T15:00:00+00:00"

CASES = st.fixed_dictionaries(
    {
        "camera": st.sampled_from(["a", "b", "Câmera 3", ""]),
        "of": st.fixed_dictionaries(
            {
                "retries": st.sampled_from([0, 0, 1, 3, -1]),
                "eta": st.sampled_from([None, None, BEFORE, AFTER]),
                "expires": st.sampled_from([None, None, BEFORE, AFTER]),
            }
        ),
        "fault": st.sampled_from([None, None, None, *FAULTS]),
        "mutated": st.none() | st.integers(0, 2**32),
    }
)


def mutated(message: WireMessage, seed: int | None) -> WireMessage:
    """The message with a byte that is another."""
    if seed is None:
        return message
    random, body = Random(seed), bytearray(message.body)
    body[random.randrange(len(body))] = random.randrange(256)
    return replace(message, body=bytes(body))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases=st.lists(CASES, min_size=1, max_size=40), cuts=st.integers(0, 1))
def test_each_message_ends_somewhere_and_is_acknowledged_there_once(cases: list[dict[str, object]], cuts: int) -> None:
    def truth(frame: PushedFrame) -> PushedOutcome:
        fault = cases[int(frame.id[6:])]["fault"]
        if isinstance(fault, Exception):
            raise fault
        return PushedOutcome((frame.id,))

    world = World(truth, slots=8)
    sent = [
        mutated(a_frame(number, str(case["camera"]), case["of"]), case["mutated"])  # type: ignore[arg-type]
        for number, case in enumerate(cases)
    ]
    world.broker.put(FRAMES, *sent)
    with world.running() as bridge:
        for _ in range(cuts):
            assert world.broker.until(lambda: bool(world.acknowledged))
            world.broker.cut()
        assert world.settled(len(sent))
        assert world.broker.until(lambda: bridge.status().is_connected)
    assert world.acknowledged == len(sent)
    assert all(delivery.acknowledgements <= 1 for delivery in world.broker.deliveries)
    ended = {(letter.headers or {}).get("id") for queue in world.broker.queues.values() for letter in queue}
    ended |= {frame.id for frame in world.cameras.frames}
    gone = {str((message.headers or {})["id"]) for message in sent} - ended
    assert gone <= {f"frame-{number}" for number, case in enumerate(cases) if case["of"]["expires"] == BEFORE}  # type: ignore[index]
    dropped = world.metrics.value(
        m.BRIDGE_MESSAGES, partner="city", queue="frames", outcome="dropped", reason="expired"
    )
    assert dropped >= len(gone)
    assert cuts or dropped == len(gone), "one that was dropped comes again only when its acknowledgement was lost"
