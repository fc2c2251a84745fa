"""What the triggers of a message mean to us."""

from typing import Any

from gtvision.adapters.celery_wire.points import number_of, points_of
from gtvision.domain.errors import MessageRefused
from gtvision.domain.kinds import VEHICLES, Kind
from gtvision.domain.places import Direction
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.task import AskedTrigger
from gtvision.domain.trigger import TriggerType

_TYPES = {
    "line": TriggerType.CROSS,
    "cross": TriggerType.CROSS,
    "zone": TriggerType.ENTER,
    "enter": TriggerType.ENTER,
    "area": TriggerType.ENTER,
    "polygon": TriggerType.ENTER,
    "region": TriggerType.ENTER,
    "roi": TriggerType.ENTER,
    "intrusion": TriggerType.ENTER,
    "presence": TriggerType.ENTER,
    "leave": TriggerType.LEAVE,
    "dwell": TriggerType.DWELL,
    "stationary": TriggerType.STATIONARY,
    "queue": TriggerType.QUEUE,
    "count": TriggerType.COUNT,
}
"""`speed` and `wrong_way` are missing: a message cannot say how the picture lies on the road, or which way is right."""

_DIRECTIONS = {None: None, "both": None, "forward": Direction.FORWARD, "backward": Direction.BACKWARD}
_KNOWN = ("id", "type", "points", "direction", "classes", "min_score")


def triggers_of(value: Any) -> tuple[AskedTrigger, ...]:
    """The triggers of a list of objects, none of null. Raises `MessageRefused`."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise _refused("send a list of objects, or null")
    return tuple(map(_trigger, value))


def _trigger(value: dict[str, Any]) -> AskedTrigger:
    trigger_id, points, score = value.get("id"), points_of(value.get("points")), value.get("min_score")
    if not isinstance(trigger_id, str):
        raise _refused("the `id` of each is a text")
    if points is None:
        raise _refused("`points` is a list of [x, y] in pixels")
    if score is not None and number_of(score) is None:
        raise _refused("`min_score` is a number")
    return AskedTrigger(
        id=trigger_id,
        type=_one_of(_TYPES, value.get("type"), "type"),
        points=points,
        direction=_one_of(_DIRECTIONS, value.get("direction"), "direction"),
        kinds=_kinds(value.get("classes")),
        min_score=score,
        others={key: other for key, other in value.items() if key not in _KNOWN},
    )


def _kinds(value: Any) -> frozenset[Kind]:
    if value is None:
        return VEHICLES
    labels = {kind.label: kind for kind in Kind}
    if not isinstance(value, list):
        raise _refused(f"`classes` is a list of {', '.join(labels)}")
    return frozenset(_one_of(labels, each, "classes") for each in value)


def _one_of(known: dict[Any, Any], value: Any, where: str) -> Any:
    if not isinstance(value, str | None) or value not in known:
        raise _refused(f"`{where}` {value!r:.40} is none of {', '.join(key for key in known if key)}")
    return known[value]


def _refused(sentence: str) -> MessageRefused:
    return MessageRefused(f"triggers: {sentence}", RefusalReason.BAD_TRIGGERS)
