"""Work in a thread that nobody has to wait for."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import ParamSpec

P = ParamSpec("P")


def in_background(name: str, work: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> "Future[None]":
    """Begins the work in a daemon thread of that name; what it raises is raised by the future's `result`."""
    done: Future[None] = Future()

    def run() -> None:
        try:
            work(*args, **kwargs)
        except BaseException as exc:
            done.set_exception(exc)
        else:
            done.set_result(None)

    Thread(target=run, name=name, daemon=True).start()
    return done
