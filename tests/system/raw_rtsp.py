"""A bare RTSP client on a socket, for what a media library would hide."""

import re
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class RtpPacket:
    channel: int
    seq: int
    timestamp: int
    marker: bool
    payload: bytes

    @property
    def is_picture(self) -> bool:
        """Whether it holds a part of an H.264 picture."""
        return self.payload[0] & 0x1F in (1, 5, 28)

    @property
    def is_keyframe(self) -> bool:
        """Whether an H.264 keyframe begins in it."""
        kind = self.payload[0] & 0x1F
        return kind == 5 or (kind == 28 and self.payload[1] & 0x9F == 0x85)


class RawClient:
    """Speaks to one address; every wait ends after `timeout_s` with `TimeoutError`, a close with `EOFError`."""

    def __init__(self, url: str, timeout_s: float = 3.0, receive_bytes: int | None = None) -> None:
        self.url = url
        parts = urlsplit(url)
        self.socket = socket.socket()
        if receive_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(timeout_s)
        self.socket.connect((parts.hostname, parts.port))
        self.unread = b""
        self._cseq = 0
        self.session = ""

    def __enter__(self) -> "RawClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, method: str, path: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and body of the answer."""
        self._cseq += 1
        head = {"CSeq": str(self._cseq), **({"Session": self.session} if self.session else {}), **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self.socket.sendall(f"{method} {self.url}{path} RTSP/1.0\r\n{lines}\r\n".encode())
        return self._answer()

    def play(self) -> dict[str, str]:
        """Sets up and plays; returns the headers of the answer to PLAY."""
        status, head, _ = self.ask("SETUP", "/trackID=0", Transport="RTP/AVP/TCP;unicast;interleaved=0-1")
        assert status == 200
        self.session = head["session"].partition(";")[0]
        status, head, _ = self.ask("PLAY", Range="npt=0.000-")
        assert status == 200
        return head

    def packet(self) -> RtpPacket:
        """The next RTP packet."""
        while True:
            channel, content = self.interleaved()
            if channel == 0:
                _, marker, seq, timestamp = struct.unpack(">BBHI", content[:8])
                return RtpPacket(channel, seq, timestamp, bool(marker & 0x80), content[12:])

    def for_seconds(self, seconds: float) -> list[RtpPacket]:
        """The RTP packets that come in that time."""
        until, found = time.monotonic() + seconds, []
        while time.monotonic() < until:
            found.append(self.packet())
        return found

    def until_closed(self) -> list[RtpPacket]:
        """The RTP packets before the server closes the connection."""
        found = []
        with suppress(EOFError):
            while True:
                found.append(self.packet())
        return found

    def until_silent(self) -> list[RtpPacket]:
        """The RTP packets before none comes for the client's timeout."""
        found = []
        with suppress(TimeoutError):
            while True:
                found.append(self.packet())
        return found

    def interleaved(self) -> tuple[int, bytes]:
        """Channel and content of the next interleaved frame."""
        head = self._take(4)
        assert head[:1] == b"$", head
        return head[1], self._take(int.from_bytes(head[2:], "big"))

    def _answer(self) -> tuple[int, dict[str, str], str]:
        while self._peek() == b"$":
            self.interleaved()
        while b"\r\n\r\n" not in self.unread:
            self._fill()
        text, _, self.unread = self.unread.partition(b"\r\n\r\n")
        first, *rest = text.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}
        body = self._take(int(headers.get("content-length", 0))).decode()
        match = re.match(r"RTSP/1\.0 (\d{3}) ", first)
        assert match, first
        return int(match[1]), headers, body

    def _peek(self) -> bytes:
        while not self.unread:
            self._fill()
        return self.unread[:1]

    def _take(self, size: int) -> bytes:
        while len(self.unread) < size:
            self._fill()
        taken, self.unread = self.unread[:size], self.unread[size:]
        return taken

    def _fill(self) -> None:
        received = self.socket.recv(65_536)
        if not received:
            raise EOFError
        self.unread += received
