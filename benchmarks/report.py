"""What every benchmark ends with: figures, the targets they are held to, a table or one JSON object, and a plot."""

import argparse
import json
import operator
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RESULTS = Path(__file__).parent / "results"

_COMPARE: dict[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le, "==": operator.eq}


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is held to: `op` is `>=`, `<=` or `==`."""

    op: str
    value: float

    def is_met(self, figure: float) -> bool:
        return _COMPARE[self.op](figure, self.value)


def arguments_of(doc: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark takes."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one object last")
    parser.add_argument("--full", action="store_true", help="measure for as long as the promise asks")
    return parser


def publish(bench: str, figures: Mapping[str, float], targets: Mapping[str, Target], *, as_json: bool) -> None:
    """Prints the figures: one JSON object last, or a table that says which targets are met and which are missed."""
    held = {name: target for name, target in targets.items() if name in figures}
    missed = [name for name, target in held.items() if not target.is_met(figures[name])]
    if as_json:
        machine = {"cpus": os.cpu_count(), "arch": platform.machine(), "python": platform.python_version()}
        print(
            json.dumps(
                {
                    "bench": bench,
                    "figures": {name: round(value, 4) for name, value in figures.items()},
                    "targets": {name: {"op": target.op, "value": target.value} for name, target in held.items()},
                    "met": not missed,
                    "machine": machine,
                }
            )
        )
        return
    for name, value in figures.items():
        target = held.get(name)
        verdict = "" if target is None else f"{target.op} {target.value:g}  {'MISSED' if name in missed else 'met'}"
        print(f"{name:44} {value:12.4g}  {verdict}".rstrip())


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A plain table for people: the first column to the left, figures to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(line[place]) for line in [list(columns), *cells]) for place in range(len(columns))]
    print(f"\n{title}")
    for line in [list(columns), *cells]:
        first, *others = (
            text.ljust(width) if not place else text.rjust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join([first, *others]))


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def save_plot(figure: "Figure", name: str) -> Path:
    """Writes the figure as `benchmarks/results/NAME.png`."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.png"
    figure.savefig(path, dpi=120)
    return path


def new_figure(width_in: float, height_in: float) -> "Figure":
    """An empty figure that needs no screen."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width_in, height_in), layout="constrained")
