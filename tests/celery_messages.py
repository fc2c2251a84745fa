"""Messages as Celery's clients send them, made here, each part of which can be another."""

import bz2
import json
import zlib
from base64 import b64encode
from typing import Any

import msgpack
import numpy as np

from gtvision.adapters.celery_wire import WireMessage
from gtvision.adapters.jpeg import encode_jpeg

JPEG = encode_jpeg(np.full((24, 32, 3), 90, np.uint8), 80)
BARE = b64encode(JPEG).decode()
MARKED = {"__type__": "base64", "__value__": BARE}
TASK_ID = "5b1c3a52-6d55-4c0f-9f0e-0d8a4a2f6b11"
ROI = [[0, 0], [31, 0], [31, 23], [0, 23]]
LINE = {"id": "gate", "type": "line", "points": [[0, 12], [31, 12]], "direction": "both"}
CANVAS = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
DET = {"bbox": [4, 5, 20.5, 18], "confidence": 0.875, "class": "car", "track_id": 7, "timestamp": 1760000000.25}
DETECT = "detection.tasks.detect_vehicle"
PLATE = "detection.tasks.process_plate"

PACKERS = {
    "application/json": ("utf-8", lambda value: json.dumps(value).encode()),
    "application/x-msgpack": ("binary", lambda value: msgpack.packb(value, use_bin_type=True)),
}
COMPRESSIONS = {"application/x-gzip": zlib.compress, "application/x-bz2": bz2.compress}


def args(**other: Any) -> list[Any]:
    """The arguments of `detect_vehicle`; any can be another."""
    return list({"camera_id": "north-gate", "frame_bytes": MARKED, "roi": ROI, "triggers": [LINE], **other}.values())


def headers(task: str = DETECT, **other: Any) -> dict[str, Any]:
    """Those of protocol 2; any can be another."""
    common = {"lang": "py", "task": task, "id": TASK_ID, "shadow": None, "eta": None, "expires": None, "retries": 0}
    return {**common, "timelimit": [None, None], "root_id": TASK_ID, "parent_id": None, **other}


def properties(content_type: str = "application/json", **other: Any) -> dict[str, Any]:
    """Those of a Celery client; any can be another."""
    encoding = PACKERS[content_type][0]
    common = {"content_type": content_type, "content_encoding": encoding, "delivery_mode": 2, "priority": 5}
    return {**common, "correlation_id": TASK_ID, "reply_to": "0f7a2b0c-1111-3e21-8f00-b2b3c4d5e6f7", **other}


def message(
    payload: Any,
    of: dict[str, Any] | None = None,
    content_type: str = "application/json",
    compression: str | None = None,
    **other_properties: Any,
) -> WireMessage:
    """The payload as a message, with the headers `of`, else with those of `detect_vehicle`."""
    head = headers() if of is None else of
    body = PACKERS[content_type][1](payload)
    if compression is not None:
        body, head = COMPRESSIONS[compression](body), {**head, "compression": compression}
    return WireMessage(body, head, properties(content_type, **other_properties))


def protocol_2(arguments: list[Any], kwargs: dict[str, Any] | None = None, **other: Any) -> WireMessage:
    """A call by protocol 2; the rest is that of `message`."""
    return message([arguments, kwargs or {}, CANVAS], **other)


def protocol_1(arguments: list[Any], task: str = DETECT, **other: Any) -> dict[str, Any]:
    """The payload of a call by protocol 1."""
    common = {"task": task, "id": TASK_ID, "args": arguments, "kwargs": {}, "retries": 0, "eta": None, "expires": None}
    return {**common, "utc": True, "callbacks": None, "errbacks": None, "timelimit": [None, None], **other}
