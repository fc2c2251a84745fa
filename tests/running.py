"""The real system as a user starts it: commands in processes of their own, a data folder and ports of its own."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml

from actors.head import find_head
from gtvision.settings import Settings, load_settings

COMMAND = str(Path(sys.executable).with_name("gtvision"))


@dataclass(frozen=True)
class System:
    """One installation: its settings file, and what is asked of it."""

    file: Path

    @property
    def settings(self) -> Settings:
        return load_settings(self.file, {})

    def environment(self) -> dict[str, str]:
        return {**os.environ, "GTVISION_CONFIG": str(self.file)}

    def run(self, *arguments: str, timeout_s: float = 150) -> "subprocess.CompletedProcess[str]":
        """`gtvision` with these arguments."""
        return subprocess.run(
            [COMMAND, *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def json_of(self, *arguments: str) -> Any:
        """What `gtvision ... --json` says."""
        ran = self.run(*arguments, "--json")
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    def http(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        address = f"http://127.0.0.1:{self.settings.http.port}"
        return httpx.request(method, address + path, timeout=20, trust_env=False, **arguments)

    def json(self, method: str, path: str, **arguments: Any) -> Any:
        answer = self.http(method, path, **arguments)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def status(self, camera: str) -> dict[str, Any]:
        return self.json("GET", f"/v1/cameras/{camera}/status")

    def events(self, **filters: Any) -> list[dict[str, Any]]:
        """All of them, page by page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.json("GET", "/v1/events", params={"limit": 200, **filters, **cursor})
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    def actors(self) -> dict[str, dict[str, Any]]:
        """The living actors by name, as Ray's state API lists them."""
        token = (self.settings.data_dir / "run" / "ray-token").read_text().strip()
        answer = httpx.get(
            f"http://127.0.0.1:{self.settings.ray.dashboard_port}/api/v0/actors",
            params={"detail": 1, "limit": 1000},
            headers={"Authorization": f"Bearer {token}"},
            timeout=20,
            trust_env=False,
        )
        listed = answer.raise_for_status().json()["data"]["result"]["result"]
        return {actor["name"]: actor for actor in listed if actor["name"] and actor["state"] == "ALIVE"}

    def pid(self, name: str) -> int:
        """The process of the actor of that name, or of the node's agent whose name begins so."""
        actors = self.actors()
        return next(actors[found]["pid"] for found in sorted(actors) if name in (found, found.split(":")[0]))

    def processes(self) -> list[psutil.Process]:
        """All that runs because this system is up."""
        head = find_head(self.settings)
        if head is None:
            return []
        process = psutil.Process(head.pid)
        return [process, *process.children(recursive=True)]


def new_system(folder: Path, **settings: Any) -> System:
    """An installation in that folder that was never started."""
    ports = free_ports(2)
    file = folder / "gtvision.yaml"
    values = {"data_dir": str(folder / "data"), "http": {"port": ports[0]}, "ray": {"dashboard_port": ports[1]}}
    file.write_text(yaml.safe_dump({**values, **settings}), encoding="utf-8")
    return System(file)


@contextmanager
def up(system: System) -> Iterator[System]:
    """The system while it runs; afterwards all its processes are gone."""
    started = system.run("up")
    assert started.returncode == 0, started.stderr
    processes = system.processes()
    try:
        yield system
    finally:
        processes = list({*processes, *system.processes()})
        stopped = system.run("down")
        _, left = psutil.wait_procs(processes, timeout=10)
        assert (stopped.returncode, left) == (0, []), stopped.stderr


def free_ports(count: int) -> list[int]:
    """TCP ports of loopback that nobody listens on."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def until(condition: Callable[[], Any], timeout_s: float, what: str = "it") -> Any:
    """What the condition returned when it was first true."""
    deadline_s = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline_s, f"{what} did not happen within {timeout_s:g} s"
        time.sleep(0.1)
    return found
