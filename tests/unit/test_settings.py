import pickle
from pathlib import Path
from typing import Any

import pytest

from gtvision.domain.errors import BadConfiguration
from gtvision.settings import load_settings, settings_of

KEY = "0123456789abcdef"


def test_without_a_file_everything_has_a_default() -> None:
    settings = load_settings(None, {})
    assert settings.http.is_loopback
    assert settings.is_sqlite


def test_a_file_changes_only_what_it_names(tmp_path: Path) -> None:
    file = tmp_path / "gtvision.yaml"
    file.write_text("http: {port: 9000}\n", encoding="utf-8")
    assert load_settings(file, {}) == settings_of({"http": {"port": 9000}})
    assert load_settings(file, {}).http.host == "127.0.0.1"


def test_the_environment_names_the_file_when_nobody_else_does(tmp_path: Path) -> None:
    named, given = tmp_path / "named.yaml", tmp_path / "given.yaml"
    named.write_text("http: {port: 9001}", encoding="utf-8")
    given.write_text("http: {port: 9002}", encoding="utf-8")
    assert load_settings(None, {"GTVISION_CONFIG": str(named)}).http.port == 9001
    assert load_settings(given, {"GTVISION_CONFIG": str(named)}).http.port == 9002


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "empty.yaml"
    file.touch()
    assert load_settings(file, {}) == load_settings(None, {})


@pytest.mark.parametrize(
    ("content", "says"),
    [("http: [", "is not YAML"), ("- 1\n- 2", "must hold keys and values"), (b"\xff\xfe\x00", "is not YAML")],
)
def test_a_malformed_file_is_named(tmp_path: Path, content: str | bytes, says: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadConfiguration, match=f"bad.yaml.*{says}|bad.yaml {says}"):
        load_settings(file, {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"cannot read .*missing\.yaml: No such file"):
        load_settings(tmp_path / "missing.yaml", {})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"htpp": {}}, "htpp"),
        ({"http": {"prot": 1}}, "http.prot"),
        ({"http": {"port": 0}}, "http.port"),
        ({"http": {"port": "many"}}, "http.port"),
        ({"http": {"key": "short"}}, "http.key"),
        ({"detector": {"cpu": {"min": 2, "max": 1}}}, "detector.cpu"),
        ({"recording": {"jpeg_quality": 101}}, "recording.jpeg_quality"),
        ({"log": {"level": "loud"}}, "log.level"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, Any], field: str) -> None:
    with pytest.raises(BadConfiguration) as error:
        settings_of(values)
    assert error.value.field == field


def test_a_key_is_not_repeated_in_the_error() -> None:
    with pytest.raises(BadConfiguration) as error:
        settings_of({"http": {"key": "hunter2"}})
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "::", "cameras.example.org", ""])
def test_listening_beyond_loopback_needs_a_key(host: str) -> None:
    with pytest.raises(BadConfiguration, match="needs a key"):
        settings_of({"http": {"host": host}})
    assert not settings_of({"http": {"host": host, "key": KEY}}).http.is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_key(host: str) -> None:
    assert settings_of({"http": {"host": host}}).http.is_loopback


def test_a_system_without_any_detector_is_refused() -> None:
    with pytest.raises(BadConfiguration, match="nothing would detect anything"):
        settings_of({"detector": {"cpu": {"min": 0, "max": 0}}})


def test_everything_lies_in_data_dir_unless_told_otherwise(tmp_path: Path) -> None:
    settings = settings_of({"data_dir": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/gtvision.db"
    assert settings.media_url == str(tmp_path / "media")
    assert settings.spool_dir == tmp_path / "spool"


def test_data_dir_becomes_a_whole_path() -> None:
    assert settings_of({"data_dir": "~/x"}).data_dir == Path.home() / "x"
    assert settings_of({"data_dir": "x"}).data_dir == Path.cwd() / "x"
    assert settings_of({}).data_dir.is_absolute()


def test_secrets_do_not_print() -> None:
    settings = settings_of({"http": {"key": KEY}, "database": {"url": "postgresql+psycopg://me:hunter2@db/x"}})
    assert KEY not in f"{settings} {settings!r} {settings.model_dump_json()}"
    assert "hunter2" not in f"{settings} {settings!r} {settings.model_dump_json()}"
    assert "hunter2" in settings.database_url


def test_settings_survive_the_way_to_an_actor() -> None:
    settings = settings_of({"http": {"key": KEY}})
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_what_goes_to_a_camera_holds_no_secret() -> None:
    settings = settings_of(
        {
            "http": {"key": KEY},
            "database": {"url": "postgresql+psycopg://me:hunter2@db/x"},
            "media": {"url": "ftp://me:hunter3@files/x"},
        }
    )
    pickled = pickle.dumps(settings.without_secrets())
    assert not any(secret in pickled for secret in (KEY.encode(), b"hunter2", b"hunter3"))


def test_sqlite_is_refused_on_more_than_one_machine() -> None:
    settings_of({}).check_nodes(1)
    with pytest.raises(BadConfiguration, match=r"^database\.url: SQLite .* 2 nodes; write postgresql"):
        settings_of({}).check_nodes(2)
    settings_of({"database": {"url": "postgresql+psycopg://me@db/x"}}).check_nodes(2)


def partners(**partner: Any) -> dict[str, Any]:
    one = {"name": "city", "user": "city", "password_file": "/run/secrets/city", "cameras": ["*"], **partner}
    return {"bridge": {"hosts": ["rabbit"], "partners": [one]}}


def test_plates_cannot_be_read_for_partners_where_nobody_reads_any() -> None:
    with pytest.raises(BadConfiguration, match=r"plates\.replicas\.max is 0"):
        settings_of({**partners(reads_plates=True), "plates": {"replicas": {"min": 0, "max": 0}}})


@pytest.mark.parametrize(("letters", "receipts"), [(30, 29), (None, 3650), (32, 31)])
def test_receipts_outlive_dead_letters_where_there_are_partners(letters: int | None, receipts: int) -> None:
    theirs = partners()
    theirs["bridge"]["dead_letter_days"] = letters
    with pytest.raises(BadConfiguration, match=r"receipts_days is less than bridge\.dead_letter_days: .* as long$"):
        settings_of({**theirs, "retention": {"receipts_days": receipts}})
    assert settings_of({**theirs, "retention": {"receipts_days": letters}}).retention.receipts_days == letters
    assert settings_of({"retention": {"receipts_days": 1}}).retention.receipts_days == 1


def test_vehicles_are_ordered_from_partners_that_are_sent_them() -> None:
    assert settings_of(partners()).bridge.plate_partners == ()
    assert settings_of(partners(sends_plates=True)).bridge.plate_partners == ("city",)


def test_messages_are_taken_from_the_queue_of_frames_and_from_that_of_plates_only_where_we_read_them() -> None:
    for partner, queues in (
        ({}, ("detection",)),
        ({"sends_plates": True}, ("detection",)),
        ({"reads_plates": True}, ("detection", "ocr")),
        ({"frames": None, "sends_plates": True}, ()),
    ):
        assert settings_of(partners(**partner)).bridge.partners[0].consumed == queues
