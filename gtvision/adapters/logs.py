"""Structured logs through structlog: set up once at an entry point, one line an incident, no secret in any."""

import logging
import re
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from gtvision.adapters.redact import HIDDEN, redact
from gtvision.settings import Log

_SECRET_NAME = re.compile(r"(?:^|[_.-])(?:password|passwd|secret|token|key|authorization)s?$", re.IGNORECASE)
_CHATTY = ("httpx", "httpcore", "urllib3", "botocore", "openvino", "ultralytics")
_TELLING_TWICE = ("pika",)  # it logs, with tracebacks, what it raises as well


def configure_logs(log: Log, stream: TextIO | None = None) -> None:
    """Sends all logs of this process to the stream, those of libraries as well; a second call replaces the first.

    Args:
        log: Least level, and whether people or machines read it.
        stream: Where lines go; None: standard error, so that standard output holds answers only.
    """
    stream = stream or sys.stderr
    level = logging.getLevelNamesMapping()[log.level.upper()]
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*first, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*first, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_stamp_of_ray,
                structlog.processors.format_exc_info,
                mask_secrets,
                _renderer(log, stream),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(capture=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    for name in _TELLING_TWICE:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _without_stamp_of_ray(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The event without the second time that Ray adds to every record."""
    event.pop("_ray_timestamp_ns", None)
    return event


def _renderer(log: Log, stream: TextIO) -> Processor:
    if log.format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
    )


def mask_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The event without credentials: in texts, in objects as they print, and under names such as `password`.

    A name counts by its last word (`http.key`, `auth_token`), so `keyframe_s` is kept.
    """
    return {name: _masked(name, value) for name, value in event.items()}


def _masked(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET_NAME.search(name):
        return HIDDEN
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(key): _masked(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked("", inner) for inner in value]
    return redact(str(value))


class Incident:
    """One thing that can fail again and again: a line when it begins, one when its reason changes, one when it ends."""

    def __init__(self, name: str, *, clock: Callable[[], float] = time.monotonic, **fields: str) -> None:
        """The incident is not open yet.

        Args:
            name: What fails, such as `stream`.
            clock: Seconds that never jump.
            fields: What stands in each of its lines, such as the camera.
        """
        self._log = structlog.get_logger().bind(incident=name, **fields)
        self._clock = clock
        self._failures = 0
        self._began_s = 0.0
        self._reason = ""

    def failed(self, reason: str) -> None:
        """Counts a failure; logs it unless the one before had the same reason."""
        if not self._failures:
            self._began_s = self._clock()
        if not self._failures or reason != self._reason:
            self._log.warning("failed", reason=reason)
        self._failures += 1
        self._reason = reason

    def recovered(self) -> None:
        """Closes the incident with the number of failures and how long it took; nothing when none is open."""
        if self._failures:
            self._log.info("recovered", failures=self._failures, after_s=round(self._clock() - self._began_s, 1))
        self._failures = 0
