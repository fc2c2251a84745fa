"""What cameras and sources say of themselves, as it goes out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import Field

from gtvision.api.schemas.common import Answer, ProfileLabel, utc
from gtvision.domain.stream import StreamInfo
from gtvision.ports import BridgeStatus, CameraStatus, DetectorInfo, PartnerStatus, ProbeReport, StoredCamera

NOT_PLACED = "No actor runs it yet. If this lasts longer than a minute, see 'gtvision status'."


class StreamOut(Answer):
    """What a stream says of itself."""

    codec: str
    width: int
    height: int
    fps: float | None

    @classmethod
    def of(cls, info: StreamInfo) -> "StreamOut":
        """A stream, to be shown."""
        return cls(codec=info.codec, width=info.width, height=info.height, fps=info.fps)


class StatusOut(Answer):
    """How one camera does."""

    camera: str
    state: str = Field(description="starting, running, retrying, stopped; or disabled, waiting (not placed yet).")
    detail: str = Field(description="What is wrong and what to do, empty when nothing is.")
    node: str
    stream: StreamOut | None
    mode: Literal["idle", "burst"] | None
    profile: ProfileLabel | None = Field(description="Day or night there, null while nothing tells.")
    last_sample: datetime | None
    last_sample_age_s: float | None = Field(description="Seconds between that sample and this answer.")
    samples: int
    passed: int
    dropped: int
    pass_share: float | None = Field(description="Passed of all samples, null before the first.")
    reconnects: int
    keyframe_interval_s: float | None
    open_events: int
    spool_waiting: int
    reasons: dict[str, int] = Field(description="Samples by the reason for which they passed or did not.")

    @classmethod
    def of(cls, status: CameraStatus, now_s: float) -> "StatusOut":
        """A running camera at that time."""
        last_s = status.last_sample_s
        return cls(
            camera=status.camera_id,
            state=status.state,
            detail=status.detail,
            node=status.node,
            stream=StreamOut.of(status.stream) if status.stream else None,
            mode=status.mode if status.mode in ("idle", "burst") else None,
            profile=status.profile.value if status.profile else None,
            last_sample=None if last_s is None else utc(last_s),
            last_sample_age_s=None if last_s is None else round(max(0.0, now_s - last_s), 2),
            samples=status.samples,
            passed=status.passed,
            dropped=status.dropped,
            pass_share=round(status.passed / status.samples, 4) if status.samples else None,
            reconnects=status.reconnects,
            keyframe_interval_s=status.keyframe_interval_s,
            open_events=status.open_events,
            spool_waiting=status.spool_waiting,
            reasons=dict(status.reasons),
        )

    @classmethod
    def for_camera(cls, stored: StoredCamera, running: CameraStatus | None, now_s: float) -> "StatusOut":
        """A stored camera at that time, whether it runs or not."""
        if running is None and stored.camera.enabled:
            running = CameraStatus(stored.camera.id, state="waiting", detail=NOT_PLACED)
        elif running is None:
            running = CameraStatus(stored.camera.id, state="disabled")
        return cls.of(running, now_s)


class DetectorOut(Answer):
    """What finds road users."""

    weights: str = Field(description="Name of the weights.")
    is_simulated: bool = Field(description="They know simulated traffic only, and are of no use with real cameras.")


class BridgedQueueOut(Answer):
    """A partner's queue that is consumed."""

    name: str
    depth: int | None = Field(description="Messages that wait at the broker, null while that is not known.")
    in_flight: int = Field(description="Messages that came and are not acknowledged yet.")
    oldest_s: float = Field(description="Age of the oldest of those, 0 when there is none.")


class PartnerOut(Answer):
    """A partner at a bridge."""

    name: str
    connected: bool
    breaker: Literal["closed", "half_open", "open"] = Field(description="open: the broker is left alone for a while.")
    detail: str = Field(description="What is wrong, empty when nothing is.")
    queues: tuple[BridgedQueueOut, ...]

    @classmethod
    def of(cls, partner: PartnerStatus) -> "PartnerOut":
        """A partner, to be shown."""
        queues = (
            BridgedQueueOut(
                name=queue.name, depth=queue.depth, in_flight=queue.in_flight, oldest_s=round(queue.oldest_s, 2)
            )
            for queue in partner.queues
        )
        return cls(
            name=partner.name,
            connected=partner.is_connected,
            breaker=partner.breaker.value,
            detail=partner.detail,
            queues=tuple(queues),
        )


class BridgeOut(Answer):
    """A bridge to other systems' queues."""

    name: str
    node: str
    detail: str = Field(description="Why it does not answer, empty when it does.")
    partners: tuple[PartnerOut, ...]

    @classmethod
    def of(cls, status: BridgeStatus) -> "BridgeOut":
        """A bridge, to be shown."""
        partners = tuple(map(PartnerOut.of, status.partners))
        return cls(name=status.name, node=status.node, detail=status.detail, partners=partners)


class StatusList(Answer):
    """How every stored camera does, by id."""

    items: tuple[StatusOut, ...]
    bridges: tuple[BridgeOut, ...] = Field(description="Empty without a bridge in the settings.")
    detector: DetectorOut | None = Field(description="Null while no system runs.")

    @classmethod
    def of(
        cls, items: Iterable[StatusOut], detector: DetectorInfo | None, bridges: Iterable[BridgeStatus]
    ) -> "StatusList":
        """All of them, the detector that they share, and the bridges."""
        told = DetectorOut(weights=detector.weights, is_simulated=detector.is_simulated) if detector else None
        return cls(items=tuple(items), bridges=tuple(map(BridgeOut.of, bridges)), detector=told)


class ProbeOut(Answer):
    """What a source turned out to be."""

    stream: StreamOut
    measured_fps: float | None
    keyframe_interval_s: float | None
    bit_rate_bps: float | None
    open_s: float
    first_picture_s: float
    advice: tuple[str, ...] = Field(description="What would be better, a sentence each.")

    @classmethod
    def of(cls, report: ProbeReport) -> "ProbeOut":
        """A report, to be shown."""
        return cls(
            stream=StreamOut.of(report.stream),
            measured_fps=report.measured_fps,
            keyframe_interval_s=report.keyframe_interval_s,
            bit_rate_bps=report.bit_rate_bps,
            open_s=round(report.open_s, 3),
            first_picture_s=round(report.first_picture_s, 3),
            advice=report.advice,
        )
