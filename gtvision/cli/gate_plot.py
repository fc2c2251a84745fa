"""The motion gate over time as a picture: how much changed, what passed and why, and when bursts were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gtvision.domain.errors import BadConfiguration
from gtvision.pipeline.look import MOTION_SHARE, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE_IN = (12.0, 4.5)
_LEAST_SHARE = 1e-4
"""The lower end of the axis: what changed less is drawn there."""
_COLOURS = {
    "motion": "tab:red",
    "blob": "tab:orange",
    "track": "tab:green",
    "parked": "tab:cyan",
    "warm_up": "tab:purple",
    "recalibrating": "tab:pink",
}
_STOPPED = "tab:gray"


@dataclass(frozen=True, slots=True)
class Judged:
    """One sample to be drawn: seconds from the left edge, the verdict, and whether it belongs to a burst."""

    at_s: float
    look: Look
    is_burst: bool


def check_plot(file: Path) -> None:
    """Raises `BadConfiguration` unless a picture can be written there."""
    if file.suffix.lower() != ".png":
        raise BadConfiguration(f"a plot is a PNG picture, so name the file {file.with_suffix('.png')}", "--plot")
    if not file.absolute().parent.is_dir():
        raise BadConfiguration(f"there is no folder {file.absolute().parent}", "--plot")


def write_plot(file: Path, title: str, samples: Sequence[Judged]) -> None:
    """Draws the samples, in order of time, into a PNG file. Raises `BadConfiguration` when it cannot be written."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE_IN, layout="constrained")
    axes = figure.subplots()
    _draw_bursts(axes, samples)
    _draw_samples(axes, samples)
    axes.axhline(MOTION_SHARE, color="black", linewidth=0.8, linestyle="--", label="motion from here on")
    axes.set(title=title, xlabel="seconds", ylabel="changed share of the watched area", yscale="log")
    axes.set_ylim(_LEAST_SHARE / 1.5, 1.5)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    try:
        figure.savefig(file, dpi=120)
    except OSError as exc:
        raise BadConfiguration(f"cannot write {file}: {exc.strerror}", "--plot") from exc


def _draw_samples(axes: "Axes", samples: Sequence[Judged]) -> None:
    axes.plot(_times(samples), _shares(samples), color=_STOPPED, linewidth=0.6, zorder=1)
    stopped = [each for each in samples if not each.look.passed]
    axes.scatter(_times(stopped), _shares(stopped), s=8, color=_STOPPED, zorder=2, label=f"stopped ({len(stopped)})")
    for reason, colour in _COLOURS.items():
        passed = [each for each in samples if each.look.passed and each.look.reason == reason]
        if passed:
            label = f"{reason.replace('_', ' ')} ({len(passed)})"
            axes.scatter(_times(passed), _shares(passed), s=16, color=colour, zorder=3, label=label)


def _draw_bursts(axes: "Axes", samples: Sequence[Judged]) -> None:
    label: str | None = "burst"
    for begin_s, end_s in _bursts(samples):
        axes.axvspan(begin_s, end_s, color="tab:blue", alpha=0.12, linewidth=0, label=label)
        label = None


def _bursts(samples: Iterable[Judged]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    was_burst = False
    for each in samples:
        if each.is_burst:
            found[-1:] = [(found[-1][0], each.at_s)] if was_burst else [*found[-1:], (each.at_s, each.at_s)]
        was_burst = each.is_burst
    return found


def _times(samples: Iterable[Judged]) -> list[float]:
    return [each.at_s for each in samples]


def _shares(samples: Iterable[Judged]) -> list[float]:
    return [max(each.look.share, _LEAST_SHARE) for each in samples]
