"""Simulated RTSP cameras with scripted faults, for tests, load and the demo."""

from gtvision.simulate.camera import SimulatedCamera
from gtvision.simulate.faults import EVERY_CAMERA, Fault, FaultKind, load_faults
from gtvision.simulate.prepare import prepare_clip
from gtvision.simulate.running import SimulatorThread, serve
from gtvision.simulate.scene import bus_scene
from gtvision.simulate.server import RtspServer

__all__ = [
    "EVERY_CAMERA",
    "Fault",
    "FaultKind",
    "RtspServer",
    "SimulatedCamera",
    "SimulatorThread",
    "bus_scene",
    "load_faults",
    "prepare_clip",
    "serve",
]
