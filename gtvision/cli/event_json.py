"""The form in which `analyse` and `camera try` print an event as JSON; times are those of the recording or the log."""

from typing import Any

from gtvision.domain.event import Event


def event_as_json(event: Event) -> dict[str, Any]:
    """A JSON object; what was not measured is null."""
    return {
        "event": event.id,
        "trigger": event.trigger_id,
        "type": event.trigger_type.value,
        "kind": event.kind.label,
        "track": event.track,
        "start_s": round(event.start_s, 3),
        "end_s": None if event.end_s is None else round(event.end_s, 3),
        "score": round(event.score, 3),
        "direction": event.direction.value if event.direction else None,
        "plate": event.plate,
        "speed_kmh": event.speed_kmh,
        "vehicles": event.vehicles,
        "length_m": event.length_m,
    }
