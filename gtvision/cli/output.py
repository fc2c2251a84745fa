"""What commands print, and how they fail: answers on stdout, everything else on stderr, one sentence an error."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from gtvision import __version__
from gtvision.adapters.logs import configure_logs
from gtvision.domain.errors import BadConfiguration, BadInput, GtVisionError, NotFound
from gtvision.settings import Settings, load_settings

FAILED = 1
WRONG_USAGE = 2

out = Console(highlight=False, soft_wrap=True)
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


@app.callback()
def _begin(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Settings file; else GTVISION_CONFIG, else the defaults.")
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


def local_time(text: str | None) -> str:
    """An RFC 3339 time as a clock on this machine shows it."""
    return f"{datetime.fromisoformat(text).astimezone():%H:%M:%S}" if text else ""


@contextmanager
def failing_plainly() -> Iterator[None]:
    """Turns the product's own errors into one sentence and an exit code."""
    try:
        yield
    except (BadConfiguration, BadInput, NotFound) as exc:
        err.print(f"gtvision: {exc}", style="red", markup=False)
        sys.exit(WRONG_USAGE)
    except GtVisionError as exc:
        err.print(f"gtvision: {exc}", style="red", markup=False)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
