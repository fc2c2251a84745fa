"""`gtvision events`: list, follow, or write them to a CSV file."""

import csv
import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from gtvision.cli.client import Client, api
from gtvision.cli.output import AsJson, err, local_time, out, print_json, settings_of
from gtvision.domain.errors import BadConfiguration, TryLater

_SILENCE_S = 30.0
_RETRY_S = 2.0
_PAGE = 200
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
    "snapshot",
    "clip",
)


def events(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with events as they happen.")] = False,
    camera: Annotated[str | None, typer.Option(help="Only of that camera.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only that kind, such as truck.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Only that trigger type, such as cross.")] = None,
    since: Annotated[str | None, typer.Option(help="Begun at or after, such as 2026-01-31T12:00:00Z.")] = None,
    until: Annotated[str | None, typer.Option(help="Begun before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, the newest.")] = 20,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write them to that file instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """List events, the newest first, or follow them as they happen."""
    wanted = {"camera": camera, "kind": kind, "type": type_, "since": since, "until": until}
    filters = {name: value for name, value in wanted.items() if value is not None}
    with api(settings_of(context)) as client:
        if follow:
            _follow(client, filters, as_json)
            return
        found = _pages(client, filters, limit)
    if csv_file is not None:
        _write_csv(csv_file, found)
        out.print(f"{len(found)} events are in {csv_file}.")
    elif as_json:
        print_json({"events": found})
    elif found:
        out.print(_table(found))
    else:
        out.print("There is no such event.")


def event_line(event: dict[str, Any]) -> str:
    """One event as a line for people."""
    what = event["type"] if event["direction"] is None else f"{event['type']} {event['direction']}"
    ended = "" if event["end"] else "  (goes on)"
    who = f"{event['camera']:<14} {event['kind']:<10} {what:<15}"
    return f"{local_time(event['start'])}  {who} {event['score']:.2f}{ended}"


def _pages(client: Client, filters: dict[str, str], limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < limit:
        page = {"limit": min(_PAGE, limit - len(found)), **({"cursor": cursor} if cursor else {})}
        answer = client.json("GET", "/v1/events", params={**filters, **page})
        found += answer["items"]
        cursor = answer["next"]
        if cursor is None:
            break
    return found


def _follow(client: Client, filters: dict[str, str], as_json: bool) -> None:
    """Prints each event when it opens and when it has ended; survives breaks by resuming after the last number."""
    if not client.is_running:
        raise TryLater("nothing runs that could be followed; start the system with `gtvision up`")
    after = client.json("GET", "/v1/events", params={"limit": 1})["seq"]
    told: dict[str, bool] = {}
    while True:
        try:
            for number, text in client.follow(f"/v1/events/stream?after={after}", _SILENCE_S):
                after = int(number)
                event = json.loads(text)
                is_wanted = all(
                    event.get(name) == filters[name] for name in ("camera", "kind", "type") if name in filters
                )
                if is_wanted and told.get(event["id"]) != (event["end"] is not None):
                    told[event["id"]] = event["end"] is not None
                    print_json(event) if as_json else out.print(event_line(event), markup=False)
        except TryLater as exc:
            err.print(f"{exc}; trying again", style="yellow", markup=False)
            time.sleep(_RETRY_S)


def _write_csv(file: Path, found: list[dict[str, Any]]) -> None:
    try:
        with file.open("w", newline="", encoding="utf-8") as output:
            writer = csv.DictWriter(output, _COLUMNS, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(found)
    except OSError as exc:
        raise BadConfiguration(f"cannot write {file}: {exc.strerror}", "--csv") from exc


def _table(found: list[dict[str, Any]]) -> Table:
    table = Table(
        "start", "end", "camera", "kind", "trigger", "direction", "score", "id", box=None, header_style="bold"
    )
    for event in found:
        table.add_row(
            local_time(event["start"]),
            local_time(event["end"]) or "goes on",
            event["camera"],
            event["kind"],
            event["trigger"],
            event["direction"] or "",
            f"{event['score']:.2f}",
            event["id"],
        )
    return table
