"""Nothing is acknowledged too early, nothing is lost, and nobody waits for somebody else's camera."""

from functools import partial
from threading import Event as Flag
from threading import Lock

from bridging import DEAD, FRAMES, RETRY, World, a_frame, a_partner

from gtvision.adapters.celery_wire import read_message
from gtvision.domain import metrics as m
from gtvision.domain.errors import MessageRefused, TryLater
from gtvision.domain.message import WireMessage
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.task import Task
from gtvision.pipeline.breaker import BreakerState
from gtvision.runtime.bridge import Patience


def refused(_: PushedFrame) -> PushedOutcome:
    raise MessageRefused("its roi lies outside", RefusalReason.BAD_ROI)


class Gate:
    """A camera that is at work until it is let go."""

    def __init__(self, *held: str) -> None:
        self._held = held
        self._open = Flag()
        self._lock = Lock()
        self.inside: list[str] = []

    def push(self, frame: PushedFrame) -> PushedOutcome:
        with self._lock:
            self.inside.append(frame.id)
        if frame.camera_id in self._held:
            self._open.wait(20)
        return PushedOutcome()

    def let_go(self) -> None:
        self._open.set()


def test_frames_of_a_camera_go_in_one_after_the_other_in_the_order_they_came() -> None:
    world = World(slots=8)
    world.broker.put(FRAMES, *(a_frame(number, f"gate-{number % 3}") for number in range(60)))
    with world.running():
        assert world.settled(60)
    for camera in range(3):
        ids = [int(frame.id[6:]) for frame in world.cameras.frames if frame.camera_id == f"gate-{camera}"]
        assert ids == sorted(ids)


def test_a_camera_that_takes_long_keeps_no_other_camera_waiting() -> None:
    gate = Gate("slow")
    world = World(gate.push)
    world.broker.put(FRAMES, a_frame(0, "slow"), a_frame(1, "slow"), a_frame(2, "quick"))
    with world.running() as bridge:
        assert world.broker.until(lambda: world.acknowledged == 1)
        assert gate.inside == ["frame-0", "frame-2"]
        (queue,) = bridge.status().queues
        assert queue.in_flight == 2
        gate.let_go()
        assert world.settled(3)


def test_no_more_messages_are_in_work_than_there_are_slots() -> None:
    gate = Gate("slow")
    world = World(gate.push, slots=3)
    world.broker.put(FRAMES, *(a_frame(number, "slow") for number in range(10)))
    with world.running() as bridge:
        assert world.broker.until(lambda: bridge.status().queues[0].in_flight == 3)
        assert bridge.status().queues[0].depth == 7
        gate.let_go()
        assert world.settled(10)


def test_what_stands_behind_a_camera_that_hangs_waits_at_the_broker_and_leaves_its_slots_to_others() -> None:
    gate = Gate("hung")
    world = World(gate.push, slots=3, patience=Patience(at_work_s=0.0))
    world.broker.put(FRAMES, *(a_frame(number, "hung") for number in range(6)), a_frame(6, "quick"))
    with world.running():
        assert world.broker.until(lambda: "frame-6" in gate.inside)
        assert gate.inside == ["frame-0", "frame-6"]
        gate.let_go()
        assert world.settled(7)
    parked = [read_message(message) for message in world.broker.queues["gtv.detection.wait.1s"]]
    assert [(task.id, task.retries) for task in parked if isinstance(task, Task)] == [
        (f"frame-{number}", 0) for number in range(1, 5)
    ]
    labels = {"partner": "city", "queue": "frames", "outcome": "parked", "reason": "behind"}
    assert world.metrics.value(m.BRIDGE_MESSAGES, **labels) == 4


def test_what_stands_behind_a_slow_camera_keeps_its_place_while_there_are_slots() -> None:
    gate = Gate("slow")
    world = World(gate.push, slots=8, patience=Patience(at_work_s=0.0))
    world.broker.put(FRAMES, *(a_frame(number, "slow") for number in range(4)), a_frame(4, "quick"))
    with world.running():
        assert world.broker.until(lambda: world.acknowledged == 1)
        gate.let_go()
        assert world.settled(5)
    assert gate.inside == ["frame-0", "frame-4", "frame-1", "frame-2", "frame-3"]


def test_a_frame_is_acknowledged_only_after_the_camera_has_it_on_disk() -> None:
    gate = Gate("north-gate")
    world = World(gate.push)
    world.broker.put(FRAMES, a_frame())
    with world.running():
        assert world.broker.until(lambda: gate.inside == ["frame-0"])
        assert world.acknowledged == 0
        gate.let_go()
        assert world.settled(1)


def test_a_message_is_not_acknowledged_before_the_dead_letters_are_confirmed() -> None:
    world = World(refused)
    world.broker.confirms = False
    world.broker.put(FRAMES, a_frame())
    with world.running():
        assert world.broker.until(lambda: len(world.outlet.unconfirmed) == 1)
        assert world.acknowledged == 0
        world.outlet.unconfirmed.pop().set_result(None)
        assert world.settled(1)


def test_a_message_that_was_not_confirmed_is_sent_again_once_the_broker_is_back() -> None:
    world = World(refused)
    world.broker.confirms = False
    world.broker.put(FRAMES, a_frame())
    with world.running():
        assert world.broker.until(lambda: len(world.outlet.unconfirmed) == 1)
        world.broker.confirms = True
        world.broker.cut()
        assert world.settled(1)
    assert [delivery.message.is_redelivered for delivery in world.broker.deliveries][-1]
    assert world.acknowledged == 1
    assert {letter.body for letter in world.broker.queues[DEAD]} == {a_frame().body}


def test_while_the_outlet_alone_is_away_messages_are_kept_and_then_carried_on() -> None:
    refusals = iter([TryLater("not now"), TryLater("not now"), None])
    world = World(refused)
    world.broker.refuses = lambda _: next(refusals, None)
    world.broker.put(FRAMES, a_frame())
    with world.running():
        assert world.settled(1)
    assert len(world.broker.queues[DEAD]) == 1
    assert len(world.broker.deliveries) == 1


def test_a_connection_lost_while_the_camera_works_acknowledges_nothing_and_the_frame_comes_again() -> None:
    gate = Gate("north-gate")
    world = World(gate.push)
    world.broker.put(FRAMES, a_frame())
    with world.running():
        assert world.broker.until(lambda: gate.inside == ["frame-0"])
        world.broker.cut()
        gate.let_go()
        assert world.settled(1)
    first, second = world.broker.deliveries
    assert (first.acknowledgements, second.acknowledgements) == (0, 1)
    assert world.metrics.value(m.BRIDGE_MESSAGES, partner="city", queue="frames", outcome="repeated", reason="") == 1


def test_what_waited_in_line_when_its_connection_was_lost_is_let_go() -> None:
    gate = Gate("north-gate")
    world = World(gate.push)
    world.broker.put(FRAMES, *(a_frame(number) for number in range(4)))
    with world.running() as bridge:
        assert world.broker.until(lambda: bridge.status().queues[0].in_flight == 4 and gate.inside == ["frame-0"])
        world.broker.cut(stays_away=True)
        assert world.broker.until(lambda: bridge.status().queues[0].in_flight == 1)
        world.broker.come_back()
        gate.let_go()
        assert world.settled(4)
    assert world.pushed == ["frame-0", "frame-0", "frame-1", "frame-2", "frame-3"]


def test_what_came_from_a_queue_that_was_deleted_is_done_all_the_same() -> None:
    gate = Gate("north-gate")
    world = World(gate.push)
    world.broker.put(FRAMES, *(a_frame(number) for number in range(4)))
    with world.running() as bridge:
        assert world.broker.until(lambda: bridge.status().queues[0].in_flight == 4 and gate.inside == ["frame-0"])
        world.broker.delete(FRAMES)
        assert world.broker.until(lambda: not bridge.status().is_connected)
        gate.let_go()
        assert world.broker.until(lambda: bridge.status().queues[0].in_flight == 0)
        world.broker.put(FRAMES, a_frame(4))  # it was made again
        assert world.settled(1)
    assert world.pushed == ["frame-0", "frame-1", "frame-2", "frame-3", "frame-4"]


def test_many_cuts_lose_nothing_and_keep_the_order_of_each_camera() -> None:
    world = World(slots=8)
    world.broker.put(FRAMES, *(a_frame(number, f"gate-{number % 5}") for number in range(400)))
    with world.running():
        for done in (50, 150, 250):
            assert world.broker.until(lambda done=done: world.acknowledged > done)
            world.broker.cut()
        assert world.settled(400)
    assert world.acknowledged == 400
    assert {int(frame_id[6:]) for frame_id in world.pushed} == set(range(400))


def test_a_message_that_the_broker_refuses_to_take_is_buried_without_its_headers() -> None:
    def refuses(message: WireMessage) -> Exception | None:
        return ValueError("this header cannot be sent") if "poison" in (message.headers or {}) else None

    world = World(refused)
    world.broker.refuses = refuses
    world.broker.put(FRAMES, a_frame(of={"poison": True}))
    with world.running():
        assert world.settled(1)
    (letter,) = world.broker.queues[DEAD]
    assert letter.body == a_frame().body
    assert (letter.headers or {})["gtv-dead-reason"] == "failed"


def test_a_message_that_cannot_be_dealt_with_at_all_comes_again_with_the_next_connection() -> None:
    faults = iter([ValueError("the message"), ValueError("its bare body")])
    world = World(refused)
    world.broker.refuses = lambda _: next(faults, None)
    world.broker.put(FRAMES, a_frame())
    with world.running():
        assert world.settled(1)
    first, second = world.broker.deliveries
    assert (first.acknowledgements, second.acknowledgements) == (0, 1)
    assert len(world.broker.queues[DEAD]) == 1


def test_a_message_with_poison_does_not_stop_the_others() -> None:
    def truth(frame: PushedFrame) -> PushedOutcome:
        if frame.id == "frame-3":
            raise RuntimeError("poison")
        return PushedOutcome()

    world = World(truth)
    world.broker.put(FRAMES, *(a_frame(number) for number in range(10)))
    with world.running():
        assert world.settled(10)
        (message,) = world.broker.queues.pop(RETRY)
        for retries in (1, 2, 3):
            task = read_message(message)
            assert isinstance(task, Task)
            assert task.retries == retries
            world.broker.put(FRAMES, message)
            assert world.settled(10 + retries)
            message = world.broker.queues[RETRY].popleft() if retries < 3 else message
    (letter,) = world.broker.queues[DEAD]
    assert (letter.headers or {})["gtv-dead-reason"] == "failed"


def test_while_the_broker_is_away_the_breaker_opens_and_nobody_asks_again() -> None:
    world = World()
    world.broker.is_away = True
    with world.running(failures=2, rest_s=600) as bridge:
        failures = partial(world.metrics.value, m.BRIDGE_FAILURES, partner="city")
        assert world.broker.until(lambda: failures(link="frames") == failures(link="out") == 2)
        assert bridge.status().breaker is BreakerState.OPEN
        bridge.look()
        status = bridge.status()
        assert not status.is_connected
        assert "nobody answers" in status.detail
        assert world.metrics.value(m.BROKER_UP, partner="city") == 0
        assert world.metrics.value(m.BROKER_BREAKER, partner="city", link="frames") == 2


def test_a_bridge_that_works_says_so() -> None:
    world = World()
    with world.running() as bridge:
        assert world.broker.until(lambda: bridge.status().is_connected)
        bridge.look()
        status = bridge.status()
        assert (status.name, status.detail, status.breaker) == ("city", "", BreakerState.CLOSED)
        assert [(queue.name, queue.depth, queue.in_flight) for queue in status.queues] == [("detection", 0, 0)]
        assert world.metrics.value(m.BROKER_UP, partner="city") == 1


def test_a_broker_that_comes_back_is_used_again() -> None:
    world = World()
    world.broker.is_away = True
    with world.running() as bridge:
        assert world.broker.until(lambda: "nobody answers" in bridge.status().detail)
        world.broker.come_back()
        world.broker.put(FRAMES, a_frame())
        assert world.settled(1)
        assert world.broker.until(lambda: bridge.status().is_connected)


def test_frames_are_not_consumed_where_the_settings_name_no_queue() -> None:
    world = World()
    world.broker.put(FRAMES, a_frame())
    with world.running(a_partner(frames=None, sends_plates=True)) as bridge:
        assert world.broker.until(lambda: bridge.status().is_connected)
        assert bridge.status().queues == ()
    assert len(world.broker.queues[FRAMES]) == 1
