"""From what a message asks about its picture, in pixels, to the camera as it watches that picture.

The region of interest is a zone, and so are the points of each trigger but those over a line; what reaches beyond the
picture is cut off. A trigger without points watches the region; without a region, the camera's own zones or the whole
picture. Names that partners give become ids through `slug_of`; an own zone or line of the same id gives way. The plates
of whatever such a trigger selects are read. Without triggers the camera's own stay, on the region where they name no
zone; it has `enter` when it has none.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import chain, count

from gtvision.domain.camera import Camera
from gtvision.domain.errors import BadConfiguration, MessageRefused
from gtvision.domain.geometry import Point, clipped_line, clipped_polygon
from gtvision.domain.places import Line, Zone
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.slug import slug_of
from gtvision.domain.task import AskedTrigger, DetectVehicle
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.pipeline.zones import watched

_WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

Size = tuple[int, int]
"""Width and height of a picture in pixels."""


class Asking:
    """`asked_camera` of one frame after the other; those that ask for the same cost next to nothing."""

    def __init__(self, camera: Camera) -> None:
        """Nobody has asked for anything: that camera."""
        self.camera = camera
        self._key: object = None

    def of(self, camera: Camera, work: DetectVehicle, size: Size) -> Camera:
        """The camera as it watches this picture. Raises `MessageRefused`."""
        key = (camera, work.roi, work.triggers, size)
        if key != self._key:
            self.camera = asked_camera(camera, work, size)
            self._key = key
        return self.camera


def asked_camera(camera: Camera, work: DetectVehicle, size: Size) -> Camera:
    """The camera as it watches this picture; itself when nothing special is asked.

    Raises:
        MessageRefused: The region, a zone or a line lies outside the picture, or is too little of it to be one.
    """
    if not work.roi and not work.triggers:
        return camera
    try:
        asked, lines, triggers = _places(work.triggers, size)
        if not work.triggers:
            lines, triggers = camera.lines, camera.triggers or (Trigger("enter", TriggerType.ENTER),)
        own = tuple(zone for zone in camera.zones if zone.id not in _ids(asked))
        everywhere = _region(work.roi, size, _ids((*own, *asked))) if work.roi else _everywhere(own, asked)
        if everywhere is not None and any(map(_is_anywhere, triggers)):
            triggers = tuple(replace(each, zone=everywhere.id) if _is_anywhere(each) else each for each in triggers)
            own = (*(zone for zone in own if zone != everywhere), everywhere)
        return replace(camera, zones=(*own, *asked), lines=lines, triggers=triggers)
    except BadConfiguration as exc:
        raise MessageRefused(f"triggers: {exc}", RefusalReason.BAD_TRIGGERS) from exc


def _places(
    triggers: Iterable[AskedTrigger], size: Size
) -> tuple[tuple[Zone, ...], tuple[Line, ...], tuple[Trigger, ...]]:
    """The zones and lines of triggers, and the triggers themselves."""
    zones: list[Zone] = []
    lines: list[Line] = []
    ours: list[Trigger] = []
    for asked in triggers:
        own_id = slug_of(asked.id)
        ours.append(_trigger(own_id, asked))
        if ours[-1].line is not None:
            lines.append(_line(own_id, asked, size))
        elif ours[-1].zone is not None:
            zones.append(_zone(own_id, asked.points, size, f"triggers: {asked.id!r}", RefusalReason.BAD_TRIGGERS))
    return tuple(zones), tuple(lines), tuple(ours)


def _trigger(own_id: str, asked: AskedTrigger) -> Trigger:
    """The trigger of that id, which is that of its line or its zone as well."""
    is_over_a_line = asked.type in (TriggerType.CROSS, TriggerType.COUNT)
    trigger = Trigger(
        own_id,
        asked.type,
        zone=own_id if asked.points and not is_over_a_line else None,
        line=own_id if is_over_a_line else None,
        direction=asked.direction,
        kinds=asked.kinds,
        read_plate=True,
    )
    return trigger if asked.min_score is None else replace(trigger, min_score=asked.min_score)


def _region(roi: tuple[Point, ...], size: Size, taken: Collection[str]) -> Zone:
    """The zone of the region of interest, called as no other one."""
    return _zone(_unlike("roi", taken), roi, size, "roi", RefusalReason.BAD_ROI)


def _everywhere(own: tuple[Zone, ...], asked: tuple[Zone, ...]) -> Zone | None:
    """What triggers without points watch, where that has to be said because others have a zone of their own.

    None leaves it to the camera: of one with several zones they watch those of the other triggers as well.
    """
    if not asked:
        return None
    watch = watched(own)
    if not watch:
        return Zone(_unlike("picture", _ids((*own, *asked))), _WHOLE)
    return watch[0] if len(watch) == 1 else None


def _is_anywhere(trigger: Trigger) -> bool:
    """Whether it names no place that it watches."""
    return trigger.zone is None and trigger.line is None


def _unlike(name: str, taken: Collection[str]) -> str:
    names = chain((name,), (f"{name}-{number}" for number in count(2)))
    return next(each for each in names if each not in taken)


def _zone(zone_id: str, points: tuple[Point, ...], size: Size, what: str, reason: RefusalReason) -> Zone:
    corners = clipped_polygon(_shares(points, size))
    if len(corners) < 3:
        raise MessageRefused(f"{what} lies outside the picture, which has {size[0]} x {size[1]} pixels", reason)
    try:
        return Zone(zone_id, corners)
    except BadConfiguration as exc:
        raise MessageRefused(f"{what} in a picture of {size[0]} x {size[1]} pixels: {exc}", reason) from exc


def _line(line_id: str, asked: AskedTrigger, size: Size) -> Line:
    start, end = _shares(asked.points, size)
    ends = clipped_line(start, end)
    if ends is None:
        raise MessageRefused(
            f"triggers: the line of {asked.id!r} lies outside the picture, which has {size[0]} x {size[1]} pixels",
            RefusalReason.BAD_TRIGGERS,
        )
    return Line(line_id, *ends)


def _shares(points: Iterable[Point], size: Size) -> tuple[Point, ...]:
    return tuple((x / size[0], y / size[1]) for x, y in points)


def _ids(zones: Iterable[Zone]) -> frozenset[str]:
    return frozenset(zone.id for zone in zones)
