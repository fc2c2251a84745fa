"""What our queues are called, and in which a message waits."""

import pytest

from gtvision.domain.queues import WAITS_S, dead_queue, retry_queue, wait_queue, wait_queues


def test_queues_are_called_as_the_operators_know_them() -> None:
    assert (dead_queue("detection"), retry_queue("detection")) == ("gtv.detection.dead", "gtv.detection.retry.5s")
    assert list(wait_queues("ocr")) == ["gtv.ocr.wait.1s", "gtv.ocr.wait.60s", "gtv.ocr.wait.3600s"]


@pytest.mark.parametrize("remaining_s", [0.0, 0.4, 1.0, 59.9, 61.0, 3599.0, 3600.0, 7325.5, 90_000.0])
def test_a_message_comes_back_at_its_time_or_within_a_second_after_it(remaining_s: float) -> None:
    queues, waited_s, hops = wait_queues("detection"), 0.0, 0
    while waited_s < remaining_s:
        waited_s += queues[wait_queue("detection", remaining_s - waited_s)]
        hops += 1
    assert 0 <= waited_s - remaining_s < 1
    assert hops <= remaining_s / WAITS_S[-1] + 120
