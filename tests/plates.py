"""Plates of vehicles to test with."""

from dataclasses import replace
from typing import Any

from events import NOVEMBER_23_S

from gtvision.domain.kinds import Kind
from gtvision.domain.plate import Plate, PlateFormat, VehiclePlate, vehicle_plate_id
from gtvision.domain.plate_query import is_brazilian


def plate_of(text: str) -> Plate:
    """The plate of that text, two readings of it."""
    if not is_brazilian(text):
        return Plate(text, PlateFormat.OTHER, 0.93, 2)
    return Plate(text, PlateFormat.OLD if text[4].isdigit() else PlateFormat.MERCOSUL, 0.93, 2)


def a_plate(text: str = "ABC1D23", number: int = 0, **changes: Any) -> VehiclePlate:
    """The plate of vehicle `number` of camera `north`, pictured that many seconds into the day."""
    time_s = NOVEMBER_23_S + number
    seen = VehiclePlate(
        id=vehicle_plate_id(changes.get("camera_id", "north"), 0, number, time_s),
        camera_id="north",
        track=number,
        kind=Kind.CAR,
        plate=plate_of(text),
        time_s=time_s,
        box=(0.4, 0.5, 0.5, 0.55),
    )
    return replace(seen, **changes)
