"""Messages a second out of one queue: our bridge's, and a Celery worker's that does nothing, in turn."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import mean, median
from typing import Any
from uuid import uuid4

import pika
import psutil
from drawn_car import one_car
from partners import CeleryWorker, call, produce
from rabbitmq import PASSWORD, RabbitServer

PROCESSES = 2
QUEUE = "detection"
MESSAGES = 2000
_CAMERAS = 8
_FRAME_SIZE, _FRAME_QUALITY = (960, 540), 83  # about 60 kB
_FROM, _TO = 0.9, 0.1  # of the messages: between them everybody works
_LOOK_S = 0.02
_CONSUMER = Path(__file__).with_name("consumer.py")
_TESTS = Path(__file__).parents[2] / "tests"
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a queue was emptied.

    Attributes:
        per_s: Messages a second.
        cpu_ms: Processor time of the consumers a message.
    """

    per_s: float
    cpu_ms: float


Consumers = Callable[[], Any]
"""A context of consumers' processes; it gives the process ids of their roots."""


@dataclass(frozen=True, slots=True)
class Captured:
    """A message as a Celery client sent it."""

    body: bytes
    properties: pika.BasicProperties

    def of(self, task_id: str) -> pika.BasicProperties:
        """The properties of the same message with another id."""
        headers = {**self.properties.headers, "id": task_id, "root_id": task_id}
        return pika.BasicProperties(**{**self.properties.__dict__, "correlation_id": task_id, "headers": headers})


def captured(server: RabbitServer, python: Path) -> list[Captured]:
    """A message for each of some cameras, by Celery's own client; they leave the queue, which stays."""
    triggers = [{"id": "gate", "type": "line", "points": [[0, 270], [959, 270]], "direction": "both"}]
    roi = [[0, 0], [959, 0], [959, 539], [0, 539]]
    frame = one_car(size=_FRAME_SIZE, quality=_FRAME_QUALITY)
    produce(python, server.url(), [call(frame, f"gate-{at}", roi=roi, triggers=triggers) for at in range(_CAMERAS)])
    with server.channel() as channel:
        came = [channel.basic_get(QUEUE, auto_ack=True) for _ in range(_CAMERAS)]
    return [Captured(body, properties) for _, properties, body in came]


def fill(server: RabbitServer, messages: Sequence[Captured], count: int) -> None:
    """Puts so many of them to the queue, each with an id of its own."""
    connection = server.connect()
    channel = connection.channel()
    for message in islice(cycle(messages), count):
        channel.basic_publish("", QUEUE, message.body, message.of(str(uuid4())))
    connection.close()


def rate_of(server: RabbitServer, consumers: Consumers, count: int) -> Rate:
    """How fast these consumers empty the full queue, between its first tenth and its last."""
    with consumers() as roots:
        points = list(_emptied(server, roots, count))
    (begun_s, most, begun_cpu_s), (ended_s, least, ended_cpu_s) = points[0], points[-1]
    done = most - least
    return Rate(done / (ended_s - begun_s), (ended_cpu_s - begun_cpu_s) / done * 1e3)


def _emptied(server: RabbitServer, roots: Sequence[int], count: int) -> Iterator[tuple[float, int, float]]:
    """Time, messages left and processor seconds of the consumers, while the queue is neither full nor empty."""
    deadline_s = time.monotonic() + _PATIENCE_S
    with server.channel() as channel:
        while True:
            left = channel.queue_declare(QUEUE, passive=True).method.message_count
            if _TO * count <= left <= _FROM * count:
                yield time.monotonic(), left, sum(map(_cpu_s, roots))
            if left == 0:
                return
            if time.monotonic() > deadline_s:
                raise SystemExit(f"{left} of {count} messages were not consumed within {_PATIENCE_S:g} s")
            time.sleep(_LOOK_S)


def _cpu_s(root: int) -> float:
    process = psutil.Process(root)
    return sum(sum(each.cpu_times()[:2]) for each in (process, *process.children(recursive=True)))


def celery_of(server: RabbitServer, python: Path) -> Consumers:
    """A prefork worker whose task does nothing, with the settings of the original plan."""

    @contextmanager
    def consumers() -> Iterator[list[int]]:
        with (
            tempfile.TemporaryDirectory() as folder,
            CeleryWorker(python, server.url(), QUEUE, Path(folder), PROCESSES, does_nothing=True) as worker,
        ):
            yield [worker.pid]

    return consumers


def ours_of(server: RabbitServer, slots: int) -> Consumers:
    """As many processes of ours."""

    @contextmanager
    def consumers() -> Iterator[list[int]]:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            secret = Path(folder) / "password"
            secret.touch(mode=0o600)
            secret.write_text(PASSWORD)
            command = [sys.executable, _CONSUMER, server.host, QUEUE, str(slots), secret]
            started = [stack.enter_context(subprocess.Popen(command, env=_environment())) for _ in range(PROCESSES)]
            try:
                yield [process.pid for process in started]
            finally:
                for process in started:
                    process.terminate()

    return consumers


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(_TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])}


def bracketed(measure: Callable[[str], Rate], others: Sequence[str], rounds: int) -> dict[str, list[tuple[Rate, Rate]]]:
    """Pairs of rates for each of the others, its own and ours: the mean of ours just before and just after it."""
    pairs: dict[str, list[tuple[Rate, Rate]]] = {other: [] for other in others}
    before = measure("ours")
    for other in list(others) * rounds:
        theirs, after = measure(other), measure("ours")
        ours = Rate(mean((before.per_s, after.per_s)), mean((before.cpu_ms, after.cpu_ms)))
        pairs[other].append((theirs, ours))
        before = after
    return pairs


def figures_of(pairs: dict[str, list[tuple[Rate, Rate]]]) -> dict[str, float]:
    """The ratio to the faster Celery first, then what it comes from."""
    ratios = {other: median(ours.per_s / theirs.per_s for theirs, ours in seen) for other, seen in pairs.items()}
    figures = {"ours_over_celery": min(ratios.values())}
    for other, seen in pairs.items():
        figures[f"ours_over_{other}"] = ratios[other]
        figures[f"{other}_per_s"] = median(theirs.per_s for theirs, _ in seen)
        figures[f"{other}_cpu_ms"] = median(theirs.cpu_ms for theirs, _ in seen)
    every = [ours for seen in pairs.values() for _, ours in seen]
    return figures | {"ours_per_s": median(o.per_s for o in every), "ours_cpu_ms": median(o.cpu_ms for o in every)}
