"""Events: a trigger that fired for a track."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from gtvision.domain.geometry import Box
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.domain.trigger import TriggerType

_NAMESPACE = UUID("6f0c1d0e-7a1e-5d0b-9d38-0d6f9a4c2b11")
_OF_MESSAGES = UUID("c1f4e2b7-0f0e-5a49-8b52-6d1d3c9a7e40")


def event_id(camera_id: str, trigger_id: str, track: int, start_s: float) -> str:
    """The id of an event, made once at its source, so that a retry is never a second event.

    The same camera, trigger, track and start give the same id: a recording analysed twice has the same ids.
    """
    return str(uuid5(_NAMESPACE, f"{camera_id}|{trigger_id}|{track}|{start_s:.3f}"))


def message_event_id(camera_id: str, trigger_id: str, track: int, message_id: str) -> str:
    """The id of an event that the picture of a message made, whenever it came: a message has one time only by chance.

    The same message makes no second event of the same trigger and track.
    """
    return str(uuid5(_OF_MESSAGES, f"{camera_id}|{trigger_id}|{track}|{message_id}"))


@dataclass(frozen=True, slots=True)
class Hit:
    """What a `watchlist` event says beside the vehicle: which entry the plate matched.

    Attributes:
        watchlist_id: The list's slug.
        entry_id: The entry's id.
        entry_text: The plate, or the pattern, that the entry names.
        distance: Look-alike characters in which the plate differs from it; 0 for a pattern.
        reason: Why the entry is on the list.
        action: What its list asks for.
        is_withdrawn: The plate was read better since, and does not match any more.
    """

    watchlist_id: str
    entry_id: str
    entry_text: str
    distance: int = 0
    reason: str = ""
    action: str = ""
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One vehicle pass and one trigger: the newest state of it.

    Attributes:
        id: From `event_id` or `message_event_id`; never changes.
        camera_id: The camera's slug.
        trigger_id: The trigger's slug; `enter` for the implicit one of a camera without triggers.
        trigger_type: What kind of trigger fired.
        zone_id: The zone of the trigger, None for a line or the whole picture.
        line_id: The line of a `cross` trigger, else None.
        track: The vehicle's number, unique in its camera and epoch.
        kind: The kind agreed so far.
        score: The best score so far, in [0, 1].
        direction: For `cross`: which way.
        start_s: When the trigger fired, Unix seconds (in a recording: seconds from its start).
        end_s: When it ended; None while it is open.
        seen_s: When the vehicle was last detected.
        best_s: The time of the sample whose picture shows the vehicle best so far.
        best_box: The vehicle in that picture, corners 0-1.
        box: The vehicle when last seen, corners 0-1; a restarted camera takes the event up again by it.
        epoch: The placement of the camera that made it (see the fleet).
        revision: 0 when it opens, one more at each change; the store keeps the highest.
        plate: The agreed plate, None until there is one.
        speed_kmh: For `speed`: an estimate, not for fines.
        vehicles: For `queue`: the most that stood in it.
        length_m: For `queue` in a calibrated zone: the longest that it was, in metres.
        hit: For `watchlist`: what the plate matched.
        reads_plate: Whether its trigger has the plate of the vehicle read.
    """

    id: str
    camera_id: str
    trigger_id: str
    trigger_type: TriggerType
    zone_id: str | None
    line_id: str | None
    track: int
    kind: Kind
    score: float
    direction: Direction | None
    start_s: float
    end_s: float | None
    seen_s: float
    best_s: float
    best_box: Box
    box: Box
    epoch: int = 0
    revision: int = 0
    plate: str | None = None
    speed_kmh: float | None = None
    vehicles: int | None = None
    length_m: float | None = None
    hit: Hit | None = None
    reads_plate: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the event still goes on."""
        return self.end_s is None


@dataclass(frozen=True, slots=True, eq=False)
class EventRecord:
    """An event's newest state with the pictures that belong to it: what the spool keeps and the recorder stores.

    Attributes:
        event: The state.
        snapshot: A JPEG of the best picture, when this revision has a better one than before, else None.
        clip: An MP4 of the pass, when this revision completes it, else None.
    """

    event: Event
    snapshot: bytes | None = None
    clip: bytes | None = None

    @property
    def id(self) -> str:
        """The event's id."""
        return self.event.id

    @property
    def revision(self) -> int:
        """The event's revision."""
        return self.event.revision

    @property
    def size_bytes(self) -> int:
        """Of its pictures and its clip."""
        return len(self.snapshot or b"") + len(self.clip or b"")
