"""What commands print, and how they fail: answers on stdout, everything else on stderr, one sentence an error."""

import errno
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gtvision import __version__
from gtvision.adapters.logs import configure_logs
from gtvision.domain.errors import AlreadyExists, BadConfiguration, BadInput, GtVisionError, NotFound
from gtvision.settings import Settings, load_settings

FAILED = 1
WRONG_USAGE = 2
_PIPE_WIDTH = 200
_DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.ENOTDIR)

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)

app = typer.Typer(
    name="gtvision",
    help="Traffic cameras in, events out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
AsJson = Annotated[bool, typer.Option("--json", help="For programs: JSON on stdout.")]
Reason = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why you look; it is recorded with who you are.")
]


@app.callback()
def _begin(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="YAML", help="Settings; else those of GTVISION_CONFIG."),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.", is_eager=True)] = False,
) -> None:
    if version:
        out.print(f"gtvision {__version__}")
        raise typer.Exit
    context.obj = load_settings(config, os.environ)
    # A command's answer is what it prints; what it tells besides is trouble.
    configure_logs(context.obj.log.model_copy(update={"level": "warning"}))


def settings_of(context: typer.Context) -> Settings:
    """The settings that the command was started with."""
    settings: Settings = context.obj
    return settings


def models_folder() -> Path | None:
    """The administrator's folder of weights, from the environment."""
    return Path(os.environ["GTVISION_MODELS"]) if os.environ.get("GTVISION_MODELS") else None


def media_folder() -> Path | None:
    """The folder of clips to play in demonstrations, from the environment."""
    return Path(os.environ["GTVISION_MEDIA"]) if os.environ.get("GTVISION_MEDIA") else None


def print_json(value: Any) -> None:
    """One JSON value on one line, at once."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def print_table(table: Table) -> None:
    """As wide as the terminal; into a file or a pipe, as wide as it needs."""
    out.print(table, soft_wrap=False)


def table_of(*columns: str) -> Table:
    """An empty table with those titles."""
    return Table(*columns, box=None, header_style="bold", pad_edge=False)


def local_time(text: str) -> str:
    """An RFC 3339 time as calendar and clock of this machine show it."""
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}"


@contextmanager
def failing_plainly() -> Iterator[None]:
    """Turns the product's own errors into one sentence and an exit code."""
    try:
        yield
    except (BadConfiguration, BadInput, NotFound, AlreadyExists) as exc:
        _fail(str(exc), WRONG_USAGE)
    except GtVisionError as exc:
        _fail(str(exc), FAILED)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except OSError as exc:
        if exc.errno not in _DISK_FAULTS:
            raise
        place = f" ({exc.filename})" if exc.filename else ""
        _fail(f"data_dir: {exc.strerror}{place}; make room there, or set data_dir to another folder", WRONG_USAGE)


def _fail(sentence: str, code: int) -> None:
    err.print(f"gtvision: {sentence}", style="red", markup=False)
    sys.exit(code)
