"""Faults that a simulated camera can have, and the script that lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from gtvision.domain.errors import BadConfiguration


class FaultKind(StrEnum):
    """What goes wrong.

    The first group spoils a picture that is being sent, the second the answers to whoever opens the camera.
    """

    STALL = "stall"
    CLOSE = "close"
    FROZEN = "frozen"
    GARBAGE = "garbage"
    CORRUPT = "corrupt"
    TIMESTAMP_JUMP = "timestamp_jump"
    RESOLUTION = "resolution"
    SLOW = "slow"
    LATE = "late"

    REFUSE = "refuse"
    MUTE = "mute"
    UNAUTHORISED = "unauthorised"
    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"


_PARAMETER = {
    FaultKind.CORRUPT: "share",
    FaultKind.TIMESTAMP_JUMP: "jump_s",
    FaultKind.RESOLUTION: "clip",
    FaultKind.SLOW: "bytes_per_s",
    FaultKind.LATE: "delay_s",
}
_LONGEST_S = 10_000_000.0
EVERY_CAMERA = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one camera or of all.

    Attributes:
        kind: What goes wrong.
        camera: Name of the camera, or `*` for every one.
        at_s: When it begins: seconds from the server's start in a script, from now when injected.
        for_s: How long it lasts, None until it is cleared. A `close` without it cuts the connections of one moment.
        share: `corrupt`: share of RTP packets that are damaged, above 0 to 1.
        jump_s: `timestamp_jump`: seconds that timestamps are ahead (or behind, below 0) while it lasts.
        clip: `resolution`: the recording that is sent while it lasts.
        bytes_per_s: `slow`: the most that is sent.
        delay_s: `late`: how long each picture is held back.
    """

    kind: FaultKind
    camera: str = EVERY_CAMERA
    at_s: float = 0.0
    for_s: float | None = None
    share: float | None = None
    jump_s: float | None = None
    clip: Path | None = None
    bytes_per_s: float | None = None
    delay_s: float | None = None

    def __post_init__(self) -> None:
        if not self.camera:
            raise BadConfiguration("it is empty; write the name of a camera, or * for every one", "camera")
        _check_number(self.at_s, "at_s", 0, _LONGEST_S)
        if self.for_s is not None:
            _check_number(self.for_s, "for_s", 0.01, _LONGEST_S)
        wanted = _PARAMETER.get(self.kind)
        for name in _PARAMETER.values():
            if name != wanted and getattr(self, name) is not None:
                raise BadConfiguration(f"a {self.kind} fault has no {name}; leave it out", name)
        if wanted is not None and getattr(self, wanted) is None:
            raise BadConfiguration(f"a {self.kind} fault needs {wanted}", wanted)
        self._check_parameter()

    def _check_parameter(self) -> None:
        if self.share is not None:
            _check_number(self.share, "share", 1e-6, 1)
        if self.jump_s is not None:
            _check_number(self.jump_s, "jump_s", -_LONGEST_S, _LONGEST_S)
        if self.bytes_per_s is not None:
            _check_number(self.bytes_per_s, "bytes_per_s", 1, 1e9)
        if self.delay_s is not None:
            _check_number(self.delay_s, "delay_s", 0.001, 3600)


def _check_number(value: object, field: str, least: float, most: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadConfiguration(f"{value!r} is not a number", field)
    if not least <= value <= most:
        raise BadConfiguration(f"{value:g} is out of bounds: it runs from {least:g} to {most:g}", field)


def fault_of(values: object, folder: Path = Path()) -> Fault:
    """The fault of a mapping as YAML or JSON gives it; a relative `clip` lies in `folder`.

    Raises:
        BadConfiguration: A key is unknown, missing or out of bounds; it names the key.
    """
    if not isinstance(values, Mapping):
        raise BadConfiguration("it must hold keys and values, such as {kind: stall, camera: cam1, at_s: 10, for_s: 5}")
    known = [field.name for field in fields(Fault)]
    for key in values:
        if key not in known:
            raise BadConfiguration(f"there is no such key; a fault has {', '.join(known)}", str(key))
    checked: dict[str, Any] = {**values, "kind": _kind(values.get("kind"))}
    if not isinstance(values.get("camera", EVERY_CAMERA), str):
        raise BadConfiguration(f"{values['camera']!r} is not a name; write it in quotes", "camera")
    if values.get("clip") is not None:
        checked["clip"] = _clip(values["clip"], folder)
    return Fault(**checked)


def _kind(value: object) -> FaultKind:
    try:
        return FaultKind(value)  # type: ignore[arg-type]  # any value is looked up
    except ValueError:
        said = "it is missing" if value is None else f"{value!r} is none"
        raise BadConfiguration(f"{said}; the kinds are {', '.join(FaultKind)}", "kind") from None


def _clip(value: object, folder: Path) -> Path:
    if not isinstance(value, str | Path):
        raise BadConfiguration(f"{value!r} is not the path of a recording", "clip")
    path = folder / value
    if not path.is_file():
        raise BadConfiguration(f"there is no recording {path}", "clip")
    return path


def load_faults(path: Path) -> tuple[Fault, ...]:
    """The faults that a YAML or JSON file lists under `faults`.

    Raises:
        BadConfiguration: The file is missing or malformed, or a fault is wrong; it names the place.
    """
    try:
        script = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise BadConfiguration(f"cannot read the fault script {path}: {exc.strerror}", "faults") from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise BadConfiguration(f"{path} is neither YAML nor JSON: {exc}", "faults") from exc
    if not isinstance(script, Mapping) or set(script) != {"faults"} or not isinstance(script["faults"], list):
        raise BadConfiguration(f"{path} must hold one list under the key 'faults', and nothing else", "faults")
    found = []
    for index, values in enumerate(script["faults"]):
        where = f"faults[{index}]"
        try:
            found.append(fault_of(values, path.parent))
        except BadConfiguration as exc:
            raise BadConfiguration(exc.args[0], f"{where}.{exc.field}" if exc.field else where) from None
    return tuple(found)
