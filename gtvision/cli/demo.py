"""`gtvision demo`: simulated RTSP cameras from real clips, the whole system, events printed as they happen."""

import json
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.status import Status

from gtvision.cli import interrupts
from gtvision.cli.client import Client, api
from gtvision.cli.events import is_news, print_event
from gtvision.cli.output import FAILED, AsJson, err, media_folder, out, print_json, settings_of
from gtvision.cli.system import bring_up, take_down
from gtvision.domain.errors import TryLater
from gtvision.settings import Settings
from gtvision.simulate import RtspServer, SimulatedCamera, SimulatorThread, bus_scene, prepare_clip

_CLIPS = ("motorway", "crossing", "street", "approach")
_STAGGER_S = 1.7
_SILENCE_S = 15.0
_RETRY_S = 0.5
_PAGE = 200


@dataclass
class _Printer:
    """Prints events as they open and end, and remembers when the first came."""

    begun_s: float
    as_json: bool
    first_event_s: float | None = None
    ended: dict[str, bool] = field(default_factory=dict)

    def take(self, event: dict[str, Any]) -> None:
        """Prints the event if it is news."""
        if self.first_event_s is None:
            self.first_event_s = round(time.monotonic() - self.begun_s, 1)
        if is_news(event, self.ended):
            print_event(event, self.as_json)


def demo(
    context: typer.Context,
    cameras: Annotated[int, typer.Option(min=1, max=64, metavar="N", help="How many simulated cameras.")] = 4,
    seconds: Annotated[
        float | None, typer.Option("--for", min=1, metavar="S", help="End S seconds after the system is up.")
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Do not open the page in a browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Watch simulated cameras through the whole system.

    Plays the clips in GTVISION_MEDIA, or a drawn street where there are none, as RTSP cameras, and prints each event
    when it opens and when it ends. Everything lies in a folder of its own, which is removed again. Ctrl-C ends it.
    """
    printer = _Printer(time.monotonic(), as_json)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gtvision-demo-")))
        settings = _own(settings_of(context), folder)
        simulated = _simulated(_clips(settings_of(context).data_dir / "clips"), cameras)
        server = stack.enter_context(SimulatorThread(RtspServer(simulated)))
        _add_cameras(settings, {camera.name: server.url(camera.name) for camera in simulated})
        started = stack.enter_context(_system(settings))
        if not as_json:
            _print_header(started, simulated)
        if not headless:
            typer.launch(started["page"])
        with api(settings) as client:
            _watch(client, printer, seconds)
            summary = {"cameras": cameras, **_count(client)}
        summary |= {"first_event_s": printer.first_event_s, "weights": started["weights"]}
    if as_json:
        print_json({"summary": summary})
    else:
        out.print(f"Events:        {summary['events']}, from {len(summary['by_camera'])} of {cameras} cameras")
    if not summary["events"]:
        raise typer.Exit(FAILED)


def _add_cameras(settings: Settings, urls: Mapping[str, str]) -> None:
    """Stores them before anything runs, so that they start with the system."""
    with api(settings) as client:
        for name, url in urls.items():
            client.json("POST", "/v1/cameras", json={"id": name, "sources": [{"url": url}]})


@contextmanager
def _system(settings: Settings) -> Iterator[dict[str, Any]]:
    with Status("", console=err) as progress:
        started = bring_up(settings, progress.update)
    interrupts.listen()  # Ray has put its own in the place of ours
    try:
        yield started
    finally:
        interrupts.ignore()
        with Status("Stopping", console=err):
            take_down(settings)


def _print_header(started: dict[str, Any], simulated: Sequence[SimulatedCamera]) -> None:
    out.print(f"Page:          {started['page']}")
    out.print(f"Ray dashboard: {started['dashboard']}")
    out.print(f"Weights:       {started['weights']}")
    out.print(f"Cameras:       {', '.join(camera.name for camera in simulated)}")
    out.print("Stop:          Ctrl-C")


def _watch(client: Client, printer: _Printer, seconds: float | None) -> None:
    """Prints events for so many seconds, or until Ctrl-C."""
    after = 0
    signal.signal(signal.SIGALRM, signal.default_int_handler)  # the end of the time comes as Ctrl-C does
    with suppress(KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, seconds or 0)
        while True:
            try:
                for number, text in client.follow(f"/v1/events/stream?after={after}", _SILENCE_S):
                    after = int(number)
                    printer.take(json.loads(text))
            except TryLater:
                time.sleep(_RETRY_S)


def _count(client: Client) -> dict[str, Any]:
    """How many events were stored, by camera, and how many of them have a picture and a clip."""
    by_camera: Counter[str] = Counter()
    with_media: Counter[str] = Counter()
    cursor = None
    while True:
        page = client.json("GET", "/v1/events", params={"limit": _PAGE, **({"cursor": cursor} if cursor else {})})
        for event in page["items"]:
            by_camera[event["camera"]] += 1
            with_media.update(name for name in ("snapshot", "clip") if event[name])
        cursor = page["next"]
        if cursor is None:
            break
    return {
        "events": by_camera.total(),
        "by_camera": dict(sorted(by_camera.items())),
        "snapshots": with_media["snapshot"],
        "clips": with_media["clip"],
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
    err.print("There are no clips in GTVISION_MEDIA: the cameras show a drawn street with a bus.", style="yellow")
    cache.mkdir(parents=True, exist_ok=True)
    return {"bus": bus_scene(cache / "bus.mp4")}


def _simulated(clips: Mapping[str, Path], count: int) -> list[SimulatedCamera]:
    """So many cameras, which take turns in the clips."""
    simulated = []
    for index in range(count):
        turn, place = divmod(index, len(clips))
        name = list(clips)[place]
        camera = f"{name}-{turn + 1}" if turn else name
        simulated.append(SimulatedCamera(camera, clips[name], offset_s=index * _STAGGER_S))
    return simulated
