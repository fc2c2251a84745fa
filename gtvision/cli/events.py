"""`gtvision events`: list, follow, or write them to a CSV file."""

import csv
import json
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from gtvision.cli.client import Client, api
from gtvision.cli.measures import NOT_FOR_FINES, hit_words, measured
from gtvision.cli.output import AsJson, Reason, err, local_time, out, print_json, print_table, settings_of, table_of
from gtvision.domain.errors import BadConfiguration, TryLater
from gtvision.domain.plate_match import tidied
from gtvision.domain.plate_query import spelled_beginnings
from gtvision.domain.spreadsheet import guarded

_SILENCE_S = 30.0
_RETRY_S = 2.0
_PAGE = 200
_REMEMBERED = 10_000
_FOLLOWED = ("camera", "kind", "type")
_COLUMNS = (
    "id",
    "camera",
    "type",
    "trigger",
    "kind",
    "direction",
    "score",
    "start",
    "end",
    "plate",
    "speed_kmh",
    "vehicles",
    "length_m",
    "listed",
    "reason",
    "withdrawn",
    "snapshot",
    "clip",
)


def events(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with events as they happen.")] = False,
    camera: Annotated[str | None, typer.Option(metavar="CAMERA", help="Only of that camera.")] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only that kind, such as truck.")] = None,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="Only that trigger type, such as cross.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begun at or after, such as 2026-01-31T12:00; local time.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begun before; a time may name its zone: 2026-01-31T12:00Z.")
    ] = None,
    plate: Annotated[
        str | None,
        typer.Option(metavar="BEGINNING", help="Only of plates that begin so, such as ABC1D; it is recorded."),
    ] = None,
    reason: Reason = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, metavar="N", help="At most so many, the newest.")] = 20,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write them to that file instead.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List events, or follow them as they happen.

    The newest stand first. What is followed is printed when it opens and again when it has ended; a break of the
    system is waited for, and nothing is missed.
    """
    if follow and (since or until or csv_file):
        raise BadConfiguration("what is followed begins now: leave out --since, --until and --csv", "--follow")
    wanted = {
        "camera": camera,
        "kind": kind,
        "type": type_,
        "since": with_zone(since, "--since"),
        "until": with_zone(until, "--until"),
        "plate": plate,
        "reason": reason,
    }
    filters = {name: value for name, value in wanted.items() if value is not None}
    with api(settings_of(context)) as client:
        if follow:
            _follow(client, filters, as_json)
            return
        found = client.first("/v1/events", filters, limit, page=_PAGE)
    if csv_file is not None:
        write_csv(csv_file, found)
        err.print(f"{len(found)} events are in {csv_file}.", markup=False)
    elif as_json:
        print_json({"events": found})
    elif found:
        _print_table(found)
    else:
        out.print("There is no such event.")


def event_line(event: dict[str, Any]) -> str:
    """One event as a line for people."""
    who = f"{event['camera']:<14} {event['kind']:<10} {_what(event):<15}"
    line = f"{local_time(event['start'])}  {who} {event['score']:.2f}  {_lasted(event)}"
    note = "estimate, not for fines" if event["speed_kmh"] is not None else ""
    return "  ".join(part for part in (line, event["plate"], _measured(event), note) if part)


def print_event(event: dict[str, Any], as_json: bool) -> None:
    """One event as a line: for programs as the API has it, with its id as `event` in front."""
    print_json({"event": event["id"], **event}) if as_json else out.print(event_line(event), markup=False)


def _what(event: dict[str, Any]) -> str:
    return event["type"] if event["direction"] is None else f"{event['type']} {event['direction']}"


def _measured(event: dict[str, Any]) -> str:
    hit = event["hit"]
    return measured(event["speed_kmh"], event["vehicles"], event["length_m"]) if hit is None else hit_words(hit)


def _lasted(event: dict[str, Any]) -> str:
    if event["end"] is None:
        return "goes on"
    return f"{(datetime.fromisoformat(event['end']) - datetime.fromisoformat(event['start'])).total_seconds():.1f} s"


def with_zone(text: str | None, option: str) -> str | None:
    """The time with this machine's zone when it names none."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone().isoformat()
    except (ValueError, OverflowError) as exc:
        raise BadConfiguration(f"{text!r} is not a time; write it as 2026-01-31T12:00", option) from exc


def _follow(client: Client, filters: dict[str, str], as_json: bool) -> None:
    """Prints each event when it opens and when it has ended; after a break it resumes behind the last number."""
    after = client.json("GET", "/v1/events", params={**filters, "limit": 1})["seq"]
    if not client.is_running:
        raise TryLater("nothing runs that could be followed; start the system with `gtvision up`")
    ended: dict[str, tuple[bool, bool]] = {}
    why = {name: filters[name] for name in ("reason",) if name in filters}
    is_broken = False
    while True:
        try:
            address = f"/v1/events/stream?{urlencode({'after': after, **why})}"
            for number, text in client.follow(address, _SILENCE_S):
                after, event, is_broken = int(number), json.loads(text), False
                if _is_wanted(event, filters) and is_news(event, ended):
                    print_event(event, as_json)
        except TryLater as exc:
            if not is_broken:
                err.print(f"{exc}; waiting for it", style="yellow", markup=False)
            is_broken = True
            time.sleep(_RETRY_S)


def _is_wanted(event: dict[str, Any], filters: dict[str, str]) -> bool:
    beginnings = spelled_beginnings(tidied(filters.get("plate", "")))
    has_plate = "plate" not in filters or (event["plate"] or "").startswith(beginnings)
    return has_plate and all(event[name] == filters[name] for name in _FOLLOWED if name in filters)


def is_news(event: dict[str, Any], ended: dict[str, tuple[bool, bool]]) -> bool:
    """Whether it opened, ended, was withdrawn or not any more just now.

    `ended` remembers of the newest events, by id, whether they had ended, and whether they were withdrawn.
    """
    state = (event["end"] is not None, event["hit"] is not None and event["hit"]["withdrawn"])
    is_first = ended.get(event["id"]) != state
    ended[event["id"]] = state
    while len(ended) > _REMEMBERED:
        del ended[next(iter(ended))]
    return is_first


def write_csv(file: Path, found: list[dict[str, Any]]) -> None:
    """Writes the events to a file that a spreadsheet opens without computing anything in it."""
    try:
        with file.open("w", newline="", encoding="utf-8") as output:
            writer = csv.DictWriter(output, _COLUMNS, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(_csv_row(event) for event in found)
    except OSError as exc:
        raise BadConfiguration(f"cannot write {file}: {exc.strerror}", "--csv") from exc


def _csv_row(event: dict[str, Any]) -> dict[str, Any]:
    hit = event["hit"] or {}
    row = event | {"listed": hit.get("text"), "reason": hit.get("reason"), "withdrawn": hit.get("withdrawn")}
    return {name: guarded(value) if isinstance(value, str) else value for name, value in row.items()}


def _print_table(found: list[dict[str, Any]]) -> None:
    table = table_of("start", "lasted", "camera", "kind", "trigger", "what", "score", "plate", "measured")
    for event in found:
        cells = (event["camera"], event["kind"], event["trigger"], _what(event), f"{event['score']:.2f}")
        table.add_row(local_time(event["start"]), _lasted(event), *cells, event["plate"] or "", _measured(event))
    print_table(table)
    if any(event["speed_kmh"] is not None for event in found):
        out.print(NOT_FOR_FINES)
