"""Settings of the bridge to other systems' queues."""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gtvision.settings.sections import Strict

_QUEUE = r"^[A-Za-z0-9_.:-]{1,200}$"


class Partner(Strict):
    """A system whose queues are bridged: its own virtual host, login and cameras."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="What it is called in metrics, logs and commands."
    )
    vhost: str = Field("/", min_length=1, max_length=127, description="Its virtual host.")
    user: str = Field(min_length=1, max_length=127, description="Who logs in; never guest.")
    password_file: Path = Field(description="File with the password, readable by nobody else.")
    cameras: Annotated[tuple[str, ...], Field(min_length=1, max_length=256)] = Field(
        description="Camera ids that it may name, as it writes them; * stands for any text."
    )
    creates_cameras: bool = Field(True, description="Whether a camera that it may name and nobody knows is made.")
    most_cameras: int = Field(64, ge=1, le=10_000, description="None is made once there are so many that it may name.")
    frames: str | None = Field("detection", pattern=_QUEUE, description="Queue of detect_vehicle; none: not consumed.")
    plates: str = Field("ocr", pattern=_QUEUE, description="Queue of process_plate.")
    sends_plates: bool = Field(False, description="Whether vehicles that a trigger has read are put to that queue.")
    reads_plates: bool = Field(False, description="Whether that queue is consumed.")
    replies: bool = Field(False, description="Whether results go to the queue that a task names in reply_to.")

    @property
    def consumed(self) -> tuple[str, ...]:
        """Its queues that we take messages from, and have others of ours beside; that of its frames first."""
        plates = (self.plates,) if self.reads_plates else ()
        return plates if self.frames is None else (self.frames, *plates)

    def may_name(self, camera: str) -> bool:
        """Whether it may push frames of that camera, called as the partner writes it."""
        return any(fnmatchcase(camera, pattern) for pattern in self.cameras)

    @model_validator(mode="after")
    def _is_somebody(self) -> "Partner":
        if self.user == "guest":
            raise ValueError("guest is everybody; make a user of its own: rabbitmqctl add_user")
        if self.frames == self.plates and self.reads_plates:
            raise ValueError("frames and plates are the same queue")
        return self


class Bridge(Strict):
    """The bridge to other systems' queues on RabbitMQ."""

    hosts: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+(:[0-9]{1,5})?$")], ...] = Field(
        (), description="Brokers of one cluster, host or host:port, tried in order; none: no bridge."
    )
    tls: bool = Field(False, description="Whether connections are encrypted.")
    ca_file: Path | None = Field(None, description="Certificates to trust; none: those of the system.")
    partners: tuple[Partner, ...] = Field((), description="Who is bridged.")
    copies: int = Field(1, ge=1, le=64, description="Bridges that run; they compete for messages.")
    slots: int = Field(8, ge=1, le=1000, description="Messages of a queue in work at a bridge at most.")
    queue_type: Literal["classic", "quorum"] = Field("classic", description="Of queues that are missing and made.")
    max_body_mb: int = Field(16, ge=1, le=128, description="Largest message.")
    dead_letter_days: int | None = Field(30, ge=1, le=3650, description="How long dead letters stay; none: for ever.")
    failures: int = Field(5, ge=1, le=1000, description="Failures in a row after which the broker is left alone.")
    rest_s: float = Field(60.0, ge=1, le=3600, description="For how long it is left alone.")

    @property
    def max_body_bytes(self) -> int:
        """Of the largest message."""
        return self.max_body_mb * 2**20

    @property
    def plate_partners(self) -> tuple[str, ...]:
        """The names of those that are sent vehicles."""
        return tuple(partner.name for partner in self.partners if partner.sends_plates)

    @model_validator(mode="after")
    def _works_together(self) -> "Bridge":
        if bool(self.hosts) != bool(self.partners):
            raise ValueError("hosts and partners go together: name both, or neither")
        names = [partner.name for partner in self.partners]
        if len(set(names)) < len(names):
            raise ValueError("two partners have the same name")
        return self
