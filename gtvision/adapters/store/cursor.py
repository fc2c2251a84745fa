"""Where a page of events ended, as an opaque text."""

import base64
import json

from gtvision.domain.errors import BadInput

Position = tuple[float, str]
"""Start and id of the last event of a page."""


def cursor_of(position: Position) -> str:
    """The text that stands for the position."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def position_of(cursor: str) -> Position:
    """The position of a text from `cursor_of`. Raises `BadInput`."""
    try:
        start_s, event_id = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (ValueError, TypeError) as exc:
        raise BadInput("this cursor did not come from a page of events") from exc
    if not isinstance(start_s, float) or not isinstance(event_id, str):
        raise BadInput("this cursor did not come from a page of events")
    return start_s, event_id
