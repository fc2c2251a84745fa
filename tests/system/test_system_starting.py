"""Starting and stopping the whole system: what waited on disk, what is in the way, and what is left behind."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import psutil
import pytest
from events import an_event
from running import COMMAND, System, new_system, until, up

from gtvision.adapters.spool import Spool
from gtvision.domain.event import EventRecord

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def system(tmp_path: Path, models: Path) -> System:
    return new_system(tmp_path)


def mentioning(text: str) -> list[str]:
    """The processes, other than this one, that name it in their command line or environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and text in "\0".join([*process.cmdline(), *process.environ().values()]):
                found.append(f"{process.pid} {process.name()}")
        except psutil.Error:
            continue
    return found


def test_what_waited_in_the_spool_is_stored_with_its_media_at_the_next_start(system: System) -> None:
    spool = Spool(system.settings.spool_dir, 2**30)
    waiting = [an_event(number) for number in range(5)]
    for event in waiting:
        spool.put(EventRecord(event, snapshot=b"a picture", clip=b"a clip"))
    with up(system) as running:
        found = until(lambda: len(events := running.events()) == len(waiting) and events, 20, "the replay")
        assert [event["id"] for event in found] == [event.id for event in reversed(waiting)]
        assert all(running.http("GET", event["snapshot"]).content == b"a picture" for event in found)
        assert all(running.http("GET", event["clip"]).content == b"a clip" for event in found)
        until(lambda: not spool.waiting(), 10, "an empty spool")
    assert mentioning(str(system.settings.data_dir)) == []


def test_a_folder_with_a_long_path_works_through_a_short_link(tmp_path: Path, models: Path) -> None:
    folder = tmp_path / ("long-" * 20)
    folder.mkdir()
    system = new_system(folder)
    with up(system) as running:
        logs = Path(running.json_of("status")["logs"])
        assert logs.resolve().is_relative_to(folder)
        link = logs.parent.parent
        assert link.is_symlink()
    assert not link.is_symlink()


@pytest.mark.parametrize("setting", ["http.port", "ray.dashboard_port"])
def test_a_port_that_another_program_holds_is_named_and_nothing_is_left_running(system: System, setting: str) -> None:
    section, key = setting.split(".")
    port = getattr(getattr(system.settings, section), key)
    with socket.create_server(("127.0.0.1", port)):
        started = system.run("up")
    assert started.returncode == 2
    assert f"{setting}: 127.0.0.1:{port} cannot be used" in started.stderr
    assert system.processes() == []
    assert mentioning(str(system.settings.data_dir)) == []


def test_stopping_what_does_not_run_says_so(system: System) -> None:
    stopped = system.run("down")
    assert (stopped.returncode, stopped.stdout) == (0, "GT-Vision was not running.\n")


@pytest.mark.parametrize("moment", ["ray.log", "ray/session_latest/logs/serve"])
def test_an_interrupted_start_leaves_nothing_behind(system: System, moment: str) -> None:
    """Interrupted when Ray's first process has just started, and when Serve has."""
    starting = subprocess.Popen(
        [COMMAND, "up"], env=system.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        until((system.settings.data_dir / "run" / moment).exists, 60, moment)
        busy = system.run("up")
        assert busy.returncode == 2
        assert "another command starts or stops" in busy.stderr
        processes = system.processes()
        starting.send_signal(signal.SIGINT)
        _, errors = starting.communicate(timeout=60)
    finally:
        starting.kill()
        starting.wait(10)
    assert starting.returncode == 130, errors
    assert [process for process in processes if process.is_running()] == []
    assert system.processes() == []
    assert mentioning(str(system.settings.data_dir)) == []
    assert system.run("down").stdout == "GT-Vision was not running.\n"


def test_up_stays_when_told_and_stops_the_system_at_sigterm(system: System) -> None:
    command = [COMMAND, "up", "--block", "--json"]
    with subprocess.Popen(command, env=system.environment(), stdout=subprocess.PIPE) as staying:
        try:
            assert staying.stdout is not None
            assert staying.stdout.readline()  # it is up
            assert system.http("GET", "/health").is_success
            processes = system.processes()
            staying.send_signal(signal.SIGTERM)
            assert staying.wait(60) == 0
            assert psutil.wait_procs(processes, timeout=10)[1] == []
        finally:
            staying.kill()
            system.run("down")
