import numpy as np
from recordings import picture

from gtvision.adapters.jpeg import encode_jpeg
from gtvision.adapters.jpeg_frames import JpegDecoder
from gtvision.domain.stream import Packet

BGR = picture((192, 108), 10)


def packet(jpeg: bytes) -> Packet:
    return Packet(5.0, None, True, len(jpeg), jpeg)


def test_each_frame_is_a_picture_of_its_own_with_its_time() -> None:
    decoder = JpegDecoder()
    (decoded,) = decoder.feed(packet(encode_jpeg(BGR, 95)))
    assert decoded.time_s == 5.0
    assert np.abs(decoded.bgr().astype(int) - BGR).mean() < 2


def test_pictures_are_scaled_down_and_never_up() -> None:
    decoded = JpegDecoder().keyframe(packet(encode_jpeg(BGR, 95)))
    assert decoded is not None
    assert (decoded.bgr(64).shape, decoded.bgr(640).shape) == ((36, 64, 3), (108, 192, 3))
    assert (decoded.grey(64).shape, decoded.grey(640).shape) == ((36, 64), (108, 192))


def test_a_damaged_frame_is_none_and_the_next_one_comes_out() -> None:
    whole = encode_jpeg(BGR, 95)
    decoder = JpegDecoder()
    assert decoder.feed(packet(whole[:-300])) == ()
    decoder.restart()
    assert len(decoder.feed(packet(whole))) == 1
