"""One record as the bytes of one file.

CRC-32 of all that follows, 8 hex digits, newline
{"format": 1, "event": {...}, "snapshot": bytes or null, "clip": bytes or null}, newline
the snapshot, then the clip

or, of a count, after the checksum:

{"format": 1, "count": {...}}, newline

or, of a vehicle's plate:

{"format": 1, "plate": {...}, "crop": bytes or null}, newline
the picture of the plate

or, of a message that has been dealt with:

{"format": 1, "receipt": {...}, "events": [{"event": {...}, "snapshot": bytes or null, "clip": bytes or null}, ...]},
newline, snapshot and clip of each event
"""

import json
import zlib
from itertools import accumulate
from typing import Any

from gtvision.domain.codec import (
    count_as_json,
    count_from_json,
    event_as_json,
    event_from_json,
    receipt_as_json,
    receipt_from_json,
    vehicle_plate_as_json,
    vehicle_plate_from_json,
)
from gtvision.domain.count import CountRecord
from gtvision.domain.errors import BadConfiguration, BadInput
from gtvision.domain.event import EventRecord
from gtvision.domain.plate import PlateRecord
from gtvision.domain.receipt import MessageRecord
from gtvision.ports import SpoolRecord

_FORMAT = 1


def encoded(record: SpoolRecord) -> bytes:
    """The bytes of the record."""
    header, media = _parts(record)
    body = b"".join((json.dumps({"format": _FORMAT, **header}).encode(), b"\n", *media))
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
        return _record(header, media)
    except (ValueError, KeyError, TypeError, BadConfiguration) as exc:
        raise BadInput(f"the record makes no sense: {exc}") from exc


def _parts(record: SpoolRecord) -> tuple[dict[str, Any], list[bytes]]:
    """What the header says, and what follows it."""
    if isinstance(record, CountRecord):
        return {"count": count_as_json(record)}, []
    if isinstance(record, MessageRecord):
        parts = [_parts(each) for each in record.events]
        header = {"receipt": receipt_as_json(record.receipt), "events": [header for header, _ in parts]}
        return header, [each for _, media in parts for each in media]
    if isinstance(record, PlateRecord):
        return {"plate": vehicle_plate_as_json(record.vehicle_plate), "crop": _length(record.crop)}, [
            record.crop or b""
        ]
    lengths = {"snapshot": _length(record.snapshot), "clip": _length(record.clip)}
    return {"event": event_as_json(record.event), **lengths}, [record.snapshot or b"", record.clip or b""]


def _record(header: dict[str, Any], media: bytes) -> SpoolRecord:
    if "count" in header:
        return count_from_json(header["count"])
    if "receipt" in header:
        pictures = iter(_cut(media, *(each[part] for each in header["events"] for part in ("snapshot", "clip"))))
        events = (
            EventRecord(event_from_json(each["event"]), next(pictures), next(pictures)) for each in header["events"]
        )
        return MessageRecord(receipt_from_json(header["receipt"]), tuple(events))
    if "plate" in header:
        (crop,) = _cut(media, header["crop"])
        return PlateRecord(vehicle_plate_from_json(header["plate"]), crop)
    snapshot, clip = _cut(media, header["snapshot"], header["clip"])
    return EventRecord(event_from_json(header["event"]), snapshot, clip)


def _length(part: bytes | None) -> int | None:
    return None if part is None else len(part)


def _cut(media: bytes, *lengths: int | None) -> list[bytes | None]:
    """The parts of those lengths, which are all of it."""
    if len(media) != sum(length or 0 for length in lengths):
        raise BadInput("the record is cut short")
    ends = list(accumulate(length or 0 for length in lengths))
    pairs = zip(lengths, ends, strict=True)
    return [None if length is None else media[end - length : end] for length, end in pairs]
