"""What a running camera needs from the world, in one value."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.camera import Source
from gtvision.domain.stream import Packet, StreamInfo
from gtvision.ports import Detector, EventSink, Metrics, PacketSource, PictureDecoder, PlateDesk


@dataclass(frozen=True, slots=True)
class CameraPorts:
    """The ports of one camera.

    Attributes:
        open_source: Opens a stream; raises `SourceUnavailable`.
        decoder: Makes the decoder of a stream.
        detector: Finds road users in samples.
        sink: Where event records go.
        remux: An MP4 of packets, without decoding them.
        encode_jpeg: A JPEG of a BGR picture, shape `(h, w, 3)`, at a quality of 1 to 100.
        metrics: Where measurements go.
        plate_desk: Reads plates; None: nobody does.
        now: Unix seconds.
        is_done: Whether a message of that id has been dealt with, however long ago; raises `TryLater`. Only cameras
            whose frames are pushed ask.
    """

    open_source: Callable[[Source], PacketSource]
    decoder: Callable[[StreamInfo], PictureDecoder]
    detector: Detector
    sink: EventSink
    remux: Callable[[Sequence[Packet], StreamInfo], bytes]
    encode_jpeg: Callable[[NDArray[np.uint8], int], bytes]
    metrics: Metrics
    plate_desk: PlateDesk | None = None
    now: Callable[[], float] = time.time
    is_done: Callable[[str], bool] = lambda _: False
