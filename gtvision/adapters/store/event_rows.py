"""Events as rows, and rows as events."""

from dataclasses import fields
from typing import Any

from gtvision.adapters.store.tables import EventRow
from gtvision.domain.codec import hit_as_json, hit_from_json
from gtvision.domain.event import Event
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.domain.trigger import TriggerType
from gtvision.ports import EventToSave, StoredEvent

_EVENT_FIELDS = tuple(item.name for item in fields(Event))


def event_columns(item: EventToSave, seq: int) -> dict[str, Any]:
    """The row of an event, by column."""
    values = {name: getattr(item.event, name) for name in _EVENT_FIELDS}
    values |= {"kind": int(item.event.kind), "box": list(item.event.box), "best_box": list(item.event.best_box)}
    values["hit"] = None if item.event.hit is None else hit_as_json(item.event.hit)
    return {**values, "snapshot_key": item.snapshot_key, "clip_key": item.clip_key, "seq": seq}


def stored_event(row: EventRow) -> StoredEvent:
    """The event of a row."""
    values = {name: getattr(row, name) for name in _EVENT_FIELDS}
    values |= {
        "trigger_type": TriggerType(row.trigger_type),
        "kind": Kind(row.kind),
        "direction": Direction(row.direction) if row.direction else None,
        "box": tuple(row.box),
        "best_box": tuple(row.best_box),
        "hit": None if row.hit is None else hit_from_json(row.hit),
    }
    return StoredEvent(Event(**values), row.seq, row.snapshot_key, row.clip_key)
