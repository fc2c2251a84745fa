"""`gtvision analyse`: the same pipeline over recordings, as fast as this machine allows."""

import csv
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.progress import Progress
from rich.table import Table

from gtvision.adapters import decode, rtsp
from gtvision.adapters.jpeg import encode_jpeg
from gtvision.adapters.weights import find_weights, load_detector
from gtvision.cli.camera import line_of, points_of
from gtvision.cli.client import api
from gtvision.cli.output import AsJson, err, models_folder, out, print_json, settings_of
from gtvision.domain.camera import Camera, Source
from gtvision.domain.codec import camera_from_json
from gtvision.domain.errors import BadConfiguration
from gtvision.domain.event import Event
from gtvision.ports import PictureDetector
from gtvision.runtime.analyse import OnSample, Summary
from gtvision.runtime.analyse import analyse as analyse_recording
from gtvision.runtime.sampling import Taken
from gtvision.settings import Settings


def analyse(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Recordings.", metavar="FILE...")],
    camera: Annotated[str | None, typer.Option(help="Watch as that stored camera does.")] = None,
    zones: Annotated[
        Path | None, typer.Option(help="YAML or JSON file with zones, lines and triggers as the API has them.")
    ] = None,
    line: Annotated[str | None, typer.Option(help="Count across that line: x1,y1,x2,y2 in 0-1 of the picture.")] = None,
    samples: Annotated[Path | None, typer.Option(help="Also write a row a sample to that CSV file.")] = None,
    snapshots: Annotated[Path | None, typer.Option(help="Also write a picture an event to that folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find the events of recordings: one a line, counts last."""
    settings = settings_of(context)
    watched = _watched(settings, camera, zones, line)
    weights = find_weights(settings.detector.weights, models_folder())
    detector = load_detector(
        weights,
        min_score=settings.detector.min_score,
        threads=os.cpu_count() or 1,
        config_dir=settings.data_dir / "ultralytics",
    )
    with _sample_rows(samples) as on_sample:
        for file in files:
            found, summary = _one(settings, watched, detector, file, on_sample)
            _report(file, found, summary, as_json)
            if snapshots is not None:
                _write_snapshots(snapshots, settings, file, found)


def _one(
    settings: Settings, watched: dict[str, Any], detector: PictureDetector, file: Path, on_sample: OnSample | None
) -> tuple[list[Event], Summary]:
    if not file.is_file():
        raise BadConfiguration(f"there is no recording {file}", "FILE")
    source = Source(f"file://{file.absolute()}")
    camera = _camera(watched, source)
    found: list[Event] = []
    with (
        closing(rtsp.open_source(source, settings.streams, is_paced=False)) as opened,
        Progress(console=err, transient=True) as progress,
    ):
        task = progress.add_task(file.name, total=None)

        def note(taken: Taken) -> None:
            progress.update(task, description=f"{file.name}  {taken.time_s:6.1f} s, {len(found)} events")
            if on_sample is not None:
                on_sample(taken)

        summary = analyse_recording(
            camera, opened, decode.Decoder(opened.info), detector, on_event=found.append, on_sample=note
        )
    return found, summary


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
        watched |= values
    if line is not None:
        watched["lines"] = [line_of("line", points_of(line, "--line"))]
        watched["triggers"] = [{"id": "line", "type": "cross", "line": "line"}]
    return watched


def _camera(watched: dict[str, Any], source: Source) -> Camera:
    return camera_from_json({"id": "recording", **watched, "sources": [{"url": source.url}]})


@contextmanager
def _sample_rows(file: Path | None) -> Iterator[OnSample | None]:
    if file is None:
        with nullcontext():
            yield None
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
            print_json(_event_as_json(event))
        print_json({"summary": _summary_as_json(summary)})
        return
    table = Table("start", "end", "trigger", "kind", "track", "direction", "score", box=None, header_style="bold")
    for event in ordered:
        end = f"{event.end_s:.1f}" if event.end_s is not None else ""
        direction = event.direction.value if event.direction else ""
        row = (f"{event.start_s:.1f}", end, event.trigger_id, event.kind.label, str(event.track), direction)
        table.add_row(*row, f"{event.score:.2f}")
    out.print(f"[bold]{file.name}[/]")
    out.print(table)
    for kind, directions in summary.counts.items():
        counted = (f"{count} {direction}" for direction, count in directions.items() if count or direction != "none")
        out.print(f"  {kind}: " + ", ".join(counted))
    out.print(
        f"  {summary.events} events in {summary.duration_s:.1f} s of video; "
        f"{summary.passed} of {summary.samples} samples went to the detector; "
        f"{summary.wall_s:.1f} s of work, {summary.speed_x:.1f} times as fast as it happened"
    )


def _summary_as_json(summary: Summary) -> dict[str, Any]:
    return {
        "duration_s": round(summary.duration_s, 3),
        "samples": summary.samples,
        "passed": summary.passed,
        "pass_share": round(summary.pass_share, 4),
        "events": summary.events,
        "counts": summary.counts,
        "wall_s": round(summary.wall_s, 2),
        "speed_x": round(summary.speed_x, 2),
    }


def _event_as_json(event: Event) -> dict[str, Any]:
    return {
        "event": event.id,
        "trigger": event.trigger_id,
        "kind": event.kind.label,
        "track": event.track,
        "start_s": round(event.start_s, 3),
        "end_s": None if event.end_s is None else round(event.end_s, 3),
        "score": round(event.score, 3),
        "direction": event.direction.value if event.direction else None,
        "plate": event.plate,
    }


def _write_snapshots(folder: Path, settings: Settings, file: Path, found: list[Event]) -> None:
    """Decodes the recording once more and keeps the best picture of each event."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sorted(found, key=lambda event: event.best_s)
    with closing(rtsp.open_source(Source(f"file://{file.absolute()}"), settings.streams, is_paced=False)) as opened:
        decoder = decode.Decoder(opened.info)
        for packet in opened.packets():
            for picture in decoder.feed(packet):
                while wanted and picture.time_s >= wanted[0].best_s - 1e-6:
                    event = wanted.pop(0)
                    jpeg = encode_jpeg(picture.bgr(), settings.recording.jpeg_quality)
                    name = f"{file.stem}-{event.start_s:07.2f}-{event.trigger_id}-{event.kind.label}-{event.track}.jpg"
                    (folder / name).write_bytes(jpeg)
