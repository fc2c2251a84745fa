import time
from collections.abc import Iterator

import pytest
from recordings import FPS, Record

from gtvision.adapters.probe import Probe
from gtvision.domain.camera import Camera, Source
from gtvision.domain.errors import SourceUnavailable
from gtvision.ports import ProbeReport
from gtvision.settings import Streams
from gtvision.simulate import Fault, FaultKind, RtspServer, SimulatedCamera, SimulatorThread

STREAMS = Streams(open_timeout_s=2, read_timeout_s=1)


def probed(url: str) -> ProbeReport:
    return Probe(STREAMS).probe(Camera("one", (Source(url),)))


@pytest.fixture
def camera(record: Record) -> Iterator[RtspServer]:
    clip = record("probed.mp4", size=(640, 360))
    with SimulatorThread(RtspServer([SimulatedCamera("one", clip)])) as server:
        yield server


def test_a_stream_is_measured_in_a_few_seconds(camera: RtspServer) -> None:
    begun_s = time.monotonic()
    report = probed(camera.url("one"))

    assert time.monotonic() - begun_s < 6
    assert (report.stream.codec, report.stream.width, report.stream.height) == ("h264", 640, 360)
    assert report.measured_fps == pytest.approx(FPS, rel=0.05)
    assert report.keyframe_interval_s == pytest.approx(1, abs=0.05)
    assert report.bit_rate_bps is not None
    assert report.bit_rate_bps > 1000
    assert 0 < report.open_s <= report.first_picture_s < 3


def test_a_stream_that_stalls_says_so(camera: RtspServer) -> None:
    camera.inject(Fault(FaultKind.STALL, at_s=0.5))

    with pytest.raises(SourceUnavailable, match="sent nothing"):
        probed(camera.url("one"))


def test_a_good_recording_needs_no_advice_but_a_lower_rate(record: Record) -> None:
    report = probed(record("good.mp4", size=(640, 360)).as_uri())

    assert report.advice == ("25 frames a second are more than is needed: 10 to 15 save network and memory.",)


@pytest.mark.parametrize(("seconds", "said"), [(9, "every 4 s"), (3, "every more than 3 s")])
def test_rare_keyframes_get_advice(seconds: int, said: str, record: Record) -> None:
    report = probed(record(f"rare-{seconds}.mp4", seconds=seconds, gop=4 * FPS).as_uri())

    assert any(said in text and "I-frame interval to 1 s" in text for text in report.advice)


def test_h265_large_and_small_pictures_get_advice(record: Record) -> None:
    h265 = probed(record("h265.mp4", codec="libx265").as_uri())
    large = probed(record("large.mp4", size=(2560, 1440), seconds=0.04).as_uri())

    assert any("H.264 substream" in text for text in h265.advice)
    assert any("192x108 is small" in text for text in h265.advice)
    assert any("2560x1440" in text and "substream" in text for text in large.advice)
