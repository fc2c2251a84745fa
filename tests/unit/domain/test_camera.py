import pytest

from gtvision.domain.camera import Camera, Location, Role, Sampling, Source
from gtvision.domain.errors import BadConfiguration
from gtvision.domain.places import Calibration, Direction, Line, Zone
from gtvision.domain.trigger import Schedule, Trigger, TriggerType

TRIANGLE = ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9))
STREAM = Source("rtsp://10.0.0.5:554/main")
ZONE = Zone("yard", TRIANGLE)
LINE = Line("gate", (0.1, 0.5), (0.9, 0.5))


def test_credentials_are_taken_out_of_the_address_and_never_shown():
    source = Source.parse("rtsp://admin:p%40ss%2Fword@10.0.0.5:554/main?channel=1")
    assert source.url == "rtsp://10.0.0.5:554/main?channel=1"
    assert (source.user, source.password) == ("admin", "p@ss/word")
    assert "p@ss" not in repr(source)


@pytest.mark.parametrize(
    "url",
    [
        "http://host/x",
        "host/x",
        "",
        "rtsp://",
        "rtsp://u:p@host/x",
        "rtsp://host:port/x",
        "rtsp://[::1/x",
        "file://host/x.mp4",
        "file:x.mp4",
        "pushed",
        "pushed:north",
        "pushed://host",
    ],
)
def test_an_address_that_cannot_work_names_the_field(url):
    with pytest.raises(BadConfiguration) as caught:
        Source(url)
    assert caught.value.field == "url"
    assert "p@host" not in str(caught.value)


def test_a_source_without_a_role_is_refused():
    with pytest.raises(BadConfiguration, match="role"):
        Source(STREAM.url, roles=frozenset())


def test_a_file_is_a_recording():
    assert Source("file:///videos/a.mp4").is_file
    assert not STREAM.is_file


def test_frames_of_a_pushed_source_come_from_others_and_nobody_logs_in():
    pushed = Source.parse("pushed:")
    assert (pushed, pushed.is_pushed, pushed.is_file) == (Source("pushed:"), True, False)
    assert not STREAM.is_pushed
    with pytest.raises(BadConfiguration, match="user"):
        Source("pushed:", user="ana")
    with pytest.raises(BadConfiguration, match="roles"):
        Source("pushed:", roles=frozenset({Role.ANALYSE, Role.DETAIL}))


def test_a_pushed_source_is_the_only_one_of_its_camera():
    assert Camera("gate", (Source("pushed:"),)).analysed.is_pushed
    large = Source("rtsp://10.0.0.5/large", roles=frozenset({Role.DETAIL}))
    for sources in ((Source("pushed:"), large), (STREAM, Source("pushed:"))):
        with pytest.raises(BadConfiguration, match="sources: pushed: is the only source"):
            Camera("gate", sources)


@pytest.mark.parametrize(
    ("polygon", "says"),
    [
        (TRIANGLE[:2], "3 corners"),
        (((0.1, 0.1), (1.2, 0.1), (0.5, 0.9)), "outside the picture"),
        (((0.1, 0.1), (float("nan"), 0.1), (0.5, 0.9)), "outside the picture"),
        (((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)), "cross"),
        (((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)), "no area"),
    ],
)
def test_a_polygon_that_is_none_is_refused_with_the_remedy(polygon, says):
    with pytest.raises(BadConfiguration, match=says) as caught:
        Zone("yard", polygon)
    assert caught.value.field.startswith("polygon")


@pytest.mark.parametrize("slug", ["", "Yard", "a b", "-a", "a" * 64, "ä"])
def test_ids_are_slugs(slug):
    with pytest.raises(BadConfiguration) as caught:
        Zone(slug, TRIANGLE)
    assert caught.value.field == "id"


@pytest.mark.parametrize("where", ["points", "metres"])
@pytest.mark.parametrize(
    "corners",
    [
        ((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)),
        ((0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (0.5, 1.0)),
        ((0.0, 0.0), (0.0, 0.0), (1.0, 0.0), (0.5, 1.0)),
    ],
    ids=["crossed", "on a line", "twice"],
)
def test_a_calibration_needs_the_corners_of_a_convex_shape(corners, where):
    square = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    with pytest.raises(BadConfiguration) as caught:
        Calibration(**{"points": square, "metres": square, where: corners})
    assert caught.value.field == where


@pytest.mark.parametrize(("latitude", "longitude"), [(90.5, 0.0), (0.0, -181.0), (float("nan"), 0.0)])
def test_a_location_lies_on_the_earth(latitude, longitude):
    with pytest.raises(BadConfiguration, match="degrees"):
        Location(latitude, longitude)


def test_a_line_needs_two_points_inside_the_picture():
    with pytest.raises(BadConfiguration, match="same"):
        Line("gate", (0.5, 0.5), (0.5, 0.5))
    with pytest.raises(BadConfiguration) as caught:
        Line("gate", (0.5, 0.5), (0.5, 1.5))
    assert caught.value.field == "end[0]"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"type": TriggerType.CROSS}, "line"),
        ({"type": TriggerType.CROSS, "line": "gate", "zone": "yard"}, "zone"),
        ({"type": TriggerType.ENTER, "line": "gate"}, "line"),
        ({"type": TriggerType.ENTER, "kinds": frozenset()}, "kinds"),
        ({"type": TriggerType.ENTER, "min_score": 1.1}, "min_score"),
        ({"type": TriggerType.DWELL, "min_s": -1.0}, "min_s"),
        ({"type": TriggerType.ENTER, "cooldown_s": float("nan")}, "cooldown_s"),
        ({"type": TriggerType.ENTER, "direction": Direction.FORWARD}, "direction"),
        ({"type": TriggerType.ENTER, "way": ((0.0, 0.0), (0.0, 1.0))}, "way"),
        ({"type": TriggerType.WRONG_WAY}, "way"),
        ({"type": TriggerType.WRONG_WAY, "way": ((0.5, 0.5), (0.5, 0.5))}, "way"),
        ({"type": TriggerType.WRONG_WAY, "way": ((0.5, 0.5), (0.5, 1.5))}, "way[1]"),
        ({"type": TriggerType.SPEED}, "zone"),
        ({"type": TriggerType.SPEED, "zone": "yard", "line": "gate"}, "zone"),
        ({"type": TriggerType.SPEED, "line": "gate", "distance_m": 20.0}, "until_line"),
        ({"type": TriggerType.SPEED, "line": "gate", "until_line": "gate", "distance_m": 20.0}, "until_line"),
        ({"type": TriggerType.SPEED, "line": "gate", "until_line": "end", "distance_m": 0.5}, "distance_m"),
        ({"type": TriggerType.CROSS, "line": "gate", "distance_m": 20.0}, "distance_m"),
        ({"type": TriggerType.QUEUE, "min_vehicles": 1}, "min_vehicles"),
        ({"type": TriggerType.COUNT}, "line"),
        ({"type": TriggerType.COUNT, "line": "gate", "interval_s": 0.0}, "interval_s"),
        ({"type": TriggerType.COUNT, "line": "gate", "interval_s": 7000.0}, "interval_s"),
    ],
)
def test_a_trigger_that_cannot_work_names_the_field(arguments, field):
    with pytest.raises(BadConfiguration) as caught:
        Trigger("t", **arguments)
    assert caught.value.field == field


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins():
    friday_night = Schedule(days=frozenset({4}), start_min=22 * 60, end_min=6 * 60)
    assert friday_night.covers(4, 23 * 60)
    assert friday_night.covers(5, 5 * 60)
    assert not friday_night.covers(4, 5 * 60)
    assert not friday_night.covers(5, 23 * 60)


def test_a_schedule_covers_its_first_minute_and_not_its_last():
    morning = Schedule(start_min=360, end_min=720)
    assert [morning.covers(0, minute) for minute in (359, 360, 719, 720)] == [False, True, True, False]


@pytest.mark.parametrize("arguments", [{"days": frozenset()}, {"days": frozenset({7})}, {"start_min": 1440}])
def test_a_schedule_that_never_opens_is_refused(arguments):
    with pytest.raises(BadConfiguration):
        Schedule(**arguments)


def test_a_burst_cannot_be_slower_than_idle():
    with pytest.raises(BadConfiguration) as caught:
        Sampling(idle_period_s=0.5, burst_period_s=1.0)
    assert caught.value.field == "burst_period_s"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"sources": ()}, "sources"),
        ({"sources": (Source(STREAM.url, roles=frozenset({Role.LIVE})),)}, "sources"),
        ({"zones": (ZONE, ZONE)}, "zones[1].id"),
        ({"triggers": (Trigger("t", TriggerType.ENTER, zone="nowhere"),)}, "triggers[0].zone"),
        ({"triggers": (Trigger("t", TriggerType.CROSS, line="nowhere"),)}, "triggers[0].line"),
        ({"zones": (ZONE,), "triggers": (Trigger("t", TriggerType.SPEED, zone=ZONE.id),)}, "triggers[0].zone"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
    ],
)
def test_a_camera_that_cannot_work_names_the_field(arguments, field):
    with pytest.raises(BadConfiguration) as caught:
        Camera(**{"id": "gate", "sources": (STREAM,), **arguments})
    assert caught.value.field == field


def test_the_first_source_with_the_role_is_analysed():
    large = Source("rtsp://host/large", roles=frozenset({Role.DETAIL}))
    camera = Camera("gate", (large, STREAM), zones=(ZONE,), lines=(LINE,))
    assert camera.analysed is STREAM
