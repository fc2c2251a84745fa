"""`gtvision analyse`: the same pipeline over recordings, as fast as this machine allows."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from gtvision.adapters import decode, rtsp
from gtvision.adapters.jpeg import encode_jpeg
from gtvision.adapters.plate_engines import load_plate_reader
from gtvision.adapters.weights import is_simulated
from gtvision.cli.client import api
from gtvision.cli.drawing import line_of
from gtvision.cli.event_json import event_as_json
from gtvision.cli.gate_plot import Judged, check_plot, write_plot
from gtvision.cli.measures import NOT_FOR_FINES, measured
from gtvision.cli.output import AsJson, err, out, print_json, print_table, settings_of, table_of
from gtvision.cli.weights import ONLY_SIMULATED, detector_of, weights_of
from gtvision.domain.camera import Camera, Source
from gtvision.domain.codec import camera_from_json
from gtvision.domain.errors import BadConfiguration, BadInput, SourceUnavailable
from gtvision.domain.event import Event
from gtvision.domain.plate import VehiclePlate
from gtvision.runtime.analyse import Models, OnSample, Summary
from gtvision.runtime.analyse import analyse as analyse_recording
from gtvision.runtime.sampling import Taken
from gtvision.settings import Settings

_NOT_WATCHED = ("id", "name", "sources", "enabled", "groups", "version", "updated", "status")  # of `camera show`


def analyse(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Recordings, H.264 or H.265.", metavar="FILE...")],
    camera: Annotated[str | None, typer.Option(metavar="CAMERA", help="Watch what that stored camera watches.")] = None,
    zones: Annotated[
        Path | None,
        typer.Option(metavar="YAML", help="File with zones, lines and triggers, written as the API has them."),
    ] = None,
    line: Annotated[
        str | None, typer.Option(metavar="x1,y1,x2,y2", help="Count who crosses that line, 0-1 of the picture.")
    ] = None,
    samples: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Also write a row a sample; for one recording.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Also draw the motion gate over time; for one recording.")
    ] = None,
    snapshots: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Also write the best picture of each event.")
    ] = None,
    plates: Annotated[bool, typer.Option(help="Read the plates of vehicles that are large enough.")] = True,
    as_json: AsJson = False,
) -> None:
    """Find the events of recordings.

    As fast as the machine allows, by the same pipeline that watches cameras; the same recording gives the same events
    each time. Without zones and lines the whole picture is watched. A line is crossed forward from its left to its
    right, looking from point 1 to point 2.
    """
    settings = settings_of(context)
    _check_outputs(files, samples, plot)
    seen = _camera(_watched(settings, camera, zones, line))
    if snapshots is not None:
        _make_folder(snapshots)
    for file in files:
        _open(file).close()  # each is found out before the work begins
    weights = weights_of(settings)
    if is_simulated(weights):
        err.print(ONLY_SIMULATED, style="bold red", markup=False)
    detector = detector_of(settings, weights)
    reads_plates = plates and settings.plates.replicas.max > 0
    reader = load_plate_reader(settings.plates) if reads_plates else None
    drawn: list[Judged] = []
    with _sample_rows(samples) as write_row:
        for file in files:
            on_sample = _both(write_row, drawn if plot else None)
            found, summary = _one(seen, Models(detector, reader), file, on_sample)
            _report(file, found, summary, as_json)
            if plot is not None:
                write_plot(plot, file.name, drawn)
            if snapshots is not None:
                _write_snapshots(snapshots, settings.recording.jpeg_quality, file, found)


def _check_outputs(files: list[Path], samples: Path | None, plot: Path | None) -> None:
    for option, output in (("--samples", samples), ("--plot", plot)):
        if output is not None and len(files) > 1:
            raise BadConfiguration(f"it takes the samples of one recording, not of {len(files)}", option)
    if plot is not None:
        check_plot(plot)


def _both(write_row: OnSample, drawn: list[Judged] | None) -> OnSample:
    """Writes a sample's row, and keeps it to be drawn."""

    def note(taken: Taken) -> None:
        write_row(taken)
        if drawn is not None:
            drawn.append(Judged(taken.time_s, taken.look, taken.is_burst))

    return note


def _open(file: Path) -> rtsp.Recording:
    """The open recording. Raises `BadInput` when it is none."""
    try:
        return rtsp.Recording(Source(file.absolute().as_uri()))
    except SourceUnavailable as exc:
        what = "there is no such file" if not file.exists() else "it is no H.264 or H.265 video that can be read"
        raise BadInput(f"FILE: {file}: {what}; name a recording") from exc


def _one(camera: Camera, models: Models, file: Path, on_sample: OnSample) -> tuple[list[Event], Summary]:
    found: list[Event] = []
    with closing(_open(file)) as opened, _progress() as progress:
        task = progress.add_task(file.name, total=opened.duration_s, found="")

        def note(taken: Taken) -> None:
            progress.update(task, completed=taken.time_s, found=f"{len(found)} events")
            on_sample(taken)

        summary = analyse_recording(camera, opened, decode.Decoder, models, on_event=found.append, on_sample=note)
    return found, summary


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[found]}"))
    return Progress(*columns, TimeRemainingColumn(), console=err, transient=True, disable=not err.is_terminal)


def _watched(settings: Settings, camera: str | None, zones: Path | None, line: str | None) -> dict[str, Any]:
    """What is watched, as JSON values without sources."""
    watched: dict[str, Any] = {}
    if camera is not None:
        with api(settings) as client:
            stored = client.json("GET", f"/v1/cameras/{camera}")
        watched = {key: stored[key] for key in ("id", "zones", "lines", "triggers", "sampling", "time_zone")}
    if zones is not None:
        try:
            values = yaml.safe_load(zones.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
            raise BadConfiguration(f"cannot read {zones} as YAML or JSON", "--zones") from exc
        if not isinstance(values, dict):
            raise BadConfiguration(f"{zones} must hold `zones`, `lines` or `triggers`", "--zones")
        watched |= {key: value for key, value in values.items() if key not in _NOT_WATCHED}
    if line is not None:
        watched["lines"] = [line_of("line", line)]
        watched["triggers"] = [{"id": "line", "type": "cross", "line": "line"}]
    return watched


def _camera(watched: dict[str, Any]) -> Camera:
    return camera_from_json({"id": "recording", **watched, "sources": [{"url": "file:///recording"}]})


@contextmanager
def _sample_rows(file: Path | None) -> Iterator[OnSample]:
    """Writes a row a sample while the block runs; without a file, nothing."""
    if file is None:
        yield lambda _: None
        return
    try:
        output = file.open("w", newline="", encoding="utf-8")
    except OSError as exc:
        raise BadConfiguration(f"cannot write {file}: {exc.strerror}", "--samples") from exc
    with output:
        writer = csv.writer(output)
        writer.writerow(("time_s", "foreground_share", "passed", "reason"))

        def write(taken: Taken) -> None:
            look = taken.look
            writer.writerow((f"{taken.time_s:.3f}", f"{look.share:.5f}", int(look.passed), look.reason))

        yield write


def _report(file: Path, found: list[Event], summary: Summary, as_json: bool) -> None:
    ordered = sorted(found, key=lambda event: (event.start_s, event.track))
    if as_json:
        for event in ordered:
            print_json(event_as_json(event))
        print_json({"summary": {"file": file.name, **_summary_as_json(summary)}})
        return
    table = table_of("start", "end", "trigger", "kind", "track", "direction", "score", "plate", "measured")
    for event in ordered:
        end = f"{event.end_s:.1f}" if event.end_s is not None else ""
        direction = event.direction.value if event.direction else ""
        row = (f"{event.start_s:.1f}", end, event.trigger_id, event.kind.label, str(event.track), direction)
        table.add_row(
            *row, f"{event.score:.2f}", event.plate or "", measured(event.speed_kmh, event.vehicles, event.length_m)
        )
    out.print(file.name, style="bold", markup=False)
    print_table(table)
    if any(event.speed_kmh is not None for event in ordered):
        out.print(f"  {NOT_FOR_FINES}")
    _print_counts("  ", summary.counts)
    for line in summary.lines:
        out.print(f"  {line.trigger}, over {line.line}:", markup=False)
        _print_counts("    ", line.counts)
    out.print(
        f"  {summary.events} events in {summary.duration_s:.1f} s of video; "
        f"{summary.passed} of {summary.samples} samples went to the detector; "
        f"{summary.wall_s:.1f} s of work, {summary.speed_x:.1f} times as fast as it happened"
    )


def _print_counts(indent: str, counts: Mapping[str, Mapping[str, int]]) -> None:
    for kind, directions in counts.items():
        counted = (f"{count} {direction}" for direction, count in directions.items() if count or direction != "none")
        out.print(f"{indent}{kind}: " + ", ".join(counted))


def _summary_as_json(summary: Summary) -> dict[str, Any]:
    return {
        "duration_s": round(summary.duration_s, 3),
        "samples": summary.samples,
        "passed": summary.passed,
        "pass_share": round(summary.pass_share, 4),
        "events": summary.events,
        "counts": summary.counts,
        "lines": [asdict(line) for line in summary.lines],
        "plates": [_plate_as_json(plate) for plate in summary.plates],
        "wall_s": round(summary.wall_s, 2),
        "speed_x": round(summary.speed_x, 2),
    }


def _plate_as_json(plate: VehiclePlate) -> dict[str, Any]:
    return {
        "text": plate.plate.text,
        "format": plate.plate.format.value,
        "score": round(plate.plate.score, 3),
        "kind": plate.kind.label,
        "time_s": round(plate.time_s, 3),
        "events": plate.event_ids,
    }


def _write_snapshots(folder: Path, jpeg_quality: int, file: Path, found: list[Event]) -> None:
    """Decodes the recording once more and keeps the best picture of each event."""
    wanted = sorted(found, key=lambda event: event.best_s)
    with closing(_open(file)) as opened:
        decoder = decode.Decoder(opened.info)
        for packet in opened.packets():
            for picture in decoder.feed(packet):
                while wanted and picture.time_s >= wanted[0].best_s - 1e-6:
                    event = wanted.pop(0)
                    jpeg = encode_jpeg(picture.bgr(), jpeg_quality)
                    name = f"{file.stem}-{event.start_s:07.2f}-{event.trigger_id}-{event.kind.label}-{event.track}.jpg"
                    (folder / name).write_bytes(jpeg)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise BadConfiguration(f"cannot make the folder {folder}: {exc.strerror}", "--snapshots") from exc
