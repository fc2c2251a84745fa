import hashlib

import pytest

from gtvision.simulate.digest import DigestGuard
from gtvision.simulate.rtsp import MalformedRequest, Reply, RequestReader, interleaved_channel

REQUEST = b"GET_PARAMETER rtsp://h/cam1 RTSP/1.0\r\nCSeq: 4\r\nContent-Length: 3\r\n\r\nabc"


def test_requests_are_read_however_they_are_cut_and_with_reports_between_them():
    received = b"$\x01\x00\x02xx" + REQUEST + b"$\x01\x00\x01x" + REQUEST
    for step in (1, 7, len(received)):
        reader = RequestReader()
        found = [r for at in range(0, len(received), step) for r in reader.feed(received[at : at + step])]
        assert [(r.method, r.url, r.headers["cseq"]) for r in found] == [("GET_PARAMETER", "rtsp://h/cam1", "4")] * 2


@pytest.mark.parametrize(
    "received",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"x" * 20_000,
        b"\x16\x03\x01\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n",
    ],
)
def test_what_is_no_rtsp_is_refused(received):
    with pytest.raises(MalformedRequest):
        list(RequestReader().feed(received))


def test_a_reply_echoes_the_number_and_measures_its_body():
    text = Reply(200, {"Session": "abc"}, "v=0\r\n").encode("7").decode()
    head, _, body = text.partition("\r\n\r\n")
    assert head.startswith("RTSP/1.0 200 OK\r\nCSeq: 7\r\n")
    assert "\r\nContent-Length: 5" in head
    assert body == "v=0\r\n"


@pytest.mark.parametrize(
    ("transport", "channel"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=2-3", 2),
        ("RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;unicast;interleaved=4-5", 4),
        ("RTP/AVP/TCP;unicast", 0),
        ("RTP/AVP;unicast;client_port=5000-5001", None),
        ("RTP/AVP/UDP;unicast;client_port=5000-5001", None),
        ("RTP/AVP/TCP;interleaved=255-256", None),
        ("", None),
    ],
)
def test_only_tcp_transports_are_taken(transport, channel):
    assert interleaved_channel(transport) == channel


def _md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def _authorization(challenge, password, url="rtsp://h/cam1", user="ana"):
    said = dict(part.strip().split("=", 1) for part in challenge.removeprefix("Digest ").split(","))
    realm, nonce = said["realm"].strip('"'), said["nonce"].strip('"')
    response = _md5(f"{_md5(f'{user}:{realm}:{password}')}:{nonce}:{_md5(f'DESCRIBE:{url}')}")
    return f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{url}", response="{response}"'


def test_digest_accepts_the_right_password_only_for_its_own_nonce_and_address():
    guard, login = DigestGuard(), ("ana", "pássword")
    right = _authorization(guard.challenge(), "pássword")
    assert guard.accepts(right, "DESCRIBE", "rtsp://h/cam1", login)
    assert not guard.accepts(right, "PLAY", "rtsp://h/cam1", login)
    assert not guard.accepts(right, "DESCRIBE", "rtsp://h/cam2", login)
    assert not DigestGuard().accepts(right, "DESCRIBE", "rtsp://h/cam1", login)
    assert not guard.accepts(_authorization(guard.challenge(), "wrong"), "DESCRIBE", "rtsp://h/cam1", login)
    assert not guard.accepts("", "DESCRIBE", "rtsp://h/cam1", login)
    assert not guard.accepts("Basic YW5hOnDDoXNzd29yZA==", "DESCRIBE", "rtsp://h/cam1", login)
