"""One record as the bytes of one file.

CRC-32 of all that follows, 8 hex digits, newline
{"format": 1, "event": {...}, "snapshot": bytes or null, "clip": bytes or null}, newline
the snapshot, then the clip

or, of a count, after the checksum:

{"format": 1, "count": {...}}, newline
"""

import json
import zlib
from typing import Any

from gtvision.domain.codec import count_as_json, count_from_json, event_as_json, event_from_json
from gtvision.domain.count import CountRecord
from gtvision.domain.errors import BadConfiguration, BadInput
from gtvision.domain.event import EventRecord
from gtvision.ports import SpoolRecord

_FORMAT = 1


def encoded(record: SpoolRecord) -> bytes:
    """The bytes of the record."""
    media = b""
    if isinstance(record, CountRecord):
        header: dict[str, Any] = {"format": _FORMAT, "count": count_as_json(record)}
    else:
        header = {
            "format": _FORMAT,
            "event": event_as_json(record.event),
            "snapshot": None if record.snapshot is None else len(record.snapshot),
            "clip": None if record.clip is None else len(record.clip),
        }
        media = (record.snapshot or b"") + (record.clip or b"")
    body = b"".join((json.dumps(header).encode(), b"\n", media))
    return b"%08x\n%b" % (zlib.crc32(body), body)


def decoded(content: bytes) -> SpoolRecord:
    """The record of the bytes. Raises `BadInput` when they are damaged, cut short, or of another format."""
    checksum, _, body = content.partition(b"\n")
    if checksum != b"%08x" % zlib.crc32(body):
        raise BadInput("the record is damaged: its checksum is another")
    line, _, media = body.partition(b"\n")
    try:
        header: dict[str, Any] = json.loads(line)
        if header["format"] != _FORMAT:
            raise BadInput(f"the record has format {header['format']!r}, this version reads {_FORMAT}")
        return count_from_json(header["count"]) if "count" in header else _event_record(header, media)
    except (ValueError, KeyError, TypeError, BadConfiguration) as exc:
        raise BadInput(f"the record makes no sense: {exc}") from exc


def _event_record(header: dict[str, Any], media: bytes) -> EventRecord:
    event = event_from_json(header["event"])
    snapshot, clip = header["snapshot"], header["clip"]
    cut = snapshot or 0
    if len(media) != cut + (clip or 0):
        raise BadInput("the record is cut short")
    return EventRecord(event, None if snapshot is None else media[:cut], None if clip is None else media[cut:])
