"""Where a page ended, as an opaque text."""

import base64
import json
from typing import Any

from gtvision.domain.errors import BadInput


def cursor_of(position: tuple[Any, ...]) -> str:
    """The text that stands for the position: the sort key of the last item of a page."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def position_of(cursor: str, shape: tuple[type, ...]) -> tuple[Any, ...]:
    """The position, values of those types, of a text from `cursor_of`. Raises `BadInput`."""
    try:
        position = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (ValueError, TypeError) as exc:
        raise BadInput("this cursor did not come from a page of this list") from exc
    if not isinstance(position, list) or tuple(map(type, position)) != shape:
        raise BadInput("this cursor did not come from a page of this list")
    return tuple(position)
