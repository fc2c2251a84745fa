"""Events to test with."""

from dataclasses import replace
from typing import Any

from gtvision.domain.event import Event, event_id
from gtvision.domain.kinds import Kind
from gtvision.domain.trigger import TriggerType

NOVEMBER_23_S = 1_795_392_000.0
"""2026-11-23 00:00:00 UTC."""


def an_event(number: int = 0, **changes: Any) -> Event:
    """Event `number` of camera `north`: it starts that many seconds into the day and lasts 5 s."""
    start_s = NOVEMBER_23_S + number
    event = Event(
        id=event_id(changes.get("camera_id", "north"), "enter", number, start_s),
        camera_id="north",
        trigger_id="enter",
        trigger_type=TriggerType.ENTER,
        zone_id=None,
        line_id=None,
        track=number,
        kind=Kind.CAR,
        score=0.75,
        direction=None,
        start_s=start_s,
        end_s=start_s + 5,
        seen_s=start_s + 5,
        best_s=start_s + 2,
        best_box=(0.1, 0.2, 0.3, 0.4),
        box=(0.2, 0.2, 0.4, 0.4),
    )
    return replace(event, **changes)
