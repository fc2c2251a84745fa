"""Ray's processes on this machine: started in the background, found again, stopped. Nobody else's are touched."""

import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from actors.ray_folder import make_ray_folder, remove_link
from gtvision.domain.errors import AddressInUse, BadConfiguration, TryLater
from gtvision.settings import Settings

_START_S = 60.0
_STOP_S = 20.0
_KILL_S = 5.0
# Freed memory goes back to the system: a camera's actor is 20 MB smaller, for 5 % more CPU while it decodes.
_MALLOC = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


@dataclass(frozen=True, slots=True)
class Head:
    """A head that this machine runs.

    Attributes:
        pid: Of the process that keeps the others.
        began_s: When it began, to know it from another process that was given the same number.
        address: Where drivers and nodes connect.
        dashboard: Address of the Ray dashboard.
        http: Address of the page.
        logs: Folder with the logs of its processes.
    """

    pid: int
    began_s: float
    address: str
    dashboard: str
    http: str
    logs: str

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        try:
            process = psutil.Process(self.pid)
            return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - self.began_s) < 2.0
        except psutil.NoSuchProcess:
            return False


def find_head(settings: Settings) -> Head | None:
    """The head that `start_head` started for this data folder, None when it does not run."""
    try:
        head = Head(**json.loads(_note(settings).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return head if head.is_alive else None


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """While no other command starts or stops the system of this data folder. Raises `BadConfiguration` if one does."""
    run = _note(settings).parent
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (run / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadConfiguration(f"another command starts or stops the system in {settings.data_dir} now") from None
        yield


def start_head(settings: Settings) -> Head:
    """A head on this machine, in the background; nothing of it is left when this fails or is interrupted.

    Raises:
        AddressInUse: Another program holds a port that the settings name.
        BadConfiguration: Ray cannot start here; its own log says why.
    """
    check_port(settings.http.host, settings.http.port, "http.port")
    check_port("127.0.0.1", settings.ray.dashboard_port, "ray.dashboard_port")
    folder = make_ray_folder(settings.data_dir)
    port = _free_port()
    log = _note(settings).with_name("ray.log")
    command = _command(settings, port, folder)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, env=_environment()
        )
    head = Head(
        process.pid,
        psutil.Process(process.pid).create_time(),
        f"127.0.0.1:{port}",
        f"http://127.0.0.1:{settings.ray.dashboard_port}",
        f"http://{settings.http.host}:{settings.http.port}",
        str(folder / "session_latest" / "logs"),
    )
    try:
        _note(settings).write_text(json.dumps(asdict(head)), encoding="utf-8")
        _wait_until_up(process, settings.ray.dashboard_port, log)
    except BaseException:  # Ctrl-C as well
        stop_head(settings, head)
        raise
    return head


def stop_head(settings: Settings, head: Head) -> None:
    """Ends all processes of that head, by force after 20 s, those included that it started while it was told to end."""
    with suppress(psutil.NoSuchProcess):
        psutil.Process(head.pid).send_signal(signal.SIGTERM)
    psutil.wait_procs(_session(head), timeout=_STOP_S)
    deadline_s = time.monotonic() + _KILL_S
    while (stubborn := _session(head)) and time.monotonic() < deadline_s:
        for survivor in stubborn:
            with suppress(psutil.NoSuchProcess):
                survivor.kill()
        psutil.wait_procs(stubborn, timeout=1)
    _note(settings).unlink(missing_ok=True)
    remove_link(settings.data_dir)


def _session(head: Head) -> list[psutil.Process]:
    """The living processes of the session that the head leads; nobody else gets its number while one of them lives."""
    return [process for process in psutil.process_iter(["status"]) if _is_in(process, head.pid)]


def _is_in(process: psutil.Process, session: int) -> bool:
    with suppress(OSError):
        return os.getsid(process.pid) == session and process.info["status"] != psutil.STATUS_ZOMBIE
    return False


def prepare_environment(settings: Settings) -> None:
    """What this process and its children tell Ray by environment; call it before Ray is imported, which reads it once.

    A head of our own takes a token that lies in the data folder and is made when there is none.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_gcs_rpc_server_connect_timeout_s", "5")
    if settings.ray.address is None:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN_PATH"] = str(_token(settings.data_dir / "run" / "ray-token"))


def _token(file: Path) -> Path:
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as output:
            output.write(secrets.token_urlsafe(32))
    return file


def check_port(host: str, port: int, field: str) -> None:
    """Raises `AddressInUse` when another program listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise AddressInUse(
                f"{host}:{port} cannot be used ({exc.strerror}): stop what listens there, or set another port", field
            ) from exc


def _note(settings: Settings) -> Path:
    return settings.data_dir / "run" / "head.json"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _command(settings: Settings, port: int, folder: Path) -> list[str]:
    options = {
        "temp-dir": folder,
        "node-ip-address": "127.0.0.1",
        "port": port,
        "min-worker-port": 0,
        "max-worker-port": 0,
        "ray-client-server-port": _free_port(),
        "include-dashboard": "true",
        "dashboard-host": "127.0.0.1",
        "dashboard-port": settings.ray.dashboard_port,
        "dashboard-agent-listen-port": 0,
        "object-store-memory": settings.ray.object_store_mb * 2**20,
    }
    ray = str(Path(sys.executable).with_name("ray"))
    return [ray, "start", "--head", "--block", "--disable-usage-stats", *(f"--{k}={v}" for k, v in options.items())]


def _environment() -> dict[str, str]:
    # The actors have been stopped before Ray is: there is nothing to drain.
    return {**_MALLOC, **os.environ, "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S": "0"}


def _wait_until_up(process: "subprocess.Popen[bytes]", dashboard_port: int, log: Path) -> None:
    deadline_s = time.monotonic() + _START_S
    while time.monotonic() < deadline_s:
        if process.poll() is not None:
            tail = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            raise BadConfiguration(f"Ray did not start: {' '.join(tail)} ({log} has the rest)")
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", dashboard_port)) == 0:
                return
        time.sleep(0.1)
    raise TryLater(f"Ray was not up within {_START_S:g} s; see {log}")
