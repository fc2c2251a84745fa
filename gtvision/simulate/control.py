"""The control port: a JSON object a line in, a JSON object a line out, on loopback only."""

import asyncio
import json
from typing import Protocol

from gtvision.domain.errors import AddressInUse, BadConfiguration
from gtvision.simulate.faults import Fault, fault_of

_HOST = "127.0.0.1"
_LONGEST_LINE_BYTES = 16_384
_IDLE_S = 600.0


class Controlled(Protocol):
    """What the port controls."""

    def inject(self, fault: Fault) -> None:
        """Puts a fault on. Raises `BadConfiguration`."""
        ...

    def clear(self, camera: str) -> None:
        """Takes faults off. Raises `BadConfiguration`."""
        ...


class ControlPort:
    """Listens for `{"inject": {"kind": "stall", ...}}` and `{"clear": "cam1"}`.

    It answers `{"ok": true}`, or `{"ok": false, "error": "..."}` with what is wrong.
    """

    def __init__(self, cameras: Controlled) -> None:
        self._cameras = cameras
        self._talks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> int:
        """Listens; returns the port. Raises `AddressInUse`."""
        try:
            self._server = await asyncio.start_server(self._talk, _HOST, port, limit=_LONGEST_LINE_BYTES)
        except OSError as exc:
            raise AddressInUse(f"cannot listen on {_HOST}:{port}: {exc.strerror}", "control_port") from exc
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Ends all talks."""
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            while line := await asyncio.wait_for(reader.readline(), _IDLE_S):
                answer = await asyncio.to_thread(self._answer, line)
                writer.write(json.dumps(answer).encode() + b"\n")
                await asyncio.wait_for(writer.drain(), _IDLE_S)
        except (TimeoutError, ValueError, ConnectionError):
            pass  # the client is gone, or sends lines without end
        finally:
            self._talks.discard(task)
            writer.close()

    def _answer(self, line: bytes) -> dict[str, object]:
        try:
            match json.loads(line):
                case {"inject": fault, **rest} if not rest:
                    self._cameras.inject(fault_of(fault))
                case {"clear": str(camera), **rest} if not rest:
                    self._cameras.clear(camera)
                case _:
                    return _refusal('write {"inject": {"kind": ...}} or {"clear": "CAMERA"}')
        except ValueError:
            return _refusal("the line is not JSON")
        except BadConfiguration as exc:
            return _refusal(str(exc))
        return {"ok": True}


def _refusal(error: str) -> dict[str, object]:
    return {"ok": False, "error": error}
