"""Partners as they are: real Celery clients and workers, in processes and environments where GT-Vision is not."""

import json
import os
import signal
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

APP = Path(__file__).parent / "celery_app"
VERSIONS = ("5.2", "5.7")
_PRODUCING_S = 60
_GOODBYE_S = 15


def call(jpeg: bytes, camera_id: str = "north-gate", **other: Any) -> dict[str, Any]:
    """A call of `detect_vehicle` as `celery_app/produce.py` reads it."""
    return {"camera_id": camera_id, "jpeg": b64encode(jpeg).decode(), **other}


def produce(
    python: Path, url: str, calls: Sequence[dict[str, Any]], backend: str | None = None
) -> list[dict[str, Any]]:
    """What Celery's client says of each call: the `id` of its task, and its `result` where the call waits for one.

    Args:
        python: From the fixture `celery_of`.
        url: Of the broker.
        calls: Each as `call` makes them.
        backend: Of results, such as `rpc://`.
    """
    done = subprocess.run(
        [python, "produce.py"],
        cwd=APP,
        env=_environment(BROKER_URL=url, **({} if backend is None else {"RESULT_BACKEND": backend})),
        input="".join(json.dumps(each) + "\n" for each in calls),
        capture_output=True,
        text=True,
        timeout=_PRODUCING_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


class CeleryWorker:
    """A worker on one queue; `with CeleryWorker(python, url, "ocr", folder) as worker`.

    Args:
        python: From the fixture `celery_of`.
        url: Of the broker.
        queue: What it consumes.
        folder: Where its log and what it executed are written.
        processes: Of its pool.
        does_nothing: Its `detect_vehicle` takes the frame and returns, and nothing is told of it.
    """

    def __init__(
        self, python: Path, url: str, queue: str, folder: Path, processes: int = 1, *, does_nothing: bool = False
    ) -> None:
        self._log, self._executions = folder / f"celery-{queue}.log", folder / f"celery-{queue}.jsonl"
        told = {} if does_nothing else {"EXECUTIONS": str(self._executions)}
        self._environment = _environment(BROKER_URL=url, **told)
        worker = ["-m", "celery", "-A", "app", "worker", "-Q", queue, "-P", "prefork", "-c", str(processes)]
        alone = [
            "-n",
            f"{uuid4().hex}@%h",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "-l",
            "WARNING",
        ]
        self._command = [python, *worker, *alone]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=APP, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(_GOODBYE_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(_GOODBYE_S)

    @property
    def pid(self) -> int:
        """Of its main process, which has those of the pool below it."""
        assert self._process is not None
        return self._process.pid

    def executions(self) -> list[dict[str, Any]]:
        """What it executed so far, in order: `id`, `retries` and `task`, and what `detection/tasks.py` adds."""
        if not self._executions.exists():
            return []
        return [json.loads(line) for line in self._executions.read_text().splitlines()]

    def log(self) -> str:
        """What it wrote."""
        return self._log.read_text()


def _environment(**variables: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return {**inherited, "PYTHONDONTWRITEBYTECODE": "1", **variables}
