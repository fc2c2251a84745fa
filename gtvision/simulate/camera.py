"""A simulated camera, as the caller asks for it and as the server runs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gtvision.domain.errors import BadConfiguration
from gtvision.domain.slug import check_slug
from gtvision.simulate.board import FaultBoard, Window
from gtvision.simulate.faults import FaultKind
from gtvision.simulate.library import ClipLibrary
from gtvision.simulate.programme import Programme


@dataclass(frozen=True, slots=True)
class SimulatedCamera:
    """A camera to simulate.

    Attributes:
        name: Slug; the last part of its address.
        clip: The recording that it sends on and on.
        user: Who logs in, None when nobody has to.
        password: Goes with `user`.
        offset_s: Where in the clip it begins, so that cameras with the same clip differ.
    """

    name: str
    clip: Path
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    offset_s: float = 0.0

    def __post_init__(self) -> None:
        check_slug(self.name, "name")
        if (self.user is None) != (self.password is None):
            raise BadConfiguration("user and password belong together; give both or neither", "user")

    @property
    def login(self) -> tuple[str, str] | None:
        """User and password, None when nobody has to log in."""
        return None if self.user is None or self.password is None else (self.user, self.password)


@dataclass(frozen=True, slots=True, eq=False)
class RunningCamera:
    """A camera that plays since the server started, whether anybody looks or not.

    Attributes:
        spec: What the caller asked for.
        programme: Its clip, and since when it plays.
        board: The faults of all cameras.
        library: The clips of all cameras.
    """

    spec: SimulatedCamera
    programme: Programme
    board: FaultBoard
    library: ClipLibrary

    @property
    def name(self) -> str:
        """Its name."""
        return self.spec.name

    def faults(self, now_s: float) -> Mapping[FaultKind, Window]:
        """Its faults that are on."""
        return self.board.active(self.spec.name, now_s)
