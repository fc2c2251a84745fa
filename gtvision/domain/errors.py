"""Every error of the product, ordered by what the caller can do about it.

    GtVisionError
    ├── TryLater                  the same call may work later
    │   ├── SourceUnavailable     a stream cannot be opened, stalled or ended
    │   ├── DetectorBusy          no detector replica could take or finish the sample
    │   ├── PlateReaderBusy       no plate reader could take or finish the picture
    │   ├── StoreUnavailable      the database or the media store does not answer
    │   ├── BrokerUnavailable     the message broker does not answer, or did not confirm
    │   │   └── QueueGone         a queue that was consumed is gone, perhaps with its messages
    │   └── SpoolFull             the node's spool has no room: the disk, or its bound
    ├── BadInput                  this input will never work: drop it, say so
    │   ├── NotAPicture           bytes that do not decode as an image
    │   └── MessageRefused        a queue's message that no attempt can make work
    ├── BadConfiguration          somebody must change a setting (exit code 2, HTTP 422)
    │   ├── BadWeights            weights that are missing, or not those of a detector
    │   └── AddressInUse          a port that another program holds
    ├── NotFound                  the thing named does not exist (HTTP 404)
    └── AlreadyExists             the id is taken (HTTP 409)

All arguments go to `super().__init__`, so that an error survives the pickling between actors. No message may hold a
secret: adapters redact foreign texts before they raise.
"""

from gtvision.domain.refusal import RefusalReason


class GtVisionError(Exception):
    """Base of all errors that the product raises on purpose."""


class TryLater(GtVisionError):
    """The same call may work later."""


class SourceUnavailable(TryLater):
    """A stream cannot be opened, stalled, or ended.

    Attributes:
        reason: One of the bounded words of `reasons`, fit for a metric label.
    """

    reasons = ("refused", "unauthorised", "not_found", "server_error", "timeout", "ended", "no_video", "invalid")

    def __init__(self, message: str, reason: str = "invalid") -> None:
        super().__init__(message, reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.args[0])


class DetectorBusy(TryLater):
    """No detector replica could take or finish the sample in time."""


class PlateReaderBusy(TryLater):
    """No plate reader could take or finish the picture in time, or there is none."""


class StoreUnavailable(TryLater):
    """The database or the media store does not answer."""


class BrokerUnavailable(TryLater):
    """The message broker does not answer, or did not confirm."""


class QueueGone(BrokerUnavailable):
    """A queue that was consumed was deleted, or its node is down: what it had delivered may be nowhere else now."""


class SpoolFull(TryLater):
    """The node's spool has no room left: the disk is full, or the spool reached its bound."""


class BadInput(GtVisionError):
    """This input will never work."""


class NotAPicture(BadInput):
    """The bytes do not decode as an image."""


class MessageRefused(BadInput):
    """A queue's message that no attempt can make work.

    Attributes:
        reason: What is wrong with it, in a word.
    """

    def __init__(self, message: str, reason: RefusalReason = RefusalReason.MALFORMED_BODY) -> None:
        super().__init__(message, reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.args[0])


class BadConfiguration(GtVisionError):
    """A setting must change; the message names it and says how.

    Attributes:
        field: Where the fault is, such as `zones[0].polygon`; empty when it is no single field.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message, field)
        self.field = field

    def __str__(self) -> str:
        return f"{self.field}: {self.args[0]}" if self.field else str(self.args[0])


class BadWeights(BadConfiguration):
    """Weights that are missing, or are not those of a detector."""


class AddressInUse(BadConfiguration):
    """A port that another program holds."""


class NotFound(GtVisionError):
    """The thing named does not exist."""


class AlreadyExists(GtVisionError):
    """The id is taken."""
