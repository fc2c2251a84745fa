"""Messages of a queue in files, to be looked at or replayed.

{"name": "...", "properties": {...}, "headers": {...} or null, "body_base64": "...", "delivery": {"redelivered": false}}

`name` and `delivery` may be missing; other keys, such as what somebody expects of the message, are not read.
"""

import json
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gtvision.adapters.celery_wire import MAX_BODY_BYTES, WireMessage
from gtvision.domain.errors import BadInput

_MAX_BYTES = 2 * MAX_BODY_BYTES


@dataclass(frozen=True, slots=True, eq=False)
class QueueCase:
    """A message in a file.

    Attributes:
        name: What it is called; without a name of its own, that of its file.
        message: As a broker would deliver it.
    """

    name: str
    message: WireMessage


def read_case(file: Path) -> QueueCase:
    """The message in that file. Raises `BadInput` when it cannot be read, or is none."""
    case = _content(file)
    body, headers, properties = case.get("body_base64"), case.get("headers"), case.get("properties", {})
    delivery, name = case.get("delivery") or {}, case.get("name", file.stem)
    if not isinstance(name, str) or not isinstance(properties, dict) or not isinstance(delivery, dict):
        raise BadInput("`name` is a text, `properties` and `delivery` are objects")
    if not isinstance(headers, dict | None):
        raise BadInput("`headers` is an object, or null")
    if not isinstance(body, str):
        raise BadInput("`body_base64` is missing: the message's bytes in Base64")
    try:
        decoded = a2b_base64(body, strict_mode=True)
    except ValueError as exc:
        raise BadInput("`body_base64` is no Base64") from exc
    return QueueCase(name, WireMessage(decoded, headers, properties, bool(delivery.get("redelivered"))))


def case_of(name: str, message: WireMessage) -> dict[str, Any]:
    """The message as `read_case` reads it. Its body is exact; what JSON has no like of in its headers becomes text."""
    return {
        "name": name,
        "properties": dict(message.properties),
        "headers": _plain(message.headers),
        "body_base64": b64encode(message.body).decode(),
        "delivery": {"redelivered": message.is_redelivered},
    }


def _plain(value: object) -> Any:
    """That value in JSON; a text that tells it where JSON has no like of it."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _content(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            encoded = opened.read(_MAX_BYTES + 1)
    except OSError as exc:
        raise BadInput(f"cannot be read: {exc.strerror}") from exc
    if len(encoded) > _MAX_BYTES:
        raise BadInput(f"is larger than {_MAX_BYTES} bytes")
    try:
        content = json.loads(encoded)
    except (ValueError, RecursionError) as exc:
        raise BadInput("is no JSON; a case is an object with `properties`, `headers` and `body_base64`") from exc
    if not isinstance(content, dict):
        raise BadInput("is no case: an object with `properties`, `headers` and `body_base64`")
    return content
