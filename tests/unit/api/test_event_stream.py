import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from events import an_event
from http_server import Fakes, served

from gtvision.api.app import create_app
from gtvision.api.stream import EventFeed, StreamBounds
from gtvision.domain.metrics import HTTP_REFUSED, STREAM_SUBSCRIBERS, STREAMS_CUT
from gtvision.ports import DisclosureFilter, EventToSave
from gtvision.settings import Settings

Message = tuple[int, dict[str, object]]


@contextmanager
def streaming(address: str, *, last_id: int | None = None, query: str = "") -> Iterator[Iterator[str]]:
    """The lines of a stream that is open."""
    headers = {} if last_id is None else {"Last-Event-ID": str(last_id)}
    with (
        httpx.Client(timeout=5, trust_env=False) as client,
        client.stream("GET", f"{address}/v1/events/stream{query}", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == "retry: 2000"
        yield lines


def take(lines: Iterator[str], count: int) -> list[Message]:
    """The next messages: their numbers and what they carry."""
    messages: list[Message] = []
    number = 0
    for line in lines:
        if line.startswith("id: "):
            number = int(line[4:])
        if line.startswith("data: "):
            messages.append((number, json.loads(line[6:])))
        if len(messages) == count:
            break
    return messages


def save(fakes: Fakes, *numbers: int) -> None:
    fakes.events.save_events([EventToSave(an_event(number)) for number in numbers])


def eventually(condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not become true"
        time.sleep(0.01)


def test_a_stream_begins_now_and_brings_what_happens(address: str, fakes: Fakes) -> None:
    save(fakes, 1, 2)
    with streaming(address) as lines:
        save(fakes, 3)
        [(number, event)] = take(lines, 1)
    assert (number, event["track"], event["seq"]) == (3, 3, 3)


def test_a_stream_is_recorded_once_when_it_opens(address: str, fakes: Fakes) -> None:
    with streaming(address, query="?after=0&reason=shift+2") as lines:
        save(fakes, 1, 2)
        take(lines, 2)
        found, _ = fakes.disclosures.disclosures(DisclosureFilter(), limit=9)
    assert [(one.what, one.why, one.results) for one in found] == [("GET /v1/events/stream?after=0", "shift 2", 0)]


def test_a_stream_resumes_after_the_last_id_and_misses_nothing(address: str, fakes: Fakes) -> None:
    save(fakes, 1, 2)
    with streaming(address, query="?after=0") as lines:
        assert [number for number, _ in take(lines, 2)] == [1, 2]
    save(fakes, 3, 4)
    with streaming(address, last_id=2, query="?after=0") as lines:
        save(fakes, 5)
        assert [event["track"] for _, event in take(lines, 3)] == [3, 4, 5]


def test_a_change_of_an_event_comes_with_its_new_number(address: str, fakes: Fakes) -> None:
    fakes.events.save_events([EventToSave(an_event(1, end_s=None))])
    with streaming(address, query="?after=0") as lines:
        opened = take(lines, 1)
        fakes.events.save_events([EventToSave(an_event(1, revision=1), clip_key="c")])
        closed = take(lines, 1)
    assert (opened[0][1]["end"], closed[0][0]) == (None, 2)
    assert closed[0][1]["clip"] is not None


def test_every_subscriber_gets_everything_once_and_in_order(address: str, fakes: Fakes) -> None:
    save(fakes, *range(300))
    with streaming(address, query="?after=0") as first, streaming(address, query="?after=0") as second:
        save(fakes, *range(300, 600))
        numbers = [[number for number, _ in take(lines, 600)] for lines in (first, second)]
    assert numbers == [list(range(1, 601))] * 2


def test_a_number_from_before_the_database_was_replaced_means_now(address: str, fakes: Fakes) -> None:
    save(fakes, 1)
    with streaming(address, last_id=1_000_000) as lines:
        save(fakes, 2)
        assert take(lines, 1)[0][0] == 2


def test_subscribers_are_counted_and_leave_when_they_go(address: str, fakes: Fakes) -> None:
    with streaming(address), streaming(address):
        assert fakes.metrics.value(STREAM_SUBSCRIBERS) == 2
    eventually(lambda: fakes.metrics.value(STREAM_SUBSCRIBERS) == 0)


@pytest.mark.parametrize("last_id", ["x", "-1", "1.5"])
def test_an_id_that_is_no_number_is_refused(client: httpx.Client, last_id: str) -> None:
    assert client.get("/v1/events/stream", headers={"Last-Event-ID": last_id}).status_code == 422


def test_one_stream_too_many_is_asked_to_come_back(settings: Settings, fakes: Fakes) -> None:
    app = create_app(settings, fakes.services(), StreamBounds(subscribers=1))
    with served(app) as url:
        with streaming(url):
            answer = httpx.get(f"{url}/v1/events/stream", trust_env=False)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
            assert fakes.metrics.value(HTTP_REFUSED, bound="streams") == 1
        eventually(lambda: fakes.metrics.value(STREAM_SUBSCRIBERS) == 0)
        with streaming(url):
            pass


def test_a_silent_stream_says_that_it_lives(settings: Settings, fakes: Fakes) -> None:
    app = create_app(settings, fakes.services(), StreamBounds(heartbeat_s=0.05))
    with served(app) as url, streaming(url) as lines:
        assert [line for line, _ in zip(lines, range(4), strict=False) if line] == [": still here"] * 2


def test_a_slow_reader_is_cut_and_resumes_without_a_gap(fakes: Fakes) -> None:
    async def scene() -> None:
        feed = EventFeed(fakes.events, fakes.metrics, StreamBounds(queued=20, poll_s=0.01, heartbeat_s=0.01))
        slow = feed.frames(0, await feed.newest())
        assert [await anext(slow), await anext(slow)] == [b"retry: 2000\n\n", b": still here\n\n"]
        save(fakes, *range(30))
        async with asyncio.timeout(5):
            while not fakes.metrics.value(STREAMS_CUT):
                await asyncio.sleep(0.01)
            seen = [frame async for frame in slow if frame.startswith(b"id: ")]
            assert [number_of(frame) for frame in seen] == list(range(1, 21))
            resumed = feed.frames(20, await feed.newest())
            await anext(resumed)
            assert number_of(await anext(resumed)) == 21
            await resumed.aclose()
        feed.close()

    asyncio.run(scene())


def number_of(frame: bytes) -> int:
    return int(frame.partition(b"\n")[0].removeprefix(b"id: "))


def test_streams_end_promptly_when_the_server_stops(settings: Settings, fakes: Fakes) -> None:
    with served(create_app(settings, fakes.services())) as url:
        reading = streaming(url)
        lines = reading.__enter__()
        began = time.monotonic()
    assert time.monotonic() - began < 2
    assert take(lines, 1) == []
    reading.__exit__(None, None, None)
