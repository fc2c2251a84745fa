"""`gtvision demo`: simulated RTSP cameras from real clips, the whole system, events printed as they happen."""

import json
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.status import Status

from gtvision.cli.client import Client, api
from gtvision.cli.events import event_line
from gtvision.cli.output import FAILED, AsJson, err, media_folder, out, print_json, settings_of
from gtvision.cli.system import bring_up, take_down
from gtvision.domain.errors import TryLater
from gtvision.settings import Settings
from gtvision.simulate import RtspServer, SimulatedCamera, SimulatorThread, bus_scene, prepare_clip

_CLIPS = ("motorway", "crossing", "street", "approach")
_STAGGER_S = 1.7
_LAST_EVENTS_S = 15.0


@dataclass
class _Tally:
    """What has been seen of the events."""

    begun_s: float
    first_event_s: float | None = None
    ended: dict[str, bool] = field(default_factory=dict)

    def is_news(self, event: dict[str, Any]) -> bool:
        """Whether it opened or ended just now."""
        if self.first_event_s is None:
            self.first_event_s = round(time.monotonic() - self.begun_s, 1)
        has_ended = event["end"] is not None
        is_news = self.ended.get(event["id"]) != has_ended
        self.ended[event["id"]] = has_ended
        return is_news


def demo(
    context: typer.Context,
    cameras: Annotated[int, typer.Option(min=1, max=64, help="How many simulated cameras.")] = 4,
    seconds: Annotated[float | None, typer.Option("--for", min=1, help="End after so many seconds.")] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Do not open the page in a browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play clips as simulated cameras through the whole system, in a folder of its own that is removed again."""
    begun_s = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gtvision-demo-")))
        settings = _own(settings_of(context), folder)
        clips = _clips(settings_of(context).data_dir / "clips")
        simulated = _simulated(clips, cameras)
        server = stack.enter_context(SimulatorThread(RtspServer(simulated)))
        started = stack.enter_context(_system(settings))
        tally = _Tally(begun_s)
        with api(settings) as client:
            for camera in simulated:
                source = {"url": server.url(camera.name)}
                client.json("POST", "/v1/cameras", json={"id": camera.name, "sources": [source]})
            if not as_json:
                out.print(f"Page: {started['page']}    Weights: {started['weights']}    Stop: Ctrl-C")
            if not headless:
                typer.launch(started["page"])
            _watch(client, tally, seconds, as_json)
            summary = _summary(client, tally, started["weights"], cameras)
    if as_json:
        print_json({"summary": summary})
    else:
        out.print(f"{summary['events']} events from {len(summary['by_camera'])} cameras.")
    if not summary["events"]:
        raise typer.Exit(FAILED)


@contextmanager
def _system(settings: Settings) -> Iterator[dict[str, Any]]:
    with Status("", console=err) as progress:
        started = bring_up(settings, progress.update)
    try:
        yield started
    finally:
        with Status("Stopping", console=err):
            take_down(settings)


def _watch(client: Client, tally: _Tally, seconds: float | None, as_json: bool) -> None:
    """Prints events as they open and end, for so many seconds or until Ctrl-C."""
    until_s = time.monotonic() + seconds if seconds is not None else None
    after = 0
    try:
        while until_s is None or time.monotonic() < until_s:
            try:
                for number, text in client.follow(f"/v1/events/stream?after={after}", _LAST_EVENTS_S):
                    after = int(number)
                    event = json.loads(text)
                    if tally.is_news(event):
                        print_json({"event": event}) if as_json else out.print(event_line(event), markup=False)
                    if until_s is not None and time.monotonic() >= until_s:
                        return
            except TryLater:
                time.sleep(0.5)
    except KeyboardInterrupt:
        return


def _summary(client: Client, tally: _Tally, weights: str, cameras: int) -> dict[str, Any]:
    by_camera: dict[str, int] = {}
    cursor = None
    while True:
        page = client.json("GET", "/v1/events", params={"limit": 200, **({"cursor": cursor} if cursor else {})})
        for event in page["items"]:
            by_camera[event["camera"]] = by_camera.get(event["camera"], 0) + 1
        cursor = page["next"]
        if cursor is None:
            break
    return {
        "cameras": cameras,
        "events": sum(by_camera.values()),
        "by_camera": by_camera,
        "first_event_s": tally.first_event_s,
        "weights": weights,
    }


def _own(settings: Settings, folder: Path) -> Settings:
    """The settings with a folder, database and ports of the demo's own."""
    return settings.model_copy(
        update={
            "data_dir": folder,
            "database": settings.database.model_copy(update={"url": None}),
            "media": settings.media.model_copy(update={"url": None}),
            "http": settings.http.model_copy(update={"host": "127.0.0.1", "port": _port(settings.http.port)}),
            "ray": settings.ray.model_copy(
                update={"address": None, "dashboard_port": _port(settings.ray.dashboard_port)}
            ),
        }
    )


def _port(wanted: int) -> int:
    """That port, or a free one when another program holds it."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise TryLater("this machine has no free port")


def _clips(cache: Path) -> dict[str, Path]:
    """Clips that a camera could send, by name."""
    media = media_folder()
    found = [media / "clips" / f"{name}.mp4" for name in _CLIPS] if media is not None else []
    clips = {clip.stem: prepare_clip(clip, cache) for clip in found if clip.is_file()}
    if clips:
        return clips
    cache.mkdir(parents=True, exist_ok=True)
    return {"bus": bus_scene(cache / "bus.mp4")}


def _simulated(clips: Mapping[str, Path], count: int) -> list[SimulatedCamera]:
    """So many cameras, which take turns in the clips."""
    names = list(clips)
    return [
        SimulatedCamera(
            names[index % len(names)]
            if index < len(names)
            else f"{names[index % len(names)]}-{index // len(names) + 1}",
            clips[names[index % len(names)]],
            offset_s=index * _STAGGER_S,
        )
        for index in range(count)
    ]
