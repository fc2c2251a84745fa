from threading import Lock

import numpy as np

from gtvision.domain.camera import Camera, Source
from gtvision.domain.stream import Packet
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.ring import PacketRing
from gtvision.runtime.sampling import Looker, Taken
from gtvision.testing import FakeDecoder, fake_packet

FPS = 10


def stream(seconds: float, gop_s: float, car_from_s: float) -> list[Packet]:
    packets = []
    for n in range(round(seconds * FPS)):
        pixels = np.full((180, 320, 3), 100, np.uint8)
        if n / FPS >= car_from_s:
            pixels[80:110, 4 * (n % 60) : 4 * (n % 60) + 40] = 250
        packets.append(fake_packet(n / FPS, pixels, is_keyframe=n % round(gop_s * FPS) == 0))
    return packets


def looked_at(packets: list[Packet], ring: PacketRing) -> list[Taken]:
    looker = Looker(CameraCore(Camera("gate", (Source("rtsp://gate/a"),))), ring, FakeDecoder(), Lock())
    return [taken for packet in packets for taken in looker.step(packet)]


def test_a_group_of_pictures_too_large_for_the_ring_is_still_looked_at():
    samples = looked_at(stream(40, 10.0, car_from_s=15.5), PacketRing(10.0, max_bytes=20_000))
    times = [taken.time_s for taken in samples]
    assert times == sorted(set(times))
    assert max(np.diff(times)) <= 1.1
    assert any(taken.is_burst for taken in samples)


def test_the_picture_of_a_sample_may_be_converted_again_by_whoever_gets_it():
    sample = looked_at(stream(1, 1.0, car_from_s=99), PacketRing(10.0, max_bytes=10**6))[0]
    assert sample.picture.time_s == sample.time_s
    assert sample.picture.grey(320).shape == (180, 320)
    assert sample.picture.bgr().shape == (180, 320, 3)
