"""What becomes of a message at a time."""

from dataclasses import replace

from gtvision.domain.refusal import Refusal, RefusalReason
from gtvision.domain.task import DetectVehicle, Task
from gtvision.pipeline.verdict import Action, Verdict, verdict_after_failure, verdict_of

NOW_S = 1795440000.0
TASK = Task("t-1", DetectVehicle("north-gate", b"\xff\xd8\xff"))


def told(verdict: Verdict) -> tuple[Action, str | None]:
    return verdict.action, verdict.reason


def test_a_task_whose_time_has_come_is_processed() -> None:
    due = replace(TASK, eta_s=NOW_S, expires_s=NOW_S)
    for task in (TASK, due, replace(TASK, retries=99)):
        assert told(verdict_of(task, NOW_S)) == (Action.PROCESS, None)


def test_a_refused_message_goes_to_the_dead_letters_with_the_reason() -> None:
    verdict = verdict_of(Refusal(RefusalReason.BAD_ROI, "roi: three corners"), NOW_S)
    assert verdict == Verdict(Action.DEAD_LETTER, "bad_roi", "roi: three corners")


def test_a_task_waits_until_its_time() -> None:
    verdict = verdict_of(replace(TASK, eta_s=NOW_S + 5), NOW_S)
    assert (told(verdict), verdict.until_s) == ((Action.PARK, "eta"), NOW_S + 5)
    assert told(verdict_of(replace(TASK, eta_s=NOW_S + 5), NOW_S + 5)) == (Action.PROCESS, None)


def test_an_expired_task_is_dropped_even_if_its_time_is_still_to_come() -> None:
    for eta_s in (None, NOW_S - 9, NOW_S + 9):
        verdict = verdict_of(replace(TASK, expires_s=NOW_S - 1, eta_s=eta_s), NOW_S)
        assert told(verdict) == (Action.DROP, "expired")


def test_a_task_is_executed_four_times_five_seconds_apart() -> None:
    task, at_s, executions = TASK, NOW_S, [NOW_S]
    while (verdict := verdict_after_failure(task, "no detector", at_s)).action == Action.PARK:
        assert (verdict.reason, verdict.until_s) == ("retry", at_s + 5)
        task, at_s = replace(task, retries=task.retries + 1), at_s + 5
        executions.append(at_s)
    assert executions == [NOW_S, NOW_S + 5, NOW_S + 10, NOW_S + 15]
    assert verdict == Verdict(Action.DEAD_LETTER, "failed", "no detector")


def test_a_task_that_others_tried_too_often_is_not_tried_again() -> None:
    assert verdict_after_failure(replace(TASK, retries=99), "no", NOW_S).action == Action.DEAD_LETTER
