"""The bridge to other systems' queues: what comes in is done, what has to go out is sent, and nothing is lost.

    Intake ──► Desk ──► Lines ──► FrameWork ──► the camera            Intake: frames, or plates to read
      ▲          │        │   └─► PlateWork ──► the plate reader
      │          │        ▼
      └─ acknowledged ◄─ Outlet ◄── PlatePublisher ◄── events that are over

A message is acknowledged after what it caused is on the disk, or after the broker has confirmed that it is in another
queue; never before. What is not acknowledged when a connection is lost comes again by itself, and does no harm then:
what a message causes is named after it.
"""

from gtvision.runtime.bridge.partner import PartnerBridge, PartnerPorts
from gtvision.runtime.bridge.patience import Patience

__all__ = ["PartnerBridge", "PartnerPorts", "Patience"]
