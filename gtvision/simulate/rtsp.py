"""RTSP 1.0 messages, without I/O. Source: RFC 2326."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_LARGEST_REQUEST_BYTES = 16_384
_REQUEST_LINE = re.compile(r"([A-Z_]+) (\S+) (RTSP/\d\.\d)")
_INTERLEAVED = re.compile(r"interleaved=(\d{1,3})(?:-(\d{1,3}))?")
_PHRASES = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    503: "Service Unavailable",
    505: "RTSP Version Not Supported",
    551: "Option not supported",
}


class MalformedRequest(Exception):
    """The client does not speak RTSP; nothing after this can be understood."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are in lower case."""

    method: str
    url: str
    version: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply, without the headers that every reply has."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    def encode(self, cseq: str) -> bytes:
        """The reply as it goes over the wire."""
        body = self.body.encode()
        head = {"CSeq": cseq, "Server": "gtvision-simulate", **self.headers}
        if body:
            head["Content-Length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return f"RTSP/1.0 {self.status} {_PHRASES[self.status]}\r\n{lines}\r\n".encode() + body


class RequestReader:
    """Cuts what a client sends into requests; its RTCP reports are passed over."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, received: bytes) -> Iterator[Request]:
        """The requests that are now whole. Raises `MalformedRequest`."""
        self._buffer += received
        while self._buffer:
            if self._buffer[0] == ord("$"):
                size = 4 + int.from_bytes(self._buffer[2:4], "big")
                if len(self._buffer) < 4 or len(self._buffer) < size:
                    return
                del self._buffer[:size]
            elif self._buffer[0] in b"\r\n":
                del self._buffer[0]
            else:
                request = self._request()
                if request is None:
                    return
                yield request

    def _request(self) -> Request | None:
        end = self._buffer.find(b"\r\n\r\n")
        if max(end, 0 if end >= 0 else len(self._buffer)) > _LARGEST_REQUEST_BYTES:
            raise MalformedRequest(f"a request of more than {_LARGEST_REQUEST_BYTES} bytes")
        if end < 0:
            return None
        line, *rest = self._buffer[:end].decode("utf-8", "replace").split("\r\n")
        match = _REQUEST_LINE.fullmatch(line)
        if match is None:
            raise MalformedRequest("the first line is no RTSP request")
        pairs = (text.partition(":") for text in rest)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        body = headers.get("content-length", "0")
        if not body.isdecimal() or int(body) > _LARGEST_REQUEST_BYTES:
            raise MalformedRequest("a body without a sensible length")
        if len(self._buffer) < end + 4 + int(body):
            return None
        del self._buffer[: end + 4 + int(body)]
        return Request(match[1], match[2], match[3], headers)


def interleaved_channel(transport: str) -> int | None:
    """The RTP channel of the first transport in the header that runs over the RTSP connection, None without one."""
    for offer in transport.split(","):
        if offer.strip().upper().startswith("RTP/AVP/TCP"):
            match = _INTERLEAVED.search(offer)
            channel = int(match[1]) if match else 0
            return channel if channel < 255 else None
    return None
