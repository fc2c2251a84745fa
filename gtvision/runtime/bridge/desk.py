"""The desk of one queue: what comes in is read, done, and carried to where it belongs, and then acknowledged."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Lock

from gtvision.domain.errors import BadInput, MessageRefused, NotAPicture, QueueGone, TryLater
from gtvision.domain.message import WireMessage
from gtvision.domain.metrics import BRIDGE_MESSAGES, BRIDGE_SECONDS
from gtvision.domain.queues import dead_queue, retry_queue, wait_queue
from gtvision.domain.refusal import Refusal, RefusalReason
from gtvision.domain.task import Task
from gtvision.pipeline.verdict import Action, Verdict, verdict_after_failure, verdict_of
from gtvision.ports import Codec, Delivery, Intake, Metrics, Outlet
from gtvision.runtime.bridge.faults import note_fault
from gtvision.runtime.bridge.held import Held
from gtvision.runtime.bridge.lines import Lines
from gtvision.runtime.bridge.patience import USUAL, Patience
from gtvision.runtime.bridge.sending import is_sent
from gtvision.runtime.bridge.work import Done, Work

_LOOK_S = 0.25
_BEHIND_S = 1.0
_OUTCOMES = {Action.DROP: "dropped", Action.DEAD_LETTER: "dead"}


@dataclass(frozen=True, slots=True)
class Counter:
    """Which queue a desk is for.

    Attributes:
        partner: Whose it is.
        kind: `frames` or `plates`.
        queue: Its name at the broker.
        slots: Messages in work at most.
        max_bytes: Of the largest message.
        replies: Whether results are sent to whoever asks for them.
        patience: How long a message may be at work before those behind it make room.
    """

    partner: str
    kind: str
    queue: str
    slots: int
    max_bytes: int
    replies: bool
    patience: Patience = USUAL


@dataclass(frozen=True, slots=True)
class DeskPorts:
    """What a desk needs from the world.

    Attributes:
        intake: Where messages come from.
        outlet: Where they go that are not done.
        codec: What their bytes mean.
        work: Does what they ask for.
        metrics: Where outcomes are counted.
        now: Unix seconds.
    """

    intake: Intake
    outlet: Outlet
    codec: Codec
    work: Work
    metrics: Metrics
    now: Callable[[], float] = time.time


class Desk:
    """Deals with the messages of one queue, as many side by side as it has slots.

    The broker sends no more than that until some are acknowledged, and what is left of a lost connection is let go: so
    no more than twice as many are ever here. Nothing that a message holds, and no error of ours, ends the desk.
    """

    def __init__(self, counter: Counter, ports: DeskPorts) -> None:
        self.counter = counter
        self._ports = ports
        self._came: SimpleQueue[Held | None] = SimpleQueue()
        self._lines: Lines[Held] = Lines(f"{counter.partner}-{counter.kind}", counter.slots, self._attend)
        self._held: set[Held] = set()
        self._lock = Lock()  # guards the set
        self._numbers = count()

    @property
    def in_flight(self) -> int:
        """Messages that came and are not acknowledged yet."""
        with self._lock:
            return len(self._held)

    @property
    def oldest_s(self) -> float:
        """How long ago the oldest of those came, in seconds; 0 when there is none."""
        with self._lock:
            return max((time.monotonic() - held.came_s for held in self._held), default=0.0)

    def consume(self, stopping: Flag) -> None:
        """Takes messages over one connection until it is lost, or told to stop. Raises `BrokerUnavailable`."""
        gone = Flag()
        try:
            self._ports.intake.run(lambda delivery: self._take(delivery, gone), stopping)
        except QueueGone:
            raise  # what came from it may be nowhere else: it is done all the same
        except BaseException:
            self._forget(gone)
            raise
        self._forget(gone)

    def read(self) -> None:
        """Reads what came, one after the other, until `stop`. Blocks, and raises nothing."""
        while (held := self._next()) is not None:
            if held.gone.is_set():
                self._let_go(held)
                continue
            held.asked = self._asked(held.message)
            self._lines.put(self._line(held.asked), held)
            if held.gone.is_set():  # while it was read: it stands in its line only now
                self._forget(held.gone)

    def stop(self) -> None:
        """Begins nothing more."""
        self._came.put(None)
        self._lines.stop()

    def _next(self) -> Held | None:
        """What came next, None at the end; while nothing comes, room is made where it is missing."""
        while True:
            try:
                return self._came.get(timeout=_LOOK_S)
            except Empty:
                self._make_room()

    def _make_room(self) -> None:
        """Has what stands behind a message that takes long wait at the broker, once no slot is left for others.

        It leaves line by line, so that it comes back in its order.
        """
        if self.in_flight < self.counter.slots:
            return
        late_s = time.monotonic() - self.counter.patience.at_work_s
        for held in self._lines.forget(lambda first, _: first.begun_s < late_s):
            held.is_behind = True
            self._lines.put(f"behind {self._line(held.asked)}", held)

    def _forget(self, gone: Flag) -> None:
        """Lets go what came over a connection that is lost."""
        gone.set()
        for held in self._lines.forget(lambda _, held: held.gone is gone):
            self._let_go(held)

    def _take(self, delivery: Delivery, gone: Flag) -> None:
        held = Held(delivery, gone, time.monotonic())
        with self._lock:
            self._held.add(held)
        self._came.put(held)

    def _let_go(self, held: Held) -> None:
        with self._lock:
            self._held.discard(held)

    def _asked(self, message: WireMessage) -> Task | Refusal:
        try:
            return self._ports.codec.read_message(message, self.counter.max_bytes)
        except Exception as exc:
            return Refusal(RefusalReason.MALFORMED_BODY, note_fault(exc, self._ports.metrics, self.counter.partner))

    def _line(self, asked: Task | Refusal | None) -> str:
        """That of the task; whatever is refused stands in a line of its own."""
        return self._ports.work.line(asked) if isinstance(asked, Task) else f"refused {next(self._numbers)}"

    def _attend(self, held: Held) -> None:
        """Deals with a message whose turn it is. Raises nothing."""
        held.begun_s = time.monotonic()
        try:
            if not held.gone.is_set():
                self._finish(held, *self._judged(held))
        except Exception as exc:  # unless it is acknowledged it comes again, with the next connection
            note_fault(exc, self._ports.metrics, self.counter.partner)
            held.delivery.give_back()
        finally:
            self._let_go(held)

    def _judged(self, held: Held) -> tuple[Verdict, Done | None]:
        """What becomes of it, and what came of its task when that was done."""
        asked = held.asked
        assert asked is not None  # it has been read
        if held.is_behind:
            until_s = self._ports.now() + _BEHIND_S
            return Verdict(Action.PARK, "behind", "it makes room for others behind one that takes long", until_s), None
        verdict = verdict_of(asked, self._ports.now())
        if verdict.action is not Action.PROCESS or isinstance(asked, Refusal):
            return verdict, None
        try:
            return verdict, self._ports.work.do(asked, held)
        except BadInput as exc:
            return verdict_of(_refusal_of(exc), self._ports.now()), None
        except TryLater as exc:
            return verdict_after_failure(asked, str(exc), self._ports.now()), None
        except Exception as exc:
            cause = note_fault(exc, self._ports.metrics, self.counter.partner)
            return verdict_after_failure(asked, cause, self._ports.now()), None

    def _finish(self, held: Held, verdict: Verdict, done: Done | None) -> None:
        """Puts the message where it belongs, and acknowledges it once it is there."""
        if not self._is_carried(held, verdict):
            return
        held.delivery.acknowledge()
        outcome = _outcome(verdict, done)
        reason = verdict.reason or ""
        partner, kind = self.counter.partner, self.counter.kind
        self._ports.metrics.add(BRIDGE_MESSAGES, partner=partner, queue=kind, outcome=outcome, reason=reason)
        self._ports.metrics.observe(BRIDGE_SECONDS, time.monotonic() - held.came_s, partner=partner, queue=kind)
        if self.counter.replies:
            self._reply(held.asked, verdict, done)

    def _is_carried(self, held: Held, verdict: Verdict) -> bool:
        """Whether the message is where its verdict wants it, while it is still ours."""
        if verdict.action not in (Action.PARK, Action.DEAD_LETTER):
            return True
        try:
            return is_sent(self._ports.outlet, *self._onward(held, verdict), held)
        except Exception as exc:  # the message itself cannot be sent as it is
            note_fault(exc, self._ports.metrics, self.counter.partner)
            bare = WireMessage(held.message.body)
            letter = self._ports.codec.buried(bare, "failed", verdict.sentence, self._ports.now())
            return is_sent(self._ports.outlet, letter, dead_queue(self.counter.queue), held)

    def _onward(self, held: Held, verdict: Verdict) -> tuple[WireMessage, str]:
        """The message that goes on, and the queue that it goes to."""
        codec, queue, now_s = self._ports.codec, self.counter.queue, self._ports.now()
        if verdict.until_s is None or not isinstance(held.asked, Task):
            letter = codec.buried(held.message, verdict.reason or "failed", verdict.sentence, now_s)
            return letter, dead_queue(queue)
        if verdict.reason == "retry":
            return codec.retried(held.message, held.asked), retry_queue(queue)
        return codec.parked(held.message), wait_queue(queue, verdict.until_s - now_s)

    def _reply(self, asked: Task | Refusal | None, verdict: Verdict, done: Done | None) -> None:
        if not isinstance(asked, Task) or asked.reply_to is None or verdict.action is Action.PARK:
            return
        now_s = self._ports.now()
        if done is not None:
            answer = self._ports.codec.reply_message(asked, dict(done.result), now_s)
        else:
            fault = {"exc_type": "TaskRevokedError" if verdict.action is Action.DROP else "MessageRefused"}
            result = {**fault, "exc_message": verdict.sentence, "exc_module": "gtvision"}
            answer = self._ports.codec.reply_message(asked, result, now_s, error=verdict.sentence)
        self._ports.outlet.post(answer, asked.reply_to)


def _refusal_of(exc: BadInput) -> Refusal:
    if isinstance(exc, MessageRefused):
        return Refusal(exc.reason, str(exc))
    return Refusal(RefusalReason.NOT_JPEG if isinstance(exc, NotAPicture) else RefusalReason.MALFORMED_BODY, str(exc))


def _outcome(verdict: Verdict, done: Done | None) -> str:
    if verdict.action is Action.PROCESS:
        return "repeated" if done is not None and done.is_repeated else "processed"
    if verdict.action is Action.PARK:
        return "retried" if verdict.reason == "retry" else "parked"
    return _OUTCOMES[verdict.action]
