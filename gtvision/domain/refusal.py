"""Why a message from a queue is refused: words that are stored with dead letters and counted in metrics."""

from dataclasses import dataclass
from enum import StrEnum


class RefusalReason(StrEnum):
    """What is wrong with a message. The words are sent and stored: never rename one."""

    TOO_LARGE = "too_large"
    """More bytes, packed or unpacked, more values or deeper nesting than we read."""
    CONTENT_TYPE = "content_type_refused"
    """Neither JSON nor msgpack. Pickle and YAML can run code, and are never loaded."""
    CONTENT_ENCODING = "content_encoding"
    DECOMPRESS = "decompress"
    MALFORMED_BODY = "malformed_body"
    UNKNOWN_TYPE_MARKER = "unknown_type_marker"
    BAD_BASE64 = "bad_base64"
    NO_TASK = "no_task"
    NO_ID = "no_id"
    UNKNOWN_TASK = "unknown_task"
    BAD_ETA = "bad_eta"
    BAD_EXPIRES = "bad_expires"
    BAD_RETRIES = "bad_retries"
    ARITY = "arity"
    """Arguments that are missing, too many, unknown or given twice."""
    BAD_CAMERA_ID = "bad_camera_id"
    NOT_JPEG = "not_jpeg"
    BAD_ROI = "bad_roi"
    BAD_TRIGGERS = "bad_triggers"
    BAD_DET = "bad_det"
    CAMERA_REFUSED = "camera_refused"
    """The sender may not name that camera, it is unknown and none is made any more, or it has a stream of its own."""
    NO_PICTURE = "no_picture"
    """A plate is asked for without a picture, and none of that camera and time is kept."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that will never work.

    Attributes:
        reason: In a word.
        sentence: What is wrong, and what it should be.
    """

    reason: RefusalReason
    sentence: str
