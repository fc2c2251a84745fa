"""Reading streams from simulated cameras, with everything that goes wrong with real ones."""

import itertools
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from recordings import FPS, write_recording
from refusals import PASSWORD, refused

from gtvision.adapters.decode import Decoder
from gtvision.adapters.rtsp import open_source
from gtvision.domain.camera import Source
from gtvision.domain.errors import SourceUnavailable
from gtvision.domain.stream import Packet
from gtvision.settings import Streams
from gtvision.simulate import Fault, FaultKind, RtspServer, SimulatedCamera, SimulatorThread

QUICK = Streams(open_timeout_s=2, read_timeout_s=1)


@pytest.fixture(scope="module")
def cameras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtspServer]:
    folder = tmp_path_factory.mktemp("cameras")
    clips = {
        "plain": write_recording(folder / "plain.mp4"),
        "b-frames": write_recording(folder / "b.mp4", b_frames=2),
        "h265": write_recording(folder / "h265.mp4", codec="libx265"),
    }
    specs = [SimulatedCamera(name, clip) for name, clip in clips.items()]
    specs.append(SimulatedCamera("locked", clips["plain"], "root", PASSWORD))
    with SimulatorThread(RtspServer(specs)) as server:
        yield server


@contextmanager
def fault(server: RtspServer, kind: FaultKind, **values: float | Path) -> Iterator[None]:
    server.inject(Fault(kind, "plain", **values))  # type: ignore[arg-type]  # each kind has its own field
    yield
    server.clear("plain")


def read_for(server: RtspServer, name: str, seconds: float) -> list[tuple[float, Packet]]:
    """The packets of that many seconds, each with its arrival."""
    end_s, found = time.monotonic() + seconds, []
    with closing(open_source(Source(server.url(name)), QUICK)) as source:
        for packet in source.packets():
            found.append((time.time(), packet))
            if time.monotonic() > end_s:
                break
    return found


@pytest.mark.parametrize(("name", "codec"), [("plain", "h264"), ("b-frames", "h264"), ("h265", "hevc")])
def test_a_stream_begins_with_a_keyframe_and_its_times_are_even(name: str, codec: str, cameras: RtspServer) -> None:
    found = read_for(cameras, name, 1.2)
    packets = [packet for _, packet in found]
    decoder = Decoder(packets[0].payload.info)
    times = [picture.time_s for packet in packets for picture in decoder.feed(packet)]

    assert packets[0].is_keyframe
    assert packets[0].payload.info.codec == codec
    assert len(times) >= FPS
    assert [b - a for a, b in itertools.pairwise(times)] == pytest.approx([1 / FPS] * (len(times) - 1), abs=0.03)
    assert all(-0.01 < arrived_s - packet.time_s < 0.5 for arrived_s, packet in found[FPS:])


@pytest.mark.parametrize("jump_s", [100.0, -100.0, -0.5])
def test_times_run_on_over_a_step_of_the_timestamps(jump_s: float, cameras: RtspServer) -> None:
    with fault(cameras, FaultKind.TIMESTAMP_JUMP, jump_s=jump_s, at_s=0.6, for_s=0.6):
        found = read_for(cameras, "plain", 1.8)

    steps_s = [b.time_s - a.time_s for (_, a), (_, b) in itertools.pairwise(found)]
    assert min(steps_s) >= 0
    assert max(steps_s) < 0.3
    assert found[-1][0] - found[-1][1].time_s < 0.3


def test_the_size_of_a_stream_may_change(cameras: RtspServer, tmp_path: Path) -> None:
    with fault(cameras, FaultKind.RESOLUTION, clip=write_recording(tmp_path / "other.mp4", size=(320, 180)), at_s=0.5):
        found = read_for(cameras, "plain", 2.2)

    assert [width for width, _ in itertools.groupby(p.payload.info.width for _, p in found)] == [192, 320]


def test_a_stall_is_noticed_after_the_read_timeout_not_twice_that(cameras: RtspServer) -> None:
    begun_s = time.monotonic()
    with fault(cameras, FaultKind.STALL, at_s=0.5), pytest.raises(SourceUnavailable, match="sent nothing") as caught:
        read_for(cameras, "plain", 9)

    assert caught.value.reason == "timeout"
    assert time.monotonic() - begun_s == pytest.approx(1.5, abs=0.4)


def test_a_stream_that_the_camera_ends_says_so(cameras: RtspServer) -> None:
    with fault(cameras, FaultKind.CLOSE, at_s=0.4), pytest.raises(SourceUnavailable) as caught:
        read_for(cameras, "plain", 5)

    assert caught.value.reason == "ended"


def test_closing_in_another_thread_ends_a_read_that_waits(cameras: RtspServer) -> None:
    patient = Streams(open_timeout_s=2, read_timeout_s=20)
    with fault(cameras, FaultKind.STALL, at_s=0.3):
        source = open_source(Source(cameras.url("plain")), patient)
        closer = threading.Timer(0.8, source.close)
        closer.start()
        begun_s = time.monotonic()
        count = len(list(source.packets()))
        closer.join()

    assert count > 0
    assert time.monotonic() - begun_s < 2
    source.close()


@pytest.mark.parametrize("name", ["plain", "b-frames"])
def test_reconnecting_leaves_no_descriptor_and_no_thread_behind(name: str, cameras: RtspServer) -> None:
    def reconnect() -> int:
        source = open_source(Source(cameras.url(name)), QUICK)
        next(iter(source.packets()))
        source.close()
        return sum(1 for fd in os.listdir("/proc/self/fd") if is_connected_to(int(fd), cameras.port))

    assert [reconnect() for _ in range(5)] == [0] * 5
    assert threading.active_count() < 20


def is_connected_to(descriptor: int, port: int) -> bool:
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return False
        with socket.socket(fileno=os.dup(descriptor)) as handle:
            return bool(handle.getpeername()[1] == port)
    except (OSError, IndexError):
        return False


def test_the_right_password_opens_whatever_letters_it_has(cameras: RtspServer) -> None:
    source = open_source(Source(cameras.url("locked"), "root", PASSWORD), QUICK)
    assert next(iter(source.packets())).is_keyframe
    source.close()


@pytest.mark.parametrize(("user", "password"), [("root", PASSWORD[:-1]), (None, None)])
def test_a_wrong_password_says_to_check_it(user: str | None, password: str | None, cameras: RtspServer) -> None:
    error = refused(QUICK, cameras.url("locked"), user, password)

    assert error.reason == "unauthorised"
    assert "check user and password" in str(error)


@pytest.mark.parametrize(
    ("kind", "reason", "remedy"),
    [
        (FaultKind.UNAUTHORISED, "unauthorised", "check user and password"),
        (FaultKind.NOT_FOUND, "not_found", "check the path"),
        (FaultKind.UNAVAILABLE, "server_error", "restart"),
        (FaultKind.MUTE, "timeout", "check the address"),
    ],
)
def test_a_refusal_says_what_to_do(kind: FaultKind, reason: str, remedy: str, cameras: RtspServer) -> None:
    with fault(cameras, kind):
        error = refused(QUICK, cameras.url("plain"))

    assert error.reason == reason
    assert remedy in str(error)
