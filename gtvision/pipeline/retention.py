"""From how many days each kind of data is kept to what is due at a moment."""

from gtvision.domain.retention import Keepable
from gtvision.settings import Retention

DAY_S = 86_400.0


def due_before_s(retention: Retention, now_s: float) -> dict[Keepable, float]:
    """What ended before that time, in Unix seconds, is due; a kind that is kept for ever is left out."""
    days = {kind: retention.days(kind) for kind in Keepable}
    return {kind: now_s - DAY_S * kept for kind, kept in days.items() if kept is not None}


def has_expired(retention: Retention, kind: Keepable, end_s: float | None, now_s: float) -> bool:
    """Whether something of that kind that ended then, None while it goes on, has been kept long enough."""
    before_s = due_before_s(retention, now_s).get(kind)
    return before_s is not None and end_s is not None and end_s < before_s
