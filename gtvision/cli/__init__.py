"""The `gtvision` command. Exit codes: 0 done, 1 failed, 2 wrong usage or settings."""

import sys
from collections.abc import Sequence

from gtvision.cli import interrupts
from gtvision.cli.analyse import analyse
from gtvision.cli.bench import bench
from gtvision.cli.camera import app as camera
from gtvision.cli.counts import counts
from gtvision.cli.demo import demo
from gtvision.cli.disclosures import disclosures
from gtvision.cli.doctor import doctor
from gtvision.cli.events import events
from gtvision.cli.output import app, failing_plainly
from gtvision.cli.plates import plates
from gtvision.cli.queue import app as queue
from gtvision.cli.read_plate import read_plate
from gtvision.cli.simulate import simulate
from gtvision.cli.sweep import sweep
from gtvision.cli.system import down, migrate, status, up
from gtvision.cli.watchlist import app as watchlist

__all__ = ["main"]

_SYSTEM = (demo, up, down, status, analyse, read_plate)
_RECORDS = (events, counts, plates, disclosures, sweep)
_TOOLS = (simulate, bench, doctor, migrate)
for command in (*_SYSTEM, *_RECORDS, *_TOOLS):
    app.command()(command)
app.add_typer(camera, name="camera")
app.add_typer(watchlist, name="watchlist")
app.add_typer(queue, name="queue")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command of those arguments, else of the command line, and exits; SIGTERM ends it as Ctrl-C does."""
    interrupts.listen()
    with failing_plainly():
        app(arguments)
    sys.exit(0)
