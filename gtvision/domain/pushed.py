"""Frames that others push, instead of a stream that we open."""

from dataclasses import dataclass

from gtvision.domain.task import DetectVehicle


@dataclass(frozen=True, slots=True, eq=False)
class PushedFrame:
    """A frame on its way to the camera that it is of.

    Attributes:
        id: Of the message that brought it: the same however often it is delivered. What it causes is named after it.
        camera_id: The camera's slug, from `slug_of`.
        work: The picture, and what is asked about it.
        may_be_repeated: Whether it may have been dealt with before, however long ago. Others are only looked for among
            the newest.
    """

    id: str
    camera_id: str
    work: DetectVehicle
    may_be_repeated: bool = False


@dataclass(frozen=True, slots=True)
class PushedOutcome:
    """What came of a frame; all of it would survive a power cut.

    Attributes:
        event_ids: The events that it opened or changed.
        detections: How many road users were found in it.
        is_repeated: It was dealt with before, and caused nothing now.
    """

    event_ids: tuple[str, ...] = ()
    detections: int = 0
    is_repeated: bool = False
