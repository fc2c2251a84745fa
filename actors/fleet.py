"""The fleet: keeps every wanted camera running, each in one place, and the agents that a node needs."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Event as Flag
from threading import Lock, Thread
from typing import Any

import ray
import structlog
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from actors.calls import actor, answer
from actors.camera import Placement, start_camera
from actors.dispatcher import start_dispatcher
from actors.metrics import RayMetrics
from actors.names import FLEET, NAMESPACE, camera_name, camera_of, recorder_name
from actors.recorder import start_recorder
from gtvision import __version__
from gtvision.adapters.logs import configure_logs
from gtvision.domain.errors import GtVisionError, TryLater
from gtvision.domain.metrics import CAMERAS_PLACED, CAMERAS_WANTED, FLEET_ACTIONS, FLEET_ERRORS
from gtvision.pipeline.placement import Action, Apply, Node, Running, Start, Stop, reconcile
from gtvision.ports import CameraStatus, StoredCamera
from gtvision.settings import Settings

_ROUND_S = 1.0
_CALL_S = 5.0
_STATUS_S = 2.0
_STOP_S = 12.0
_CALLS_AT_ONCE = 8

_log = structlog.get_logger()


class Fleet:
    """A threaded actor, one in the cluster."""

    def __init__(self, settings: Settings) -> None:
        """Begins its rounds. What already runs is found by name, so that a restart of the fleet disturbs nobody."""
        configure_logs(settings.log)
        self._settings = settings
        self._metrics = RayMetrics()
        self._known: dict[str, Running] = {}
        self._wanted: dict[str, int] = {}
        self._round = Lock()
        self._wake = Flag()
        self._stopping = Flag()
        self._handlers: Mapping[type[Action], Callable[[Any], None]] = {
            Start: self._start,
            Stop: self._stop,
            Apply: self._apply,
        }
        Thread(target=self._go_round, name="rounds", daemon=True).start()

    def kick(self) -> None:
        """Looks at the wanted cameras now instead of a moment later."""
        self._wake.set()

    def ready(self) -> bool:
        """Whether every wanted camera has its actor."""
        return bool(self._wanted.keys() <= self._known.keys())

    def statuses(self) -> list[CameraStatus]:
        """One for each wanted camera, within 2 s; one that does not answer says so in its detail."""
        wanted, known = sorted(self._wanted), dict(self._known)
        asked = {camera_id: _asked(camera_id, "status") for camera_id in wanted if camera_id in known}
        references = [reference for reference in asked.values() if reference is not None]
        if references:
            ray.wait(references, num_returns=len(references), timeout=_STATUS_S)
        return [_status(camera_id, asked.get(camera_id)) for camera_id in wanted]

    def stop(self, close_events: bool = False) -> None:
        """Stops all cameras and the rounds; their last events are in the spool when it returns."""
        self._stopping.set()
        with self._round:
            names = _running_cameras()
            references = [_asked(camera_id, "stop", close_events) for camera_id in names]
            waiting = [reference for reference in references if reference is not None]
            if waiting:
                ray.wait(waiting, num_returns=len(waiting), timeout=_STOP_S)
            for camera_id in names:
                _kill(camera_id)

    def _go_round(self) -> None:
        failing = False
        while not self._stopping.is_set():
            try:
                with self._round:
                    self._reconcile()
                failing = False
            except Exception as exc:
                self._metrics.add(FLEET_ERRORS)
                if not failing:
                    _log.warning("fleet_round_failed", error=type(exc).__name__, detail=str(exc))
                failing = True
            self._wake.wait(_ROUND_S)
            self._wake.clear()

    def _reconcile(self) -> None:
        nodes = _nodes()
        for node in nodes:
            start_recorder(node.id, self._settings)
            start_dispatcher(node.id, self._settings.detector)
        self._wanted = self._read_wanted(nodes)
        alive = _running_cameras()
        known = {camera_id: now for camera_id, now in self._known.items() if now.node is not None}
        self._known = {camera_id: known.get(camera_id) or _placed(camera_id) for camera_id in alive}
        for action in reconcile(self._wanted, self._known, nodes, __version__):
            self._handlers[type(action)](action)
            self._metrics.add(FLEET_ACTIONS, action=type(action).__name__.lower())
        self._metrics.set(CAMERAS_WANTED, len(self._wanted))
        self._metrics.set(CAMERAS_PLACED, len(self._known))

    def _read_wanted(self, nodes: list[Node]) -> dict[str, int]:
        stored: list[StoredCamera] = answer(actor(recorder_name(nodes[0].id)).cameras.remote(), _CALL_S)
        return {one.camera.id: one.version for one in stored if one.camera.enabled}

    def _start(self, action: Start) -> None:
        placement = Placement(action.camera_id, action.node, version=self._wanted[action.camera_id])
        start_camera(placement, self._settings)
        self._known[action.camera_id] = _running(placement)
        _log.info("camera_started", camera=action.camera_id, node=action.node)

    def _stop(self, action: Stop) -> None:
        reference = _asked(action.camera_id, "stop", action.closes_events)
        if reference is not None:
            ray.wait([reference], timeout=_STOP_S)
        _kill(action.camera_id)
        self._known.pop(action.camera_id, None)
        _log.info("camera_stopped", camera=action.camera_id)

    def _apply(self, action: Apply) -> None:
        try:
            answer(actor(camera_name(action.camera_id)).apply.remote(), _CALL_S)
        except TryLater:
            return  # it fetches its settings itself when it is back; the next round looks again
        version = self._wanted[action.camera_id]
        self._known[action.camera_id] = replace(self._known[action.camera_id], version=version)
        _log.info("camera_changed", camera=action.camera_id, version=version)


def _nodes() -> list[Node]:
    """The living nodes, this one first."""
    here = ray.get_runtime_context().get_node_id()
    alive = [Node(node["NodeID"], node["Resources"].get("CPU", 1.0)) for node in ray.nodes() if node["Alive"]]
    return sorted(alive, key=lambda node: (node.id != here, node.id))


def _running_cameras() -> list[str]:
    named = ray.util.list_named_actors(all_namespaces=True)
    found = (camera_of(one["name"]) for one in named if one["namespace"] == NAMESPACE)
    return sorted(camera_id for camera_id in found if camera_id is not None)


def _placed(camera_id: str) -> Running:
    """What an actor that this process did not start says of itself."""
    try:
        return _running(answer(actor(camera_name(camera_id)).placement.remote(), _CALL_S))
    except GtVisionError:
        return Running(None, 0, "")


def _running(placement: Placement) -> Running:
    return Running(placement.node, placement.version, placement.software)


def _asked(camera_id: str, method: str, *arguments: Any) -> Any:
    try:
        return getattr(actor(camera_name(camera_id)), method).remote(*arguments)
    except TryLater:
        return None


def _status(camera_id: str, reference: Any) -> CameraStatus:
    if reference is None:
        return CameraStatus(camera_id)
    try:
        status: CameraStatus = answer(reference, 0.05)
    except GtVisionError as exc:
        return CameraStatus(camera_id, detail=f"its actor does not answer: {exc}")
    return status


def _kill(camera_id: str) -> None:
    try:
        ray.kill(actor(camera_name(camera_id)), no_restart=True)
    except TryLater:
        return


def start_fleet(settings: Settings) -> Any:
    """The fleet, started on this driver's node unless it runs already."""
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
    return (
        ray.remote(Fleet)
        .options(
            name=FLEET,
            namespace=NAMESPACE,
            lifetime="detached",
            get_if_exists=True,
            max_restarts=-1,
            max_concurrency=_CALLS_AT_ONCE,
            num_cpus=0,
            scheduling_strategy=here,
        )
        .remote(settings)
    )


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
