"""Simulated traffic: streets drawn in perspective, with the exact truth of who was where and when."""

from gtvision.traffic.clips import truth_of, write_clip
from gtvision.traffic.loops import Due, Loop, due, loop_clip
from gtvision.traffic.scenes import SCENES
from gtvision.traffic.traffic import Recording, Traffic, scene
from gtvision.traffic.truth import Crossing, FrameTruth, Seen, Step, Story, Visit
from gtvision.traffic.weather import EFFECTS, LIGHTS, Weather

__all__ = [
    "EFFECTS",
    "LIGHTS",
    "SCENES",
    "Crossing",
    "Due",
    "FrameTruth",
    "Loop",
    "Recording",
    "Seen",
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
