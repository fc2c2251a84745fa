"""Pictures of a drawn street with one car in it, as partners' frame extractors send them."""

from functools import cache

from gtvision.adapters.jpeg import encode_jpeg
from gtvision.traffic import Traffic
from gtvision.traffic.scenes import quiet_street
from gtvision.traffic.traffic import Recording

SIZE = (640, 360)
_ARRIVED_S = 14.0  # by then it stands where the camera sees it whole


@cache
def one_car(seed: int = 1, size: tuple[int, int] = SIZE, quality: int = 90) -> bytes:
    """A JPEG that shows one car, whole and near, and nobody else."""
    street = Traffic(quiet_street(10 * _ARRIVED_S), Recording(seed, size=size, fps=1))
    *_, last = street.moments(_ARRIVED_S)
    picture, truth = last.draw()
    assert [seen.visible_share for seen in truth.seen] == [1.0], truth
    return encode_jpeg(picture, quality)
