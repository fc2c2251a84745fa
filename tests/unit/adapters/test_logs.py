import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from gtvision.adapters.logs import Incident, configure_logs
from gtvision.settings import Log

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
def lines() -> Lines:
    """JSON logs at level info, and how to read them."""
    stream = io.StringIO()
    configure_logs(Log(format="json"), stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_time_level_and_fields(lines: Lines) -> None:
    structlog.get_logger().info("started", camera="north", samples=3)
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "started", "level": "info", "camera": "north", "samples": 3}


def test_console_lines_are_for_people_and_carry_no_colour_codes_into_a_file() -> None:
    stream = io.StringIO()
    configure_logs(Log(), stream)
    structlog.get_logger().warning("stream ended", camera="north")
    assert "stream ended camera=north" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_lines_below_the_level_are_not_written(lines: Lines) -> None:
    structlog.get_logger().debug("noise")
    logging.getLogger("some.library").debug("noise")
    assert lines() == []


def test_lines_of_libraries_take_the_same_way(lines: Lines) -> None:
    logging.getLogger("some.library").warning("cannot open %s", "rtsp://admin:hunter2@10.0.0.5/live")
    (line,) = lines()
    assert line["event"] == "cannot open rtsp://***@10.0.0.5/live"
    assert line["level"] == "warning"


def test_a_library_that_logs_what_it_raises_is_silent(lines: Lines) -> None:
    logging.getLogger("pika.adapters.blocking_connection").error("Connection workflow failed")
    assert lines() == []


def test_warnings_take_the_same_way(lines: Lines) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old rtsp://admin:hunter2@10.0.0.5/live", stacklevel=1)
    assert "hunter2" not in str(lines())
    assert "10.0.0.5/live" in lines()[0]["event"]


@pytest.mark.parametrize("name", ["password", "db_password", "secret", "http.key", "auth_token", "Tokens"])
def test_a_value_under_a_secret_name_is_masked(lines: Lines, name: str) -> None:
    structlog.get_logger().info("set", **{name: "hunter2"})
    assert lines()[0][name] == "***"


def test_a_name_that_only_begins_like_a_secret_is_kept(lines: Lines) -> None:
    structlog.get_logger().info("open", keyframe_interval_s=1.0, keyframes="few")
    assert (lines()[0]["keyframe_interval_s"], lines()[0]["keyframes"]) == (1.0, "few")


@pytest.mark.parametrize(
    "value",
    [
        "rtsp://admin:hunter2@10.0.0.5/live",
        ["rtsp://admin:hunter2@10.0.0.5/live"],
        {"source": {"password": "hunter2"}},
        OSError("no rtsp://admin:hunter2@10.0.0.5/live"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_credentials_are_masked_inside_any_value(lines: Lines, value: object) -> None:
    structlog.get_logger().info("odd", value=value)
    assert "hunter2" not in json.dumps(lines())


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_traceback_shows_no_credentials_and_no_variables(style: Any) -> None:
    stream = io.StringIO()
    configure_logs(Log(format=style), stream)
    password = "hunter" + "2"
    try:
        raise OSError(f"cannot open rtsp://admin:{password}@10.0.0.5/live")
    except OSError:
        structlog.get_logger().exception("camera failed", camera="north")
    assert "OSError: cannot open rtsp://***@10.0.0.5/live" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()


def test_a_second_setup_replaces_the_first() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure_logs(Log(format="json"), first)
    configure_logs(Log(format="json", level="debug"), second)
    structlog.get_logger().debug("once")
    assert (first.getvalue(), len(second.getvalue().splitlines())) == ("", 1)


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_an_incident_is_one_line_when_it_begins_and_one_when_it_ends(lines: Lines) -> None:
    clock = Clock()
    stream = Incident("stream", clock=clock, camera="north")
    for _ in range(40):
        stream.failed("refused")
        clock.now_s += 1.5
    stream.recovered()
    began, ended = lines()
    assert (began["event"], began["incident"], began["camera"], began["reason"]) == (
        "failed",
        "stream",
        "north",
        "refused",
    )
    assert (ended["event"], ended["failures"], ended["after_s"]) == ("recovered", 40, 60.0)


def test_an_incident_says_so_when_its_reason_changes(lines: Lines) -> None:
    stream = Incident("stream")
    for reason in ("refused", "refused", "timeout", "timeout"):
        stream.failed(reason)
    assert [line["reason"] for line in lines()] == ["refused", "timeout"]


def test_a_second_incident_is_counted_anew(lines: Lines) -> None:
    clock = Clock()
    stream = Incident("stream", clock=clock)
    stream.failed("refused")
    stream.recovered()
    clock.now_s += 1000
    stream.failed("refused")
    clock.now_s += 2
    stream.recovered()
    assert [line.get("after_s") for line in lines()] == [None, 0.0, None, 2.0]


def test_what_never_failed_does_not_recover(lines: Lines) -> None:
    Incident("stream").recovered()
    assert lines() == []
