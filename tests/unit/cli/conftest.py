"""The command run in this process, on a folder and ports of the test's own, with nothing else running."""

import json
import logging
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from gtvision.cli import main
from gtvision.settings import Settings


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def config(settings: Settings, tmp_path: Path) -> Path:
    """A settings file with the test's own folder and port."""
    file = tmp_path / "gtvision.yaml"
    file.write_text(f"data_dir: {settings.data_dir}\nhttp: {{port: {settings.http.port}}}\n", encoding="utf-8")
    return file


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str], _state_of_process: None) -> Run:
    """`run("camera", "list")` is what the command printed, and its exit code."""

    def command(*arguments: str, config: Path = config) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(["--config", str(config), *arguments])
        return Ran(int(end.value.code or 0), *capsys.readouterr())

    return command


@pytest.fixture
def _state_of_process() -> Iterator[None]:
    """Gives back what a command may set as its own process: logs and signals."""
    handlers, level = logging.root.handlers[:], logging.root.level
    terminates = signal.getsignal(signal.SIGTERM)
    yield
    logging.captureWarnings(capture=False)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()
    signal.signal(signal.SIGTERM, terminates)
