"""All settings together, and where they are read from."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError, model_validator

from gtvision.domain.errors import BadConfiguration
from gtvision.settings.bridge import Bridge
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
    Retention,
    Streams,
    Strict,
)


class Settings(Strict):
    """All settings. Every key has a default; `configs/local.yaml` explains each."""

    data_dir: Annotated[Path, Field(description="Folder of database, media, spool and logs.")] = Path(
        "~/.local/share/gtvision"
    )
    http: Http = Http()
    database: Database = Database()
    media: Media = Media()
    detector: DetectorSettings = DetectorSettings()
    plates: PlateSettings = PlateSettings()
    recording: Recording = Recording()
    streams: Streams = Streams()
    retention: Retention = Retention()
    privacy: Privacy = Privacy()
    bridge: Bridge = Bridge()
    ray: RaySettings = RaySettings()
    log: Log = Log()

    @model_validator(mode="before")
    @classmethod
    def _whole_path(cls, values: Any) -> Any:
        if isinstance(values, Mapping):
            folder = values.get("data_dir", "~/.local/share/gtvision")
            return {**values, "data_dir": Path(str(folder)).expanduser().absolute()}
        return values

    @model_validator(mode="after")
    def _works_together(self) -> "Settings":
        if self.detector.cpu.max == 0 and self.detector.gpu.max == 0:
            raise ValueError("detector.cpu.max and detector.gpu.max are both 0: nothing would detect anything")
        if self.plates.replicas.max == 0 and any(partner.reads_plates for partner in self.bridge.partners):
            raise ValueError("bridge.partners reads_plates needs a plate reader: plates.replicas.max is 0")
        if self.bridge.partners and _is_longer(self.bridge.dead_letter_days, self.retention.receipts_days):
            raise ValueError(
                "retention.receipts_days is less than bridge.dead_letter_days: a dead letter that is put back later "
                "could count twice; keep receipts for at least as long"
            )
        return self

    @property
    def database_url(self) -> str:
        """SQLAlchemy address of the database; may hold a password."""
        if self.database.url is not None:
            return self.database.url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'gtvision.db'}"

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.database_url.startswith("sqlite")

    @property
    def media_url(self) -> str:
        """Folder or fsspec address of the media store."""
        return self.media.url or str(self.data_dir / "media")

    def without_secrets(self) -> "Settings":
        """The same for a process that needs none of the API's key, the database and the media store."""
        return self.model_copy(update={"http": Http(), "database": Database(), "media": Media(), "bridge": Bridge()})

    def check_nodes(self, count: int) -> None:
        """Raises `BadConfiguration` when so many machines cannot work together with these settings."""
        if self.is_sqlite and count > 1:
            raise BadConfiguration(
                f"SQLite is a file of one machine, and this cluster has {count} nodes; "
                "write postgresql+psycopg://user:password@host/name",
                "database.url",
            )

    @property
    def spool_dir(self) -> Path:
        """Folder of this node's spool."""
        return self.data_dir / "spool"


def _is_longer(days: int | None, others: int | None) -> bool:
    """Whether that is longer than the other; None is for ever."""
    return others is not None and (days is None or days > others)


def load_settings(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of a YAML file, else of the file that `GTVISION_CONFIG` names, else the defaults.

    Raises:
        BadConfiguration: The file is missing or malformed, or a key is unknown or out of bounds; it names the key.
    """
    environment = os.environ if environment is None else environment
    if file is None and environment.get("GTVISION_CONFIG"):
        file = Path(environment["GTVISION_CONFIG"])
    values: Any = {}
    if file is not None:
        try:
            values = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        except OSError as exc:
            raise BadConfiguration(f"cannot read the settings file {file}: {exc.strerror}") from exc
        except (yaml.YAMLError, UnicodeDecodeError) as exc:
            mark = getattr(exc, "problem_mark", None)
            where = f" in line {mark.line + 1}" if mark else ""
            raise BadConfiguration(f"{file} is not YAML{where}; configs/local.yaml shows the form") from exc
        if not isinstance(values, dict):
            raise BadConfiguration(f"{file} must hold keys and values, such as 'http: {{port: 8000}}'")
    return settings_of(values)


def settings_of(values: Mapping[str, Any]) -> Settings:
    """The settings of a mapping as YAML gives it. Raises `BadConfiguration` naming the first key that is wrong."""
    try:
        return Settings.model_validate(values)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise BadConfiguration("there is no such setting; configs/local.yaml lists them all", where) from None
        raise BadConfiguration(first["msg"].removeprefix("Value error, "), where) from None
