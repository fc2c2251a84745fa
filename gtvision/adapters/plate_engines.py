"""The engine that reads plates, by its name in the settings."""

from importlib import import_module

from gtvision.domain.errors import BadConfiguration
from gtvision.ports import PlateReader
from gtvision.settings import PlateSettings

_FIELD = "plates.engine"


def load_plate_reader(settings: PlateSettings) -> PlateReader:
    """The engine that the settings name, ready to read.

    Raises:
        BadConfiguration: There is no such engine, or it cannot be loaded.
    """
    if settings.engine == "rapidocr":
        from gtvision.adapters.rapidocr_plates import RapidOcrPlates  # 60 MB that no other engine needs

        return RapidOcrPlates(threads=settings.cpu_threads)
    module, _, function = settings.engine.partition(":")
    try:
        reader: PlateReader = getattr(import_module(module), function)(threads=settings.cpu_threads)
    except (ImportError, AttributeError, TypeError) as exc:
        raise BadConfiguration(f"{settings.engine} gives no plate reader: {exc}", _FIELD) from exc
    return reader
