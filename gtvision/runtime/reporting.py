"""From new revisions of events to records with their pictures and clips, and counts along with them."""

from collections.abc import Iterable, Iterator
from math import inf
from threading import Lock

from gtvision.domain.count import CountRecord
from gtvision.domain.errors import BadInput
from gtvision.domain.event import Event, EventRecord
from gtvision.domain.geometry import Box
from gtvision.domain.metrics import EVENTS
from gtvision.domain.plate import PlateRecord
from gtvision.domain.receipt import MessageRecord, Receipt
from gtvision.ports import Picture
from gtvision.runtime.blurring import Blurring
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.clips import Clips
from gtvision.runtime.moments import Stretch, picture_at
from gtvision.runtime.outbox import Outbox
from gtvision.runtime.sampling import Taken
from gtvision.settings import Recording


class Reporter:
    """Sends event records on: each revision at once, with a snapshot when it has a better one, and later the clip.

    Who calls it holds `lock`, from before the core makes the events on, so that revisions stay in order.
    """

    def __init__(
        self, camera_id: str, ports: CameraPorts, recording: Recording, stretch: Stretch, blurring: Blurring
    ) -> None:
        """Args:
        camera_id: Whose events these are.
        ports: Where records go and what makes pictures of pixels.
        recording: Lengths of clips and quality of snapshots.
        stretch: The undecoded video from one time to another, and the stream it is of.
        blurring: Of snapshots.
        """
        self.lock = Lock()
        self.camera_id = camera_id
        self._ports = ports
        self._recording = recording
        self._stretch = stretch
        self._blurring = blurring
        self._clips = Clips(recording)
        self._outbox = Outbox(camera_id, ports.sink, ports.metrics)

    @property
    def waiting(self) -> int:
        """Records that are not in the spool yet."""
        return len(self._outbox)

    def report(self, events: Iterable[Event], taken: Taken | None = None) -> None:
        """Sends revisions on; `taken` is the sample that they came from, if any."""
        for record in self._records(events, taken):
            self._outbox.put(record)

    def report_message(self, receipt: Receipt, events: Iterable[Event], taken: Taken) -> None:
        """Sends what a message caused on together with its receipt; `taken` is the sample that it brought."""
        self._outbox.put(MessageRecord(receipt, tuple(self._records(events, taken))))

    def _records(self, events: Iterable[Event], taken: Taken | None) -> Iterator[EventRecord]:
        snapshots: dict[tuple[float, Box | None], bytes | None] = {}
        for event in events:
            shown = event.best_s, self._blurring.spared(event)
            if snapshots.get(shown) is None:  # one that nobody needs yet may be needed by the next event
                snapshots[shown] = self._snapshot(event, taken)
            if event.revision == 0:
                self._ports.metrics.add(EVENTS, camera=self.camera_id, type=event.trigger_type.value)
            self._clips.see(event)
            yield EventRecord(event, snapshot=snapshots[shown])

    def report_counts(self, records: Iterable[CountRecord]) -> None:
        """Sends new revisions of counts on."""
        for record in records:
            self._outbox.put(record)

    def report_plates(self, records: Iterable[PlateRecord]) -> None:
        """Sends new revisions of plates on."""
        for record in records:
            self._outbox.put(record)

    def retry(self) -> None:
        """Sends again what was refused."""
        self._outbox.retry()

    def _snapshot(self, event: Event, taken: Taken | None) -> bytes | None:
        """Its best picture, when that is this sample's, or when nobody has been told of the event yet."""
        if taken is not None and event.best_s == taken.time_s:
            picture: Picture | None = taken.picture
        else:
            is_new = event.revision == 0
            picture = picture_at(self._stretch, self._ports.decoder, event.best_s) if is_new else None
        bgr = None if picture is None else self._blurring.of(event, picture.bgr())
        return None if bgr is None else self._ports.encode_jpeg(bgr, self._recording.jpeg_quality)

    def advance(self, newest_s: float) -> None:
        """Cuts the clips whose video is there at that time of the stream, and sends again what was refused."""
        for event in self._clips.due(newest_s):
            clip = self._clip(*self._clips.stretch(event))
            if clip is not None:
                self._outbox.put(EventRecord(event, clip=clip))
        self.retry()

    def _clip(self, start_s: float, end_s: float) -> bytes | None:
        """What the ring still holds of it, None when that is nothing to play."""
        packets, info = self._stretch(start_s, end_s)
        if not packets or info is None:
            return None
        try:
            return self._ports.remux(packets, info)
        except BadInput:
            return None

    def cut_all(self) -> None:
        """Cuts the clips that still wait, as far as their video goes: the stream ends here."""
        self.advance(inf)
