"""The sections of the settings; `configs/local.yaml` explains each key."""

import ipaddress
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from gtvision.domain.privacy import Blurred
from gtvision.domain.retention import Keepable


class Strict(BaseModel):
    """Values that never change, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Http(Strict):
    """Where the page and the API listen."""

    host: str = Field("127.0.0.1", description="Address to listen on; anything but loopback needs a key.")
    port: int = Field(8000, ge=1, le=65535, description="Port of the page and the API.")
    key: SecretStr | None = Field(None, min_length=16, description="Key that callers send; at least 16 characters.")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @model_validator(mode="after")
    def _closed_by_default(self) -> "Http":
        if not self.is_loopback and self.key is None:
            raise ValueError(f"listening on {self.host} needs a key: set http.key to at least 16 characters")
        return self


class Database(Strict):
    """Where cameras and events are stored."""

    url: SecretStr | None = Field(
        None, description="SQLAlchemy address; none: SQLite in data_dir. postgresql+psycopg://user:password@host/name"
    )


class Media(Strict):
    """Where snapshots and clips are stored."""

    url: str | None = Field(
        None, description="A folder, or an fsspec address such as s3://bucket/path; none: in data_dir."
    )


class Replicas(Strict):
    """Bounds of one pool of replicas."""

    min: int = Field(1, ge=0, le=64, description="Replicas that always run.")
    max: int = Field(1, ge=0, le=64, description="Replicas at most; 0 switches the pool off.")

    @model_validator(mode="after")
    def _ordered(self) -> "Replicas":
        if self.min > self.max:
            raise ValueError("min is above max")
        return self


class DetectorSettings(Strict):
    """The detector: which weights, how many replicas."""

    weights: str | None = Field(
        None,
        description="Path of weights that Ultralytics can load (.pt, .onnx, an OpenVINO folder, .engine), or the name "
        "of some that it can download; none: the first that are found.",
    )
    min_score: float = Field(0.25, ge=0.01, le=0.99, description="Detections below it are not reported.")
    batch_size: int = Field(8, ge=1, le=64, description="Samples in one batch at most.")
    batch_wait_s: float = Field(0.01, ge=0, le=1, description="How long a batch waits to fill.")
    queue: int = Field(64, ge=1, le=10_000, description="Samples that wait for a detector on a node at most.")
    timeout_s: float = Field(5.0, ge=0.5, le=60, description="A sample that waited longer is dropped.")
    cpu: Replicas = Field(Replicas(min=1, max=1), description="Replicas on CPUs.")
    gpu: Replicas = Field(Replicas(min=0, max=0), description="Replicas on GPUs, one GPU share each.")
    gpu_share: float = Field(1.0, gt=0, le=1, description="Share of a GPU that one replica takes.")
    cpu_threads: int = Field(2, ge=1, le=64, description="CPU cores that one CPU replica computes on.")


class PlateSettings(Strict):
    """The plate reader: which engine, how many replicas."""

    engine: str = Field(
        "rapidocr",
        pattern=r"^(rapidocr|[A-Za-z_][\w.]*:[A-Za-z_]\w*)$",
        description="What reads: rapidocr, or module:function of a factory that takes threads and gives a PlateReader.",
    )
    replicas: Replicas = Field(Replicas(min=1, max=1), description="Replicas on CPUs; max 0: no plate is read.")
    batch_size: int = Field(4, ge=1, le=64, description="Pictures in one batch at most.")
    cpu_threads: int = Field(2, ge=1, le=64, description="CPU cores that one replica computes on.")
    queue: int = Field(64, ge=1, le=10_000, description="Pictures that wait for a reader on a node at most.")
    timeout_s: float = Field(10.0, ge=0.5, le=60, description="A picture that waited longer is dropped.")


class Recording(Strict):
    """What is kept of an event, and the spool it goes through."""

    pre_roll_s: float = Field(3.0, ge=0, le=30, description="Seconds of video before the event.")
    post_roll_s: float = Field(2.0, ge=0, le=30, description="Seconds of video after it.")
    max_clip_s: float = Field(20.0, ge=1, le=120, description="Longest clip; a longer event keeps its beginning.")
    ring_mb: int = Field(24, ge=1, le=1024, description="Undecoded video in memory a camera at most.")
    spool_mb: int = Field(1024, ge=1, le=1_000_000, description="Disk space of a node's spool at most.")
    jpeg_quality: int = Field(88, ge=40, le=100, description="Quality of snapshots.")


class Streams(Strict):
    """How streams are opened and read."""

    open_timeout_s: float = Field(10.0, ge=0.5, le=60, description="Longest wait for a stream to open.")
    read_timeout_s: float = Field(5.0, ge=0.5, le=60, description="A stream silent for that long has stalled.")
    retry_min_s: float = Field(1.0, ge=0.1, le=60, description="First wait before a stream is opened again.")
    retry_max_s: float = Field(30.0, ge=0.1, le=600, description="Longest wait; it doubles each time up to this.")


class Retention(Strict):
    """How many days each kind of data is kept after its end; none: for ever."""

    clips_days: int | None = Field(30, ge=1, le=36_500, description="Clips of events.")
    snapshots_days: int | None = Field(90, ge=1, le=36_500, description="Pictures of events.")
    plates_days: int | None = Field(90, ge=1, le=36_500, description="Plates, and what events say of them.")
    events_days: int | None = Field(365, ge=1, le=36_500, description="Events, with whatever media they still have.")
    counts_days: int | None = Field(None, ge=1, le=36_500, description="Counts; they are of nobody in particular.")
    disclosures_days: int | None = Field(1825, ge=1, le=36_500, description="Records of who was shown plates.")
    receipts_days: int | None = Field(
        31, ge=1, le=36_500, description="Which messages from queues have been dealt with."
    )

    def days(self, kind: Keepable) -> int | None:
        """How long that kind is kept; None for ever."""
        days: int | None = getattr(self, f"{kind.value}_days")
        return days


class Privacy(Strict):
    """How personal data are guarded (LGPD)."""

    blur: tuple[Blurred, ...] = Field((), description="What is made unrecognisable in stored snapshots, for good.")
    require_reason: bool = Field(False, description="Refuse a search for plates that does not say why.")


class RaySettings(Strict):
    """The cluster."""

    address: str | None = Field(None, description="Head of a running cluster, host:port; none: start one here.")
    dashboard_port: int = Field(8265, ge=1, le=65535, description="Port of the Ray dashboard when started here.")
    object_store_mb: int = Field(256, ge=80, le=1_000_000, description="Shared memory for Ray when started here.")


class Log(Strict):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is written.")
    format: Literal["console", "json"] = Field("console", description="For people, or a JSON object a line.")
