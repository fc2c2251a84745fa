"""A connection to the broker that is made again whenever it is lost, and left alone when the broker is away."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event as Flag
from threading import Lock

import structlog

from gtvision.domain.errors import GtVisionError
from gtvision.domain.metrics import BRIDGE_FAILURES
from gtvision.pipeline.breaker import Breaker, BreakerState, Permit
from gtvision.ports import Metrics
from gtvision.runtime.backoff import doubled_s
from gtvision.runtime.bridge.faults import note_fault

_RETRY_MIN_S = 0.5
_RETRY_MAX_S = 10.0
_LOOK_S = 0.5

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Link:
    """A connection.

    Attributes:
        partner: Whose.
        name: What it is for: `frames`, `plates` or `out`.
        run: Connects and works until told to stop; raises when the connection is lost.
        is_connected: Whether it works now.
    """

    partner: str
    name: str
    run: Callable[[Flag], None]
    is_connected: Callable[[], bool]


class Keeper:
    """Keeps one connection. It counts as made when somebody who `look`s has seen it work."""

    def __init__(self, link: Link, breaker: Breaker, metrics: Metrics, clock: Callable[[], float] = time.monotonic):
        """Args:
        link: What is kept.
        breaker: Opens when the broker is away; nobody else uses it.
        metrics: Where failures are counted.
        clock: Seconds that never step back.
        """
        self._link = link
        self._breaker = breaker
        self._metrics = metrics
        self._clock = clock
        self._lock = Lock()  # guards the breaker and the permit
        self._permit: Permit | None = None
        self._was_seen = False
        self._detail = "it is being connected"

    @property
    def name(self) -> str:
        """What the connection is for."""
        return self._link.name

    def look(self) -> bool:
        """Whether the connection works now."""
        is_connected = self._link.is_connected()
        with self._lock:
            if is_connected and self._permit is not None and not self._was_seen:
                self._was_seen = True
                self._breaker.succeeded(self._permit)
                _log.info("broker_connected", partner=self._link.partner, link=self._link.name)
        return is_connected

    @property
    def detail(self) -> str:
        """Why it does not work, empty when it does."""
        return "" if self._link.is_connected() else self._detail

    @property
    def breaker(self) -> BreakerState:
        """Whether the broker is asked, left alone, or tried."""
        with self._lock:
            return self._breaker.state(self._clock())

    def run(self, stopping: Flag) -> None:
        """Keeps the connection until told to stop. Blocks, and raises nothing."""
        failures = 0
        while not stopping.is_set():
            with self._lock:
                self._permit, self._was_seen = self._breaker.admit(self._clock()), False
            if self._permit is None:
                stopping.wait(_LOOK_S)
            elif not self._lasted(stopping):
                failures = 1 if self._was_seen else failures + 1
                stopping.wait(doubled_s(_RETRY_MIN_S, _RETRY_MAX_S, failures))

    def _lasted(self, stopping: Flag) -> bool:
        """Whether the connection lasted until it was told to stop."""
        try:
            self._link.run(stopping)
            fault = "the connection ended by itself"
        except GtVisionError as exc:
            fault = str(exc)
        except Exception as exc:
            fault = note_fault(exc, self._metrics, self._link.partner)
        if stopping.is_set():
            return True
        self._fail(fault)
        return False

    def _fail(self, fault: str) -> None:
        self._metrics.add(BRIDGE_FAILURES, partner=self._link.partner, link=self._link.name)
        with self._lock:
            assert self._permit is not None  # it was asked with one
            self._breaker.failed(self._permit, self._clock())
            is_news, self._detail = fault != self._detail or self._was_seen, fault
        if is_news:
            _log.warning("broker_lost", partner=self._link.partner, link=self._link.name, reason=fault)
