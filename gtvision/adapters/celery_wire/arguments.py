"""From the arguments of a call to what they mean."""

from collections.abc import Mapping
from reprlib import repr as shortened
from typing import Any

from gtvision.adapters.celery_wire.markers import picture_of
from gtvision.adapters.celery_wire.points import number_of, points_of
from gtvision.adapters.celery_wire.triggers import triggers_of
from gtvision.domain.errors import MessageRefused
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.task import DetectVehicle, ProcessPlate


def detect_vehicle(args: list[Any], kwargs: Mapping[str, Any]) -> DetectVehicle:
    """The work of `detect_vehicle(camera_id, frame_bytes, roi, triggers)`. Raises `MessageRefused`."""
    given = _bound(("camera_id", "frame_bytes", "roi", "triggers"), args, kwargs)
    roi = points_of(given["roi"])
    if roi is None:
        raise MessageRefused("roi: send a list of [x, y] in pixels, or null", RefusalReason.BAD_ROI)
    return DetectVehicle(
        camera_id=_camera_id(given["camera_id"]),
        jpeg=picture_of(given["frame_bytes"], "frame_bytes"),
        roi=roi,
        triggers=triggers_of(given["triggers"]),
    )


def process_plate(args: list[Any], kwargs: Mapping[str, Any]) -> ProcessPlate:
    """The work of `process_plate(camera_id, det)`. Raises `MessageRefused`."""
    given = _bound(("camera_id", "det"), args, kwargs)
    det = given["det"]
    if not isinstance(det, dict):
        raise MessageRefused("det: send an object", RefusalReason.BAD_DET)
    crop = det.get("crop")
    return ProcessPlate(
        camera_id=_camera_id(given["camera_id"]),
        bbox=_bbox(det.get("bbox")),
        confidence=_optional(det, "confidence", int, float),
        label=_optional(det, "class", str),
        track_id=_optional(det, "track_id", int, str),
        time_s=_optional(det, "timestamp", int, float),
        crop=None if crop is None else picture_of(crop, "det: `crop`"),
        event_id=_optional(det, "event_id", str),
    )


def _bound(names: tuple[str, ...], args: list[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Each argument by its name, as a Python call would have it."""
    positional = dict(zip(names, args, strict=False))
    twice = [name for name in positional if name in kwargs]
    unknown = [name for name in kwargs if name not in names]
    missing = [name for name in names if name not in positional and name not in kwargs]
    faults = [f"{what} {shortened(which)}" for what, which in (
        ("twice:", twice), ("unknown:", unknown), ("missing:", missing)
    ) if which]  # fmt: skip
    if len(args) > len(names):
        faults.append(f"{len(args)} of them")
    if faults:
        raise MessageRefused(f"the arguments are {', '.join(names)}; {'; '.join(faults)}", RefusalReason.ARITY)
    return {**positional, **kwargs}


def _camera_id(value: Any) -> str:
    if not isinstance(value, str):
        raise MessageRefused("camera_id is a text", RefusalReason.BAD_CAMERA_ID)
    return value


def _bbox(value: Any) -> tuple[float, float, float, float]:
    numbers = [number_of(each) for each in value] if isinstance(value, list) and len(value) == 4 else []
    match numbers:
        case [int() | float() as left, int() | float() as top, int() | float() as right, int() | float() as bottom]:
            return left, top, right, bottom
    raise MessageRefused("det: `bbox` is x1, y1, x2, y2 in pixels", RefusalReason.BAD_DET)


def _optional(det: Mapping[str, Any], name: str, *types: type) -> Any:
    """That value of `det`, None when it is left out. Raises `MessageRefused` when it is of another type."""
    value = det.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, types)):
        raise MessageRefused(f"det: `{name}` is a {' or '.join(t.__name__ for t in types)}", RefusalReason.BAD_DET)
    return value
