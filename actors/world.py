"""The cluster as the HTTP API sees it: cameras through the recorder of its node, what runs through the fleet."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ray import serve
from ray.exceptions import RayError
from ray.serve.schema import ApplicationStatus

from actors.calls import actor, answer, answers
from actors.names import FLEET, bridge_name, camera_name
from actors.of_recorder import OfRecorder
from actors.served_models import PlatePool, Pool
from gtvision.domain.camera import Camera
from gtvision.domain.disclosure import Disclosure
from gtvision.domain.errors import GtVisionError, NotFound, SourceUnavailable, TryLater
from gtvision.domain.retention import Holding, Swept
from gtvision.domain.watchlist import Entry, Watchlist
from gtvision.pipeline.sample_log import LoggedSample
from gtvision.ports import (
    BridgeStatus,
    CameraStatus,
    DisclosureFilter,
    DisclosureLog,
    EventStore,
    PartnerStatus,
    Retainer,
    StoredCamera,
    StoredWatchlist,
    WatchlistStore,
)

_CALL_S = 10.0
_IMPORT_S = 30.0
_SNAPSHOT_S = 2.0
_STATUS_S = 2.0


class RecorderCameras(OfRecorder):
    """The `CameraStore` behind the recorder of a node."""

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


class RecorderWatchlists(OfRecorder):
    """The `WatchlistStore` of a node: lists are read here and changed by the node's recorder.

    Args:
        node_id: The node's id.
        store: Reads the same database.
    """

    def __init__(self, node_id: str, store: WatchlistStore) -> None:
        super().__init__(node_id)
        self._store = store

    def watchlists(self) -> list[StoredWatchlist]:
        """All of them by id."""
        return self._store.watchlists()

    def watchlist(self, watchlist_id: str) -> StoredWatchlist:
        """One of them. Raises `NotFound`."""
        return self._store.watchlist(watchlist_id)

    def entries(self, watchlist_id: str, *, limit: int, cursor: str | None = None) -> tuple[list[Entry], str | None]:
        """Its entries by text and match, and the cursor of the next page. Raises `NotFound`, `BadInput`."""
        return self._store.entries(watchlist_id, limit=limit, cursor=cursor)

    def add_watchlist(self, watchlist: Watchlist) -> StoredWatchlist:
        """Stores a new list without entries. Raises `AlreadyExists`."""
        stored: StoredWatchlist = self._ask("add_watchlist", watchlist)
        return stored

    def set_watchlist(self, watchlist: Watchlist) -> StoredWatchlist:
        """Replaces a list's settings; its entries stay. Raises `NotFound`."""
        stored: StoredWatchlist = self._ask("set_watchlist", watchlist)
        return stored

    def remove_watchlist(self, watchlist_id: str) -> None:
        """Removes a list and its entries; the hits stay. Raises `NotFound`."""
        self._ask("remove_watchlist", watchlist_id)

    def save_entries(self, watchlist_id: str, entries: Sequence[Entry]) -> int:
        """Puts all of them on the list or none. Raises `NotFound`, `BadInput`."""
        added: int = self._ask("save_entries", watchlist_id, entries, timeout_s=_IMPORT_S)
        return added

    def remove_entry(self, watchlist_id: str, entry_id: str) -> None:
        """Takes an entry off the list. Raises `NotFound`."""
        self._ask("remove_entry", watchlist_id, entry_id)


class RecorderDisclosures(OfRecorder):
    """The `DisclosureLog` of a node: it is read here and written by the node's recorder."""

    def __init__(self, node_id: str, log: DisclosureLog) -> None:
        super().__init__(node_id)
        self._log = log

    def add_disclosure(self, disclosure: Disclosure) -> None:
        """Returns once it is committed."""
        self._ask("add_disclosure", disclosure)

    def disclosures(
        self, wanted: DisclosureFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[Disclosure], str | None]:
        """The newest first, and the cursor of the next page, None after the last. Raises `BadInput` on a bad cursor."""
        return self._log.disclosures(wanted, limit=limit, cursor=cursor)


class RecorderRetainer(OfRecorder):
    """The `Retainer` of a node: what is kept is counted here and removed by the node's recorder."""

    def __init__(self, node_id: str, reader: Retainer) -> None:
        super().__init__(node_id)
        self._reader = reader

    def holdings(self) -> list[Holding]:
        """What is kept of each kind and what of it is due."""
        return self._reader.holdings()

    def sweep(self, budget_s: float) -> list[Swept]:
        """What was removed of each kind that is not kept for ever, within that time."""
        swept: list[Swept] = self._ask("sweep", budget_s, timeout_s=budget_s + _CALL_S)
        return swept


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


class ClusterBridges:
    """The `LiveBridges` of the cluster."""

    def __init__(self, copies: int) -> None:
        """`copies` is how many should run."""
        self._names = {bridge_name(index): bridge_name(index) for index in range(copies)}

    def statuses(self) -> list[BridgeStatus]:
        """One for each, by name, within 2 s; one that does not answer says so."""
        said = answers(self._names, "status", timeout_s=_STATUS_S)
        return [
            one if isinstance(one, BridgeStatus) else BridgeStatus(name, detail=f"its actor: {one}")
            for name, one in sorted(said.items())
        ]

    def check(self) -> None:
        """Raises `TryLater` with what is wrong unless every partner is connected at every bridge."""
        faults = [fault for status in self.statuses() if (fault := _fault_of(status))]
        if faults:
            raise TryLater("; ".join(dict.fromkeys(faults)))


def _fault_of(status: BridgeStatus) -> str:
    """What is wrong with a bridge, empty when nothing is."""
    if status.detail:
        return f"{status.name}: {status.detail}"
    return "; ".join(map(_fault_of_partner, (one for one in status.partners if not one.is_connected)))


def _fault_of_partner(partner: PartnerStatus) -> str:
    return f"{partner.name}: {partner.detail}"


class ClusterChecks:
    """The `ReadyChecks` of the cluster."""

    def __init__(
        self,
        events: EventStore,
        cameras: RecorderCameras,
        *,
        reads_plates: bool,
        bridges: ClusterBridges | None,
    ) -> None:
        self._checks: Mapping[str, Callable[[], object]] = {
            "database": events.last_seq,
            "recorder": cameras.cameras,
            "fleet": _check_fleet,
            "detector": _check_detector,
            **({"plate_reader": _check_plate_reader} if reads_plates else {}),
            **({} if bridges is None else {"broker": bridges.check}),
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
    if not any(map(_is_running, Pool)):
        raise TryLater("no pool of detector replicas is running")


def _check_plate_reader() -> None:
    if not _is_running(PlatePool.CPU):
        raise TryLater("no replica of the plate reader is running")


def _is_running(pool: Pool | PlatePool) -> bool:
    application = serve.status().applications.get(pool.app)
    return application is not None and application.status == ApplicationStatus.RUNNING
