"""Bridges and Celery workers, old and new, on one queue: all of them together try a failing task four times."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from drawn_car import one_car
from partners import VERSIONS, CeleryWorker, call, produce
from rabbitmq import RabbitServer
from raw_messages import take_all
from real_bridge import RealBridge
from running import until

from gtvision.adapters.celery_wire import read_message
from gtvision.domain.errors import TryLater
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.queues import dead_queue
from gtvision.domain.task import Task

TASKS = 6
ATTEMPTS = [0, 1, 2, 3]


def without_detector(_: PushedFrame) -> PushedOutcome:
    raise TryLater("no detector answered")


@pytest.mark.timeout(180)
def test_a_failing_task_is_tried_four_times_whoever_of_a_mixed_fleet_runs_it(
    rabbit: RabbitServer, celery_of: Callable[[str], Path], tmp_path: Path
) -> None:
    pythons = {version: celery_of(version) for version in VERSIONS}
    bridge = RealBridge(rabbit, tmp_path, without_detector)
    with bridge.running(), ExitStack() as stack:
        workers = []
        for version, python in pythons.items():
            folder = tmp_path / version
            folder.mkdir()
            workers.append(stack.enter_context(CeleryWorker(python, rabbit.url(), "detection", folder)))
        sent = [
            told["id"]
            for version, python in pythons.items()
            for told in produce(python, rabbit.url(), [call(one_car(), f"gate-{version}")] * TASKS)
        ]

        def attempts() -> dict[str, list[int]]:
            """Of each task, whoever made them."""
            made = defaultdict(list, {task: list(failed) for task, failed in bridge.codec.failed.items()})
            for worker in workers:
                for execution in worker.executions():
                    made[execution["id"]].append(execution["retries"])
            return made

        until(lambda: all(len(attempts()[task]) >= len(ATTEMPTS) for task in sent), 120, "the last attempts")
        time.sleep(6)  # another one would come now
        assert {task: sorted(made) for task, made in attempts().items()} == dict.fromkeys(sent, ATTEMPTS)
        shares = Counter({"ours": sum(map(len, bridge.codec.failed.values()))})
        shares.update({log.pid: len(log.executions()) for log in workers})
        print(f"attempts by us and by each worker: {sorted(shares.values())}")
        assert all(shares.values())
    ours_at_last = {task for task, failed in bridge.codec.failed.items() if ATTEMPTS[-1] in failed}
    letters = [read_message(letter) for letter in take_all(rabbit, dead_queue("detection"))]
    assert {letter.id for letter in letters if isinstance(letter, Task)} == ours_at_last
    assert len(letters) == len(ours_at_last)
