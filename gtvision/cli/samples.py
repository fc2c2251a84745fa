"""`gtvision camera samples` and `try`: what a camera saw in its last minutes, and what it would have made of it."""

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from gtvision.cli.client import Client, api
from gtvision.cli.drawing import (
    CalibrateOption,
    DropOption,
    LineOption,
    TriggerOption,
    ZoneOption,
    changed,
    parts_of,
)
from gtvision.cli.event_json import event_as_json
from gtvision.cli.events import with_zone
from gtvision.cli.gate_plot import Judged, check_plot, write_plot
from gtvision.cli.measures import NOT_FOR_FINES, measured
from gtvision.cli.output import AsJson, err, out, print_json, print_table, settings_of, table_of
from gtvision.domain.camera import Camera
from gtvision.domain.codec import camera_from_json
from gtvision.domain.detections import Detections
from gtvision.domain.errors import BadConfiguration
from gtvision.domain.event import Event
from gtvision.domain.kinds import Kind
from gtvision.pipeline.look import Look
from gtvision.pipeline.replay import replayed
from gtvision.pipeline.sample_log import LoggedSample, logged

_PAGE = 1000
_SHOWN = 40
_WATCHED = ("id", "zones", "lines", "triggers", "sampling", "time_zone")
_COLUMNS = ("time_s", "foreground_share", "passed", "reason", "x1", "y1", "x2", "y2", "detections")

_Id = Annotated[str, typer.Argument(help="The camera's id, such as north-gate.", metavar="CAMERA")]
_Since = Annotated[
    str | None, typer.Option(metavar="TIME", help="Taken after that, such as 2026-01-31T12:00; local time.")
]


def samples(
    context: typer.Context,
    camera: _Id,
    since: _Since = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a row a sample to that file instead.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Draw what changed and what passed over time.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a running camera looked at in its last ten minutes.

    For each sample: how much changed and where, whether it passed and why, and how many road users were found.
    """
    if plot is not None:
        check_plot(plot)
    with api(settings_of(context)) as client:
        found = _log(client, camera, since)
    if csv_file is not None:
        _write_csv(csv_file, found)
        err.print(f"{len(found)} samples are in {csv_file}.", markup=False)
    if plot is not None:
        _plot(plot, camera, found)
        err.print(f"The plot is {plot}.", markup=False)
    if as_json:
        print_json({"samples": found})
    elif csv_file is None and plot is None:
        _print_samples(found)


def try_out(
    context: typer.Context,
    camera: _Id,
    zone: ZoneOption = None,
    line: LineOption = None,
    trigger: TriggerOption = None,
    calibrate: CalibrateOption = None,
    drop: DropOption = None,
    since: _Since = None,
    as_json: AsJson = False,
) -> None:
    """Try other zones, lines and triggers on what a running camera saw in its last ten minutes.

    Prints the events that would have been, from the samples in which the detector was asked; nothing is changed. What
    is drawn, calibrated and dropped is written as for `set`.

    gtvision camera try north-gate --line gate=0.1,0.7,0.9,0.7 --drop old-gate
    """
    with api(settings_of(context)) as client:
        known = client.json("GET", f"/v1/cameras/{camera}")
        wanted = known | changed(known, parts_of(zone, line, trigger, calibrate), drop or [])
        found = [_logged(item) for item in _log(client, camera, since)]
    events = replayed(_watching(wanted), found)
    asked = sum(sample.found is not None for sample in found)
    if as_json:
        print_json({"samples": len(found), "asked": asked, "events": [event_as_json(event) for event in events]})
        return
    _print_events(events)
    if any(event.speed_kmh is not None for event in events):
        out.print(NOT_FOR_FINES)
    out.print(f"{len(events)} events of {asked} samples with an answer of the detector, {len(found)} in all.")


def _log(client: Client, camera: str, since: str | None) -> list[dict[str, Any]]:
    after = {"since": with_zone(since, "--since")} if since else {}
    return list(client.items(f"/v1/cameras/{camera}/samples", after, page=_PAGE, resume="since"))


def _unix_s(item: dict[str, Any]) -> float:
    return datetime.fromisoformat(item["time"]).timestamp()


def _look(item: dict[str, Any]) -> Look:
    return Look(item["passed"], item["share"], item["reason"], tuple(item["box"]) if item["box"] else None)


def _logged(item: dict[str, Any]) -> LoggedSample:
    return logged(_unix_s(item), _look(item), is_burst=item["burst"], detections=_detections(item["detections"]))


def _detections(items: list[dict[str, Any]] | None) -> Detections | None:
    if items is None:
        return None
    return Detections(
        np.array([item["box"] for item in items], np.float32).reshape(-1, 4),
        np.array([item["score"] for item in items], np.float32),
        np.array([Kind.of(item["kind"]) for item in items], np.int16),
    )


def _watching(wanted: dict[str, Any]) -> Camera:
    return camera_from_json({key: wanted[key] for key in _WATCHED} | {"sources": [{"url": "file:///log"}]})


def _plot(file: Path, camera: str, found: list[dict[str, Any]]) -> None:
    if not found:
        raise BadConfiguration(f"camera {camera} has not looked at anything in that time", "--plot")
    begun_s = _unix_s(found[0])
    title = f"{camera} from {datetime.fromtimestamp(begun_s).astimezone():%Y-%m-%d %H:%M:%S}"
    write_plot(file, title, [Judged(_unix_s(item) - begun_s, _look(item), item["burst"]) for item in found])


def _write_csv(file: Path, found: Iterable[dict[str, Any]]) -> None:
    try:
        with file.open("w", newline="", encoding="utf-8") as output:
            writer = csv.writer(output)
            writer.writerow(_COLUMNS)
            for item in found:
                box = item["box"] or ("",) * 4
                count = "" if item["detections"] is None else len(item["detections"])
                first = (f"{_unix_s(item):.3f}", f"{item['share']:.5f}", int(item["passed"]), item["reason"])
                writer.writerow((*first, *box, count))
    except OSError as exc:
        raise BadConfiguration(f"cannot write {file}: {exc.strerror}", "--csv") from exc


def _print_samples(found: list[dict[str, Any]]) -> None:
    if not found:
        out.print("It has not looked at anything in that time.")
        return
    table = table_of("time", "share", "passed", "reason", "where", "found")
    for item in found[-_SHOWN:]:
        moment = f"{datetime.fromisoformat(item['time']).astimezone():%H:%M:%S.%f}"[:-5]
        where = "" if item["box"] is None else ",".join(f"{value:.2f}" for value in item["box"])
        kinds = "" if item["detections"] is None else " ".join(one["kind"] for one in item["detections"]) or "nothing"
        passed = "yes" if item["passed"] else ""
        table.add_row(moment, f"{100 * item['share']:.2f} %", passed, item["reason"].replace("_", " "), where, kinds)
    print_table(table)
    if len(found) > _SHOWN:
        out.print(f"The last {_SHOWN} of {len(found)} samples; --csv writes all of them.")


def _print_events(events: list[Event]) -> None:
    table = table_of("start", "lasted", "trigger", "kind", "direction", "score", "measured")
    for event in events:
        start = f"{datetime.fromtimestamp(event.start_s).astimezone():%H:%M:%S}"
        lasted = "goes on" if event.end_s is None else f"{event.end_s - event.start_s:.1f} s"
        direction = event.direction.value if event.direction else ""
        row = (start, lasted, event.trigger_id, event.kind.label, direction, f"{event.score:.2f}")
        table.add_row(*row, measured(event.speed_kmh, event.vehicles, event.length_m))
    print_table(table)
