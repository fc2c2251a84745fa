"""Settings: read once at an entry point, checked, and passed in."""

from gtvision.settings.bridge import Bridge, Partner
from gtvision.settings.sections import (
    Database,
    DetectorSettings,
    Http,
    Log,
    Media,
    PlateSettings,
    Privacy,
    RaySettings,
    Recording,
    Replicas,
    Retention,
    Streams,
)
from gtvision.settings.settings import Settings, load_settings, settings_of

__all__ = [
    "Bridge",
    "Database",
    "DetectorSettings",
    "Http",
    "Log",
    "Media",
    "Partner",
    "PlateSettings",
    "Privacy",
    "RaySettings",
    "Recording",
    "Replicas",
    "Retention",
    "Settings",
    "Streams",
    "load_settings",
    "settings_of",
]
