"""The cluster as the HTTP API sees it: cameras through the recorder of its node, what runs through the fleet."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import ray
from ray import serve
from ray.exceptions import RayError
from ray.serve.schema import ApplicationStatus

from actors.calls import actor, answer
from actors.detectors import Pool
from actors.names import FLEET, camera_name, recorder_name
from gtvision.domain.camera import Camera
from gtvision.domain.disclosure import Disclosure
from gtvision.domain.errors import GtVisionError, NotFound, SourceUnavailable, StoreUnavailable, TryLater
from gtvision.domain.retention import Holding, Swept
from gtvision.pipeline.sample_log import LoggedSample
from gtvision.ports import CameraStatus, DisclosureFilter, DisclosureLog, EventStore, Retainer, StoredCamera

_CALL_S = 10.0
_SNAPSHOT_S = 2.0


class RecorderCameras:
    """The `CameraStore` behind the recorder of a node, which is the node's only writer."""

    def __init__(self, node_id: str) -> None:
        self._name = recorder_name(node_id)

    def cameras(self) -> list[StoredCamera]:
        """All of them by id, without passwords."""
        found: list[StoredCamera] = self._ask("cameras")
        return found

    def camera(self, camera_id: str, *, with_secrets: bool = False) -> StoredCamera:
        """One of them. Raises `NotFound`."""
        stored: StoredCamera = self._ask("camera", camera_id, with_secrets)
        return stored

    def add_camera(self, camera: Camera) -> StoredCamera:
        """Stores a new camera. Raises `AlreadyExists`."""
        stored: StoredCamera = self._change("add_camera", camera)
        return stored

    def set_camera(self, camera: Camera) -> StoredCamera:
        """Replaces a camera's settings. Raises `NotFound`."""
        stored: StoredCamera = self._change("set_camera", camera)
        return stored

    def remove_camera(self, camera_id: str) -> None:
        """Removes a camera; its events stay. Raises `NotFound`."""
        self._change("remove_camera", camera_id)

    def _change(self, method: str, argument: Camera | str) -> Any:
        changed = self._ask(method, argument)
        with suppress(TryLater):  # it looks by itself when it is back
            actor(FLEET).kick.remote()
        return changed

    def _ask(self, method: str, *arguments: Any) -> Any:
        return _ask_recorder(self._name, method, *arguments)


class RecorderDisclosures:
    """The `DisclosureLog` that writes through the recorder of a node."""

    def __init__(self, node_id: str, reader: DisclosureLog) -> None:
        self._name = recorder_name(node_id)
        self._reader = reader

    def add_disclosure(self, disclosure: Disclosure) -> None:
        """Returns once it is committed."""
        _ask_recorder(self._name, "add_disclosure", disclosure)

    def disclosures(
        self, wanted: DisclosureFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[Disclosure], str | None]:
        """The newest first, and the cursor of the next page, None after the last. Raises `BadInput` on a bad cursor."""
        return self._reader.disclosures(wanted, limit=limit, cursor=cursor)


class RecorderRetainer:
    """The `Retainer` that removes through the recorder of a node."""

    def __init__(self, node_id: str, reader: Retainer) -> None:
        self._name = recorder_name(node_id)
        self._reader = reader

    def holdings(self) -> list[Holding]:
        """What is kept of each kind and what of it is due."""
        return self._reader.holdings()

    def sweep(self, budget_s: float) -> list[Swept]:
        """What was removed of each kind that is not kept for ever, within that time."""
        swept: list[Swept] = _ask_recorder(self._name, "sweep", budget_s, timeout_s=budget_s + _CALL_S)
        return swept


def _ask_recorder(name: str, method: str, *arguments: Any, timeout_s: float = _CALL_S) -> Any:
    """What the recorder of that name answers. Raises `StoreUnavailable` when it does not."""
    try:
        return answer(getattr(actor(name), method).remote(*arguments), timeout_s)
    except StoreUnavailable:
        raise
    except TryLater as exc:
        raise StoreUnavailable(f"the recorder: {exc}") from exc


class FleetCameras:
    """The `LiveCameras` of the cluster."""

    def statuses(self) -> list[CameraStatus]:
        """One for each wanted camera, by id. Raises `TryLater` while the fleet is away."""
        found: list[CameraStatus] = answer(actor(FLEET).statuses.remote(), _CALL_S)
        return found

    def snapshot(self, camera_id: str) -> bytes:
        """The newest picture as JPEG. Raises `NotFound`, or `SourceUnavailable` while there is none."""
        running = _running(camera_id)
        try:
            picture: bytes = answer(running.snapshot.remote(), _SNAPSHOT_S)
        except SourceUnavailable:
            raise
        except TryLater as exc:
            raise SourceUnavailable(f"camera {camera_id}: {exc}", "timeout") from exc
        return picture

    def samples(self, camera_id: str, after_s: float, limit: int) -> list[LoggedSample]:
        """The first samples after that time, of the last minutes. Raises `NotFound` or `TryLater`."""
        found: list[LoggedSample] = answer(_running(camera_id).samples.remote(after_s, limit), _CALL_S)
        return found


def _running(camera_id: str) -> Any:
    """The camera's actor. Raises `NotFound`."""
    try:
        return actor(camera_name(camera_id))
    except TryLater as exc:
        raise NotFound(f"camera {camera_id} is not running") from exc


class ClusterChecks:
    """The `ReadyChecks` of the cluster."""

    def __init__(self, events: EventStore, cameras: RecorderCameras) -> None:
        self._checks: Mapping[str, Callable[[], object]] = {
            "database": events.last_seq,
            "recorder": cameras.cameras,
            "fleet": _check_fleet,
            "detector": _check_detector,
        }

    def checks(self) -> Mapping[str, str]:
        """Each dependency by name, and `ok` or what is wrong with it."""
        return {name: _outcome(check) for name, check in self._checks.items()}


def _outcome(check: Callable[[], object]) -> str:
    try:
        check()
    except GtVisionError as exc:
        return str(exc)
    except RayError:
        return "the cluster did not answer"
    return "ok"


def _check_fleet() -> None:
    if not answer(actor(FLEET).ready.remote(), _CALL_S):
        raise TryLater("not every camera has its actor yet")


def _check_detector() -> None:
    applications = serve.status().applications
    pools = [applications[pool.app] for pool in Pool if pool.app in applications]
    if not any(pool.status == ApplicationStatus.RUNNING for pool in pools):
        raise TryLater("no pool of detector replicas is running")


def this_node() -> str:
    """Ray's id of the node that this process runs on."""
    node_id: str = ray.get_runtime_context().get_node_id()
    return node_id
