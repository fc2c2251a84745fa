import cv2
import numpy as np
import pytest
from recordings import picture

from gtvision.adapters.jpeg import encode_jpeg
from gtvision.domain.errors import NotAPicture


def test_a_picture_survives_and_a_lower_quality_is_smaller() -> None:
    bgr = picture((192, 108), 10)
    good, poor = encode_jpeg(bgr, 95), encode_jpeg(bgr, 40)

    assert np.abs(cv2.imdecode(np.frombuffer(good, np.uint8), 1).astype(int) - bgr).mean() < 2
    assert len(poor) < len(good)


def test_an_array_without_pixels_is_no_picture() -> None:
    with pytest.raises(NotAPicture, match=r"\(0, 0, 3\)"):
        encode_jpeg(np.empty((0, 0, 3), np.uint8), 90)
