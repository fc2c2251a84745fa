"""A dead letter as it is shown: what it was and why it died, never its picture."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from gtvision.adapters.celery_wire import death_of, put_back, read_message, refreshed, revived
from gtvision.domain.message import WireMessage
from gtvision.domain.task import Task, is_name
from gtvision.pipeline.verdict import MAX_RETRIES

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What is shown of a dead letter; empty where it does not say so readably.

    Attributes:
        id: The task's; a letter without one is called `body-` and the beginning of its body's SHA-256.
        reason: Why it died, in a word.
        sentence: What was wrong.
        time: When it died, ISO 8601.
        task: The task that it asks for.
        camera: The camera that it names.
        retries: Attempts that failed before it died; None where that cannot be read.
        size_bytes: Of its body.
    """

    id: str
    reason: str
    sentence: str
    time: str
    task: str
    camera: str
    retries: int | None
    size_bytes: int


def letter_of(message: WireMessage, max_bytes: int) -> DeadLetter:
    """What is shown of that dead letter; of one whose body is larger, packed or unpacked, what its headers say."""
    death, before = death_of(message), revived(message)
    read = read_message(before, max_bytes)
    task = read if isinstance(read, Task) else None
    headers = before.headers or {}
    own_id = _name(headers.get("id") if task is None else task.id)
    return DeadLetter(
        id=own_id or f"body-{sha256(message.body).hexdigest()[:12]}",
        reason=_name(death.reason),
        sentence=_name(death.sentence),
        time=_name(death.time),
        task=_name(headers.get("task")),
        camera="" if task is None else task.work.camera_id,
        retries=None if task is None else task.retries,
        size_bytes=len(message.body),
    )


def sent_again(message: WireMessage, max_bytes: int) -> WireMessage:
    """What goes back to the queue for a dead letter: the message as it was before it died, but for a mark.

    One whose attempts are used up has them again; with the old number it would die at the first failure. A body that
    is larger than that stays unread: it has never been attempted.
    """
    before = put_back(revived(message))
    read = read_message(before, max_bytes)
    return refreshed(before) if isinstance(read, Task) and read.retries >= MAX_RETRIES else before


def _name(value: Any) -> str:
    """That text, as far as it is one that may be printed."""
    text = value[:_SHOWN] if isinstance(value, str) else ""
    return text if is_name(text) else ""
