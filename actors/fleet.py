"""The fleet: keeps every wanted camera running, each in one place, and the agents that a node needs."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from threading import Event as Flag
from threading import Thread
from typing import Any

import ray
import structlog
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from actors.bridge import start_bridge
from actors.calls import actor, answer, answers, detached, kill, named_actors
from actors.camera import Placement, start_camera
from actors.dispatcher_actor import start_dispatcher
from actors.metrics import RayMetrics
from actors.names import FLEET, bridge_name, camera_name, camera_of, dispatcher_name, recorder_name
from actors.recorder import start_recorder
from gtvision import __version__
from gtvision.adapters.logs import Incident, configure_logs
from gtvision.domain.errors import GtVisionError, TryLater
from gtvision.domain.metrics import CAMERAS_PLACED, CAMERAS_WANTED, FLEET_ACTIONS, FLEET_ERRORS
from gtvision.pipeline.placement import Apply, Node, Running, Start, Stop, reconcile
from gtvision.ports import CameraStatus, StoredCamera
from gtvision.settings import Settings

_ROUND_S = 1.0
_CALL_S = 5.0
_STATUS_S = 2.0
_STOP_S = 12.0
_CALLS_AT_ONCE = 8
_FIRST_SWEEP_S = 60.0
_SWEEP_EVERY_S = 3600.0
_SWEEP_S = 1200.0

_log = structlog.get_logger()


class Fleet:
    """A threaded actor, one in the cluster."""

    def __init__(self, settings: Settings) -> None:
        """Begins its rounds. What already runs is found by name, so that a restart of the fleet disturbs nobody."""
        configure_logs(settings.log)
        self._settings = settings
        self._metrics = RayMetrics()
        self._wanted: dict[str, float] | None = None
        self._known: dict[str, Running] = {}
        self._wake = Flag()
        self._sweep_at_s = time.monotonic() + _FIRST_SWEEP_S
        Thread(target=self._go_round, name="rounds", daemon=True).start()

    def kick(self) -> None:
        """Looks at the wanted cameras now instead of a moment later."""
        self._wake.set()

    def ready(self) -> bool:
        """Whether every wanted camera has its actor."""
        return self._wanted is not None and self._wanted.keys() <= self._known.keys()

    def statuses(self) -> list[CameraStatus]:
        """One for each wanted camera, within 2 s; one that does not answer says so in its detail."""
        wanted = sorted(self._wanted or ())
        said = answers({i: camera_name(i) for i in wanted if i in self._known}, "status", timeout_s=_STATUS_S)
        return [_status(camera_id, said.get(camera_id)) for camera_id in wanted]

    def _go_round(self) -> None:
        incident = Incident("fleet")
        while True:
            try:
                self._reconcile()
            except Exception as exc:
                self._metrics.add(FLEET_ERRORS)
                incident.failed(f"{type(exc).__name__}: {exc}")
            else:
                incident.recovered()
            self._wake.wait(_ROUND_S)
            self._wake.clear()

    def _reconcile(self) -> None:
        nodes, names = _nodes(), named_actors()
        self._start_agents(nodes, names)
        self._start_bridges(names)
        self._sweep_when_due(nodes[0])
        self._wanted = wanted = _read_wanted(nodes[0])
        self._known = self._look(camera_of(name) for name in names)
        actions = reconcile(wanted, self._known, nodes, __version__)
        self._stop([action for action in actions if isinstance(action, Stop)])
        self._apply([action.camera_id for action in actions if isinstance(action, Apply)])
        self._start([action for action in actions if isinstance(action, Start)], wanted)
        for action in actions:
            self._metrics.add(FLEET_ACTIONS, action=type(action).__name__.lower())
        self._metrics.set(CAMERAS_WANTED, len(wanted))
        self._metrics.set(CAMERAS_PLACED, len(self._known))

    def _start_agents(self, nodes: Iterable[Node], names: list[str]) -> None:
        for node in nodes:
            if recorder_name(node.id) not in names:
                start_recorder(node.id, self._settings)
            if dispatcher_name(node.id) not in names:
                start_dispatcher(node.id, self._settings.detector, self._settings.plates)

    def _start_bridges(self, names: list[str]) -> None:
        bridge = self._settings.bridge
        for index in range(bridge.copies if bridge.hosts else 0):
            if bridge_name(index) not in names:
                start_bridge(index, self._settings)

    def _sweep_when_due(self, node: Node) -> None:
        """Has what was kept long enough removed, once an hour; nobody waits for it."""
        if time.monotonic() >= self._sweep_at_s:
            actor(recorder_name(node.id)).sweep.remote(_SWEEP_S)
            self._sweep_at_s = time.monotonic() + _SWEEP_EVERY_S

    def _look(self, alive: Iterable[str | None]) -> dict[str, Running]:
        """The cameras that have an actor; those that this process did not start are asked what they are."""
        ids = [camera_id for camera_id in alive if camera_id is not None]
        known = {i: self._known[i] for i in ids if i in self._known and self._known[i].node is not None}
        said = answers({i: camera_name(i) for i in ids if i not in known}, "placement", timeout_s=_STATUS_S)
        return known | {i: _running(placement) for i, placement in said.items()}

    def _stop(self, stops: list[Stop]) -> None:
        for closes_events in (True, False):
            ids = [stop.camera_id for stop in stops if stop.closes_events is closes_events]
            stop_cameras(ids, closes_events=closes_events)
            for camera_id in ids:
                self._known.pop(camera_id, None)
                _log.info("camera_stopped", camera=camera_id)

    def _apply(self, ids: list[str]) -> None:
        """One that cannot apply now is looked at again in the next round."""
        for camera_id, changed_s in answers({i: camera_name(i) for i in ids}, "apply", timeout_s=_CALL_S).items():
            if isinstance(changed_s, float):
                self._known[camera_id] = replace(self._known[camera_id], changed_s=changed_s)
                _log.info("camera_changed", camera=camera_id)

    def _start(self, starts: list[Start], wanted: Mapping[str, float]) -> None:
        for start in starts:
            placement = Placement(start.camera_id, start.node, changed_s=wanted[start.camera_id])
            start_camera(placement, self._settings)
            self._known[start.camera_id] = _running(placement)
            _log.info("camera_started", camera=start.camera_id, node=start.node)


def stop_cameras(ids: Iterable[str], *, closes_events: bool) -> None:
    """Stops these cameras together, within 12 s; their last events are in the spool then."""
    names = {camera_id: camera_name(camera_id) for camera_id in ids}
    answers(names, "stop", closes_events, timeout_s=_STOP_S)
    for name in names.values():
        kill(name)


def _nodes() -> list[Node]:
    """The living nodes, this one first."""
    here = ray.get_runtime_context().get_node_id()
    alive = [Node(node["NodeID"], node["Resources"].get("CPU", 1.0)) for node in ray.nodes() if node["Alive"]]
    return sorted(alive, key=lambda node: (node.id != here, node.id))


def _read_wanted(node: Node) -> dict[str, float]:
    stored: list[StoredCamera] = answer(actor(recorder_name(node.id)).cameras.remote(), _CALL_S)
    return {one.camera.id: one.updated_s for one in stored if one.camera.enabled}


def _running(said: Placement | GtVisionError) -> Running:
    return Running(said.node, said.changed_s, said.software) if isinstance(said, Placement) else Running(None, 0.0, "")


def _status(camera_id: str, said: CameraStatus | GtVisionError | None) -> CameraStatus:
    if isinstance(said, GtVisionError):
        return CameraStatus(camera_id, detail=f"its actor: {said}")
    return said or CameraStatus(camera_id)


_Remote = ray.remote(Fleet)


def start_fleet(settings: Settings) -> Any:
    """The fleet, started on this driver's node unless it runs already."""
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
    return _Remote.options(**detached(FLEET, _CALLS_AT_ONCE, here)).remote(settings)


def wait_until_placed(fleet: Any, timeout_s: float) -> bool:
    """Whether every wanted camera had its actor within that time."""
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        try:
            if answer(fleet.ready.remote(), _CALL_S):
                return True
        except TryLater:
            pass
        time.sleep(0.2)
    return False
