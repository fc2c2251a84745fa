from dataclasses import asdict, replace

import numpy as np
import pytest

from gtvision.domain.camera import Camera, Location, Source
from gtvision.domain.detections import Detections
from gtvision.domain.event import Event
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction, Line
from gtvision.domain.stream import Packet
from gtvision.domain.trigger import Profile, Trigger, TriggerType
from gtvision.runtime.analyse import LineCounts, Models, Summary, analyse
from gtvision.runtime.sampling import Taken
from gtvision.testing import FakeDecoder, FakePictureDetector, FakeSource, fake_packet

FPS = 10
WIDTH, HEIGHT = 320, 180
FILE = (Source("file:///street.mp4"),)
LINE = Line("middle", (0.5, 1.0), (0.5, 0.0))
CROSSING = Camera("street", FILE, lines=(LINE,), triggers=(Trigger("cross", TriggerType.CROSS, line="middle"),))


def picture(car_x: int | None, colour: tuple[int, int, int] = (100, 100, 100)) -> np.ndarray:
    """A street of one colour; a white car of 40 by 30 pixels with its left edge there."""
    pixels = np.full((HEIGHT, WIDTH, 3), colour, np.uint8)
    if car_x is not None:
        pixels[80:110, max(car_x, 0) : car_x + 40] = 250
    return pixels


def truth(pixels: np.ndarray) -> Detections:
    columns = np.flatnonzero(pixels[95, :, 0] == 250)
    if not len(columns):
        return Detections.none()
    box = [[columns[0] / WIDTH, 80 / HEIGHT, (columns[-1] + 1) / WIDTH, 110 / HEIGHT]]
    return Detections(np.array(box, np.float32), np.array([0.9], np.float32), np.array([Kind.CAR], np.int16))


def drive(seconds: float, *starts_s: float, gop_s: float = 1.0) -> list[Packet]:
    """A recording in which a car enters at the left at each of these times, and leaves at the right 4 s later."""
    packets = []
    for n in range(round(seconds * FPS)):
        time_s = n / FPS
        xs = [round((time_s - start_s) * 80) for start_s in starts_s if 0 <= time_s - start_s < 4]
        is_keyframe = n % round(gop_s * FPS) == 0
        packets.append(fake_packet(time_s, picture(xs[0] if xs else None), is_keyframe=is_keyframe))
    return packets


def run(packets: list[Packet], camera: Camera = CROSSING, delay: int = 0) -> tuple[Summary, list[Event], list[Taken]]:
    events: list[Event] = []
    samples: list[Taken] = []
    summary = analyse(
        camera,
        FakeSource(packets),
        lambda _: FakeDecoder(delay),
        Models(FakePictureDetector(truth)),
        on_event=events.append,
        on_sample=samples.append,
    )
    return summary, events, samples


def test_each_pass_is_one_event_with_times_from_the_start():
    summary, events, _ = run(drive(40, 15.0, 25.0))
    assert [event.direction for event in events] == [Direction.FORWARD] * 2
    assert [event.start_s for event in events] == pytest.approx([16.8, 26.8], abs=0.3)
    assert summary.counts == {"car": {"forward": 2, "backward": 0}}
    assert summary.events == 2
    assert summary.duration_s == pytest.approx(40.0)


def test_events_without_a_direction_are_counted_apart():
    summary, _, _ = run(drive(30, 15.0), Camera("street", FILE))
    assert summary.counts == {"car": {"forward": 0, "backward": 0, "none": 1}}


def test_count_triggers_are_summed_by_trigger_and_make_no_events():
    flow = Trigger("flow", TriggerType.COUNT, line="middle", interval_s=60.0)
    both = replace(CROSSING, triggers=(flow, *CROSSING.triggers))
    summary, events, _ = run(drive(80, 15.0, 40.0, 65.0), both)
    assert len(events) == summary.events == 3
    assert summary.lines == (LineCounts("flow", "middle", {"car": {"forward": 3, "backward": 0}}),)
    alone, nothing, _ = run(drive(80, 15.0, 40.0, 65.0), replace(CROSSING, triggers=(flow,)))
    assert (alone.lines, alone.counts, nothing) == (summary.lines, {}, [])


def test_it_comes_out_the_same_twice():
    packets = drive(40, 15.0, 25.0)
    first, second = run(packets), run(packets)
    assert first[1] == second[1]
    assert [taken.time_s for taken in first[2]] == [taken.time_s for taken in second[2]]
    unequal = {"wall_s"}
    assert {k: v for k, v in asdict(first[0]).items() if k not in unequal} == {
        k: v for k, v in asdict(second[0]).items() if k not in unequal
    }


def test_an_event_that_is_open_at_the_end_is_closed_and_counted():
    summary, events, _ = run(drive(18.5, 15.0))
    assert summary.events == 1
    assert not events[0].is_open


@pytest.mark.parametrize("gop_s", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("delay", [0, 2])
def test_a_burst_begins_with_the_seconds_before_it_in_order_and_nothing_twice(gop_s: float, delay: int):
    _, _, samples = run(drive(30, 15.3, gop_s=gop_s), delay=delay)
    times = [taken.time_s for taken in samples]
    assert times == sorted(set(times))
    first = next(taken for taken in samples if taken.is_burst)
    assert 14.0 <= first.time_s <= 15.3
    in_burst = [time_s for time_s in times if first.time_s <= time_s <= 18]
    assert max(np.diff(in_burst)) <= 0.3


def test_an_empty_street_is_sampled_once_a_second_and_never_passes_after_warm_up():
    summary, events, samples = run(drive(60))
    assert summary.samples == 60
    assert events == []
    assert not any(taken.look.passed for taken in samples if taken.time_s > 10)
    assert summary.pass_share == summary.passed / 60


def test_an_empty_street_is_decoded_at_its_keyframes_only():
    decoder = FakeDecoder()
    models = Models(FakePictureDetector(truth))
    analyse(CROSSING, FakeSource(drive(60)), lambda _: decoder, models, on_event=lambda _: None)
    assert decoder.decoded == 60


def test_damaged_pictures_are_passed_over():
    packets = drive(40, 15.0)
    holes = [
        fake_packet(p.time_s, None if n % 7 == 0 else p.payload, is_keyframe=p.is_keyframe)
        for n, p in enumerate(packets)
    ]
    summary, _, _ = run(holes)
    assert summary.events == 1


def test_a_recording_without_packets_is_a_summary_of_nothing():
    summary, events, _ = run([])
    assert (summary.samples, summary.pass_share, summary.duration_s, events) == (0, 0.0, 0.0, [])


@pytest.mark.parametrize(("colour", "fired"), [((100, 100, 100), "dark"), ((70, 100, 140), "light")])
def test_in_a_recording_only_infrared_tells_night_from_day(colour: tuple[int, int, int], fired: str):
    """Its first second is no moment at which anybody could say where the sun stood."""
    triggers = (
        Trigger("dark", TriggerType.CROSS, line="middle", profile=Profile.NIGHT),
        Trigger("light", TriggerType.CROSS, line="middle", profile=Profile.DAY),
    )
    packets = [
        fake_packet(n / FPS, picture(round(n / FPS * 80 - 1200) if 150 <= n < 190 else None, colour), is_keyframe=True)
        for n in range(250)
    ]
    for place in (Location(-23.55, -46.63), Location(23.55, 133.37)):
        _, events, _ = run(packets, Camera("street", FILE, lines=(LINE,), triggers=triggers, location=place))
        assert [event.trigger_id for event in events] == [fired]
