"""Every metric of the product, declared once. Adapters export them; nobody else makes one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

MetricKind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: Prometheus name with its unit; `gtvision_` first, counters end in `_total`.
        kind: What it is.
        help: One sentence.
        labels: Label names; their values are bounded (a camera id, a word of a short list), never an address.
        buckets: Upper bounds of a histogram.
    """

    name: str
    kind: MetricKind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    def check(self, kind: MetricKind, labels: Iterable[str]) -> None:
        """Raises `ValueError` unless the metric is of that kind and has exactly these labels."""
        if kind != self.kind:
            raise ValueError(f"{self.name} is a {self.kind}, not a {kind}")
        if set(labels) != set(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, not {tuple(labels)}")


_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CAMERA = ("camera",)

SAMPLES = Metric("gtvision_samples_total", "counter", "Samples taken.", _CAMERA)
SAMPLES_PASSED = Metric("gtvision_samples_passed_total", "counter", "Samples that the motion gate let pass.", _CAMERA)
SAMPLES_DROPPED = Metric(
    "gtvision_samples_dropped_total",
    "counter",
    "Samples that passed but found no detector in time.",
    ("camera", "where"),
)
PLATE_SHOTS = Metric(
    "gtvision_plate_shots_total",
    "counter",
    "Pictures of vehicles chosen to be read for plates, by what came of it: read, nothing, unread or gone.",
    ("camera", "result"),
)
SAMPLES_CUT = Metric(
    "gtvision_samples_cut_total",
    "counter",
    "Samples that left a camera's log before ten minutes were over, because it was full.",
    _CAMERA,
)
STREAM_FAILURES = Metric(
    "gtvision_stream_failures_total", "counter", "Times a stream could not be opened or read.", ("camera", "reason")
)
CAMERA_UP = Metric("gtvision_camera_up", "gauge", "1 while the camera delivers pictures, else 0.", _CAMERA)
RING_BYTES = Metric("gtvision_packet_ring_bytes", "gauge", "Undecoded video held in memory.", _CAMERA)
EVENTS = Metric("gtvision_events_total", "counter", "Events opened.", ("camera", "type"))
VEHICLES_COUNTED = Metric(
    "gtvision_vehicles_counted_total", "counter", "Crossings that count triggers have counted.", _CAMERA
)
OUTBOX_RECORDS = Metric(
    "gtvision_outbox_records",
    "gauge",
    "Events, counts and plates in a camera's memory that the spool could not take yet.",
    _CAMERA,
)
EVENTS_LOST = Metric(
    "gtvision_events_lost_total",
    "counter",
    "Events, counts and plates given up because too many waited for the spool.",
    _CAMERA,
)
CAMERA_ERRORS = Metric("gtvision_camera_errors_total", "counter", "Unexpected errors in a camera actor.", _CAMERA)

DETECT_SECONDS = Metric(
    "gtvision_detect_seconds", "histogram", "Time from the dispatcher to the detections.", ("pool",), _SECONDS
)
DISPATCH_WAITING = Metric("gtvision_dispatch_waiting", "gauge", "Samples that wait for a detector on this node.")
DISPATCH_DROPPED = Metric(
    "gtvision_dispatch_dropped_total",
    "counter",
    "Samples that a newer one replaced or that waited too long.",
    ("reason",),
)
DISPATCH_RETRIES = Metric(
    "gtvision_dispatch_retries_total", "counter", "Samples sent to another replica or pool.", ("reason",)
)

PLATE_SECONDS = Metric(
    "gtvision_plate_seconds", "histogram", "Time from the dispatcher to the readings.", ("pool",), _SECONDS
)
PLATE_WAITING = Metric("gtvision_plate_waiting", "gauge", "Pictures that wait for a plate reader on this node.")
PLATE_DROPPED = Metric(
    "gtvision_plate_dropped_total",
    "counter",
    "Pictures for the plate reader that later ones replaced or that waited too long.",
    ("reason",),
)
PLATE_RETRIES = Metric("gtvision_plate_retries_total", "counter", "Pictures sent to another plate reader.", ("reason",))

SPOOL_RECORDS = Metric("gtvision_spool_records", "gauge", "Records on disk that the store has not confirmed.")
SPOOL_BYTES = Metric("gtvision_spool_bytes", "gauge", "Bytes of those records.")
SPOOL_REFUSED = Metric("gtvision_spool_refused_total", "counter", "Records that the spool had no room for.", _CAMERA)
EVENTS_STORED = Metric("gtvision_events_stored_total", "counter", "Event revisions that the store has confirmed.")
EVENTS_DROPPED = Metric(
    "gtvision_events_dropped_total",
    "counter",
    "Events of messages that another placement of the camera has dealt with as well.",
)
PLATES_STORED = Metric("gtvision_plates_stored_total", "counter", "Plate revisions that the store has confirmed.")
STORE_FAILURES = Metric("gtvision_store_failures_total", "counter", "Times the store did not answer.", ("store",))
SPOOL_DAMAGED = Metric("gtvision_spool_damaged_total", "counter", "Records set aside because they cannot be read.")
RECORDER_ERRORS = Metric("gtvision_recorder_errors_total", "counter", "Unexpected errors in a recorder.")

RETENTION_REMOVED = Metric(
    "gtvision_retention_removed_total", "counter", "What was kept long enough and is removed.", ("kind",)
)
RETENTION_OLDEST_S = Metric(
    "gtvision_retention_oldest_seconds", "gauge", "Age of the oldest that is kept, 0 when there is none.", ("kind",)
)
RETENTION_SWEPT_S = Metric(
    "gtvision_retention_swept_timestamp_seconds", "gauge", "When a sweep last found nothing left that was due."
)

_QUEUE = ("partner", "queue")
BRIDGE_MESSAGES = Metric(
    "gtvision_bridge_messages_total",
    "counter",
    "Messages acknowledged: processed, repeated, parked, retried, dropped or dead, and why.",
    (*_QUEUE, "outcome", "reason"),
)
BRIDGE_SECONDS = Metric(
    "gtvision_bridge_message_seconds",
    "histogram",
    "Time from a message's arrival to its acknowledgement.",
    _QUEUE,
    _SECONDS,
)
BRIDGE_IN_FLIGHT = Metric(
    "gtvision_bridge_in_flight", "gauge", "Messages that came and are not acknowledged yet.", _QUEUE
)
BRIDGE_OLDEST_S = Metric(
    "gtvision_bridge_oldest_seconds", "gauge", "Age of the oldest message in flight, 0 when there is none.", _QUEUE
)
BRIDGE_DEPTH = Metric("gtvision_bridge_queue_depth", "gauge", "Messages that wait in the broker's queue.", _QUEUE)
BROKER_UP = Metric(
    "gtvision_bridge_broker_up", "gauge", "1 while all connections of a partner work, else 0.", ("partner",)
)
BROKER_BREAKER = Metric(
    "gtvision_bridge_breaker_state",
    "gauge",
    "The breaker around a connection: 0 closed, 1 half-open, 2 open.",
    ("partner", "link"),
)
BRIDGE_FAILURES = Metric(
    "gtvision_bridge_broker_failures_total",
    "counter",
    "Times a connection to the broker was lost or could not be made.",
    ("partner", "link"),
)
BRIDGE_PLATES = Metric(
    "gtvision_bridge_plates_sent_total",
    "counter",
    "Vehicles put to a partner's queue of plates: sent, gone (no picture is kept) or refused.",
    ("partner", "outcome"),
)
BRIDGE_ERRORS = Metric("gtvision_bridge_errors_total", "counter", "Unexpected errors in a bridge.", ("partner",))

CAMERAS_WANTED = Metric("gtvision_cameras_wanted", "gauge", "Enabled cameras in the database.")
CAMERAS_PLACED = Metric("gtvision_cameras_placed", "gauge", "Cameras that have an actor.")
FLEET_ACTIONS = Metric("gtvision_fleet_actions_total", "counter", "What the fleet did.", ("action",))
FLEET_ERRORS = Metric("gtvision_fleet_errors_total", "counter", "Rounds of the fleet that failed.")

STREAM_SUBSCRIBERS = Metric("gtvision_event_stream_subscribers", "gauge", "Open event streams over HTTP.")
STREAMS_CUT = Metric(
    "gtvision_event_streams_cut_total", "counter", "Event streams ended because their reader was too slow."
)
HTTP_REFUSED = Metric(
    "gtvision_http_refused_total",
    "counter",
    "Requests refused at a bound: streams, tests, readings or body.",
    ("bound",),
)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
