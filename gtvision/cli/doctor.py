"""`gtvision doctor`: is this machine fit?"""

import ctypes
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import av
import typer
from rich.markup import escape
from rich.table import Table

from actors.head import check_port
from gtvision.adapters.plate_engines import load_plate_reader
from gtvision.adapters.store import schema_state
from gtvision.adapters.weights import is_simulated
from gtvision.cli.client import is_up
from gtvision.cli.output import FAILED, AsJson, print_json, print_table, settings_of
from gtvision.cli.weights import ONLY_SIMULATED, detector_of, weights_of
from gtvision.domain.errors import GtVisionError, TryLater
from gtvision.settings import Settings

_RAY = "2.60."
_DAY_S = 86_400
_TIMEX_BYTES = 512
_TIME_ERROR = 5
_LEAST_DISK_GB = 5.0
_MEMORY_AND_REST_GB = 2.0
_GB_A_CAMERA = 0.09


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What.
        ok: Whether it is as needed.
        detail: What was found, or what to do.
    """

    name: str
    ok: bool
    detail: str


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Say whether this machine is fit, and what to do.

    Looks at weights, the plate reader, decoders, Ray, disk, memory, clock, ports and database. Exit code 1 when
    something needed is missing.
    """
    settings = settings_of(context)
    checks: dict[str, Callable[[Settings], str]] = {
        "weights": _weights,
        "plates": _plates,
        "decoders": _decoders,
        "ray": _ray,
        "disk": _disk,
        "memory": _memory,
        "clock": _clock,
        "ports": _ports,
        "database": _database,
    }
    findings = [_look(name, check, settings) for name, check in checks.items()]
    fit = all(finding.ok for finding in findings)
    if as_json:
        print_json({"fit": fit, "checks": [asdict(finding) for finding in findings]})
    else:
        table = Table(box=None, show_header=False, pad_edge=False)
        for finding in findings:
            table.add_row("[green]ok[/]" if finding.ok else "[red]no[/]", finding.name, escape(finding.detail))
        print_table(table)
    if not fit:
        raise typer.Exit(FAILED)


def _look(name: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(name, True, check(settings))
    except GtVisionError as exc:
        return Finding(name, False, str(exc))


def _weights(settings: Settings) -> str:
    weights = weights_of(settings)
    if is_simulated(weights) and settings.detector.weights is None:
        raise TryLater(f"there are only {weights.name}. {ONLY_SIMULATED}")
    model = detector_of(settings, weights)
    return f"{model.name} from {weights.parent}" + (f". {ONLY_SIMULATED}" if is_simulated(weights) else "")


def _plates(settings: Settings) -> str:
    if settings.plates.replicas.max == 0:
        return "switched off: plates.replicas.max is 0"
    return f"read by {load_plate_reader(settings.plates).name}"


def _decoders(_: Settings) -> str:
    missing = [name for name in ("h264", "hevc") if name not in av.codecs_available]
    if missing:
        raise TryLater(f"PyAV has no decoder for {', '.join(missing)}: install its wheel with `pip install av`")
    return f"H.264 and H.265, FFmpeg {'.'.join(map(str, av.library_versions['libavcodec']))}"


def _ray(_: Settings) -> str:
    found = version("ray")
    if not found.startswith(_RAY):
        raise TryLater(f"Ray {found} is here, {_RAY}x is needed: pip install 'ray[serve]=={_RAY}*'")
    return f"Ray {found}"


def _disk(settings: Settings) -> str:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as exc:
        raise TryLater(f"cannot write to {folder} ({exc.strerror}): set data_dir to a folder that can") from exc
    free_gb = shutil.disk_usage(folder).free / 1e9
    if free_gb < _LEAST_DISK_GB:
        raise TryLater(f"{folder} has {free_gb:.1f} GB free, {_LEAST_DISK_GB:g} are needed: make room or set data_dir")
    return f"{free_gb:.0f} GB free in {folder}"


def _memory(_: Settings) -> str:
    available_kb = next(
        int(line.split()[1])
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        if line.startswith("MemAvailable")
    )
    available_gb = available_kb / 1e6
    cameras = int((available_gb - _MEMORY_AND_REST_GB) / _GB_A_CAMERA)
    if cameras < 1:
        raise TryLater(f"{available_gb:.1f} GB are free; the system takes {_MEMORY_AND_REST_GB:g} GB without a camera")
    return f"{available_gb:.1f} GB free, enough for about {cameras} cameras; {os.cpu_count()} cores"


def _clock(_: Settings) -> str:
    installed_s = Path(__file__).stat().st_mtime
    if time.time() < installed_s - _DAY_S:
        raise TryLater(f"it says {time.strftime('%Y-%m-%d')}, before this program was installed: set it and use NTP")
    if _is_synchronised():
        return "kept by NTP"
    return "plausible, but the kernel knows of nobody who keeps it: timedatectl set-ntp true"


def _is_synchronised() -> bool:
    """What the kernel says. Source: adjtimex(2), which returns TIME_ERROR while the clock is not synchronised."""
    answer = (ctypes.c_byte * _TIMEX_BYTES)()  # struct timex, its modes 0: change nothing
    state: int = ctypes.CDLL(None).adjtimex(answer)
    return 0 <= state < _TIME_ERROR


def _ports(settings: Settings) -> str:
    if is_up(settings):
        return "the system runs and holds them"
    check_port(settings.http.host, settings.http.port, "http.port")
    check_port("127.0.0.1", settings.ray.dashboard_port, "ray.dashboard_port")
    return f"{settings.http.port} and {settings.ray.dashboard_port} are free"


def _database(settings: Settings) -> str:
    state = schema_state(settings.database_url)
    if state.current is None:
        return "none yet; the first start makes it"
    if state.fault is not None:
        raise TryLater(state.fault)
    return f"schema {state.current}"
