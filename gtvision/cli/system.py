"""`gtvision up`, `down`, `status`, `migrate`."""

import socket
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.status import Status

from actors import head as ray_head
from gtvision.adapters.store import migrate as migrate_database
from gtvision.adapters.weights import is_simulated
from gtvision.cli import interrupts
from gtvision.cli.client import api, http_address, is_up
from gtvision.cli.output import FAILED, AsJson, err, out, print_json, print_table, settings_of, table_of
from gtvision.cli.weights import ONLY_SIMULATED, weights_of
from gtvision.domain.errors import BadConfiguration, GtVisionError, TryLater
from gtvision.settings import Settings

_REACH_S = 5.0
_LOOK_S = 1.0
_Address = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="A Ray cluster that runs already.")]


def up(
    context: typer.Context,
    address: _Address = None,
    block: Annotated[bool, typer.Option("--block", help="Stay, and stop it at SIGTERM or Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start the system in the background.

    Here, with a Ray head of its own, or on a Ray cluster that runs already. With --block the command stays, as
    containers want it, and ends with exit code 1 when the system does by itself.
    """
    settings = _at(settings_of(context), address)
    if block and settings.ray.address is not None:
        raise BadConfiguration("it stays with a system that it starts here, not with ray.address", "--block")
    with Status("", console=err) as progress:
        started = bring_up(settings, progress.update)
    if as_json:
        print_json(started)
    else:
        _print_started(started)
    if block:
        _stay(settings)


def down(context: typer.Context, address: _Address = None, as_json: AsJson = False) -> None:
    """Stop the system.

    Events that are not stored yet wait on disk for the next start.
    """
    settings = _at(settings_of(context), address)
    with Status("Stopping", console=err):
        stopped = take_down(settings)
    if as_json:
        print_json({"stopped": stopped})
    else:
        out.print("GT-Vision is down." if stopped else "GT-Vision was not running.")


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Say what runs, by camera and node.

    Exit code 1 when nothing does.
    """
    settings = settings_of(context)
    found = _status(settings)
    if as_json:
        print_json(found)
    elif not found["running"]:
        out.print("GT-Vision is not running. Start it: gtvision up")
    else:
        _print_status(found)
    if not found["running"]:
        raise typer.Exit(FAILED)


def migrate(context: typer.Context, as_json: AsJson = False) -> None:
    """Bring the database to this version's schema."""
    revision = migrate_database(settings_of(context).database_url)
    if as_json:
        print_json({"revision": revision})
    else:
        out.print(f"The database has schema {revision}.")


def bring_up(settings: Settings, tell: Callable[[str], None]) -> dict[str, Any]:
    """Starts everything and says where it is. What was begun is taken down again when something fails.

    Raises:
        BadConfiguration: It runs already, or a setting does not work here.
    """
    if settings.ray.address is not None:
        _check_reachable(settings.ray.address)
    ray_head.prepare_environment(settings)
    with ray_head.alone(settings):
        return _bring_up(settings, tell)


def _bring_up(settings: Settings, tell: Callable[[str], None]) -> dict[str, Any]:
    from gtvision.cli.cluster import connected, deploy

    address, head = settings.ray.address, ray_head.find_head(settings)
    if (address or head) and is_up(settings):
        raise BadConfiguration(f"GT-Vision already runs at {http_address(settings)}; stop it with `gtvision down`")
    weights = weights_of(settings)
    tell("Preparing the database")
    migrate_database(settings.database_url)
    if address is None:
        tell("Starting Ray")
        head = head or ray_head.start_head(settings)
        address = head.address
    try:
        with connected(address):
            tell("Starting detectors, cameras and the API")
            interrupts.check()
            deploy(settings, weights)
        with api(settings) as client:
            cameras = client.json("GET", "/v1/cameras")["items"]
        interrupts.check()
    except BaseException:  # Ctrl-C as well
        tell("Stopping")
        _take_down(settings)
        raise
    return {
        "page": http_address(settings),
        "dashboard": head.dashboard if head else "",
        "logs": head.logs if head else "",
        "weights": weights.name,
        "simulated_weights": is_simulated(weights),
        "cameras": [camera["id"] for camera in cameras],
    }


def take_down(settings: Settings) -> bool:
    """Whether something ran that was stopped."""
    ray_head.prepare_environment(settings)
    with ray_head.alone(settings):
        return _take_down(settings)


def _take_down(settings: Settings) -> bool:
    from gtvision.cli.cluster import connected, undeploy

    if settings.ray.address is not None:
        _check_reachable(settings.ray.address)
        with connected(settings.ray.address):
            undeploy()
        return True
    head = ray_head.find_head(settings)
    if head is None:
        return False
    try:
        with connected(head.address):
            undeploy()
    except GtVisionError as exc:
        err.print(f"The cluster did not answer ({exc}); ending its processes.", style="yellow", markup=False)
    ray_head.stop_head(settings, head)
    return True


def _print_started(started: dict[str, Any]) -> None:
    out.print(f"GT-Vision is up: {started['page']}")
    out.print(f"Ray dashboard:   {started['dashboard']}")
    out.print(f"Weights:         {started['weights']}")
    if started["simulated_weights"]:
        out.print(ONLY_SIMULATED, style="bold red", markup=False)
    if not started["cameras"]:
        out.print("Add a camera:    gtvision camera add north-gate rtsp://HOST/PATH")
    out.print("Stop it:         gtvision down")


def _stay(settings: Settings) -> None:
    """Returns when it was told to end, with the system stopped. Raises `GtVisionError` when the system has ended."""
    interrupts.listen()  # Ray has put its own in the place of ours
    try:
        while ray_head.find_head(settings) is not None:
            time.sleep(_LOOK_S)
    except KeyboardInterrupt:
        interrupts.ignore()
        take_down(settings)
        return
    raise GtVisionError(f"the system has ended; the logs in {settings.data_dir / 'run'} say why")


def _status(settings: Settings) -> dict[str, Any]:
    head = ray_head.find_head(settings) if settings.ray.address is None else None
    found: dict[str, Any] = {
        "running": False,
        "page": http_address(settings),
        "dashboard": head.dashboard if head else None,
        "logs": head.logs if head else None,
        "ready": {},
        "cameras": [],
        "bridges": [],
        "detector": None,
    }
    with api(settings) as client:
        if not client.is_running:
            return found
        found["running"] = True
        answer = client.json("GET", "/v1/status")
        found |= {"cameras": answer["items"], "bridges": answer["bridges"], "detector": answer["detector"]}
        try:
            found["ready"] = client.json("GET", "/ready")["checks"]
        except TryLater as exc:
            found["ready"] = {"problem": str(exc)}
    return found


def _print_status(found: dict[str, Any]) -> None:
    table = table_of("camera", "state", "mode", "stream", "sample", "passed", "lost", "open", "node")
    for camera in found["cameras"]:
        stream, age, share = camera["stream"], camera["last_sample_age_s"], camera["pass_share"]
        size = f"{stream['codec']} {stream['width']}x{stream['height']}" if stream else ""
        table.add_row(
            camera["camera"],
            camera["state"],
            camera["mode"] or "",
            size,
            f"{age:.1f} s ago" if age is not None else "",
            f"{share:.0%}" if share is not None else "",
            str(camera["dropped"]),
            str(camera["open_events"]),
            camera["node"][:8],
        )
    print_table(table)
    for camera in found["cameras"]:
        if camera["detail"]:
            out.print(f"{camera['camera']}: {camera['detail']}", style="yellow", markup=False)
    _print_bridges(found["bridges"])
    for name, state in found["ready"].items():
        if state != "ok":
            out.print(f"{name}: {state}", style="red", markup=False)
    if found["detector"] is not None and found["detector"]["is_simulated"]:
        out.print(ONLY_SIMULATED, style="bold red", markup=False)
    out.print(f"page: {found['page']}" + (f"   Ray dashboard: {found['dashboard']}" if found["dashboard"] else ""))
    if found["logs"]:
        out.print(f"logs: {found['logs']}")


def _print_bridges(bridges: list[dict[str, Any]]) -> None:
    if not bridges:
        return
    table = table_of("bridge", "partner", "broker", "queue", "waiting", "in flight", "oldest", "node")
    for bridge in bridges:
        for partner in bridge["partners"]:
            state = "connected" if partner["connected"] else f"away, breaker {partner['breaker']}"
            for queue in partner["queues"] or [None]:
                told = ("", "", "", "") if queue is None else _told(queue)
                table.add_row(bridge["name"], partner["name"], state, *told, bridge["node"][:8])
    print_table(table)
    for bridge in bridges:
        for who, detail in (
            (bridge["name"], bridge["detail"]),
            *((p["name"], p["detail"]) for p in bridge["partners"]),
        ):
            if detail:
                out.print(f"{who}: {detail}", style="yellow", markup=False)


def _told(queue: dict[str, Any]) -> tuple[str, str, str, str]:
    depth = "" if queue["depth"] is None else str(queue["depth"])
    return queue["name"], depth, str(queue["in_flight"]), f"{queue['oldest_s']:.1f} s"


def _check_reachable(address: str) -> None:
    """Raises `BadConfiguration` when nobody listens there, which Ray would wait for without end."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_REACH_S).close()
    except (OSError, ValueError, OverflowError) as exc:
        raise BadConfiguration(
            f"no Ray cluster answers at {address}; write HOST:PORT of its head, such as 10.0.0.5:6379", "ray.address"
        ) from exc


def _at(settings: Settings, address: str | None) -> Settings:
    return (
        settings.model_copy(update={"ray": settings.ray.model_copy(update={"address": address})})
        if address
        else settings
    )
