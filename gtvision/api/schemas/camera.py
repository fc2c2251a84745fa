"""Cameras as they come in and go out."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import Field

from gtvision.api.schemas.common import Answer, Request, utc, within
from gtvision.api.schemas.parts import (
    LineModel,
    LocationModel,
    SamplingModel,
    SourceIn,
    SourceOut,
    TriggerModel,
    ZoneModel,
)
from gtvision.domain.camera import Camera
from gtvision.domain.codec import camera_as_json, camera_from_json
from gtvision.ports import StoredCamera


class CameraSettings(Request):
    """All that can be set of a camera."""

    sources: tuple[SourceIn, ...] = Field(max_length=8, description="In order of preference.")
    name: str = Field("", max_length=200, description="What people call it; empty: its id.")
    zones: tuple[ZoneModel, ...] = Field((), max_length=64, description="Without a watch zone: the whole picture.")
    lines: tuple[LineModel, ...] = Field((), max_length=64, description="What vehicles cross.")
    triggers: tuple[TriggerModel, ...] = Field((), max_length=64, description="Without any: one enter.")
    sampling: SamplingModel = SamplingModel()
    enabled: bool = Field(True, description="Whether it should run.")
    groups: tuple[Annotated[str, Field(max_length=64)], ...] = Field((), max_length=32, description="Free labels.")
    time_zone: str = Field("America/Sao_Paulo", description="IANA name of its site's time zone.")
    location: LocationModel | None = Field(None, description="Where it stands: the sun there tells day from night.")

    def to_domain(self, camera_id: str) -> Camera:
        """The camera of that id. Raises `BadConfiguration` naming the field."""
        sources = []
        for index, source in enumerate(self.sources):
            with within(f"sources[{index}]"):
                sources.append(source.to_domain())
        bare = [{"url": source.url} for source in sources]
        camera = camera_from_json(self.model_dump() | {"id": camera_id, "sources": bare})
        return replace(camera, sources=tuple(sources))


class NewCamera(CameraSettings):
    """A camera to be added."""

    id: str = Field(description="1 to 63 lower-case letters, digits, '-' and '_'; cannot be changed later.")


class CameraOut(Answer):
    """A camera as it is stored, without its passwords."""

    id: str
    name: str
    sources: tuple[SourceOut, ...]
    zones: tuple[ZoneModel, ...]
    lines: tuple[LineModel, ...]
    triggers: tuple[TriggerModel, ...]
    sampling: SamplingModel
    enabled: bool
    groups: tuple[str, ...]
    time_zone: str
    location: LocationModel | None
    version: int = Field(description="One more at each change.")
    updated: datetime

    @classmethod
    def of(cls, stored: StoredCamera) -> "CameraOut":
        """What may be shown of a stored camera."""
        plain = camera_as_json(stored.camera)
        for index, source in enumerate(plain["sources"]):
            source["has_password"] = index in stored.secret_sources
        return cls.model_validate(plain | {"version": stored.version, "updated": utc(stored.updated_s)})


class CameraList(Answer):
    """All cameras, by id."""

    items: tuple[CameraOut, ...]
