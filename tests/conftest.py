"""What tests share. Weights, media and messages captured from real Celery clients come from GTVISION_MODELS,
GTVISION_MEDIA and GTVISION_QUEUE_CASES; without them their tests skip.

What is missing skips here and fails where CI is set, so that a skipped test never looks like a passed one there.
"""

import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import pytest

from gtvision.settings import Settings, settings_of

_EXIT_STATUS = pytest.StashKey[int]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keeps the exit status for `pytest_unconfigure`."""
    session.config.stash[_EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the process with pytest's own status, without finalising the interpreter.

    One process holds Ray's core worker, OpenVINO, torch, FFmpeg and their threads then, and once in a few full runs one
    of them crashed while Python was taking itself apart, after every test had passed and been reported.
    """
    status = config.stash.get(_EXIT_STATUS, None)
    if status is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


SYSTEM_TESTS = Path(__file__).parent / "system"
LAST_GOODBYE_S = 10.0
SESSION = "GTVISION_TEST_SESSION"
_MEMORY_DISK, _ROOM_BYTES = Path("/dev/shm"), 4 << 30


def pytest_configure(config: pytest.Config) -> None:
    if "TMPDIR" not in os.environ and _MEMORY_DISK.is_dir() and shutil.disk_usage(_MEMORY_DISK).free > _ROOM_BYTES:
        # Databases and brokers write thousands of small files. pytest has asked for the folder already.
        tempfile.tempdir = os.environ["TMPDIR"] = str(_MEMORY_DISK)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # a test reports to nobody
    os.environ[SESSION] = uuid4().hex  # inherited by whatever a test starts
    config.addinivalue_line("markers", "system: starts real servers; everything in tests/system is one")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(SYSTEM_TESTS):
            item.add_marker("system")
    items.sort(key=lambda item: item.get_closest_marker("system") is not None)


def missing(what: str) -> NoReturn:
    """Skips the test, or fails it in CI."""
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@pytest.fixture
def free_port() -> int:
    """A TCP port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def settings(tmp_path: Path, free_port: int) -> Settings:
    """The defaults, in the test's own folder and on its own port."""
    return settings_of({"data_dir": str(tmp_path / "data"), "http": {"port": free_port}})


@pytest.fixture(scope="session")
def needs() -> Callable[[str], str]:
    """`needs("ffprobe")` is the program's path; the test ends there when it is not installed."""

    def path_of(program: str) -> str:
        servers = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)  # Debian keeps them off PATH
        found = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, servers)]))
        return found or missing(f"{program} is not installed; `make test` as root installs it")

    return path_of


@pytest.fixture(scope="session")
def celery_of() -> Callable[[str], Path]:
    """`celery_of("5.2")` is the interpreter of the environment with that Celery, where GT-Vision is not."""

    def interpreter_of(version: str) -> Path:
        python = Path(__file__).parents[1] / f".venv-celery-{version}" / "bin" / "python"
        return python if (python.parents[1] / "ready").is_file() else missing(f"no Celery {version}: `make partners`")

    return interpreter_of


@pytest.fixture(scope="session")
def media() -> Path:
    """The folder with `clips/` and `plates/`."""
    return _folder_of("GTVISION_MEDIA")


@pytest.fixture(scope="session")
def clips(media: Path) -> Path:
    """The folder of real traffic clips."""
    return media / "clips"


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of detector weights."""
    return _folder_of("GTVISION_MODELS")


@pytest.fixture(scope="session")
def queue_cases() -> Path:
    """The folder of messages, a JSON file each, that say what should become of them."""
    return _folder_of("GTVISION_QUEUE_CASES")


def _folder_of(variable: str) -> Path:
    value = os.environ.get(variable)
    if not value:
        missing(f"{variable} is not set")
    folder = Path(value)
    assert folder.is_dir(), f"{variable} names {folder}, which is not a folder"
    return folder


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_running() -> Iterator[None]:
    """Every process that a test started has ended by the last one, orphans as well."""
    yield
    deadline = time.monotonic() + LAST_GOODBYE_S
    while (left := _started_here()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left, f"left running: {left}"


def _started_here() -> list[str]:
    """The processes with this session's mark in their environment; Python's own resource tracker may stay."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_marked = f"{SESSION}={os.environ[SESSION]}\0".encode() in (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue  # it ended meanwhile, or is someone else's
        if is_marked and process.name != str(os.getpid()) and "resource_tracker" not in command:
            found.append(f"{process.name} {command}")
    return found
