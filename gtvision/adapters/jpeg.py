"""Pictures as JPEG, by OpenCV."""

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.errors import NotAPicture


def encode_jpeg(bgr: NDArray[np.uint8], quality: int) -> bytes:
    """The picture as JPEG.

    Args:
        bgr: Shape `(h, w, 3)`, uint8, BGR.
        quality: 1 to 100.

    Raises:
        NotAPicture: The array has no pixels or another shape.
    """
    try:
        is_written, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    except cv2.error as exc:
        raise NotAPicture(f"an array of shape {bgr.shape} cannot be written as JPEG") from exc
    if not is_written:
        raise NotAPicture(f"an array of shape {bgr.shape} cannot be written as JPEG")
    return encoded.tobytes()
