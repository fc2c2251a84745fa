"""`gtvision counts`: how many vehicles crossed which line, as a table or a CSV file."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from gtvision.cli.client import api
from gtvision.cli.events import with_zone
from gtvision.cli.output import AsJson, err, out, print_json, print_table, settings_of, table_of
from gtvision.domain.errors import BadConfiguration
from gtvision.domain.kinds import Kind

_PAGE = 5000
_COLUMNS = ("camera", "trigger", "line", "start", "time_zone", "interval_s", "kind", "direction", "vehicles")
_ROW = ("start", "time_zone", "interval_s", "camera", "trigger", "line", "direction")


def counts(
    context: typer.Context,
    camera: Annotated[str | None, typer.Option(metavar="CAMERA", help="Only of that camera.")] = None,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="Only over that line.")] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Begun at or after, such as 2026-01-31; local time. Else a day ago."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begun before; a time may name its zone: 2026-01-31T12:00Z.")
    ] = None,
    interval: Annotated[str, typer.Option(metavar="LENGTH", help="Of an interval, such as 15m, 1h or 1d.")] = "1h",
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, metavar="N", help="At most so many numbers.")] = 5000,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write them to that file instead.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How many vehicles crossed the lines of count triggers.

    The newest intervals stand first. Hours and days are those of the clock at the camera's site. An interval in which
    nobody crossed has no row.
    """
    wanted = {
        "camera": camera,
        "line": line,
        "since": with_zone(since, "--since"),
        "until": with_zone(until, "--until"),
        "interval": interval,
    }
    with api(settings_of(context)) as client:
        found = client.first("/v1/counts", wanted, limit, page=_PAGE)
    if csv_file is not None:
        _write_csv(csv_file, found)
        err.print(f"{len(found)} counts are in {csv_file}.", markup=False)
    elif as_json:
        print_json({"counts": found})
    elif found:
        _print_table(found)
    else:
        out.print("Nothing was counted in that time.")


def pivoted(found: list[dict[str, Any]]) -> tuple[list[str], list[tuple[str, ...]]]:
    """The kinds that there are, and the rows of a table: start, camera, line, direction, a number a kind, the sum."""
    kinds = [kind.label for kind in Kind if any(count["kind"] == kind.label for count in found)]
    numbers: dict[tuple[Any, ...], dict[str, int]] = {}
    for count in found:
        numbers.setdefault(tuple(count[name] for name in _ROW), {})[count["kind"]] = count["vehicles"]
    rows = []
    for (start, zone, _, camera, trigger, line, direction), of_kind in numbers.items():
        cells = (str(of_kind.get(kind, "")) for kind in kinds)
        place = line if line == trigger else f"{line} ({trigger})"
        rows.append((_clock(start, zone), camera, place, direction, *cells, str(sum(of_kind.values()))))
    return kinds, rows


def _clock(start: str, zone: str) -> str:
    """The time as a clock at the site shows it."""
    return f"{datetime.fromisoformat(start).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _write_csv(file: Path, found: list[dict[str, Any]]) -> None:
    try:
        with file.open("w", newline="", encoding="utf-8") as output:
            writer = csv.DictWriter(output, _COLUMNS)
            writer.writeheader()
            writer.writerows(found)
    except OSError as exc:
        raise BadConfiguration(f"cannot write {file}: {exc.strerror}", "--csv") from exc


def _print_table(found: list[dict[str, Any]]) -> None:
    kinds, rows = pivoted(found)
    table = table_of("start", "camera", "line", "direction", *kinds, "total")
    for column in table.columns[4:]:
        column.justify = "right"
    for row in rows:
        table.add_row(*row)
    print_table(table)
