"""Where the pictures come from in which plates are read: the camera's large stream, else the analysed one."""

from threading import Thread

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.camera import Camera, Source
from gtvision.domain.stream import StreamInfo
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.detail import DetailStream
from gtvision.runtime.moments import Stretch, picture_at
from gtvision.settings import Settings


class PlatePictures:
    """Pictures of moments, as large as the camera gives them; the large stream is read in a thread of its own."""

    def __init__(self, camera: Camera, ports: CameraPorts, settings: Settings, stretch: Stretch) -> None:
        """Args:
        camera: Whose pictures these are.
        ports: What opens and decodes streams; without a plate reader no large stream is opened.
        settings: `streams` and `recording` matter here.
        stretch: The undecoded video of the analysed stream.
        """
        self._camera_id = camera.id
        self._ports = ports
        self._settings = settings
        self._stretch = stretch
        self._source: Source | None = None
        self._detail: DetailStream | None = None
        self._is_over = False
        self.apply(camera)

    @property
    def reads_samples(self) -> bool:
        """Whether the pictures are those of the analysed stream."""
        return self._detail is None

    def apply(self, camera: Camera) -> None:
        """Changed settings: another large stream is opened, or none."""
        source = None if self._ports.plate_desk is None else camera.detail
        if self._is_over or source == self._source:
            return
        self._close()
        self._source = source
        if source is not None:
            max_bytes = self._settings.recording.ring_mb * 2**20
            self._detail = DetailStream(self._camera_id, self._ports, self._settings.streams, max_bytes)
            Thread(target=self._detail.run, args=(source,), name=f"{self._camera_id}-detail", daemon=True).start()

    def width_px(self, analysed: StreamInfo | None) -> int:
        """How wide the pictures are just now, 0 when nobody reads plates."""
        if self._ports.plate_desk is None or analysed is None:
            return 0
        detail = self._detail  # another thread may take it away
        return max(analysed.width, 0 if detail is None else detail.width_px)

    def whole(self, time_s: float) -> NDArray[np.uint8] | None:
        """The picture of that moment, shape `(h, w, 3)`, BGR; None when nobody has it any more."""
        detail = self._detail
        picture = None if detail is None else detail.picture(time_s)
        if picture is None:
            picture = picture_at(self._stretch, self._ports.decoder, time_s)
        return None if picture is None else picture.bgr()

    def stop(self) -> None:
        """Closes the large stream for good."""
        self._is_over = True
        self._close()

    def _close(self) -> None:
        if self._detail is not None:
            self._detail.stop()
        self._source, self._detail = None, None
