"""Cameras: which should run, and what each is set to."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from gtvision.api.schemas.camera import CameraList, CameraOut, CameraSettings, NewCamera
from gtvision.api.services import Ports
from gtvision.domain.codec import camera_as_json

router = APIRouter(prefix="/v1/cameras", tags=["cameras"])


@router.get("")
def list_cameras(ports: Ports) -> CameraList:
    """All cameras, by id."""
    return CameraList(items=tuple(CameraOut.of(stored) for stored in ports.cameras.cameras()))


@router.post("", status_code=201)
def add_camera(camera: NewCamera, ports: Ports, response: Response) -> CameraOut:
    """Adds a camera; it starts by itself."""
    stored = ports.cameras.add_camera(camera.to_domain(camera.id))
    response.headers["Location"] = f"/v1/cameras/{camera.id}"
    return CameraOut.of(stored)


@router.get("/{camera_id}")
def show_camera(camera_id: str, ports: Ports) -> CameraOut:
    """One camera."""
    return CameraOut.of(ports.cameras.camera(camera_id))


@router.put("/{camera_id}")
def replace_camera(camera_id: str, settings: CameraSettings, ports: Ports) -> CameraOut:
    """Replaces all settings of a camera; a source without password keeps the one it had."""
    return CameraOut.of(ports.cameras.set_camera(settings.to_domain(camera_id)))


@router.patch("/{camera_id}")
def change_camera(camera_id: str, changes: dict[str, Any], ports: Ports) -> CameraOut:
    """Changes some settings of a camera by a JSON merge patch (RFC 7396); a list is replaced whole."""
    current = camera_as_json(ports.cameras.camera(camera_id).camera)
    del current["id"]
    try:
        wanted = CameraSettings.model_validate(_merged(current, changes))
    except ValidationError as exc:
        faults = exc.errors(include_url=False, include_input=False)
        raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from None
    return CameraOut.of(ports.cameras.set_camera(wanted.to_domain(camera_id)))


@router.delete("/{camera_id}", status_code=204)
def remove_camera(camera_id: str, ports: Ports) -> None:
    """Removes a camera and stops it; its events stay."""
    ports.cameras.remove_camera(camera_id)


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), value)
    return result
