"""Cameras at work, for as long as a test looks at them."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from gtvision.runtime.camera import CameraRunner
from gtvision.runtime.pushed import PushedRunner


@contextmanager
def running(runner: CameraRunner | PushedRunner, *, close_events: bool = True) -> Iterator[None]:
    """It runs on a thread of its own, and has ended afterwards."""
    thread = Thread(target=runner.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        runner.stop(close_events=close_events)
        thread.join(10)
        assert not thread.is_alive()
