"""Zones, lines and triggers as they are written in options, and how they change those that a camera has."""

from typing import Annotated, Any

import typer

from gtvision.domain.errors import BadConfiguration

Part = dict[str, Any]
Parts = dict[str, list[Part]]

ZoneOption = Annotated[
    list[str] | None,
    typer.Option("--zone", metavar="ID=x1,y1,...", help="Three corners or more, 0-1 of the picture; may be repeated."),
]
LineOption = Annotated[
    list[str] | None,
    typer.Option("--line", metavar="ID=x1,y1,x2,y2", help="A line that is counted both ways; may be repeated."),
]
TriggerOption = Annotated[
    list[str] | None,
    typer.Option(
        "--trigger",
        metavar="ID=TYPE[:WHERE][,KEY=VALUE...]",
        help="What makes an event: enter, leave, dwell, stationary, wrong_way, queue or speed in a zone, cross over a "
        "line; count only counts, over a line. Keys: direction, kinds (car+truck), min_score, min_s, cooldown_s, "
        "profile (day or night), read_plate (yes or no); way=x1/y1/x2/y2 for wrong_way, min_vehicles for queue, "
        "interval_s for count, min_kmh for speed, which between two lines also wants until_line and distance_m. May be "
        "repeated.",
    ),
]
CalibrateOption = Annotated[
    list[str] | None,
    typer.Option(
        "--calibrate",
        metavar="ID=x1,y1,...,x4,y4@AxB",
        help="Where a zone lies on the road, for speed and length: the corners of a rectangle on the road, in order, "
        "and its sides in metres, from corner 1 to 2 and from 2 to 3. May be repeated.",
    ),
]
DropOption = Annotated[
    list[str] | None, typer.Option("--drop", metavar="ID", help="Forget the zone, line or trigger of that id.")
]

_NAMES = ("zones", "lines", "triggers")
_NUMBERS = ("min_score", "min_s", "cooldown_s", "min_kmh", "distance_m", "interval_s")
_TEXTS = ("direction", "until_line", "profile")
_SWITCHES = {"yes": True, "no": False}
_KEYS = (*_TEXTS, "kinds", "way", "min_vehicles", "read_plate", *_NUMBERS)


def parts_of(
    zones: list[str] | None, lines: list[str] | None, triggers: list[str] | None, calibrations: list[str] | None = None
) -> Parts:
    """The parts that are written in options, as the API has them; `calibrations` are of zones, by their id. Raises
    `BadConfiguration` naming the option."""
    return {
        "calibrations": [_calibration(text) for text in calibrations or ()],
        "zones": [_zone(text) for text in zones or ()],
        "lines": [_line(text) for text in lines or ()],
        "triggers": [_trigger(text) for text in triggers or ()],
    }


def changed(known: Parts, new: Parts, dropped: list[str]) -> Parts:
    """The lists that a camera gets: a new part takes the place of the one with its id, a line that nothing watches
    gets a cross trigger of its own id, a zone that is drawn anew keeps its calibration.

    Raises:
        BadConfiguration: Nothing has the id of what is dropped, or calibrated.
    """
    for slug in dropped:
        if not any(part.get("id") == slug for name in _NAMES for part in known[name]):
            raise BadConfiguration(f"there is no zone, line or trigger {slug!r}", "--drop")
    triggers = new["triggers"]
    watched = {trigger.get(end) for trigger in [*known["triggers"], *triggers] for end in ("line", "until_line")}
    triggers = triggers + [
        {"id": line["id"], "type": "cross", "line": line["id"]} for line in new["lines"] if line["id"] not in watched
    ]
    zones = _calibrated(known["zones"], new["zones"], new["calibrations"])
    added = {**new, "zones": zones, "triggers": triggers}
    return {
        name: _merged([part for part in known[name] if part.get("id") not in dropped], added[name])
        for name in _NAMES
        if added[name] or any(part.get("id") in dropped for part in known[name])
    }


def points_of(text: str, option: str) -> list[tuple[float, float]]:
    """The points of `x1,y1,x2,y2,...`. Raises `BadConfiguration` naming the option."""
    numbers = [_number(part, option) for part in text.split(",")]
    if len(numbers) % 2:
        raise BadConfiguration(f"{text!r} has {len(numbers)} numbers; points need two each", option)
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def line_of(slug: str, text: str) -> Part:
    """The line of `x1,y1,x2,y2` as the API has it. Raises `BadConfiguration`."""
    points = points_of(text, "--line")
    if len(points) != 2:
        raise BadConfiguration(f"a line has two points, not {len(points)}: x1,y1,x2,y2", "--line")
    return {"id": slug, "start": points[0], "end": points[1]}


def _calibrated(known: list[Part], zones: list[Part], calibrations: list[Part]) -> list[Part]:
    """The zones that are drawn or calibrated anew. Raises `BadConfiguration` when there is no such zone."""
    before = {zone.get("id"): zone for zone in known}
    drawn = [{"calibration": before.get(zone["id"], {}).get("calibration")} | zone for zone in zones]
    for part in calibrations:
        slug = part["id"]
        if all(zone["id"] != slug for zone in drawn):
            if slug not in before:
                raise BadConfiguration(f"there is no zone {slug!r} to calibrate; draw it with --zone", "--calibrate")
            drawn.append(before[slug])
        drawn = [zone | part if zone["id"] == slug else zone for zone in drawn]
    return drawn


def _merged(known: list[Part], new: list[Part]) -> list[Part]:
    """Duplicates among the new stay, so that the API refuses them."""
    replaced = {part["id"] for part in new}
    return [part for part in known if part.get("id") not in replaced] + new


def _zone(text: str) -> Part:
    slug, numbers = _named(text, "--zone", "ID=x1,y1,x2,y2,x3,y3")
    return {"id": slug, "polygon": points_of(numbers, "--zone")}


def _calibration(text: str) -> Part:
    form = "ID=x1,y1,x2,y2,x3,y3,x4,y4@AxB, such as lane=0.3,0.9,0.7,0.9,0.6,0.4,0.4,0.4@7x30"
    slug, rest = _named(text, "--calibrate", form)
    corners, _, sides = rest.partition("@")
    points, (across, times, along) = points_of(corners, "--calibrate"), sides.partition("x")
    if len(points) != 4 or not times:
        raise BadConfiguration(f"{text!r} is not four corners and two sides in metres; write {form}", "--calibrate")
    a, b = _number(across, "--calibrate"), _number(along, "--calibrate")
    if not (a > 0 and b > 0):
        raise BadConfiguration(f"a rectangle of {sides} m has no area", "--calibrate")
    return {"id": slug, "calibration": {"points": points, "metres": [(0, 0), (a, 0), (a, b), (0, b)]}}


def _line(text: str) -> Part:
    return line_of(*_named(text, "--line", "ID=x1,y1,x2,y2"))


def _trigger(text: str) -> Part:
    slug, rest = _named(text, "--trigger", "ID=TYPE:WHERE")
    what, *pairs = rest.split(",")
    type_, _, where = what.partition(":")
    keys = dict(_pair(pair) for pair in pairs)
    is_over_a_line = type_ in ("cross", "count") or "until_line" in keys
    place = {"line" if is_over_a_line else "zone": where} if where else {}
    return {"id": slug, "type": type_, **place, **keys}


def _pair(text: str) -> tuple[str, Any]:
    key, _, value = text.partition("=")
    if key in _NUMBERS:
        return key, _number(value, "--trigger")
    if key in _TEXTS:
        return key, value
    if key == "kinds":
        return key, value.split("+")
    if key == "way":
        return key, _way(value)
    if key == "min_vehicles":
        return key, _whole(value, key)
    if key == "read_plate":
        if value not in _SWITCHES:
            raise BadConfiguration(f"read_plate={value} is neither yes nor no", "--trigger")
        return key, _SWITCHES[value]
    raise BadConfiguration(f"{key!r} is none of {', '.join(_KEYS)}; a schedule is set with --from", "--trigger")


def _way(text: str) -> list[tuple[float, float]]:
    points = points_of(text.replace("/", ","), "--trigger")
    if len(points) != 2:
        raise BadConfiguration(f"way={text} is no way from one point to another; write way=x1/y1/x2/y2", "--trigger")
    return points


def _whole(text: str, key: str) -> int:
    if not text.isdecimal():
        raise BadConfiguration(f"{key}={text} is no whole number", "--trigger")
    return int(text)


def _named(text: str, option: str, form: str) -> tuple[str, str]:
    slug, separator, rest = text.partition("=")
    if not separator:
        raise BadConfiguration(f"{text!r} has no id; write {form}", option)
    return slug, rest


def _number(text: str, option: str) -> float:
    try:
        return float(text)
    except ValueError as exc:
        raise BadConfiguration(f"{text!r} is no number", option) from exc
