"""Our client against a server that is not ours: GStreamer's, run by the system's python, with digest login."""

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from recordings import FPS, write_recording

from gtvision.adapters.decode import Decoder
from gtvision.adapters.probe import Probe
from gtvision.adapters.rtsp import open_source
from gtvision.domain.camera import Camera, Source
from gtvision.domain.errors import SourceUnavailable
from gtvision.settings import Streams

SYSTEM_PYTHON = "/usr/bin/python3"
STREAMS = Streams(open_timeout_s=4, read_timeout_s=1)
USER, PASSWORD = "viewer", "p@ss:/w%rd é"


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[str]
    url: str

    @property
    def source(self) -> Source:
        return Source(self.url, USER, PASSWORD)


@pytest.fixture(scope="module", params=["h264", "h265"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    codec: str = request.param
    script = Path(__file__).with_name("gst_server.py")
    check = [SYSTEM_PYTHON, "-c", "import gi; gi.require_version('GstRtspServer', '1.0')"]
    has_python = Path(SYSTEM_PYTHON).exists()
    if not has_python or subprocess.run(check, check=False, capture_output=True, timeout=30).returncode:
        reason = "the Debian package gir1.2-gst-rtsp-server-1.0 is not installed"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    clip = write_recording(
        tmp_path_factory.mktemp("gst") / "clip.mp4", codec=codec.replace("h", "libx"), size=(320, 180), seconds=10
    )
    process = subprocess.Popen(
        [SYSTEM_PYTHON, str(script), str(clip), codec, USER, PASSWORD], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield Server(process, f"rtsp://127.0.0.1:{int(process.stdout.readline())}/video")
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait(10)
        process.stdout.close()


def test_it_streams_with_even_times_from_a_keyframe_on(server: Server) -> None:
    with closing(open_source(server.source, STREAMS)) as source:
        packets = list(itertools.islice(source.packets(), 3 * FPS))
        late_s = time.time() - packets[-1].time_s

    steps_s = [b.time_s - a.time_s for a, b in itertools.pairwise(packets)]
    assert packets[0].is_keyframe
    assert steps_s == pytest.approx([1 / FPS] * len(steps_s), abs=0.02)
    assert 0 <= late_s < 0.3
    assert (source.info.width, source.info.height) == (320, 180)


def test_every_picture_decodes(server: Server) -> None:
    with closing(open_source(server.source, STREAMS)) as source:
        decoder = Decoder(source.info)
        packets = list(itertools.islice(source.packets(), 2 * FPS))

    assert [len(decoder.feed(packet)) for packet in packets] == [1] * len(packets)
    assert all(decoder.keyframe(packet) for packet in packets if packet.is_keyframe)


def test_the_probe_reports_what_it_sees(server: Server) -> None:
    report = Probe(STREAMS).probe(Camera("gst", (server.source,)))

    assert report.measured_fps == pytest.approx(FPS, rel=0.05)
    assert report.keyframe_interval_s == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda url: Source(url, USER, "wrong"), "unauthorised"),
        (Source, "unauthorised"),
        (lambda url: Source(f"{url}-not", USER, PASSWORD), "not_found"),
    ],
    ids=["wrong password", "no login", "wrong path"],
)
def test_a_refusal_is_told_apart(change: Callable[[str], Source], reason: str, server: Server) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        open_source(change(server.url), STREAMS)

    assert caught.value.reason == reason


def test_a_server_that_hangs_is_noticed_in_the_read_timeout(server: Server) -> None:
    with closing(open_source(server.source, STREAMS)) as source:
        packets = source.packets()
        next(packets)
        server.process.send_signal(signal.SIGSTOP)
        hung_s = time.monotonic()
        with pytest.raises(SourceUnavailable) as caught:
            list(packets)
        waited_s = time.monotonic() - hung_s
        server.process.send_signal(signal.SIGCONT)

    assert caught.value.reason == "timeout"
    assert waited_s == pytest.approx(STREAMS.read_timeout_s, abs=0.5)
