"""Scenes that are filmed so near that plates can be read."""

from gtvision.domain.kinds import Kind
from gtvision.traffic.demand import Flow
from gtvision.traffic.routes import Route
from gtvision.traffic.site import Scene, rectangle
from gtvision.traffic.street import ASPHALT, PAINT_WHITE, PAINT_YELLOW, PAVEMENT, Street, strip
from gtvision.traffic.view import View

_FAR_M, _NEAR_M, _BEGIN_M, _END_M = 220.0, 3.0, 40.0, 30.0
_MIX = {Kind.CAR: 0.68, Kind.MOTORCYCLE: 0.16, Kind.BUS: 0.06, Kind.TRUCK: 0.1}
_LEAVING_MIX = {Kind.CAR: 0.56, Kind.MOTORCYCLE: 0.28, Kind.BUS: 0.06, Kind.TRUCK: 0.1}


def close_up() -> Scene:
    """A lane each way, seen from a gantry through a long lens: cars are 5 to 18 hundredths of the picture's width.

    Larger vehicles the weights that ship with the product do not find reliably. So a plate is to be read in a larger
    picture of the same scene: at 2560x1440 a car's grows to 105 pixels and is at least 90 wide over eleven metres; a
    motorcycle's grows to half of that, with letters nearly as high as a car's. Who comes shows the front plate at 30
    to 60 km/h, who leaves the rear one at 20 to 45.
    """
    areas = (
        strip((-9, 9), (_NEAR_M, 230), PAVEMENT),
        strip((-3.5, 3.5), (_NEAR_M, 230), (126, 126, 126)),
        strip((-3.3, 3.3), (_NEAR_M, 230), ASPHALT),
        strip((-0.14, -0.04), (_NEAR_M, 225), PAINT_YELLOW),
        strip((0.04, 0.14), (_NEAR_M, 225), PAINT_YELLOW),
        *(strip((x - 0.05, x + 0.05), (_NEAR_M, 225), PAINT_WHITE) for x in (-3.1, 3.1)),
    )
    return Scene(
        "close-up",
        View(8.0, 4.7, 0, 6.0, (640, 360)),
        Street(areas),
        (
            Flow(Route(((-1.5, _FAR_M), (-1.5, _END_M))), 13, 13.5, _MIX, platoon=2),
            Flow(Route(((1.5, _BEGIN_M), (1.5, _FAR_M))), 13, 9.0, _LEAVING_MIX, platoon=2),
        ),
        rectangle((-3.1, 3.1), (63, 130)),
        ((-3.2, 85.0), (3.2, 85.0)),
    )
