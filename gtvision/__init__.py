"""GT-Vision: RTSP traffic cameras in, events out. The product without Ray; `actors/` runs it on a cluster."""

__version__ = "0.1.0"
