"""A message that came in, on its way to another attempt, to the dead letters, or back from there.

A leftover `expiration` would make the broker throw it away early, or send it back early from the retry queue; a
fleeting one would be gone after a restart; and a `user_id` is refused from anybody else. So a dead letter is without
them, and remembers what they were.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from gtvision.adapters.celery_wire.body import packed, payload_of
from gtvision.adapters.celery_wire.read import REVIVED, is_protocol_2
from gtvision.domain.message import WireMessage
from gtvision.domain.task import Task

DEAD_REASON = "gtv-dead-reason"
_DEAD_SENTENCE = "gtv-dead-sentence"
_DEAD_TIME = "gtv-dead-time"
_DEAD_PROPERTIES = "gtv-dead-properties"
_DEAD = (DEAD_REASON, _DEAD_SENTENCE, _DEAD_TIME, _DEAD_PROPERTIES)
_DEATHS_OF_BROKER = ("x-death", "x-first-death-", "x-last-death-")
_KEPT = 2
_ANY_BYTES = 2**31  # it was read before, within the reader's bound
_CHANGED = {"expiration": str | None, "delivery_mode": int | None, "user_id": str | None}


@dataclass(frozen=True, slots=True)
class Death:
    """What a dead letter says of its death; empty where it says nothing, as others may put letters there as well.

    Attributes:
        reason: In a word.
        sentence: What was wrong.
        time: When, ISO 8601.
    """

    reason: str
    sentence: str
    time: str


def retried(message: WireMessage, task: Task) -> WireMessage:
    """The message of the next attempt, for the retry queue: the same task, one retry more, at once, not expiring."""
    retry = {"retries": task.retries + 1, "eta": None}
    headers = _without(message.headers, *_DEATHS_OF_BROKER)
    properties = {**_without(message.properties, "expiration"), "delivery_mode": _KEPT}
    if is_protocol_2(message):
        return WireMessage(message.body, {**headers, **retry, "parent_id": task.id}, properties)
    payload = payload_of(message, _ANY_BYTES, hook=lambda value: value)
    body = packed({**payload, **retry}, message.properties["content_type"])
    return WireMessage(body, _without(headers, "compression"), properties)


def parked(message: WireMessage) -> WireMessage:
    """The message for a queue where it waits for its time: as it came, but neither expiring nor fleeting."""
    properties = {**_without(message.properties, "expiration"), "delivery_mode": _KEPT}
    return WireMessage(message.body, _without(message.headers, *_DEATHS_OF_BROKER) or None, properties)


def buried(message: WireMessage, reason: str, sentence: str, now_s: float) -> WireMessage:
    """The message for the dead letters: as it came, with why and when in its headers.

    Args:
        message: As it came.
        reason: In a word, for metrics and for whoever looks through dead letters.
        sentence: What was wrong.
        now_s: When it died, Unix seconds.
    """
    death = {
        DEAD_REASON: reason,
        _DEAD_SENTENCE: sentence,
        _DEAD_TIME: datetime.fromtimestamp(now_s, UTC).isoformat(),
        _DEAD_PROPERTIES: {name: message.properties[name] for name in _CHANGED if name in message.properties},
    }
    properties = {**_without(message.properties, *_CHANGED), "delivery_mode": _KEPT}
    return WireMessage(message.body, {**(message.headers or {}), **death}, properties)


def revived(message: WireMessage) -> WireMessage:
    """A dead letter as it was before it died, byte for byte."""
    headers = message.headers or {}
    kept = {name: value for name, value in headers.items() if name not in _DEAD}
    remembered = headers.get(_DEAD_PROPERTIES)
    known = remembered if isinstance(remembered, Mapping) else {}
    changed = {name: known[name] for name, kind in _CHANGED.items() if name in known and isinstance(known[name], kind)}
    return WireMessage(message.body, kept or None, {**_without(message.properties, *_CHANGED), **changed})


def put_back(message: WireMessage) -> WireMessage:
    """A message that was a dead letter, with a mark that says so: it may have been done before it died."""
    return replace(message, headers={**(message.headers or {}), REVIVED: True})


def refreshed(message: WireMessage) -> WireMessage:
    """The message with all its attempts before it, as if none had failed."""
    if is_protocol_2(message):
        return replace(message, headers={**(message.headers or {}), "retries": 0})
    payload = {**payload_of(message, _ANY_BYTES, hook=lambda value: value), "retries": 0}
    body = packed(payload, message.properties["content_type"])
    return replace(message, body=body, headers=_without(message.headers, "compression") or None)


def death_of(message: WireMessage) -> Death:
    """Why and when a dead letter died, as far as it says so."""
    told = ((message.headers or {}).get(name) for name in (DEAD_REASON, _DEAD_SENTENCE, _DEAD_TIME))
    return Death(*(text if isinstance(text, str) else "" for text in told))


def _without(fields: Mapping[str, Any] | None, *beginnings: str) -> dict[str, Any]:
    return {name: value for name, value in (fields or {}).items() if not name.startswith(beginnings)}
