"""The HTTP API as commands use it: of the running system, or of the same app in this process when none runs."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from typing import Any

import anyio
import httpx

from gtvision.adapters.media import open_media
from gtvision.adapters.probe import Probe
from gtvision.adapters.prometheus import PrometheusMetrics
from gtvision.adapters.store import Store, migrate
from gtvision.api.app import create_app
from gtvision.api.services import Services
from gtvision.domain.errors import (
    AlreadyExists,
    BadConfiguration,
    GtVisionError,
    NotFound,
    PlateReaderBusy,
    TryLater,
)
from gtvision.domain.plate import Reading
from gtvision.domain.stream import PlatePicture
from gtvision.pipeline.sample_log import LoggedSample
from gtvision.ports import CameraStatus
from gtvision.runtime.sweeper import Sweeper
from gtvision.settings import Settings

_LEAST_ROOM_BYTES = 2**20
_ALIVE_S = 5.0
_TIMEOUT = httpx.Timeout(30.0, connect=2.0)


class NothingRuns:
    """The `LiveCameras`, `PlateDesk` and `ReadyChecks` of a system that is down."""

    def statuses(self) -> list[CameraStatus]:
        """None."""
        return []

    def snapshot(self, camera_id: str) -> bytes:
        """Raises `NotFound`."""
        raise NotFound(f"camera {camera_id} is not running; start the system with `gtvision up`")

    def samples(self, camera_id: str, after_s: float, limit: int) -> list[LoggedSample]:  # noqa: ARG002
        """Raises `NotFound`."""
        raise NotFound(f"camera {camera_id} is not running; start the system with `gtvision up`")

    def read(self, picture: PlatePicture) -> tuple[Reading, ...]:  # noqa: ARG002
        """Raises `PlateReaderBusy`."""
        raise PlateReaderBusy("no plate reader runs; start the system with `gtvision up`, or use `gtvision read-plate`")

    def checks(self) -> Mapping[str, str]:
        """The one thing that is missing."""
        return {"system": "it is not running; start it with `gtvision up`"}


class Client:
    """Speaks the API. Every method raises the product's own errors for problem documents."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None, base_url: str, key: str | None) -> None:
        self._transport = transport
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    @property
    def is_running(self) -> bool:
        """Whether the system runs, and not only this command."""
        return self._transport is None

    def json(self, method: str, path: str, **arguments: Any) -> Any:
        """The answer's JSON value, None when it has no body."""
        answer = self._answer(method, path, **arguments)
        return answer.json() if answer.content else None

    def items(
        self, path: str, params: Mapping[str, Any], *, page: int, resume: str = "cursor"
    ) -> Iterator[dict[str, Any]]:
        """The items of a list, page by page as they are wanted.

        Args:
            path: Of the list.
            params: Its filters; one that is None is left out.
            page: How many to ask for at once.
            resume: The parameter for a page's `next`.
        """
        wanted = {name: value for name, value in params.items() if value is not None} | {"limit": page}
        while True:
            answer = self.json("GET", path, params=wanted)
            yield from answer["items"]
            if answer["next"] is None:
                return
            wanted[resume] = answer["next"]

    def first(self, path: str, params: Mapping[str, Any], limit: int, *, page: int) -> list[dict[str, Any]]:
        """The first `limit` items of a list, asked for `page` at once; a filter that is None is left out."""
        return list(islice(self.items(path, params, page=min(page, limit)), limit))

    def content(self, path: str, **params: str) -> bytes:
        """The answer's bytes."""
        return self._answer("GET", path, params=params or None).content

    def follow(self, path: str, read_timeout_s: float) -> Iterator[tuple[str, str]]:
        """`(id, data)` of server-sent events until the stream ends. Raises `TryLater` when it is silent for so long."""
        timeout = httpx.Timeout(read_timeout_s, connect=2.0)
        with (
            _translated(),
            httpx.Client(base_url=self._base_url, headers=self._headers, timeout=timeout, trust_env=False) as client,
            client.stream("GET", path) as answer,
        ):
            if answer.is_error:
                answer.read()
                _raise_problem(answer)
            number = ""
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    number = value
                elif name == "data":
                    yield number, value

    def _answer(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        with _translated():
            answer = anyio.run(partial(self._send, method, path, **arguments))
        if answer.is_error:
            _raise_problem(answer)
        return answer

    async def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=self._transport,
            base_url=self._base_url,
            headers=self._headers,
            timeout=_TIMEOUT,
            trust_env=False,  # no proxy stands between a command and its own system
        ) as client:
            return await client.request(method, path, **arguments)


@contextmanager
def api(settings: Settings) -> Iterator[Client]:
    """The API of the running system, else that of an app over the database alone."""
    key = settings.http.key.get_secret_value() if settings.http.key else None
    base_url = http_address(settings)
    if is_up(settings):
        yield Client(None, base_url, key)
        return
    _check_room(settings)
    with ExitStack() as stack:
        migrate(settings.database_url)
        store = stack.enter_context(Store(settings.database_url, writes=True))
        nothing, metrics, media = NothingRuns(), PrometheusMetrics(), open_media(settings.media_url)
        services = Services(
            cameras=store,
            events=store,
            counts=store,
            disclosures=store,
            retainer=Sweeper(settings.retention, store, media, metrics),
            media=media,
            plates=store,
            watchlists=store,
            live=nothing,
            probe=Probe(settings.streams),
            plate_desk=nothing,
            metrics=metrics,
            metrics_text=metrics,
            ready=nothing,
        )
        yield Client(httpx.ASGITransport(create_app(settings, services)), "http://localhost", key)


def _check_room(settings: Settings) -> None:
    """Raises `BadConfiguration` when nothing more can be written where the database lies."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if settings.is_sqlite and shutil.disk_usage(settings.data_dir).free < _LEAST_ROOM_BYTES:
        raise BadConfiguration(f"the disk of {settings.data_dir} is full: make room, or set another folder", "data_dir")


def http_address(settings: Settings) -> str:
    """Where this machine reaches the API."""
    host = settings.http.host
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{settings.http.port}"


def is_up(settings: Settings) -> bool:
    """Whether the API answers at its address."""
    try:
        answer = httpx.get(f"{http_address(settings)}/health", timeout=_ALIVE_S, trust_env=False)
        return bool(answer.is_success and answer.json() == {"status": "ok", "service": "gtvision"})
    except (httpx.HTTPError, ValueError):
        return False


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as exc:
        raise TryLater("the system did not answer in time; `gtvision status` says how it does") from exc
    except httpx.TransportError as exc:
        raise TryLater("the system does not answer; `gtvision status` says how it does") from exc


def _raise_problem(answer: httpx.Response) -> None:
    try:
        problem = answer.json()
        field = str(problem.get("field") or "")
        detail = str(problem["detail"]).removeprefix(f"{field}: ")
    except (ValueError, KeyError, TypeError):
        detail, field = f"the system answered {answer.status_code} {answer.reason_phrase}", ""
    if answer.status_code in (401, 403):
        raise BadConfiguration(detail, "http.key")
    if answer.status_code == 404:
        raise NotFound(detail)
    if answer.status_code == 409:
        raise AlreadyExists(detail)
    if answer.status_code < 500:
        raise BadConfiguration(detail, field)
    if answer.status_code in (502, 503):
        raise TryLater(detail)
    raise GtVisionError(detail)
