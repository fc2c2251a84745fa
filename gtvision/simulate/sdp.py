"""What DESCRIBE answers. Source: RFC 4566, RFC 6184 section 8.1, RFC 7798 section 7.1."""

from base64 import b64encode

from gtvision.simulate.clip import Clip
from gtvision.simulate.nal import Codec, nal_type
from gtvision.simulate.rtp import CLOCK_HZ, PAYLOAD_TYPE

CONTROL = "trackID=0"
_H265_NAMES = {32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps"}


def describe(name: str, clip: Clip) -> str:
    """The session description of a camera that sends the clip."""
    bits_per_s = sum(len(frame.wire) for frame in clip.frames) * 8 / clip.duration_s
    encoding = "H264" if clip.codec is Codec.H264 else "H265"
    lines = (
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        f"s={name}",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"b=AS:{max(1, round(bits_per_s / 1000))}",
        f"a=rtpmap:{PAYLOAD_TYPE} {encoding}/{CLOCK_HZ}",
        f"a=fmtp:{PAYLOAD_TYPE} {_format(clip)}",
        f"a=framerate:{clip.fps:g}",
        f"a=control:{CONTROL}",
        "",
    )
    return "\r\n".join(lines)


def _format(clip: Clip) -> str:
    sets: dict[int, list[str]] = {}
    for nal in clip.parameter_sets:
        sets.setdefault(nal_type(nal, clip.codec), []).append(b64encode(nal).decode())
    if clip.codec is Codec.H265:
        return ";".join(f"{_H265_NAMES[kind]}={','.join(texts)}" for kind, texts in sets.items())
    sps = next(nal for nal in clip.parameter_sets if nal_type(nal, clip.codec) == 7)
    sprop = ",".join(text for texts in sets.values() for text in texts)
    return f"packetization-mode=1;profile-level-id={sps[1:4].hex()};sprop-parameter-sets={sprop}"
