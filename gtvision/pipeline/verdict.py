"""What becomes of a message from a queue, at a time: pure, so that it can be asked before the message is there.

A message is refused before it is looked at any further; it is dropped once it has expired; it waits until its
time; else it is processed. One that failed is tried again `MAX_RETRIES` times, `RETRY_S` apart,
whoever made the attempts before: the number travels with the message.
"""

from dataclasses import dataclass
from enum import StrEnum

from gtvision.domain.queues import RETRY_S
from gtvision.domain.refusal import Refusal
from gtvision.domain.task import Task

MAX_RETRIES = 3


class Action(StrEnum):
    """What is done with a message."""

    PROCESS = "process"
    """Do what it asks for, then acknowledge it."""
    PARK = "park"
    """Put it where it waits, then acknowledge it."""
    DROP = "ack_drop"
    """Acknowledge it, and nothing else."""
    DEAD_LETTER = "dlq"
    """Put it to the dead letters with the reason, then acknowledge it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done with a message, and why.

    Attributes:
        action: What is done.
        reason: Why, in a word of a bounded list, fit for a metric label; None when it is processed.
        sentence: Why, for people.
        until_s: For `PARK`: when it comes back, Unix seconds.
    """

    action: Action
    reason: str | None
    sentence: str
    until_s: float | None = None


def verdict_of(message: Task | Refusal, now_s: float) -> Verdict:
    """What is done with a message that came in.

    Args:
        message: The task, or why it is refused.
        now_s: Unix seconds.
    """
    if isinstance(message, Refusal):
        return Verdict(Action.DEAD_LETTER, message.reason, message.sentence)
    if message.expires_s is not None and now_s > message.expires_s:
        return Verdict(Action.DROP, "expired", f"it expired {now_s - message.expires_s:.0f} s ago")
    if message.eta_s is not None and now_s < message.eta_s:
        return Verdict(Action.PARK, "eta", f"its time comes in {message.eta_s - now_s:.0f} s", message.eta_s)
    return Verdict(Action.PROCESS, None, "its time has come")


def verdict_after_failure(task: Task, cause: str, now_s: float) -> Verdict:
    """What is done with a message whose attempt failed, although another one may work.

    Args:
        task: What was attempted.
        cause: What went wrong, in a sentence.
        now_s: Unix seconds.
    """
    if task.retries < MAX_RETRIES:
        return Verdict(Action.PARK, "retry", cause, now_s + RETRY_S)
    return Verdict(Action.DEAD_LETTER, "failed", cause)
