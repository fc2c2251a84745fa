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
        help="What makes an event: enter, leave, dwell or stationary in a zone, cross over a line; count only counts, "
        "over a line. Keys: direction, kinds (car+truck), min_score, min_s, cooldown_s, interval_s, profile (day or "
        "night). May be repeated.",
    ),
]
DropOption = Annotated[
    list[str] | None, typer.Option("--drop", metavar="ID", help="Forget the zone, line or trigger of that id.")
]

_NAMES = ("zones", "lines", "triggers")
_NUMBERS = ("min_score", "min_s", "cooldown_s", "interval_s")
_WORDS = ("direction", "profile")


def parts_of(zones: list[str] | None, lines: list[str] | None, triggers: list[str] | None) -> Parts:
    """The parts that are written in options, as the API has them. Raises `BadConfiguration` naming the option."""
    return {
        "zones": [_zone(text) for text in zones or ()],
        "lines": [_line(text) for text in lines or ()],
        "triggers": [_trigger(text) for text in triggers or ()],
    }


def changed(known: Parts, new: Parts, dropped: list[str]) -> Parts:
    """The lists that a camera gets: a new part takes the place of the one with its id, a line that nothing watches
    gets a cross trigger of its own id.

    Raises:
        BadConfiguration: Nothing has the id of what is dropped.
    """
    for slug in dropped:
        if not any(part.get("id") == slug for name in _NAMES for part in known[name]):
            raise BadConfiguration(f"there is no zone, line or trigger {slug!r}", "--drop")
    triggers = new["triggers"]
    watched = {trigger.get("line") for trigger in [*known["triggers"], *triggers]}
    triggers = triggers + [
        {"id": line["id"], "type": "cross", "line": line["id"]} for line in new["lines"] if line["id"] not in watched
    ]
    added = {**new, "triggers": triggers}
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


def _merged(known: list[Part], new: list[Part]) -> list[Part]:
    """Duplicates among the new stay, so that the API refuses them."""
    replaced = {part["id"] for part in new}
    return [part for part in known if part.get("id") not in replaced] + new


def _zone(text: str) -> Part:
    slug, numbers = _named(text, "--zone", "ID=x1,y1,x2,y2,x3,y3")
    return {"id": slug, "polygon": points_of(numbers, "--zone")}


def _line(text: str) -> Part:
    return line_of(*_named(text, "--line", "ID=x1,y1,x2,y2"))


def _trigger(text: str) -> Part:
    slug, rest = _named(text, "--trigger", "ID=TYPE:WHERE")
    what, *pairs = rest.split(",")
    type_, _, where = what.partition(":")
    place = {"line" if type_ in ("cross", "count") else "zone": where} if where else {}
    return {"id": slug, "type": type_, **place, **dict(_pair(pair) for pair in pairs)}


def _pair(text: str) -> tuple[str, Any]:
    key, _, value = text.partition("=")
    if key in _NUMBERS:
        return key, _number(value, "--trigger")
    if key == "kinds":
        return key, value.split("+")
    if key in _WORDS:
        return key, value
    known = ", ".join((*_WORDS, "kinds", *_NUMBERS))
    raise BadConfiguration(f"{key!r} is none of {known}; a schedule is set with --from", "--trigger")


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
