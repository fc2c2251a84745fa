"""What an event measured, for people."""

NOT_FOR_FINES = "Speeds are estimates, not for fines."


def measured(speed_kmh: float | None, vehicles: int | None, length_m: float | None) -> str:
    """The measures in words, such as `62 km/h` or `7 vehicles, 43 m`; empty without any."""
    figures = (
        None if speed_kmh is None else f"{speed_kmh:.0f} km/h",
        None if vehicles is None else f"{vehicles} vehicles",
        None if length_m is None else f"{length_m:.0f} m",
    )
    return ", ".join(figure for figure in figures if figure is not None)
