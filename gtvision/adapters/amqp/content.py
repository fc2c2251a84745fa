"""A message's content header as bytes, to a `WireMessage` and back.

What we publish goes to the queue that we name and nowhere else: a stranger's headers `CC` and `BCC`, which send copies
to other queues, are kept under other names, and a `user_id` that is not ours, which the broker would refuse along with
our connection, is left out.
"""

import struct
from collections.abc import Mapping
from typing import Any

from gtvision.adapters.amqp.table import decode_table, encode_table
from gtvision.adapters.amqp.texts import short_text, text_of
from gtvision.domain.errors import MessageRefused
from gtvision.domain.message import WireMessage

UNREADABLE = "gtv-unreadable-headers"
"""The header that holds, as bytes, a table that could not be read."""
_ROUTES = {"CC": "gtv-cc", "BCC": "gtv-bcc"}
_FLAGS = struct.Struct(">H")
_LENGTH = struct.Struct(">I")
_OCTET = struct.Struct(">B")
_LONG = struct.Struct(">Q")
_NUMBERS = {"delivery_mode": _OCTET, "priority": _OCTET, "timestamp": _LONG}
_FIELDS = (
    ("content_type", 15),
    ("content_encoding", 14),
    ("headers", 13),
    ("delivery_mode", 12),
    ("priority", 11),
    ("correlation_id", 10),
    ("reply_to", 9),
    ("expiration", 8),
    ("message_id", 7),
    ("timestamp", 6),
    ("type", 5),
    ("user_id", 4),
    ("app_id", 3),
    ("cluster_id", 2),
)
"""The properties in the order that they are sent in, and which bit of the flags says that one is there."""


def message_of(encoded: bytes, body: bytes, *, is_redelivered: bool) -> WireMessage:
    """The message with those properties, as flags and fields, and that body."""
    headers: dict[str, Any] | None = None
    properties: dict[str, Any] = {}
    flags, at = _FLAGS.unpack_from(encoded)[0], _FLAGS.size
    for name, bit in _FIELDS:
        if not flags & 1 << bit:
            continue
        if name == "headers":
            start = at + _LENGTH.size
            at = start + _LENGTH.unpack_from(encoded, at)[0]
            headers = _headers(encoded[start:at])
        elif name in _NUMBERS:
            form = _NUMBERS[name]
            properties[name], at = form.unpack_from(encoded, at)[0], at + form.size
        else:
            start, at = at + 1, at + 1 + encoded[at]
            properties[name] = text_of(encoded[start:at])
    return WireMessage(body, headers, properties, is_redelivered)


def content_of(message: WireMessage, user: str) -> bytes:
    """The properties of a message as flags and fields.

    Args:
        message: What is published.
        user: Who publishes it.

    Raises:
        MessageRefused: AMQP has no like of one of its headers or properties.
    """
    properties = {name: value for name, value in message.properties.items() if name != "user_id" or value == user}
    unknown = properties.keys() - dict(_FIELDS).keys()
    if unknown:
        raise MessageRefused(f"AMQP has no property {min(unknown)!r:.80}")
    try:
        return _encoded(_only_to_its_queue(message.headers), properties)
    except (ValueError, TypeError, AttributeError, struct.error) as exc:
        raise MessageRefused(f"it cannot be written as AMQP: {exc}") from exc


def _headers(table: bytes) -> dict[str, Any]:
    try:
        return decode_table(table)
    except ValueError:
        return {UNREADABLE: table}


def _only_to_its_queue(headers: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if headers is None else {_ROUTES.get(name, name): value for name, value in headers.items()}


def _encoded(headers: Mapping[str, Any] | None, properties: Mapping[str, Any]) -> bytes:
    flags, fields = 0, []
    for name, bit in _FIELDS:
        if name == "headers":
            if headers is None:
                continue
            table = encode_table(headers)
            fields.append(_LENGTH.pack(len(table)) + table)
        elif properties.get(name) is None:
            continue
        elif name in _NUMBERS:
            fields.append(_NUMBERS[name].pack(properties[name]))
        else:
            fields.append(short_text(properties[name]))
        flags |= 1 << bit
    return _FLAGS.pack(flags) + b"".join(fields)
