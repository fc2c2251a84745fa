"""Count records to test with."""

from dataclasses import replace
from typing import Any

from events import NOVEMBER_23_S

from gtvision.domain.count import CountRecord, VehicleCount, count_id
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction

CARS = VehicleCount(Kind.CAR, Direction.FORWARD, 3)
MIDNIGHT_S = NOVEMBER_23_S + 3 * 3600
"""Of 2026-11-23 in São Paulo."""


def a_count(number: int = 0, *counts: VehicleCount, **changes: Any) -> CountRecord:
    """The quarter of an hour `number` of the day in São Paulo, of camera `north`: three cars, or those counts."""
    record = CountRecord(
        id="",
        camera_id="north",
        trigger_id="flow",
        line_id="stop",
        time_zone="America/Sao_Paulo",
        start_s=MIDNIGHT_S + 900 * number,
        interval_s=900.0,
        part=int(MIDNIGHT_S) * 1000,
        counts=counts or (CARS,),
    )
    record = replace(record, **changes)
    where = (record.camera_id, record.trigger_id, record.line_id)
    return replace(record, id=record.id or count_id(*where, (record.start_s, record.interval_s), record.part))
