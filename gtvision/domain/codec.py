"""Cameras, events, counts, plates and receipts as plain JSON values, and back.

Reading is strict: an unknown or missing key, a wrong type or a number that is not finite raises `BadConfiguration`,
which names the field by its path, such as `zones[0].polygon`. No message repeats a text that could be a password.
"""

import math
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from gtvision.domain.camera import Camera
from gtvision.domain.count import CountRecord
from gtvision.domain.errors import BadConfiguration
from gtvision.domain.event import Event, Hit
from gtvision.domain.kinds import Kind
from gtvision.domain.plate import VehiclePlate
from gtvision.domain.receipt import Receipt

_T = TypeVar("_T")
_LARGEST_INT = 2**63 - 1


def camera_as_json(camera: Camera, *, with_secrets: bool = False) -> dict[str, Any]:
    """The camera as JSON values; the key `password` is only there when asked for."""
    plain: dict[str, Any] = _plain(camera)
    if not with_secrets:
        for source in plain["sources"]:
            del source["password"]
    return plain


def camera_from_json(value: object) -> Camera:
    """The camera of JSON values. Raises `BadConfiguration`."""
    return _record(Camera, value, "")


def event_as_json(event: Event) -> dict[str, Any]:
    """The event as JSON values."""
    plain: dict[str, Any] = _plain(event)
    return plain


def event_from_json(value: object) -> Event:
    """The event of JSON values. Raises `BadConfiguration`."""
    return _record(Event, value, "")


def hit_as_json(hit: Hit) -> dict[str, Any]:
    """What a plate matched, as JSON values."""
    plain: dict[str, Any] = _plain(hit)
    return plain


def hit_from_json(value: object) -> Hit:
    """What a plate matched, of JSON values. Raises `BadConfiguration`."""
    return _record(Hit, value, "")


def count_as_json(record: CountRecord) -> dict[str, Any]:
    """The count record as JSON values."""
    plain: dict[str, Any] = _plain(record)
    return plain


def count_from_json(value: object) -> CountRecord:
    """The count record of JSON values. Raises `BadConfiguration`."""
    return _record(CountRecord, value, "")


def vehicle_plate_as_json(seen: VehiclePlate) -> dict[str, Any]:
    """The vehicle's plate as JSON values."""
    plain: dict[str, Any] = _plain(seen)
    return plain


def vehicle_plate_from_json(value: object) -> VehiclePlate:
    """The vehicle's plate of JSON values. Raises `BadConfiguration`."""
    return _record(VehiclePlate, value, "")


def receipt_as_json(receipt: Receipt) -> dict[str, Any]:
    """The receipt as JSON values."""
    plain: dict[str, Any] = _plain(receipt)
    return plain


def receipt_from_json(value: object) -> Receipt:
    """The receipt of JSON values. Raises `BadConfiguration`."""
    return _record(Receipt, value, "")


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Kind):
        return value.label
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


@cache
def _fields(of: Any) -> Mapping[str, tuple[Field[Any], Any]]:
    hints = get_type_hints(of)
    return {item.name: (item, hints[item.name]) for item in fields(of)}


def _record(of: Callable[..., _T], value: object, where: str) -> _T:
    if not isinstance(value, Mapping):
        raise _wrong("an object", value, where)
    known = _fields(of)
    for key in value:
        if key not in known:
            raise BadConfiguration(f"there is no such field; known are {', '.join(known)}", _join(where, str(key)))
    for name, (item, _) in known.items():
        if name not in value and item.default is MISSING and item.default_factory is MISSING:
            raise BadConfiguration("it is missing", _join(where, name))
    arguments = {name: _parsed(known[name][1], part, _join(where, name)) for name, part in value.items()}
    try:
        return of(**arguments)
    except BadConfiguration as exc:
        raise BadConfiguration(str(exc.args[0]), _join(where, exc.field)) from None


def _parsed(hint: Any, value: object, where: str) -> Any:
    if hint in _SCALARS:
        return _SCALARS[hint](value, where)
    if isinstance(hint, type) and is_dataclass(hint):
        return _record(hint, value, where)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        wanted = next(argument for argument in arguments if argument is not type(None))
        return None if value is None else _parsed(wanted, value, where)
    if origin is tuple:
        return _tuple(arguments, value, where)
    if origin is frozenset:
        return frozenset(_tuple((arguments[0], ...), value, where))
    return _choice(hint, value, where)


def _tuple(arguments: tuple[Any, ...], value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _wrong("a list", value, where)
    if arguments[-1] is Ellipsis:
        arguments = arguments[:1] * len(value)
    if len(arguments) != len(value):
        raise BadConfiguration(f"it must have {len(arguments)} values, not {len(value)}", where)
    pairs = enumerate(zip(arguments, value, strict=True))
    return tuple(_parsed(argument, item, f"{where}[{index}]") for index, (argument, item) in pairs)


def _choice(of: Any, value: object, where: str) -> Any:
    choices = {_plain(member): member for member in of}
    if not isinstance(value, str):
        raise _wrong("a text", value, where)
    if value not in choices:
        raise BadConfiguration(f"{value[:40]!r} is none of {', '.join(choices)}", where)
    return choices[value]


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong("a text", value, where)
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise BadConfiguration("it holds characters that no database stores", where)
    return value


def _truth(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong("true or false", value, where)
    return value


def _whole(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong("a whole number", value, where)
    if abs(value) > _LARGEST_INT:
        raise BadConfiguration("it is too large", where)
    return value


def _number(value: object, where: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong("a number", value, where)
    if isinstance(value, int):
        return float(_whole(value, where))
    if not math.isfinite(value):
        raise BadConfiguration("it is not finite", where)
    return value


_SCALARS: dict[Any, Callable[[object, str], Any]] = {str: _text, bool: _truth, int: _whole, float: _number}
_JSON_NAMES = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "a text"}


def _wrong(wanted: str, value: object, where: str) -> BadConfiguration:
    got = _JSON_NAMES.get(type(value), "a list" if isinstance(value, list | tuple) else "an object")
    return BadConfiguration(f"it must be {wanted}, not {got}", where)


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where and name else where or name
