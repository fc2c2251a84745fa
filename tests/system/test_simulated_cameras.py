"""Simulated cameras as clients see them: independent ones, and one that speaks RTSP by hand."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import av
import pytest
from raw_rtsp import RawClient
from simulated import FPS, pictures, record

from gtvision.domain.errors import AddressInUse, BadConfiguration, NotFound
from gtvision.simulate import Fault, FaultKind, RtspServer, SimulatedCamera, SimulatorThread

PASSWORD = "s3cret:pass"


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return record(tmp_path_factory.mktemp("clips") / "small.mp4", (160, 96), 2)


@pytest.fixture(scope="module")
def server(clip):
    cameras = [
        SimulatedCamera("cam1", clip),
        SimulatedCamera("cam2", clip, offset_s=0.7),
        SimulatedCamera("locked", clip, "ana", PASSWORD),
    ]
    with SimulatorThread(RtspServer(cameras, control_port=0)) as server:
        yield server


def _run(program, *arguments):
    if shutil.which(program) is None:
        missing = f"{program} is missing; install ffmpeg"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=30, check=False)


def _ffprobe(url, *options):
    return _run("ffprobe", "-v", "error", *options, "-show_entries", "stream=codec_name,width", "-of", "csv=p=0", url)


def _with_login(url, password):
    return url.replace("rtsp://", f"rtsp://ana:{password.replace(':', '%3A')}@")


def test_ffprobe_reads_a_camera_over_tcp(server):
    seen = _ffprobe(server.url("cam1"), "-rtsp_transport", "tcp")
    assert (seen.stdout.strip(), seen.stderr) == ("h264,160", "")


def test_ffprobe_falls_back_to_tcp_when_it_would_rather_have_udp(server):
    assert _ffprobe(server.url("cam1")).stdout.strip() == "h264,160"


def test_ffprobe_logs_in_with_digest_and_is_refused_with_a_wrong_password(server):
    url = server.url("locked")
    assert _ffprobe(_with_login(url, PASSWORD), "-rtsp_transport", "tcp").stdout.strip() == "h264,160"
    refused = _ffprobe(_with_login(url, "wrong"), "-rtsp_transport", "tcp")
    assert refused.returncode != 0
    assert "401" in refused.stderr


def test_ffmpeg_decodes_over_the_clips_end_without_a_complaint(server):
    options = ("-v", "warning", "-rtsp_transport", "tcp", "-i", server.url("cam2"), "-t", "5", "-f", "null", "-")
    seen = _run("ffmpeg", *options)
    assert (seen.returncode, seen.stderr) == (0, "")


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("libx265", {"x265-params": "bframes=0:log-level=none"}),
        ("libx264", {"bf": "2", "b-adapt": "0"}),
    ],
)
def test_h265_and_b_frames_arrive_whole_and_in_order(tmp_path, codec, options):
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container, av.open(str(record(tmp_path / "a.mp4", (160, 96), 2))) as source:
        stream = container.add_stream(codec, rate=FPS, options=options)
        stream.width, stream.height, stream.codec_context.gop_size = 160, 96, FPS
        for frame in source.decode(video=0):
            frame.pict_type = av.video.frame.PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with SimulatorThread(RtspServer([SimulatedCamera("cam1", path)])) as server:
        times = [frame.time for frame in pictures(server.url("cam1"), 3.5) if frame.time is not None]
    assert len(times) > 2.5 * FPS
    assert [round((b - a) * FPS) for a, b in pairwise(times)] == [1] * (len(times) - 1)


def test_a_camera_describes_itself(server):
    with RawClient(server.url("cam1")) as client:
        status, head, body = client.ask("DESCRIBE", Accept="application/sdp")
    assert status == 200
    assert head["content-base"] == server.url("cam1") + "/"
    assert "a=rtpmap:96 H264/90000" in body
    assert "packetization-mode=1;profile-level-id=64" in body
    assert ";sprop-parameter-sets=Z2" in body


def test_packets_begin_as_announced_with_a_keyframe_and_run_steadily_over_the_clips_end(server):
    with RawClient(server.url("cam1")) as client:
        info = client.play()["rtp-info"]
        packets = client.for_seconds(2.5)
    announced = dict(part.split("=", 1) for part in info.split(";"))
    assert (int(announced["seq"]), int(announced["rtptime"])) == (packets[0].seq, packets[0].timestamp)
    assert next(packet for packet in packets if packet.is_picture).is_keyframe
    assert all((b.seq - a.seq) % 65_536 == 1 for a, b in pairwise(packets))
    steps = {(b.timestamp - a.timestamp) % 2**32 for a, b in pairwise(packets)} - {0}
    assert all(abs(step - 90_000 / FPS) <= 1 for step in steps)


def test_a_sender_report_comes_with_the_first_pictures(server):
    with RawClient(server.url("cam1")) as client:
        client.play()
        seen = [client.interleaved() for _ in range(80)]
    reports = [content for channel, content in seen if channel == 1]
    assert reports[0][1] == 200
    assert int.from_bytes(reports[0][8:12], "big") - 2_208_988_800 == pytest.approx(time.time(), abs=5)


def test_a_paused_camera_is_silent_but_answers_and_plays_on(server):
    with RawClient(server.url("cam1"), timeout_s=0.5) as client:
        client.play()
        assert client.ask("PAUSE")[0] == 200
        assert client.ask("GET_PARAMETER")[0] == 200
        assert client.until_silent() == []
        assert client.ask("PLAY")[0] == 200
        assert client.packet()
        assert client.ask("TEARDOWN")[0] == 200
        assert client.until_closed() == []


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("OPTIONS", {}, 200),
        ("SET_PARAMETER", {}, 200),
        ("RECORD", {}, 405),
        ("PLAY", {}, 455),
        ("SETUP", {"Transport": "RTP/AVP;unicast;client_port=5000-5001"}, 461),
        ("DESCRIBE", {"Require": "funny"}, 551),
    ],
)
def test_requests_out_of_the_ordinary_get_the_status_that_says_why(server, method, headers, status):
    with RawClient(server.url("cam1")) as client:
        assert client.ask(method, **headers)[0] == status


def test_playing_in_another_session_is_refused(server):
    with RawClient(server.url("cam1")) as client:
        client.ask("SETUP", "/trackID=0", Transport="RTP/AVP/TCP;interleaved=0-1")
        client.session = "somebody-elses"
        assert client.ask("PLAY")[0] == 454


def test_an_unknown_camera_is_not_found(server):
    with RawClient(server.url("cam1") + "0") as client:
        assert client.ask("DESCRIBE")[0] == 404
    with pytest.raises(NotFound):
        server.url("cam10")


def test_a_client_that_speaks_something_else_is_cut(server):
    with RawClient(server.url("cam1")) as client:
        client.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.socket.recv(100).startswith(b"RTSP/1.0 400")
        assert client.socket.recv(100) == b""


def test_a_client_that_reads_too_slowly_misses_pictures_and_goes_on_with_a_keyframe(tmp_path):
    heavy = record(tmp_path / "heavy.mp4", (640, 360), 1, fps=60, grain=255)
    with (
        SimulatorThread(RtspServer([SimulatedCamera("cam1", heavy)])) as server,
        RawClient(server.url("cam1"), receive_bytes=4096) as client,
    ):
        client.play()
        time.sleep(3)  # more video than the server may hold for it
        packets = client.for_seconds(2)
    after_gaps = [b for a, b in pairwise(packets) if (b.seq - a.seq) % 65_536 != 1]
    assert after_gaps
    assert all(packet.payload[0] & 0x1F == 7 for packet in after_gaps)


def test_a_hundred_cameras_cost_a_fraction_of_a_core(clip):
    program = (
        "from pathlib import Path; from gtvision.simulate import SimulatedCamera, serve; import sys;"
        "serve([SimulatedCamera(f'cam{i}', Path(sys.argv[1]), offset_s=i / 7) for i in range(100)], host='127.0.0.1',"
        " port=0, faults=(), control_port=None, on_ready=lambda server: print(server.port, flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(clip)], stdout=subprocess.PIPE, text=True) as process:
        port = int(process.stdout.readline())
        received, share = asyncio.run(_read_all(process.pid, port))
        process.terminate()
        assert process.wait(10) == 0
    assert min(received) > clip.stat().st_size  # 3 s of a clip of 2 s
    assert share < 0.4


async def _read_all(pid, port):
    """Bytes that each of a hundred clients got in 3 s, and the share of a core that the server took."""
    readers = await asyncio.gather(*(_playing(port, f"cam{index}") for index in range(100)))
    began_s, used_s = time.monotonic(), _cpu_s(pid)
    received = await asyncio.gather(*(_count(reader, began_s + 3) for reader, _ in readers))
    share = (_cpu_s(pid) - used_s) / (time.monotonic() - began_s)
    for _, writer in readers:
        writer.close()
        await writer.wait_closed()
    return received, share


async def _playing(port, name):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    url, session = f"rtsp://127.0.0.1:{port}/{name}", ""
    for method, header in (("SETUP", "Transport: RTP/AVP/TCP;interleaved=0-1"), ("PLAY", "Session: {}")):
        writer.write(f"{method} {url} RTSP/1.0\r\nCSeq: 1\r\n{header.format(session)}\r\n\r\n".encode())
        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
        session = answer.partition("Session: ")[2].partition(";")[0].strip()
    return reader, writer


async def _count(reader, until_s):
    count = 0
    while (left_s := until_s - time.monotonic()) > 0:
        try:
            count += len(await asyncio.wait_for(reader.read(65_536), left_s))
        except TimeoutError:
            break
    return count


def _cpu_s(pid):
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _control(server, *lines):
    address = ("127.0.0.1", server.control_port)
    with socket.create_connection(address, 3) as connection, connection.makefile("rw") as stream:
        stream.write("".join(line + "\n" for line in lines))
        stream.flush()
        return [json.loads(stream.readline()) for _ in lines]


def test_the_control_port_puts_faults_on_and_takes_them_off(server):
    for line, status in (('{"inject": {"kind": "not_found", "camera": "cam1"}}', 404), ('{"clear": "cam1"}', 200)):
        assert _control(server, line) == [{"ok": True}]
        with RawClient(server.url("cam1")) as client:
            assert client.ask("DESCRIBE")[0] == status


def test_the_control_port_says_what_is_wrong_and_goes_on(server):
    answers = _control(
        server,
        "nonsense",
        "[]",
        '{"inject": {"kind": "stall", "for_s": -1}}',
        '{"inject": {"kind": "stall", "camera": "cam9"}}',
        '{"clear": "cam9"}',
        '{"clear": "*"}',
    )
    assert [answer["ok"] for answer in answers] == [False] * 5 + [True]
    assert answers[2]["error"].startswith("for_s: -1 is out of bounds")
    assert "no simulated camera 'cam9'" in answers[3]["error"]


def test_a_port_in_use_is_named(server, clip):
    cameras = [SimulatedCamera("cam1", clip)]
    with pytest.raises(AddressInUse, match=f"port: .*{server.port}"):
        SimulatorThread(RtspServer(cameras, port=server.port)).__enter__()
    with pytest.raises(AddressInUse, match="control_port"):
        SimulatorThread(RtspServer(cameras, control_port=server.control_port)).__enter__()


@pytest.mark.parametrize(
    ("names", "faults", "field"),
    [
        (["cam1", "cam1"], [], "cameras"),
        (["cam1"], [Fault(FaultKind.STALL, "cam2")], "faults[0].camera"),
    ],
)
def test_a_server_that_makes_no_sense_is_refused(clip, names, faults, field):
    with pytest.raises(BadConfiguration) as refused:
        RtspServer([SimulatedCamera(name, clip) for name in names], faults=faults)
    assert refused.value.field == field
