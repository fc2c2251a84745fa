"""The RTSP session of one client: what it asks, and what a camera or its fault answers."""

import secrets
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from gtvision.simulate.camera import RunningCamera
from gtvision.simulate.digest import DigestGuard
from gtvision.simulate.faults import FaultKind
from gtvision.simulate.player import Player, Wire
from gtvision.simulate.rtsp import Reply, Request, interleaved_channel
from gtvision.simulate.sdp import CONTROL, describe

SESSION_TIMEOUT_S = 60
_METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN")


class Dialogue:
    """Answers one client's requests, and plays to it when asked."""

    def __init__(self, cameras: Mapping[str, RunningCamera], wire: Wire) -> None:
        self._cameras = cameras
        self._wire = wire
        self._guard = DigestGuard()
        self._session = secrets.token_hex(8)
        self._player: Player | None = None

    def hear(self, request: Request) -> None:
        """Answers a request, or does what a fault wants instead."""
        camera = self._cameras.get(_camera_name(request.url))
        faults: Mapping[FaultKind, object] = camera.faults(time.monotonic()) if camera else {}
        if FaultKind.MUTE in faults:
            return
        if FaultKind.REFUSE in faults:
            self._wire.hang_up()
            return
        self._wire.send(self._reply(request, camera, faults).encode(request.headers.get("cseq", "0")))
        if request.method == "TEARDOWN":
            self._wire.hang_up()

    def report(self) -> None:
        """Sends an RTCP report, if it plays."""
        if self._player is not None:
            self._player.report()

    def end(self) -> None:
        """Plays no more."""
        if self._player is not None:
            self._player.stop()

    def _reply(self, request: Request, camera: RunningCamera | None, faults: Mapping[FaultKind, object]) -> Reply:
        if request.version != "RTSP/1.0":
            return Reply(505)
        if "require" in request.headers:
            return Reply(551, {"Unsupported": request.headers["require"]})
        if request.method == "OPTIONS":
            return Reply(200, {"Public": ", ".join(_METHODS)})
        if request.method not in _METHODS:
            return Reply(405, {"Allow": ", ".join(_METHODS)})
        if camera is None or FaultKind.NOT_FOUND in faults:
            return Reply(404)
        if FaultKind.UNAVAILABLE in faults:
            return Reply(503)
        if FaultKind.UNAUTHORISED in faults or not self._is_allowed(request, camera):
            return Reply(401, {"WWW-Authenticate": self._guard.challenge()})
        return self._obey(request, camera)

    def _is_allowed(self, request: Request, camera: RunningCamera) -> bool:
        login = camera.spec.login
        said = request.headers.get("authorization", "")
        return login is None or self._guard.accepts(said, request.method, request.url, login)

    def _obey(self, request: Request, camera: RunningCamera) -> Reply:
        match request.method:
            case "DESCRIBE":
                head = {"Content-Base": f"{_aggregate_url(request.url)}/", "Content-Type": "application/sdp"}
                return Reply(200, head, describe(camera.name, camera.programme.clip))
            case "SETUP":
                return self._setup(request, camera)
            case "PLAY" | "PAUSE":
                return self._play(request)
            case "TEARDOWN":
                self.end()
        return Reply(200, {"Session": self._session} if self._player else {})

    def _setup(self, request: Request, camera: RunningCamera) -> Reply:
        channel = interleaved_channel(request.headers.get("transport", ""))
        if channel is None:
            return Reply(461)
        self.end()
        self._player = Player(camera, self._wire, channel)
        transport = f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}"
        return Reply(200, {"Session": f"{self._session};timeout={SESSION_TIMEOUT_S}", "Transport": transport})

    def _play(self, request: Request) -> Reply:
        if self._player is None:
            return Reply(455)
        if request.headers.get("session", "").partition(";")[0].strip() != self._session:
            return Reply(454)
        self._player.stop()
        if request.method == "PAUSE":
            return Reply(200, {"Session": self._session})
        seq, timestamp = self._player.start()
        info = f"url={_aggregate_url(request.url)}/{CONTROL};seq={seq};rtptime={timestamp}"
        return Reply(200, {"Session": self._session, "Range": "npt=now-", "RTP-Info": info})


def _aggregate_url(url: str) -> str:
    return url.removesuffix(CONTROL).rstrip("/")


def _camera_name(url: str) -> str:
    try:
        return urlsplit(_aggregate_url(url)).path.strip("/")
    except ValueError:
        return ""
