"""A message as the broker carries it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class WireMessage:
    """One AMQP message. Its header `argsrepr` can hold a part of the picture: never log it.

    Attributes:
        body: Its bytes, as they came.
        headers: Celery's fields of protocol 2, or what else a sender put there; None when there is no table at all.
        properties: Those of AMQP by their names, such as `content_type` and `priority`, as far as they are set.
        is_redelivered: Whether the broker says that it delivered it before.
    """

    body: bytes
    headers: Mapping[str, Any] | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    is_redelivered: bool = False
