"""Messages that we send, byte for byte as a Celery 5 client or worker would.

Content type and encoding are always there: without them a Celery worker dies on the message, again and again. A
picture is a bare text of Base64, because Kombu before 5.3 knows no markers for bytes.
"""

import json
from binascii import b2a_base64
from datetime import UTC, datetime
from typing import Any

from gtvision.adapters.celery_wire.body import JSON
from gtvision.adapters.celery_wire.read import PROCESS_PLATE
from gtvision.domain.message import WireMessage
from gtvision.domain.task import ProcessPlate, Task

_PRIORITY = 5
_KEPT = 2
_FLEETING = 1
_NO_CANVAS = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


def plate_message(work: ProcessPlate, task_id: str, origin: str) -> WireMessage:
    """The task `process_plate` for a Celery worker, or for ourselves.

    Args:
        work: Whose plate.
        task_id: From `plate_task_id`, so that what is sent twice is the same task.
        origin: Who sends it, such as `gtvision@node-1`.
    """
    det = _det(work)
    body = [[work.camera_id, det], {}, _NO_CANVAS]
    headers: dict[str, Any] = {
        "lang": "py",
        "task": PROCESS_PLATE,
        "id": task_id,
        "shadow": None,
        "eta": None,
        "expires": None,
        "group": None,
        "group_index": None,
        "retries": 0,
        "timelimit": [None, None],
        "root_id": task_id,
        "parent_id": None,
        "argsrepr": repr([work.camera_id, {**det, "crop": "..."} if work.crop is not None else det]),
        "kwargsrepr": "{}",
        "origin": origin,
        "ignore_result": None,
        "replaced_task_nesting": 0,
        "stamped_headers": None,
        "stamps": {},
    }
    return WireMessage(json.dumps(body).encode(), headers, _properties(_KEPT, task_id, _PRIORITY))


def reply_message(task: Task, result: Any, now_s: float, error: str | None = None) -> WireMessage:
    """What became of a task, for the queue `task.reply_to` on the exchange without a name.

    Args:
        task: Which one.
        result: Plain values; of a failure, Celery's `{"exc_type", "exc_message", "exc_module"}`.
        now_s: When it was done, Unix seconds.
        error: Of a failure: the traceback, or what stands for it; None: it succeeded.
    """
    body = {
        "status": "SUCCESS" if error is None else "FAILURE",
        "result": result,
        "traceback": error,
        "children": [],
        "date_done": datetime.fromtimestamp(now_s, UTC).isoformat(),
        "task_id": task.id,
    }
    properties = _properties(_FLEETING, task.correlation_id or task.id, 0)
    return WireMessage(json.dumps(body).encode(), {}, properties)


def _det(work: ProcessPlate) -> dict[str, Any]:
    """The argument `det`, its keys in the order that Celery's producers have; what is unknown is left out."""
    crop = None if work.crop is None else b2a_base64(work.crop, newline=False).decode()
    det = {
        "bbox": list(work.bbox),
        "confidence": work.confidence,
        "class": work.label,
        "track_id": work.track_id,
        "timestamp": work.time_s,
        "crop": crop,
        "event_id": work.event_id,
    }
    return {name: value for name, value in det.items() if value is not None}


def _properties(delivery_mode: int, correlation_id: str, priority: int) -> dict[str, Any]:
    return {
        "content_type": JSON,
        "content_encoding": "utf-8",
        "delivery_mode": delivery_mode,
        "priority": priority,
        "correlation_id": correlation_id,
    }
