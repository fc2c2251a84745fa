"""Reading recordings, and what cannot be opened; real streams are in tests/system."""

import itertools
import socket
import struct
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from recordings import FPS, Record
from refusals import refused

from gtvision.adapters.decode import Decoder
from gtvision.adapters.rtsp import open_source
from gtvision.domain.camera import Source
from gtvision.domain.errors import SourceUnavailable
from gtvision.domain.stream import Packet, StreamInfo
from gtvision.settings import Streams

Read = Callable[[Path], tuple[list[Packet], StreamInfo]]
QUICK = Streams(open_timeout_s=1, read_timeout_s=1)


@pytest.mark.parametrize("name", ["plain.mp4", "plain.mkv", "plain.ts"])
def test_a_recording_gives_every_packet_with_its_time_from_the_start(
    name: str, record: Record, packets_of: Read
) -> None:
    packets, info = packets_of(record(name, b_frames=2))

    assert sorted(packet.time_s for packet in packets) == pytest.approx([index / FPS for index in range(75)], abs=2e-3)
    assert (info.codec, info.width, info.height) == ("h264", 192, 108)
    assert info.fps == pytest.approx(FPS)
    assert packets[0].is_keyframe


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_every_keyframe_can_be_decoded_without_anything_else(codec: str, record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record(f"alone-{codec}.mp4", codec=codec))
    keyframes = [packet for packet in packets if packet.is_keyframe]

    assert len(keyframes) == 3
    assert all(Decoder(info).keyframe(packet) for packet in keyframes)


def test_the_size_follows_the_stream_when_it_changes(record: Record, tmp_path: Path) -> None:
    joined = tmp_path / "joined.h264"
    small, large = record("small.h264", seconds=1), record("large.h264", seconds=1, size=(320, 180))
    joined.write_bytes(small.read_bytes() + large.read_bytes())

    source = open_source(Source(joined.as_uri()), QUICK, is_paced=False)
    widths = [source.info.width for _ in source.packets()]
    source.close()

    assert [width for width, _ in itertools.groupby(widths)] == [192, 320]
    assert len(widths) == 2 * FPS


def test_a_paced_recording_plays_at_its_own_speed_on_the_wall_clock(record: Record) -> None:
    source = open_source(Source(record("paced.mp4", seconds=0.6).as_uri()), QUICK)
    begun_s = time.time()
    late = [time.time() - packet.time_s for packet in source.packets()]

    assert time.time() - begun_s == pytest.approx(14 / FPS, abs=0.2)
    assert all(-0.01 < late_s < 0.2 for late_s in late)
    source.close()


def test_closing_ends_a_paced_recording_at_once(record: Record) -> None:
    source = open_source(Source(record("endless.mp4", seconds=8, gop=200).as_uri()), QUICK)
    threading.Timer(0.2, source.close).start()
    begun_s = time.monotonic()

    assert len(list(source.packets())) < 2 * FPS
    assert time.monotonic() - begun_s < 1


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("page.mp4", b"<html><body>not video</body></html>" * 50, "invalid"),
        ("noise.mp4", bytes(range(256)) * 64, "invalid"),
        ("empty.mp4", b"", "invalid"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n", "invalid"),
        (".", None, "invalid"),
        ("missing.mp4", None, "not_found"),
    ],
)
def test_a_file_that_is_not_video_says_so(name: str, content: bytes | None, reason: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(SourceUnavailable) as caught:
        open_source(Source((tmp_path / name).as_uri()), QUICK)

    assert caught.value.reason == reason


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "sound.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16_000))

    with pytest.raises(SourceUnavailable, match="no video") as caught:
        open_source(Source((tmp_path / "sound.wav").as_uri()), QUICK)
    assert caught.value.reason == "no_video"


def test_another_codec_says_what_to_set(record: Record) -> None:
    with pytest.raises(SourceUnavailable, match=r"sends mpeg4: set the camera to H\.264 or H\.265"):
        open_source(Source(record("old.mp4", codec="mpeg4").as_uri()), QUICK)


def test_a_port_that_nobody_listens_on_is_refused(free_port: int) -> None:
    error = refused(QUICK, f"rtsp://127.0.0.1:{free_port}/live")

    assert error.reason == "refused"
    assert "check address and port" in str(error)


def test_a_name_that_is_no_host_cannot_be_reached() -> None:
    assert refused(QUICK, "rtsp://camera.invalid/live").reason == "refused"


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def answer_html(client: socket.socket) -> None:
    client.recv(4096)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>hello</html>")


@pytest.mark.parametrize(
    ("behave", "reasons"), [(reset, {"ended", "invalid"}), (answer_html, {"invalid"})], ids=["reset", "html"]
)
def test_a_server_that_is_no_camera_is_told_apart(behave: Callable[[socket.socket], None], reasons: set[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                behave(client)

        thread = threading.Thread(target=serve)
        thread.start()
        error = refused(QUICK, f"rtsp://127.0.0.1:{server.getsockname()[1]}/live")
        thread.join(5)

    assert error.reason in reasons
