"""`gtvision bench`: the benchmarks that show what the product promises."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from gtvision.cli.output import FAILED, AsJson, out, print_json
from gtvision.domain.errors import BadConfiguration, NotFound

_FOLDER = Path(__file__).parents[2] / "benchmarks"
_SHARED = ("report", "hand_counts")


def bench(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Which one; without it they are listed.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Run all of them, one after the other.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Measure for as long as the promise asks, not a short profile.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure what is promised, on this machine.

    Prints a table and writes plots to benchmarks/results, or with --json prints one object last. Exit code 0 whether
    the targets are met or not; 1 if something could not be measured.
    """
    scripts = _scripts()
    if name is None and not every:
        _list(scripts, as_json)
        return
    if name is not None and name not in scripts:
        raise NotFound(f"there is no benchmark {name!r}; there are {', '.join(scripts)}")
    options = [*(["--full"] if full else []), *(["--json"] if as_json else [])]
    failed = [
        wanted
        for wanted in (scripts if name is None else [name])
        if subprocess.run([sys.executable, scripts[wanted], *options], check=False).returncode  # noqa: S603 - our own
    ]
    if failed:
        raise typer.Exit(FAILED)


def _scripts() -> dict[str, Path]:
    """The benchmarks of this checkout by name, `-` for `_`."""
    found = {
        script.stem.replace("_", "-"): script
        for script in sorted(_FOLDER.glob("[a-z]*.py"))
        if script.stem not in _SHARED
    }
    if not found:
        raise BadConfiguration("benchmarks are not part of the installed package; run them in a checkout of GT-Vision")
    return found


def _list(scripts: dict[str, Path], as_json: bool) -> None:
    questions = {
        name: script.read_text(encoding="utf-8").split('"""')[1].splitlines()[0] for name, script in scripts.items()
    }
    if as_json:
        print_json({"benchmarks": questions})
        return
    for name, question in questions.items():
        out.print(f"{name:12} {question}", markup=False)
