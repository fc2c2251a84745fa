"""What light, sky and the camera itself do to the picture."""

from dataclasses import dataclass
from math import sin

import cv2
import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from gtvision.domain.errors import BadConfiguration
from gtvision.traffic.light import Light, light_of
from gtvision.traffic.paint import Picture

LIGHTS = {"day": 11.0, "dusk": 18.1, "night": 23.0, "24h": None}
"""The hour of each light; `24h` begins at noon, if nothing else is said, and lets the sun go its way."""

EFFECTS = ("rain", "clouds", "wind", "lightning", "ir", "shake", "dirt", "frozen")

FROZEN_S = (20.0, 30.0)
_IR_TURN_S = 20.0
_BANK = 6


@dataclass(frozen=True, slots=True)
class Weather:
    """A light and what comes with it, such as `night+rain`.

    Attributes:
        light: One of `LIGHTS`.
        effects: Some of `EFFECTS`.
        from_hour: When `24h` begins.
    """

    light: str = "day"
    effects: frozenset[str] = frozenset()
    from_hour: float = 12.0

    @classmethod
    def parse(cls, text: str) -> "Weather":
        """The weather of names joined by `+`. Raises `BadConfiguration` for a name that is unknown."""
        names = text.split("+")
        lights = [name for name in names if name in LIGHTS]
        effects = frozenset(names) - set(lights)
        if len(lights) > 1 or not effects <= set(EFFECTS):
            raise BadConfiguration(
                f"{text!r} is no weather: join one of {', '.join(LIGHTS)} and any of {', '.join(EFFECTS)} by '+'",
                "weather",
            )
        return cls(lights[0] if lights else "day", effects)

    def light_at(self, time_s: float) -> Light:
        """The light at that time of the scene."""
        hour = LIGHTS[self.light]
        overcast = not self.effects.isdisjoint({"rain", "lightning"})
        return light_of((self.from_hour + time_s / 3600) % 24 if hour is None else hour, overcast=overcast)

    def is_frozen(self, time_s: float) -> bool:
        """Whether the camera repeats its last picture."""
        return "frozen" in self.effects and FROZEN_S[0] <= time_s < FROZEN_S[1]

    @property
    def sway(self) -> float:
        """How strongly trees move, 1 is a breeze."""
        return 6.0 if "wind" in self.effects else 1.0

    def shift(self, time_s: float, width: int) -> tuple[float, float]:
        """How far a shaken camera's picture is off, pixels to the right and down."""
        if "shake" not in self.effects:
            return 0.0, 0.0
        reach = width / 640
        dx = 2.2 * sin(9.1 * time_s) + 1.3 * sin(23.7 * time_s + 1)
        return reach * dx, reach * (1.6 * sin(11.3 * time_s + 2) + 1.1 * sin(29.3 * time_s))


class Air:
    """Everything between the street and the recorded picture; a function of time and seed alone."""

    def __init__(self, weather: Weather, size: tuple[int, int], seed: int) -> None:
        self._weather = weather
        self._size = size
        self._seed = seed
        rng = default_rng((seed, 77))
        width, height = size
        self._noise = rng.normal(128, 9, (height + 64, width + 64, 3)).clip(0, 255).astype(np.uint8)
        self._clouds = _clouds(size, seed) if "clouds" in weather.effects else None
        self._rain = [_streaks(size, seed + i) for i in range(_BANK)] if "rain" in weather.effects else []
        self._dirt = _dirt(size, seed) if "dirt" in weather.effects else None

    def between(self, picture: Picture, time_s: float, light: Light) -> Picture:
        """The picture as it is recorded."""
        picture = self._in_weather(picture, time_s)
        dx, dy = self._weather.shift(time_s, self._size[0])
        if dx or dy:
            move = np.asarray([[1, 0, dx], [0, 1, dy]], np.float32)
            picture = cv2.warpAffine(picture, move, self._size, borderMode=cv2.BORDER_REPLICATE)
        if self._dirt is not None:
            picture = cv2.multiply(picture, self._dirt, scale=1 / 255)
        if "ir" in self._weather.effects:
            picture = _infrared(picture, time_s)
        return self._noisy(picture, time_s, 0.22 + 0.4 * (1 - light.day))

    def _in_weather(self, picture: Picture, time_s: float) -> Picture:
        if self._clouds is not None:
            width = self._size[0]
            at = int(time_s * width / 14) % width
            picture = cv2.multiply(picture, np.ascontiguousarray(self._clouds[:, at : at + width]), scale=1 / 255)
        if self._rain:
            mean = float(picture[::16, ::16].mean())
            picture = cv2.convertScaleAbs(picture, alpha=0.8, beta=0.13 * mean + 6)
            picture = cv2.add(picture, self._rain[int(default_rng((self._seed, _ms(time_s))).integers(_BANK))])
        if "lightning" in self._weather.effects and self._flashes(time_s):
            picture = cv2.convertScaleAbs(picture, alpha=2.1, beta=28)
        return picture

    def _flashes(self, time_s: float) -> bool:
        rng = default_rng((self._seed, 5, int(time_s)))
        begin = float(rng.uniform(0, 0.6))
        return bool(rng.random() < 0.25 and begin <= time_s % 1 < begin + 0.25)

    def _noisy(self, picture: Picture, time_s: float, strength: float) -> Picture:
        x, y = default_rng((self._seed, 9, _ms(time_s))).integers(64, size=2)
        width, height = self._size
        noise = self._noise[y : y + height, x : x + width]
        noisy: Picture = cv2.addWeighted(picture, 1.0, noise, strength, -128 * strength)
        return noisy


def _ms(time_s: float) -> int:
    return round(time_s * 1000)


def _soft_noise(shape: tuple[int, int], cells: int, seed: int) -> NDArray[np.float32]:
    """Smooth noise that repeats from right to left, 0-1."""
    height, width = shape
    coarse = default_rng((seed, cells)).random((max(2, cells // 2), cells)).astype(np.float32)
    coarse = np.concatenate([coarse, coarse, coarse], axis=1)
    smooth = cv2.resize(coarse, (width * 3, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(smooth[:, width : 2 * width], 0, 1), np.float32)


def _clouds(size: tuple[int, int], seed: int) -> Picture:
    width, height = size
    cover = 0.6 * _soft_noise((height, width), 4, seed) + 0.4 * _soft_noise((height, width), 9, seed)
    shade = (255 * (1 - 0.5 * np.clip((cover - 0.45) * 5, 0, 1))).astype(np.uint8)
    return np.repeat(np.concatenate([shade, shade], axis=1)[:, :, None], 3, axis=2)


def _streaks(size: tuple[int, int], seed: int) -> Picture:
    width, height = size
    layer = np.zeros((height, width, 3), np.uint8)
    rng = default_rng((seed, 3))
    for _ in range(260):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        long = int(height * rng.uniform(0.02, 0.07))
        shade = int(rng.uniform(14, 42))
        cv2.line(layer, (x, y), (x - long // 5, y + long), (shade, shade, shade), max(1, width // 900), cv2.LINE_AA)
    return layer


def _dirt(size: tuple[int, int], seed: int) -> Picture:
    width, height = size
    clear = np.full((height, width), 255, np.uint8)
    rng = default_rng((seed, 4))
    for _ in range(9):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(clear, centre, int(width * rng.uniform(0.01, 0.04)), int(rng.integers(110, 190)), -1)
    blur = width // 24 * 2 + 1
    return np.repeat(cv2.GaussianBlur(clear, (blur, blur), 0)[:, :, None], 3, axis=2)


def _infrared(picture: Picture, time_s: float) -> Picture:
    """Every other turn the camera sees infrared, grey and brighter; the filter's switch dazzles it for a moment."""
    turn, since_s = divmod(time_s, _IR_TURN_S)
    if int(turn) % 2 == 0:
        return picture
    dazzled = 90.0 * max(0.0, 1 - since_s / 0.6)
    grey = cv2.convertScaleAbs(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), alpha=1.5, beta=12 + dazzled)
    return np.asarray(cv2.merge([grey, grey, grey]), np.uint8)
