"""Simulated traffic: streets drawn in perspective, with the exact truth of who was where and when."""

from gtvision.traffic.clips import truth_of, write_clip
from gtvision.traffic.loops import Due, Loop, due, loop_clip
from gtvision.traffic.scenes import CLOSE_UPS, SCENES
from gtvision.traffic.traffic import Recording, Traffic, scene
from gtvision.traffic.truth import READABLE_PX, Crossing, FrameTruth, Seen, SeenPlate, Step, Story, Visit
from gtvision.traffic.weather import EFFECTS, LIGHTS, Weather

__all__ = [
    "CLOSE_UPS",
    "EFFECTS",
    "LIGHTS",
    "READABLE_PX",
    "SCENES",
    "Crossing",
    "Due",
    "FrameTruth",
    "Loop",
    "Recording",
    "Seen",
    "SeenPlate",
    "Step",
    "Story",
    "Traffic",
    "Visit",
    "Weather",
    "due",
    "loop_clip",
    "scene",
    "truth_of",
    "write_clip",
]
