"""What the pipeline needs from the world. Each port has a fake in `gtvision.testing`."""

from gtvision.ports.bridges import BridgeStatus, LiveBridges, PartnerStatus, QueueStatus
from gtvision.ports.broker import Codec, Delivery, Intake, Outlet
from gtvision.ports.cameras import CameraStatus, CameraStore, LiveCameras, StoredCamera
from gtvision.ports.counts import CountFilter, CountStore, IntervalCount
from gtvision.ports.events import EventFilter, EventStore, EventToSave, StoredEvent
from gtvision.ports.measuring import Metrics, MetricsText, ReadyChecks
from gtvision.ports.media import MediaStore
from gtvision.ports.models import Detector, DetectorInfo, PictureDetector, PlateDesk, PlateReader
from gtvision.ports.orders import DueOrder, PlateOrder, PlateOrders, PlateOrderStore, StoredPicture, StoredPictures
from gtvision.ports.plates import PlateFilter, PlateStore, StoredPlate, StoredWatchlist, WatchlistStore
from gtvision.ports.privacy import DisclosureFilter, DisclosureLog, Due, Retainer, RetentionStore
from gtvision.ports.pushing import PushedCameras
from gtvision.ports.receipts import ReceiptStore
from gtvision.ports.spool import EventSink, EventSpool, SpoolRecord
from gtvision.ports.video import PacketSource, Picture, PictureDecoder, ProbeReport, SourceProbe

__all__ = [
    "BridgeStatus",
    "CameraStatus",
    "CameraStore",
    "Codec",
    "CountFilter",
    "CountStore",
    "Delivery",
    "Detector",
    "DetectorInfo",
    "DisclosureFilter",
    "DisclosureLog",
    "Due",
    "DueOrder",
    "EventFilter",
    "EventSink",
    "EventSpool",
    "EventStore",
    "EventToSave",
    "Intake",
    "IntervalCount",
    "LiveBridges",
    "LiveCameras",
    "MediaStore",
    "Metrics",
    "MetricsText",
    "Outlet",
    "PacketSource",
    "PartnerStatus",
    "Picture",
    "PictureDecoder",
    "PictureDetector",
    "PlateDesk",
    "PlateFilter",
    "PlateOrder",
    "PlateOrderStore",
    "PlateOrders",
    "PlateReader",
    "PlateStore",
    "ProbeReport",
    "PushedCameras",
    "QueueStatus",
    "ReadyChecks",
    "ReceiptStore",
    "Retainer",
    "RetentionStore",
    "SourceProbe",
    "SpoolRecord",
    "StoredCamera",
    "StoredEvent",
    "StoredPicture",
    "StoredPictures",
    "StoredPlate",
    "StoredWatchlist",
    "WatchlistStore",
]
