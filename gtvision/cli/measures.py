"""What an event measured or matched, for people."""

from typing import Any

NOT_FOR_FINES = "Speeds are estimates, not for fines."


def measured(speed_kmh: float | None, vehicles: int | None, length_m: float | None) -> str:
    """The measures in words, such as `62 km/h` or `7 vehicles, 43 m`; empty without any."""
    figures = (
        None if speed_kmh is None else f"{speed_kmh:.0f} km/h",
        None if vehicles is None else f"{vehicles} vehicles",
        None if length_m is None else f"{length_m:.0f} m",
    )
    return ", ".join(figure for figure in figures if figure is not None)


def hit_words(hit: dict[str, Any]) -> str:
    """What the plate of a `watchlist` event matched, such as `listed ABC1234 (1 character differs): stolen`."""
    differs = {0: "", 1: " (1 character differs)"}.get(hit["distance"], f" ({hit['distance']} characters differ)")
    reason = f": {hit['reason']}" if hit["reason"] else ""
    withdrawn = ", withdrawn: it was read better since" if hit["withdrawn"] else ""
    return f"listed {hit['text']}{differs}{reason}{withdrawn}"
