"""Errors of our own code: counted and logged, never with what a message holds."""

import traceback

import structlog

from gtvision.domain.metrics import BRIDGE_ERRORS
from gtvision.ports import Metrics

_log = structlog.get_logger()


def note_fault(exc: Exception, metrics: Metrics, partner: str) -> str:
    """What went wrong, in a sentence that can be shown: the kind of error and where, not what it says."""
    place = traceback.extract_tb(exc.__traceback__)[-1:]
    where = f"{place[0].filename}:{place[0].lineno}" if place else ""
    metrics.add(BRIDGE_ERRORS, partner=partner)
    _log.error("bridge_failed", partner=partner, error=type(exc).__name__, where=where)
    return f"an unexpected {type(exc).__name__}; the log of the bridge says where"
