"""Each fault of a simulated camera, as a client sees it."""

import time
from itertools import groupby, pairwise

import av
import numpy as np
import pytest
from raw_rtsp import RawClient
from simulated import FPS, open_stream, pictures, record

from gtvision.domain.errors import BadConfiguration
from gtvision.simulate import Fault, FaultKind, RtspServer, SimulatedCamera, SimulatorThread


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return record(tmp_path_factory.mktemp("clips") / "small.mp4", (160, 96), 2)


@pytest.fixture(scope="module")
def other_clip(tmp_path_factory):
    return record(tmp_path_factory.mktemp("clips") / "other.mp4", (224, 128), 1)


@pytest.fixture(scope="module")
def running(clip):
    with SimulatorThread(RtspServer([SimulatedCamera("cam1", clip), SimulatedCamera("cam2", clip)])) as server:
        yield server


@pytest.fixture
def server(running):
    yield running
    running.clear("*")


def test_a_stalled_camera_stays_open_and_comes_back_with_a_keyframe(server):
    with RawClient(server.url("cam1"), timeout_s=0.7) as client:
        client.play()
        server.inject(Fault(FaultKind.STALL, "cam1", for_s=2.0))
        client.until_silent()
        assert client.ask("GET_PARAMETER")[0] == 200
        client.socket.settimeout(4)
        packet = client.packet()
        while not packet.is_picture:
            packet = client.packet()
        assert packet.is_keyframe


def test_a_stall_ends_the_reading_of_a_media_library_and_troubles_no_other_camera(server):
    with open_stream(server.url("cam1"), read_s=0.5) as container, pytest.raises(av.error.ExitError):  # noqa: PT012
        for index, _ in enumerate(container.demux(video=0)):
            if index == 10:
                server.inject(Fault(FaultKind.STALL, "cam1"))
    open_stream(server.url("cam2")).close()


def test_a_close_cuts_the_connection_in_the_middle_of_a_picture_once(server):
    with RawClient(server.url("cam1")) as client:
        client.play()
        client.packet()
        server.inject(Fault(FaultKind.CLOSE, "cam1"))
        assert not client.until_closed()[-1].marker or client.unread
    with RawClient(server.url("cam1")) as client:
        client.play()
        assert client.for_seconds(1)


def test_a_lasting_close_cuts_new_connections_too(server):
    server.inject(Fault(FaultKind.CLOSE, "cam1", for_s=30))
    with RawClient(server.url("cam1")) as client:
        client.play()
        assert client.until_closed()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.UNAUTHORISED, av.error.HTTPUnauthorizedError),
        (FaultKind.NOT_FOUND, av.error.HTTPNotFoundError),
        (FaultKind.UNAVAILABLE, av.error.HTTPServerError),
        (FaultKind.REFUSE, av.error.FFmpegError),
        (FaultKind.MUTE, av.error.FFmpegError),
    ],
)
def test_a_camera_that_cannot_be_opened_fails_in_its_own_way_and_only_there(server, kind, error):
    server.inject(Fault(kind, "cam1"))
    with pytest.raises(error):
        av.open(server.url("cam1"), options={"rtsp_transport": "tcp"}, timeout=(1, 1))
    with RawClient(server.url("cam2")) as client:
        assert client.ask("DESCRIBE")[0] == 200
    server.clear("cam1")
    with RawClient(server.url("cam1")) as client:
        assert client.ask("DESCRIBE")[0] == 200


def test_a_mute_camera_accepts_and_says_nothing(server):
    server.inject(Fault(FaultKind.MUTE, "cam1"))
    with RawClient(server.url("cam1"), timeout_s=0.5) as client, pytest.raises(TimeoutError):
        client.ask("OPTIONS")


def test_a_refusing_camera_closes_without_an_answer(server):
    server.inject(Fault(FaultKind.REFUSE, "*"))
    with RawClient(server.url("cam1")) as client, pytest.raises(EOFError):
        client.ask("OPTIONS")


def test_a_frozen_camera_shows_one_picture_on_and_on_and_then_moves_again(server):
    changes, previous = [], None
    for frame in pictures(server.url("cam1"), 6):
        if len(changes) == FPS:
            server.inject(Fault(FaultKind.FROZEN, "cam1", for_s=2.5))
        picture = frame.to_ndarray(format="gray").astype(int)
        if previous is not None:
            changes.append(np.abs(picture - previous).mean())
        previous = picture
    runs = [(moves, len(list(run))) for moves, run in groupby(change > 1 for change in changes)]
    assert runs[0][0]
    assert runs[-1][0]
    assert max(length for moves, length in runs if not moves) > 0.8 * FPS
    assert sum(length for moves, length in runs if not moves) > 1.5 * FPS


def test_a_frozen_camera_shows_the_same_picture_to_whoever_comes_next(server):
    server.inject(Fault(FaultKind.FROZEN, "cam1"))
    for frame in pictures(server.url("cam1"), 1):
        last = frame
    again = next(pictures(server.url("cam1"), 1))
    assert np.abs(again.to_ndarray(format="gray").astype(int) - last.to_ndarray(format="gray")).mean() < 1


def test_garbage_stands_in_place_of_rtp_packets_and_no_picture_comes_of_it(server):
    server.inject(Fault(FaultKind.GARBAGE, "cam1"))
    with RawClient(server.url("cam1")) as client:
        client.play()
        assert len({client.packet().timestamp for _ in range(20)}) == 20
    with pytest.raises(av.error.FFmpegError):  # noqa: PT012
        for _ in pictures(server.url("cam1"), 2):
            pytest.fail("a picture was decoded")
        raise av.error.EOFError(0, "no picture in 2 s")


def _payloads(url, seconds):
    with RawClient(url) as client:
        client.play()
        return [packet.payload for packet in client.for_seconds(seconds)]


def test_corrupt_packets_arrive_in_their_share(server):
    whole = set(_payloads(server.url("cam1"), 2.5))
    server.inject(Fault(FaultKind.CORRUPT, "cam1", share=0.3))
    seen = _payloads(server.url("cam1"), 2)
    assert 0.15 < sum(payload not in whole for payload in seen) / len(seen) < 0.45


@pytest.mark.parametrize("jump_s", [100, -100])
def test_timestamps_jump_and_jump_back(server, jump_s):
    with RawClient(server.url("cam1")) as client:
        client.play()
        packets = client.for_seconds(0.2)
        server.inject(Fault(FaultKind.TIMESTAMP_JUMP, "cam1", jump_s=jump_s, for_s=0.6))
        packets += client.for_seconds(1)
    steps_s = [((b.timestamp - a.timestamp + 2**31) % 2**32 - 2**31) / 90_000 for a, b in pairwise(packets)]
    assert [round(step) for step in steps_s if abs(step) > 1] == [jump_s, -jump_s]


def test_a_resolution_change_shows_in_the_pictures_and_goes_back(server, other_clip):
    server.inject(Fault(FaultKind.RESOLUTION, "cam1", at_s=1, for_s=1.2, clip=other_clip))
    widths = [frame.width for frame in pictures(server.url("cam1"), 4)]
    assert [width for width, _ in groupby(widths)] == [160, 224, 160]


def test_a_resolution_change_to_what_cannot_be_sent_is_refused(server, tmp_path):
    text = tmp_path / "not_a_video.mp4"
    text.write_text("no")
    with pytest.raises(BadConfiguration, match="not a recording"):
        server.inject(Fault(FaultKind.RESOLUTION, "cam1", clip=text))


def _bytes_per_s(client, seconds):
    return sum(len(packet.payload) for packet in client.for_seconds(seconds)) / seconds


def test_a_slow_camera_sends_no_more_than_it_may(server):
    with RawClient(server.url("cam1")) as client:
        client.play()
        client.for_seconds(0.5)
        usual = _bytes_per_s(client, 1)
        server.inject(Fault(FaultKind.SLOW, "cam1", bytes_per_s=usual / 3))
        client.for_seconds(0.3)
        assert _bytes_per_s(client, 2) < usual * 0.6


def test_a_late_camera_holds_pictures_back_and_then_catches_up(server):
    with RawClient(server.url("cam1")) as client:
        client.play()
        client.for_seconds(0.5)
        began_s, timestamp = time.monotonic(), client.packet().timestamp
        server.inject(Fault(FaultKind.LATE, "cam1", delay_s=1.0, for_s=2.0))
        late_s = []
        while time.monotonic() < began_s + 2.6:
            media_s = (client.packet().timestamp - timestamp) % 2**32 / 90_000
            late_s.append(time.monotonic() - began_s - media_s)
    assert max(late_s) == pytest.approx(1.0, abs=0.4)
    assert late_s[-1] < 0.3


def test_a_script_counts_from_the_servers_start(clip):
    script = [Fault(FaultKind.UNAVAILABLE, "cam1", at_s=0.6, for_s=60)]
    with SimulatorThread(RtspServer([SimulatedCamera("cam1", clip)], faults=script)) as server:
        began_s, seen = time.monotonic(), []
        while not seen or (seen[-1] == 200 and time.monotonic() < began_s + 5):
            with RawClient(server.url("cam1")) as client:
                seen.append(client.ask("DESCRIBE")[0])
        assert 0.3 < time.monotonic() - began_s < 2
    assert (seen[0], seen[-1]) == (200, 503)
