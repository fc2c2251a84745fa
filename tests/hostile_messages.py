"""Messages that nobody would send: random ones, and those of partners with parts of them changed, the same for a seed.

Whatever is in them can travel over AMQP, and `app_id` tells one from another. None names a time that lies ahead, or one
that has passed: each can only be processed or be a dead letter.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import msgpack
from celery_messages import (
    BARE,
    COMPRESSIONS,
    DET,
    JPEG,
    LINE,
    PLATE,
    TASK_ID,
    args,
    headers,
    message,
    protocol_1,
    protocol_2,
)

from gtvision.domain.message import WireMessage

_WELL_FORMED = (
    protocol_2(args()),
    protocol_2(args(frame_bytes=JPEG), content_type="application/x-msgpack"),
    protocol_2(args(), compression="application/x-gzip"),
    protocol_2(args(), compression="application/x-bz2"),
    protocol_2(["north-gate", DET], of=headers(PLATE)),
    message(protocol_1(args()), of={}),
    message(protocol_1(args(frame_bytes=JPEG)), of={}, content_type="application/x-msgpack"),
)
_SCALARS = (
    None,
    True,
    False,
    0,
    -1,
    7,
    2**40,
    0.5,
    "",
    "a",
    "line",
    "base64",
    "/9j/",
    BARE,
    "câmera 7",
    "\x00",
    "x" * 300,
)
_IN_HEADERS = tuple(value for value in _SCALARS if not isinstance(value, float))  # pika sends none in headers
_ARGUMENTS = ("camera_id", "frame_bytes", "roi", "triggers")
_HEADERS = ("task", "id", "eta", "expires", "retries", "timelimit", "compression", "lang", "x-death", "argsrepr")
_CONTENT_TYPES = ("", "application/json", "application/x-msgpack", "application/x-python-serialize", "text/plain")
_ENCODINGS = ("", "utf-8", "binary", "klingon")
_SNIPPETS = (b"", b"0", b"\xff", b'"', b"[", b"]", b"{", b"}", b",", b"\\", b"-", b"e9", b"\x00", b"NaN")


def hostile(seed: int, count: int) -> Iterator[WireMessage]:
    """So many of them."""
    random = Random(seed)
    for number in range(count):
        change = random.choice((_random_bytes, _other_bytes, _other_bytes, _other_argument, _other_header, _other_kind))
        wire = change(random)
        name = f"hostile-{seed}-{number}"
        own = {key: name if value == TASK_ID else value for key, value in (wire.headers or {}).items()}
        yield replace(wire, headers=own or None, properties={**wire.properties, "app_id": name, "delivery_mode": 2})


def _random_bytes(random: Random) -> WireMessage:
    body = random.randbytes(random.randrange(64))
    squeezed = random.choice((bytes, *COMPRESSIONS.values()))(body)
    return _of_kind(random, WireMessage(squeezed, headers(compression=random.choice(("", *COMPRESSIONS)))))


def _other_bytes(random: Random) -> WireMessage:
    wire = random.choice(_WELL_FORMED)
    body = wire.body
    for _ in range(random.randrange(1, 4)):
        start, length = random.randrange(len(body) + 1), random.randrange(4)
        body = body[:start] + random.choice(_SNIPPETS) + body[start + length :]
    return replace(wire, body=body)


def _other_argument(random: Random) -> WireMessage:
    arguments = args(**{random.choice(_ARGUMENTS): _value(random)})
    if random.random() < 0.3:
        arguments = [*arguments, _value(random)][random.randrange(3) :]
    body = random.choice(
        (lambda: [arguments, {}, None], lambda: [arguments, _value(random), None], lambda: arguments)
    )()
    if random.random() < 0.2:
        return WireMessage(msgpack.packb(body), headers(), {"content_type": "application/x-msgpack"})
    return WireMessage(json.dumps(body).encode(), headers(), {"content_type": "application/json"})


def _other_header(random: Random) -> WireMessage:
    wire = random.choice(_WELL_FORMED)
    return replace(wire, headers={**(wire.headers or {}), random.choice(_HEADERS): _value(random, _IN_HEADERS)})


def _other_kind(random: Random) -> WireMessage:
    return _of_kind(random, random.choice(_WELL_FORMED))


def _of_kind(random: Random, wire: WireMessage) -> WireMessage:
    kind = {"content_type": random.choice(_CONTENT_TYPES), "content_encoding": random.choice(_ENCODINGS)}
    return replace(wire, properties={**wire.properties, **kind, "priority": random.randrange(256)})


def _value(random: Random, scalars: Sequence[Any] = _SCALARS, depth: int = 3) -> Any:
    """Plain values of any shape."""
    shape = random.random()
    if depth == 0 or shape < 0.5:
        return random.choice(scalars)
    if shape < 0.7:
        return [_value(random, scalars, depth - 1) for _ in range(random.randrange(4))]
    if shape < 0.8:
        return [{**LINE, random.choice((*LINE, "classes", "min_score")): _value(random, scalars, depth - 1)}]
    return {
        random.choice(("id", "type", "__type__", "__value__", "points")): _value(random, scalars, depth - 1)
        for _ in "ab"
    }
