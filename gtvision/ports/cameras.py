"""Which cameras there are, and what they do now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gtvision.domain.camera import Camera
from gtvision.domain.stream import StreamInfo
from gtvision.domain.trigger import Profile
from gtvision.pipeline.sample_log import LoggedSample


@dataclass(frozen=True, slots=True)
class StoredCamera:
    """A camera as the store holds it.

    Attributes:
        camera: Its settings; passwords are there only when asked for.
        version: One more at each change.
        updated_s: When it last changed, Unix seconds.
        secret_sources: Positions of the sources that have a stored password, asked for or not.
    """

    camera: Camera
    version: int
    updated_s: float
    secret_sources: frozenset[int] = frozenset()


class CameraStore(Protocol):
    """The cameras that should run. Raises `StoreUnavailable` when the database does not answer."""

    def cameras(self) -> list[StoredCamera]:
        """All of them by id, without passwords."""
        ...

    def camera(self, camera_id: str, *, with_secrets: bool = False) -> StoredCamera:
        """One of them. Raises `NotFound`."""
        ...

    def add_camera(self, camera: Camera) -> StoredCamera:
        """Stores a new camera. Raises `AlreadyExists`."""
        ...

    def set_camera(self, camera: Camera) -> StoredCamera:
        """Replaces a camera's settings; a source without password keeps the one stored for its url and user.

        Of a camera that is switched off the open events end: nobody may run who would close them. Raises `NotFound`.
        """
        ...

    def remove_camera(self, camera_id: str) -> None:
        """Removes a camera; its events stay, and those that were open end. Raises `NotFound`."""
        ...


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """What a running camera says of itself.

    Attributes:
        camera_id: Its slug.
        state: `starting`, `running`, `retrying` (no stream), or `stopped`.
        detail: What is wrong and what to do, empty when nothing is.
        node: The node it runs on.
        stream: What the stream says of itself, None before it was open.
        last_sample_s: When it was last looked at, Unix seconds; None before.
        mode: `idle` or `burst`.
        profile: Day or night there, None while neither its place nor a picture is known.
        samples: Samples since it started.
        passed: Those that the gate let pass.
        dropped: Those that passed but found no detector in time.
        reasons: Samples by the reason for which they passed or did not.
        reconnects: Times the stream was opened again.
        keyframe_interval_s: Seconds between keyframes as seen, None before two of them.
        open_events: Events that go on now.
        spool_waiting: Event records that could not be written to the spool yet.
    """

    camera_id: str
    state: str = "starting"
    detail: str = ""
    node: str = ""
    stream: StreamInfo | None = None
    last_sample_s: float | None = None
    mode: str = "idle"
    profile: Profile | None = None
    samples: int = 0
    passed: int = 0
    dropped: int = 0
    reconnects: int = 0
    keyframe_interval_s: float | None = None
    open_events: int = 0
    spool_waiting: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)


class LiveCameras(Protocol):
    """The cameras that run now, wherever they run."""

    def statuses(self) -> list[CameraStatus]:
        """One for each running camera, by id; bounded in time: a camera that does not answer says so in its state."""
        ...

    def snapshot(self, camera_id: str) -> bytes:
        """The newest picture as JPEG, within 2 s. Raises `NotFound`, or `SourceUnavailable` while there is none."""
        ...

    def samples(self, camera_id: str, after_s: float, limit: int) -> list[LoggedSample]:
        """The first samples after that time, of the last minutes, in order. Raises `NotFound` or `TryLater`."""
        ...
