"""`gtvision demo`: simulated RTSP cameras from real clips, the whole system, events printed as they happen."""

import json
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.status import Status

from gtvision.cli import interrupts
from gtvision.cli.client import Client, api
from gtvision.cli.demo_cameras import Cast, cast_of
from gtvision.cli.events import is_news, print_event
from gtvision.cli.output import FAILED, AsJson, err, out, print_json, settings_of
from gtvision.cli.system import bring_up, take_down
from gtvision.domain.errors import TryLater
from gtvision.settings import Settings
from gtvision.simulate import RtspServer, SimulatorThread
from gtvision.traffic import Due, due

_SILENCE_S = 15.0
_RETRY_S = 0.5
_PAGE = 200
_SETTLED_S = 15.0  # until then gates learn, and vehicles that have always stood there are told
_UNTOLD_S = 5.0  # what began later may not be stored yet


@dataclass
class _Printer:
    """Prints events as they open and end, and remembers when the first came."""

    begun_s: float
    as_json: bool
    first_event_s: float | None = None
    ended: dict[str, tuple[bool, bool]] = field(default_factory=dict)

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

    Plays the clips in GTVISION_MEDIA as RTSP cameras, and prints each event when it opens and when it ends. Where
    there are no clips, or no weights for real traffic, it plays drawn traffic, whose truth is known: the summary says
    how many events there should have been. Everything lies in a folder of its own, which is removed again. Ctrl-C
    ends it.
    """
    printer = _Printer(time.monotonic(), as_json)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gtvision-demo-")))
        kept = settings_of(context)
        cast = cast_of(kept, cameras)
        settings = _own(kept, folder, cast.weights)
        server = stack.enter_context(SimulatorThread(RtspServer(cast.cameras)))
        _add_cameras(settings, cast, server)
        started = stack.enter_context(_system(settings))
        if not as_json:
            _print_header(started, cast)
        if not headless:
            typer.launch(started["page"])
        with api(settings) as client:
            up_s = time.time()
            _watch(client, printer, seconds)
            watched_s = (up_s + _SETTLED_S, time.time() - _UNTOLD_S)
            told = list(client.items("/v1/events", {}, page=_PAGE))
            summary = {"cameras": cameras, **_count(told), "truth": _compared(told, cast, server, watched_s)}
        summary |= {"first_event_s": printer.first_event_s, "weights": started["weights"]}
    if as_json:
        print_json({"summary": summary})
    else:
        out.print(f"Events:        {summary['events']}, from {len(summary['by_camera'])} of {cameras} cameras")
        if (truth := summary["truth"]) is not None:
            out.print(
                f"By the truth:  {truth['demanded']} to {truth['demanded'] + truth['doubtful']} of {truth['told']}"
            )
    if not summary["events"]:
        raise typer.Exit(FAILED)


def _add_cameras(settings: Settings, cast: Cast, server: RtspServer) -> None:
    """Stores them before anything runs, so that they start with the system."""
    with api(settings) as client:
        for camera in cast.cameras:
            source = {"url": server.url(camera.name)}
            client.json("POST", "/v1/cameras", json={"id": camera.name, "sources": [source], **cast.watched(camera)})


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


def _print_header(started: dict[str, Any], cast: Cast) -> None:
    out.print(f"Page:          {started['page']}")
    out.print(f"Ray dashboard: {started['dashboard']}")
    out.print(f"Weights:       {started['weights']}")
    out.print(f"Cameras:       {', '.join(camera.name for camera in cast.cameras)}")
    if cast.is_drawn:
        out.print("               simulated traffic, for weights that know nothing else", style="yellow")
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


def _count(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How many events were stored, by camera, and how many of them have a picture and a clip."""
    by_camera: Counter[str] = Counter()
    with_media: Counter[str] = Counter()
    for event in events:
        by_camera[event["camera"]] += 1
        with_media.update(name for name in ("snapshot", "clip") if event[name])
    return {
        "events": by_camera.total(),
        "by_camera": dict(sorted(by_camera.items())),
        "snapshots": with_media["snapshot"],
        "clips": with_media["clip"],
    }


def _compared(
    events: Sequence[dict[str, Any]], cast: Cast, server: RtspServer, watched_s: tuple[float, float]
) -> dict[str, Any] | None:
    """What was told between two moments, in Unix seconds, beside the truth; None when nobody knows the truth."""
    since_s, until_s = watched_s
    if not cast.is_drawn or since_s >= until_s:
        return None
    to_monotonic_s = time.monotonic() - time.time()
    dues = [
        due(camera.clip, server.origin_s(camera.name), since_s + to_monotonic_s, until_s + to_monotonic_s)
        for camera in cast.cameras
    ]
    every = Due(sum(one.demanded for one in dues), sum(one.doubtful for one in dues))
    began_s = [datetime.fromisoformat(event["start"]).timestamp() for event in events]
    told = sum(since_s <= start_s < until_s for start_s in began_s)
    return {
        "seconds": round(until_s - since_s, 1),
        "demanded": every.demanded,
        "doubtful": every.doubtful,
        "told": told,
        "difference_share": round(every.difference_share(told), 4),
    }


def _own(settings: Settings, folder: Path, weights: Path) -> Settings:
    """The settings with weights, a folder, database and ports of the demo's own."""
    return settings.model_copy(
        update={
            "data_dir": folder,
            "detector": settings.detector.model_copy(update={"weights": str(weights)}),
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
