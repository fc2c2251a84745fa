"""Scenes that are filmed so near that plates can be read."""

from gtvision.domain.kinds import Kind
from gtvision.traffic.demand import Flow
from gtvision.traffic.routes import Route
from gtvision.traffic.site import Scene, rectangle
from gtvision.traffic.street import ASPHALT, PAINT_WHITE, PAINT_YELLOW, PAVEMENT, Street, strip
from gtvision.traffic.view import View

_FAR_M, _NEAR_M, _END_M = 150.0, 3.0, -6.0
_MIX = {Kind.CAR: 0.68, Kind.MOTORCYCLE: 0.16, Kind.BUS: 0.06, Kind.TRUCK: 0.1}
_LEAVING_MIX = {Kind.CAR: 0.56, Kind.MOTORCYCLE: 0.28, Kind.BUS: 0.06, Kind.TRUCK: 0.1}


def close_up() -> Scene:
    """A lane each way under a gantry with a long lens: at 1920x1080 a car's plate grows from 45 to 130 pixels.

    Who comes shows the front plate at 30 to 60 km/h, who leaves the rear one at 20 to 45 km/h. A car's plate is 90
    pixels wide in the last eleven metres before the camera; a motorcycle's, half as wide with letters nearly as high,
    in a picture twice as large. The weights that ship with the product find no larger vehicles than these.
    """
    areas = (
        strip((-9, 9), (_NEAR_M, 160), PAVEMENT),
        strip((-3.5, 3.5), (_NEAR_M, 160), (126, 126, 126)),
        strip((-3.3, 3.3), (_NEAR_M, 160), ASPHALT),
        strip((-0.14, -0.04), (_NEAR_M, 150), PAINT_YELLOW),
        strip((0.04, 0.14), (_NEAR_M, 150), PAINT_YELLOW),
        *(strip((x - 0.05, x + 0.05), (_NEAR_M, 150), PAINT_WHITE) for x in (-3.1, 3.1)),
    )
    return Scene(
        "close-up",
        View(5.5, 8.1, 0, 4.0, (640, 360)),
        Street(areas),
        (
            Flow(Route(((-1.5, _FAR_M), (-1.5, _END_M))), 13, 13.5, _MIX, platoon=2),
            Flow(Route(((1.5, _END_M), (1.5, _FAR_M))), 13, 9.0, _LEAVING_MIX, platoon=2),
        ),
        rectangle((-3.1, 3.1), (27, 60)),
        ((-3.2, 33.0), (3.2, 33.0)),
    )
