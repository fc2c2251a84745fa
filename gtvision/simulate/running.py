"""Ways to run a server: in a thread of its own, or as the whole of a program."""

import asyncio
import signal
import threading
from collections.abc import Callable, Sequence
from types import TracebackType

from gtvision.simulate.camera import SimulatedCamera
from gtvision.simulate.faults import Fault
from gtvision.simulate.server import RtspServer

_START_S = 30.0
_STOP_S = 15.0


class SimulatorThread:
    """Runs a server in a thread: `with SimulatorThread(RtspServer(cameras)) as server: ...`."""

    def __init__(self, server: RtspServer) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="simulator", daemon=True)

    def __enter__(self) -> RtspServer:
        """The server, which listens. Raises what its start raises."""
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result(_START_S)
        except BaseException:
            self._end()
            raise
        return self._server

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        try:
            asyncio.run_coroutine_threadsafe(self._finish(), self._loop).result(_STOP_S)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_STOP_S)
            self._loop.close()

    async def _finish(self) -> None:
        await self._server.stop()
        await self._loop.shutdown_default_executor()


def serve(  # noqa: PLR0913  # what RtspServer takes, and whom to tell
    cameras: Sequence[SimulatedCamera],
    *,
    host: str,
    port: int,
    faults: Sequence[Fault],
    control_port: int | None,
    on_ready: Callable[[RtspServer], None],
) -> None:
    """Serves until the process gets SIGINT or SIGTERM. Raises what `RtspServer` and its start raise."""
    server = RtspServer(cameras, host=host, port=port, faults=faults, control_port=control_port)
    asyncio.run(_until_signal(server, on_ready))


async def _until_signal(server: RtspServer, on_ready: Callable[[RtspServer], None]) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        await server.start()
        on_ready(server)
        await stopped.wait()
    finally:
        await server.stop()
