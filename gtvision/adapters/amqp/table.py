"""Tables of AMQP 0-9-1, such as a message's headers, to Python's values and back without loss.

pika has both ways itself, but makes 1 of 1.5, dies of a time after the year 9999, and knows no way to write a number
with a fraction. What strangers send has to leave us as it came, and must not end our connection.
Source: https://www.rabbitmq.com/amqp-0-9-1-errata#section_3
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from gtvision.adapters.amqp.texts import bytes_of, short_text, text_of

_MAX_DEPTH = 32
_LENGTH = struct.Struct(">I")
_DECIMAL = struct.Struct(">Bi")
_TIME = struct.Struct(">Q")
_NUMBERS = {kind.encode(): struct.Struct(f">{form}") for kind, form in zip("tbBsUuIilLfd", "?bBhhHiIqqfd", strict=True)}


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that has no like in Python: a time after the year 9999, or tables nested deeper than anybody means.

    Attributes:
        kind: The one byte that AMQP calls its type by.
        encoded: The bytes after that.
    """

    kind: bytes
    encoded: bytes = field(repr=False)


def decode_table(encoded: bytes) -> dict[str, Any]:
    """The fields of a table without its length. Text that is not UTF-8 comes as `text_of` says.

    Raises:
        ValueError: They end too early, or have a type that nobody knows.
    """
    try:
        return dict(_fields(encoded, 1))
    except (struct.error, IndexError) as exc:
        raise ValueError("no table of AMQP: it ends too early") from exc


def encode_table(table: Mapping[str, Any]) -> bytes:
    """Those fields, without the table's length. Raises `ValueError` when AMQP has no like of a value."""
    try:
        return b"".join(short_text(name) + _encoded(value) for name, value in table.items())
    except struct.error as exc:
        raise ValueError(f"AMQP has no room for it: {exc}") from exc


def _fields(encoded: bytes, depth: int) -> Iterator[tuple[str, Any]]:
    at = 0
    while at < len(encoded):
        start, at = at + 1, at + 1 + encoded[at]
        name = text_of(encoded[start:at])
        value, at = _value(encoded, at, depth)
        yield name, value


def _value(encoded: bytes, at: int, depth: int) -> tuple[Any, int]:
    """The value that begins there, and where the next one does."""
    kind, at = encoded[at : at + 1], at + 1
    if kind in _NUMBERS:
        form = _NUMBERS[kind]
        return form.unpack_from(encoded, at)[0], at + form.size
    if kind == b"V":
        return None, at
    if kind == b"D":
        places, raw = _DECIMAL.unpack_from(encoded, at)
        return Decimal(raw).scaleb(-places), at + _DECIMAL.size
    if kind == b"T":
        return _moment(_TIME.unpack_from(encoded, at)[0]), at + _TIME.size
    start = at + _LENGTH.size
    end = start + _LENGTH.unpack_from(encoded, at)[0]
    if kind not in _LONG or end > len(encoded):
        raise ValueError(f"no table of AMQP: a value of type {kind!r}, or one that ends too early")
    if kind in b"AF" and depth >= _MAX_DEPTH:
        return Opaque(kind, encoded[at:end]), end
    return _LONG[kind](encoded[start:end], depth + 1), end


def _list(encoded: bytes, depth: int) -> list[Any]:
    values, at = [], 0
    while at < len(encoded):
        value, at = _value(encoded, at, depth)
        values.append(value)
    return values


_LONG: Mapping[bytes, Callable[[bytes, int], Any]] = {
    b"S": lambda encoded, _: text_of(encoded),
    b"x": lambda encoded, _: encoded,
    b"A": _list,
    b"F": lambda encoded, depth: dict(_fields(encoded, depth)),
}


def _moment(seconds: int) -> datetime | Opaque:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return Opaque(b"T", _TIME.pack(seconds))


def _encoded(value: object) -> bytes:
    match value:
        case None:
            return b"V"
        case bool():
            return b"t" + _NUMBERS[b"t"].pack(value)
        case int():
            kind = b"I" if -(2**31) <= value < 2**31 else b"l"
            return kind + _NUMBERS[kind].pack(value)
        case float():
            return b"d" + _NUMBERS[b"d"].pack(value)
        case str():
            return _with_length(b"S", bytes_of(value))
        case bytes():
            return _with_length(b"x", value)
        case Decimal():
            return b"D" + _decimal(value)
        case datetime():
            aware = value if value.tzinfo else value.replace(tzinfo=UTC)
            return b"T" + _TIME.pack(int(aware.timestamp()))
        case Opaque():
            return value.kind + value.encoded
        case Mapping():
            return _with_length(b"F", encode_table(value))
        case list() | tuple():
            return _with_length(b"A", b"".join(map(_encoded, value)))
    raise ValueError(f"AMQP has no like of a {type(value).__name__}")


def _decimal(value: Decimal) -> bytes:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"AMQP has no like of {value}")
    whole = int(value) if exponent >= 0 else int(Decimal((sign, digits, 0)))
    return _DECIMAL.pack(max(-exponent, 0), whole)


def _with_length(kind: bytes, encoded: bytes) -> bytes:
    return kind + _LENGTH.pack(len(encoded)) + encoded
