"""Media as answers: whole, in part (RFC 9110 section 14), or not again when the caller has it."""

import hashlib
import re
from typing import Any

from fastapi import Request, Response

from gtvision.api.problems import problem

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}}}
MP4: dict[int | str, dict[str, Any]] = {200: {"content": {"video/mp4": {}}}, 206: {"description": "The range."}}
FINAL = "private, max-age=86400"
CHANGING = "private, no-cache"


def media_answer(request: Request, content: bytes, media_type: str, *, is_final: bool) -> Response:
    """The content as the request wants it: 200, 206 for one range, 304 or 416."""
    etag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": FINAL if is_final else CHANGING}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range", "")
    if request.headers.get("if-range", etag) != etag:
        wanted = ""
    bounds = byte_range(wanted, len(content))
    if bounds is None:
        return Response(content, headers=headers, media_type=media_type)
    start, stop = bounds
    if start >= stop:
        return problem(416, f"there are {len(content)} bytes", headers={"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
    return Response(content[start:stop], 206, headers, media_type)


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last; empty when it cannot be satisfied, None for the whole content.

    A header that is malformed or asks for several ranges is ignored, as the standard allows.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size
