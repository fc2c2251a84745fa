"""Cameras in the database, their passwords in a table of their own."""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from gtvision.adapters.store.engine import Database
from gtvision.adapters.store.events import close_open_events
from gtvision.adapters.store.tables import CameraRow, CameraSecretRow
from gtvision.domain.camera import Camera, Source
from gtvision.domain.codec import camera_as_json, camera_from_json
from gtvision.domain.errors import AlreadyExists, NotFound
from gtvision.ports import StoredCamera

_Login = tuple[str, str]


class SqlCameras:
    """The cameras that should run, for `CameraStore`."""

    _database: Database
    _plate_partners: tuple[str, ...]

    def cameras(self) -> list[StoredCamera]:
        """All of them by id, without passwords."""
        with self._database.reading() as session:
            passwords: defaultdict[str, dict[_Login, str]] = defaultdict(dict)
            for secret in session.exec(select(CameraSecretRow)):
                passwords[secret.camera_id][secret.url, secret.user] = secret.password
            rows = session.exec(select(CameraRow).order_by(col(CameraRow.id)))
            return [_stored(row, passwords[row.id]) for row in rows]

    def camera(self, camera_id: str, *, with_secrets: bool = False) -> StoredCamera:
        """One of them. Raises `NotFound`."""
        with self._database.reading() as session:
            row = _row(session, camera_id)
            return _stored(row, _passwords(session, camera_id), with_secrets=with_secrets)

    def add_camera(self, camera: Camera) -> StoredCamera:
        """Stores a new camera. Raises `AlreadyExists`."""
        with self._database.writing() as session:
            row = CameraRow(id=camera.id, version=1, updated_s=time.time(), **_columns(camera))
            session.add(row)
            try:
                session.flush()
            except IntegrityError:
                raise AlreadyExists(f"there is already a camera {camera.id!r}") from None
            return _stored(row, _set_passwords(session, camera, {}))

    def set_camera(self, camera: Camera) -> StoredCamera:
        """Replaces a camera's settings; a source without password keeps the one stored for its url and user.

        Of a camera that is switched off the open events end. Raises `NotFound`.
        """
        with self._database.writing() as session:
            row = _row(session, camera.id, locked=True)
            row.sqlmodel_update({**_columns(camera), "version": row.version + 1, "updated_s": time.time()})
            if not camera.enabled:
                close_open_events(session, camera.id, self._plate_partners)
            return _stored(row, _set_passwords(session, camera, _passwords(session, camera.id)))

    def remove_camera(self, camera_id: str) -> None:
        """Removes a camera and its passwords; its events stay, and those that were open end. Raises `NotFound`."""
        with self._database.writing() as session:
            session.delete(_row(session, camera_id, locked=True))
            close_open_events(session, camera_id, self._plate_partners)


def _row(session: Session, camera_id: str, *, locked: bool = False) -> CameraRow:
    row = session.get(CameraRow, camera_id, with_for_update=locked)
    if row is None:
        raise NotFound(f"there is no camera {camera_id!r}")
    return row


def _columns(camera: Camera) -> dict[str, Any]:
    return {"name": camera.name, "enabled": camera.enabled, "spec": camera_as_json(camera)}


def _login(source: Source) -> _Login:
    return source.url, source.user or ""


def _passwords(session: Session, camera_id: str) -> dict[_Login, str]:
    rows = session.exec(select(CameraSecretRow).where(CameraSecretRow.camera_id == camera_id))
    return {(row.url, row.user): row.password for row in rows}


def _set_passwords(session: Session, camera: Camera, kept: Mapping[_Login, str]) -> dict[_Login, str]:
    """Stores the camera's own passwords, else the kept ones that it still has a source for; returns them."""
    given = {_login(source): source.password for source in camera.sources if source.password is not None}
    logins = {_login(source) for source in camera.sources}
    passwords = {login: password for login, password in {**kept, **given}.items() if login in logins}
    session.exec(delete(CameraSecretRow).where(col(CameraSecretRow.camera_id) == camera.id))
    session.add_all(
        CameraSecretRow(camera_id=camera.id, url=url, user=user, password=password)
        for (url, user), password in passwords.items()
    )
    return passwords


def _stored(row: CameraRow, passwords: Mapping[_Login, str], *, with_secrets: bool = False) -> StoredCamera:
    camera = camera_from_json(row.spec)
    secret = frozenset(index for index, source in enumerate(camera.sources) if _login(source) in passwords)
    if with_secrets:
        sources = tuple(replace(source, password=passwords.get(_login(source))) for source in camera.sources)
        camera = replace(camera, sources=sources)
    return StoredCamera(camera, row.version, row.updated_s, secret)
