"""Messages written to files and read again."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gtvision.adapters.queue_case import case_of, read_case
from gtvision.domain.message import WireMessage


def written(folder: Path, message: WireMessage) -> Path:
    file = folder / "case.json"
    file.write_text(json.dumps(case_of("a message", message)), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "headers", [None, {}, {"id": "a", "eta": None, "timelimit": [None, 1.5], "stamps": {"x": True}}]
)
def test_a_message_in_a_file_is_read_as_it_was_written(tmp_path: Path, headers: dict[str, Any] | None) -> None:
    message = WireMessage(bytes(range(256)), headers, {"priority": 5, "reply_to": "\udcff"}, is_redelivered=True)
    case = read_case(written(tmp_path, message))
    read = case.message
    assert (case.name, read.body, read.headers, read.properties, read.is_redelivered) == (
        "a message",
        message.body,
        message.headers,
        message.properties,
        True,
    )


def test_what_json_has_no_like_of_is_told_as_text(tmp_path: Path) -> None:
    values = {"when": datetime(2026, 1, 1, tzinfo=UTC), "cost": [Decimal("1.50")], "raw": {"inner": b"\xff"}}
    read = read_case(written(tmp_path, WireMessage(b"", values))).message
    assert read.headers == {"when": "2026-01-01 00:00:00+00:00", "cost": ["1.50"], "raw": {"inner": "b'\\xff'"}}
