"""From a message to a task: both of Celery's protocols.

Protocol 2 names the task in the headers; its body is arguments, keyword arguments and a canvas (callbacks, chains),
which is not run. Protocol 1 has all of it in the body. Source: `celery/app/amqp.py`, `celery/worker/strategy.py`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from gtvision.adapters.celery_wire.arguments import detect_vehicle, process_plate
from gtvision.adapters.celery_wire.body import MAX_BODY_BYTES, payload_of
from gtvision.domain.errors import MessageRefused
from gtvision.domain.message import WireMessage
from gtvision.domain.refusal import Refusal, RefusalReason
from gtvision.domain.task import DetectVehicle, ProcessPlate, Task, is_name

DETECT_VEHICLE = "detection.tasks.detect_vehicle"
PROCESS_PLATE = "detection.tasks.process_plate"
MAX_PRIORITY = 10
REVIVED = "gtv-revived"
"""The header of a message that was a dead letter."""
_MOST_RETRIES = 1_000_000

_Arguments = tuple[list[Any], Mapping[str, Any]]
_WORK: Mapping[str, Callable[[list[Any], Mapping[str, Any]], DetectVehicle | ProcessPlate]] = {
    DETECT_VEHICLE: detect_vehicle,
    PROCESS_PLATE: process_plate,
}


def read_message(message: WireMessage, max_bytes: int = MAX_BODY_BYTES) -> Task | Refusal:
    """What the message asks for, or why it is refused. Raises nothing.

    Args:
        message: As it came.
        max_bytes: The largest body, both as it came and decompressed.
    """
    try:
        return _task(message, max_bytes)
    except MessageRefused as exc:
        return Refusal(exc.reason, str(exc))


def is_protocol_2(message: WireMessage) -> bool:
    """Whether the headers name the task."""
    return "task" in (message.headers or {})


def _task(message: WireMessage, max_bytes: int) -> Task:
    payload = payload_of(message, max_bytes)
    if is_protocol_2(message):
        fields, (args, kwargs) = message.headers or {}, _arguments_2(payload)
    else:
        fields, (args, kwargs) = _fields_1(payload), _arguments_1(payload)
    name = fields.get("task")
    if not isinstance(name, str) or name not in _WORK:
        raise MessageRefused(f"{name!r:.80} is none of {', '.join(_WORK)}", RefusalReason.UNKNOWN_TASK)
    task_id = _text(fields.get("id"))
    if task_id is None:
        raise MessageRefused("`id` is 1 to 200 visible characters", RefusalReason.NO_ID)
    retries = _retries(fields.get("retries"))
    return Task(
        id=task_id,
        work=_WORK[name](args, kwargs),
        retries=retries,
        eta_s=_time_s(fields.get("eta"), "eta", RefusalReason.BAD_ETA),
        expires_s=_time_s(fields.get("expires"), "expires", RefusalReason.BAD_EXPIRES),
        priority=_priority(message.properties.get("priority")),
        reply_to=_text(message.properties.get("reply_to")),
        correlation_id=_text(message.properties.get("correlation_id")),
        may_be_repeated=message.is_redelivered or retries > 0 or REVIVED in (message.headers or {}),
    )


def _arguments_2(payload: Any) -> _Arguments:
    match payload:
        case [list() as args, dict() as kwargs, dict() | None]:
            return args, kwargs
    raise MessageRefused("the body is no list of arguments, keyword arguments and canvas", RefusalReason.MALFORMED_BODY)


def _fields_1(payload: Any) -> Mapping[str, Any]:
    if not isinstance(payload, dict) or "task" not in payload:
        raise MessageRefused("neither the headers nor the body name a task", RefusalReason.NO_TASK)
    return payload


def _arguments_1(payload: Mapping[str, Any]) -> _Arguments:
    args, kwargs = payload.get("args", []), payload.get("kwargs", {})
    if not isinstance(args, list) or not isinstance(kwargs, dict):
        raise MessageRefused("`args` is no list, or `kwargs` no object", RefusalReason.MALFORMED_BODY)
    return args, kwargs


def _time_s(value: Any, where: str, reason: RefusalReason) -> float | None:
    """Unix seconds of an ISO 8601 time, None when there is none. Without an offset it is UTC, as for Celery."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as exc:
        raise MessageRefused(f"{where}: {value!r:.80} is no ISO 8601 time", reason) from exc
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _retries(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_RETRIES:
        raise MessageRefused(f"retries: {value!r:.80} is no number of attempts", RefusalReason.BAD_RETRIES)
    return value


def _priority(value: Any) -> int:
    """As a queue with priorities takes it: 0 when there is none, 10 when it is above."""
    return min(max(value, 0), MAX_PRIORITY) if isinstance(value, int) else 0


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and is_name(value) else None
