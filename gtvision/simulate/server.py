"""An RTSP server that is many cameras."""

import asyncio
import errno
import time
from collections.abc import Sequence
from contextlib import suppress

from gtvision.domain.errors import AddressInUse, BadConfiguration, NotFound
from gtvision.simulate.board import FaultBoard
from gtvision.simulate.camera import RunningCamera, SimulatedCamera
from gtvision.simulate.connection import Connection
from gtvision.simulate.control import ControlPort
from gtvision.simulate.faults import EVERY_CAMERA, Fault
from gtvision.simulate.library import ClipLibrary
from gtvision.simulate.programme import Programme

_REPORT_PERIOD_S = 5.0
_STOP_S = 5.0


class RtspServer:
    """Simulated cameras at `rtsp://host:port/NAME`, each playing its clip on and on from the server's start.

    Attributes:
        port: Where it listens, once started.
        control_port: Where faults can be put on over TCP on loopback, None without.
    """

    def __init__(
        self,
        cameras: Sequence[SimulatedCamera],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Sequence[Fault] = (),
        control_port: int | None = None,
    ) -> None:
        """Reads and packetises the clips. Port 0 is any free one.

        Raises:
            BadConfiguration: A clip cannot be sent, a name is taken twice, or a fault names a camera that is not there.
        """
        self._specs = {camera.name: camera for camera in cameras}
        if len(self._specs) < len(cameras):
            names = [camera.name for camera in cameras]
            raise BadConfiguration(f"{next(n for n in names if names.count(n) > 1)!r} is taken twice", "cameras")
        self._host = host
        self.port = port
        self.control_port = control_port
        self._library = ClipLibrary()
        for camera in cameras:
            self._library.load(camera.clip)
        self._script = tuple(faults)
        for index, fault in enumerate(self._script):
            self._check(fault, f"faults[{index}].")
        self._board = FaultBoard()
        self._cameras: dict[str, RunningCamera] = {}
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._control: ControlPort | None = None
        self._rounds: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listens; the clips and the script's clock begin now. Raises `AddressInUse`."""
        started_s = time.monotonic()
        for fault in self._script:
            self._board.add(fault, started_s, started_s)
        for spec in self._specs.values():
            programme = Programme(self._library.clip(spec.clip), started_s - spec.offset_s)
            self._cameras[spec.name] = RunningCamera(spec, programme, self._board, self._library)
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._connection, self._host, self.port, backlog=1024)
        except OSError as exc:
            raise _address_error(exc, self._host, self.port) from exc
        self.port = self._server.sockets[0].getsockname()[1]
        if self.control_port is not None:
            self._control = ControlPort(self)
            self.control_port = await self._control.start(self.control_port)
        self._rounds = asyncio.create_task(self._look_after_connections())

    async def stop(self) -> None:
        """Cuts all clients and listens no more."""
        if self._rounds is not None:
            self._rounds.cancel()
            await asyncio.gather(self._rounds, return_exceptions=True)
        if self._control is not None:
            await self._control.stop()
        for connection in tuple(self._connections):
            connection.abort()
        if self._server is not None:
            self._server.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._server.wait_closed(), _STOP_S)
        self._library.close()

    def url(self, name: str) -> str:
        """The address of a camera, without its user and password. Raises `NotFound`."""
        if name not in self._specs:
            raise NotFound(f"there is no simulated camera {name!r}")
        host = "127.0.0.1" if self._host in ("", "0.0.0.0") else self._host  # noqa: S104  # compared, not bound
        return f"rtsp://[{host}]:{self.port}/{name}" if ":" in host else f"rtsp://{host}:{self.port}/{name}"

    def origin_s(self, name: str) -> float:
        """When a camera's clip began for the first time, seconds of the monotonic clock. Raises `NotFound`."""
        if name not in self._cameras:
            raise NotFound(f"there is no simulated camera {name!r} that plays")
        return self._cameras[name].programme.origin_s

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its cameras."""
        return tuple(self._specs)

    @property
    def clients(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def inject(self, fault: Fault) -> None:
        """Puts a fault on; its `at_s` counts from now. May be called from any thread, and takes time to read a clip.

        Raises:
            BadConfiguration: There is no such camera, its clip cannot be sent, or there are too many faults.
        """
        self._check(fault, "")
        now_s = time.monotonic()
        self._board.add(fault, now_s, now_s)

    def clear(self, camera: str) -> None:
        """Takes off the faults put on under that name; `*`: all of them. May be called from any thread.

        Raises:
            BadConfiguration: There is no such camera.
        """
        self._check_name(camera, "camera")
        self._board.clear(camera)

    def _check(self, fault: Fault, where: str) -> None:
        self._check_name(fault.camera, f"{where}camera")
        if fault.clip is None:
            return
        codec = self._library.load(fault.clip).codec
        named = self._specs.values() if fault.camera == EVERY_CAMERA else (self._specs[fault.camera],)
        for spec in named:
            own = self._library.clip(spec.clip).codec
            if own is not codec:
                raise BadConfiguration(f"it is {codec}, but {spec.name} was announced as {own}", f"{where}clip")

    def _check_name(self, camera: str, field: str) -> None:
        if camera != EVERY_CAMERA and camera not in self._specs:
            some = ", ".join(list(self._specs)[:5])
            raise BadConfiguration(f"there is no simulated camera {camera!r}; there are {some} ..., and *", field)

    def _connection(self) -> Connection:
        return Connection(self._cameras, self._connections)

    async def _look_after_connections(self) -> None:
        while True:
            await asyncio.sleep(_REPORT_PERIOD_S)
            now_s = time.monotonic()
            for connection in tuple(self._connections):
                connection.look_after(now_s)


def _address_error(exc: OSError, host: str, port: int) -> BadConfiguration:
    if exc.errno == errno.EADDRINUSE:
        return AddressInUse(f"another program listens on {host}:{port}; choose another port, or 0 for any", "port")
    return BadConfiguration(f"cannot listen on {host}:{port}: {exc.strerror}", "host")
