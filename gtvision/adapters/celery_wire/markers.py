"""What JSON has no form for: Kombu writes it as an object of `__type__` and `__value__`.

Source: `kombu/utils/json.py` of Kombu 5.7; up to 5.2 bytes could not be sent, and senders wrote Base64 themselves.
"""

from typing import Any

import pybase64

from gtvision.domain.errors import MessageRefused
from gtvision.domain.refusal import RefusalReason

_KEYS = {"__type__", "__value__"}
_WRITTEN_AS_TEXT = ("datetime", "date", "time", "decimal")


def marked(value: dict[str, Any]) -> Any:
    """What a JSON object stands for: bytes or text when it is a marker, else itself.

    Raises:
        MessageRefused: The marker is unknown, or its value is damaged.
    """
    if value.keys() != _KEYS:
        return value
    name, content = value["__type__"], value["__value__"]
    if name == "uuid" and isinstance(content, dict):
        content = content.get("hex")
    if not isinstance(content, str):
        raise MessageRefused(f"the value of a {name!r:.40} marker is no text", RefusalReason.UNKNOWN_TYPE_MARKER)
    if name == "base64":
        return from_base64(content)
    if name == "bytes":
        return content.encode("utf-8", "surrogatepass")
    if name == "uuid" or name in _WRITTEN_AS_TEXT:
        return content
    raise MessageRefused(f"a {name!r:.40} marker is not read", RefusalReason.UNKNOWN_TYPE_MARKER)


def from_base64(text: str) -> bytes:
    """The bytes of Base64 in the standard alphabet, padded, without breaks. Raises `MessageRefused`."""
    try:
        return pybase64.b64decode(text, validate=True)
    except ValueError as exc:
        raise MessageRefused("a text that should be bytes is no Base64", RefusalReason.BAD_BASE64) from exc


def picture_of(value: Any, where: str) -> bytes:
    """The bytes of a picture: sent as bytes, or as a text of Base64. Raises `MessageRefused`."""
    if isinstance(value, str):
        return from_base64(value)
    if isinstance(value, bytes):
        return value
    raise MessageRefused(f"{where}: neither bytes nor Base64", RefusalReason.NOT_JPEG)
