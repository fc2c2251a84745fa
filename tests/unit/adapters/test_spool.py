import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from counts import CARS, a_count
from events import an_event
from plates import a_plate
from receipts import a_receipt
from small_disk import small_disk

from gtvision.adapters.record import decoded, encoded
from gtvision.adapters.spool import Spool
from gtvision.domain.errors import BadConfiguration, BadInput, SpoolFull, StoreUnavailable
from gtvision.domain.event import EventRecord
from gtvision.domain.plate import PlateRecord
from gtvision.domain.receipt import MessageRecord

MEGABYTE = 2**20
RECORD = EventRecord(an_event(1), b"jpeg" * 100, b"mp4" * 1000)

PUT_FOREVER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from events import an_event
from gtvision.adapters.spool import Spool
from gtvision.domain.event import EventRecord
spool = Spool(Path(sys.argv[1]), 2**30)
for number in range(100_000):
    spool.put(EventRecord(an_event(number), b"j" * 50_000, b"m" * 200_000))
    print(number, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def spool(folder: Path) -> Spool:
    return Spool(folder, MEGABYTE)


def same(a: EventRecord, b: EventRecord) -> bool:
    return (a.event, a.snapshot, a.clip) == (b.event, b.snapshot, b.clip)


@pytest.mark.parametrize("snapshot", [None, b"", b"\n\njpeg"])
@pytest.mark.parametrize("clip", [None, b"", b"\xffmp4\n"])
def test_a_record_comes_back_as_it_was_put(spool: Spool, snapshot: bytes | None, clip: bytes | None) -> None:
    record = EventRecord(an_event(end_s=None, plate="ção"), snapshot, clip)
    spool.put(record)
    [path] = spool.waiting()
    assert same(spool.read(path), record)


def test_the_oldest_record_comes_first(spool: Spool) -> None:
    for number in (5, 3, 4):
        spool.put(EventRecord(an_event(number)))
    assert [spool.read(path).event.track for path in spool.waiting()] == [5, 3, 4]


def test_a_file_says_whose_it_is(spool: Spool) -> None:
    event = an_event(1, revision=7)
    spool.put(EventRecord(event))
    assert spool.waiting()[0].name.endswith(f"-{event.id}-7.event")


def test_what_is_done_is_gone_and_may_be_done_twice(spool: Spool) -> None:
    spool.put(RECORD)
    spool.put(RECORD)
    paths = spool.waiting()
    spool.done(paths[:1])
    spool.done(paths[:1])
    assert spool.waiting() == paths[1:]


def test_size_is_the_space_on_the_disk_in_whole_blocks(spool: Spool, folder: Path) -> None:
    assert spool.size_bytes == 0
    spool.put(EventRecord(an_event(1)))
    spool.put(EventRecord(an_event(2), clip=b"x" * 5000))
    assert spool.size_bytes == 4096 + 8192 == Spool(folder, MEGABYTE).size_bytes
    spool.done(spool.waiting())
    assert spool.size_bytes == 0


def test_a_full_spool_refuses_and_keeps_what_it_has(spool: Spool) -> None:
    large = EventRecord(an_event(1), clip=b"x" * 400_000)
    spool.put(large)
    spool.put(large)
    with pytest.raises(SpoolFull, match=r"recording\.spool_mb"):
        spool.put(large)
    assert len(spool.waiting()) == 2
    spool.done(spool.waiting()[:1])
    spool.put(large)


def test_what_another_process_put_before_counts_as_well(spool: Spool, folder: Path) -> None:
    Spool(folder, MEGABYTE).put(EventRecord(an_event(1), clip=b"x" * 900_000))
    with pytest.raises(SpoolFull):
        spool.put(EventRecord(an_event(2), clip=b"x" * 900_000))


def test_a_folder_that_went_away_refuses_like_a_full_disk(spool: Spool, folder: Path) -> None:
    shutil.rmtree(folder)
    with pytest.raises(SpoolFull, match="does not take more"):
        spool.put(EventRecord(an_event()))


def test_counting_does_not_look_at_the_folder_at_each_put(spool: Spool, folder: Path) -> None:
    assert spool.size_bytes == 0
    (folder / "00-other-0.event").write_bytes(b"x" * 100_000)
    assert spool.size_bytes == 0


@pytest.mark.parametrize("event_id", ["../../etc/passwd", "a/b", "", "x" * 65])
def test_an_id_that_is_no_file_name_is_refused(spool: Spool, event_id: str) -> None:
    with pytest.raises(BadInput, match="cannot be the id"):
        spool.put(EventRecord(an_event(id=event_id)))
    assert spool.waiting() == []


def test_a_count_comes_back_as_it_was_put_in_its_turn(spool: Spool) -> None:
    spool.put(EventRecord(an_event(1)))
    spool.put(a_count(1, CARS, revision=7))
    spool.put(EventRecord(an_event(2)))
    paths = spool.waiting()
    assert [path.suffix for path in paths] == [".event", ".count", ".event"]
    assert paths[1].name.endswith(f"-{a_count(1).id}-7.count")
    assert spool.read(paths[1]) == a_count(1, CARS, revision=7)


@pytest.mark.parametrize("crop", [None, b"", b"\n\njpeg"])
def test_a_plate_comes_back_as_it_was_put(spool: Spool, crop: bytes | None) -> None:
    seen = a_plate(event_ids=("a", "b"), revision=3)
    spool.put(PlateRecord(seen, crop))
    [path] = spool.waiting()
    record = spool.read(path)
    assert isinstance(record, PlateRecord)
    assert (record.vehicle_plate, record.crop) == (seen, crop)


A_MESSAGE = MessageRecord(
    a_receipt(), (EventRecord(an_event(1), b"jpeg", None), EventRecord(an_event(2), None, b"mp4"))
)


@pytest.mark.parametrize("events", [(), A_MESSAGE.events])
def test_what_a_message_caused_comes_back_with_its_receipt(spool: Spool, events: tuple[EventRecord, ...]) -> None:
    spool.put(MessageRecord(a_receipt(), events))
    [path] = spool.waiting()
    record = spool.read(path)
    assert isinstance(record, MessageRecord)
    assert record.receipt == a_receipt()
    assert len(record.events) == len(events)
    assert all(same(read, put) for read, put in zip(record.events, events, strict=True))


def test_every_truncation_and_every_flipped_bit_of_a_message_is_noticed() -> None:
    whole = encoded(A_MESSAGE)
    damaged = [whole[:length] for length in range(len(whole))]
    damaged += [bytes((*whole[:at], whole[at] ^ 1, *whole[at + 1 :])) for at in range(len(whole))]
    for content in damaged:
        with pytest.raises(BadInput):
            decoded(content)


def test_every_truncation_and_every_flipped_bit_of_a_plate_is_noticed() -> None:
    whole = encoded(PlateRecord(a_plate(), b"jpeg"))
    for place in range(len(whole)):
        with pytest.raises(BadInput):
            decoded(whole[:place])
        with pytest.raises(BadInput):
            decoded(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])


def test_a_newer_state_of_a_count_takes_the_place_of_the_older(spool: Spool) -> None:
    for revision in range(5):
        spool.put(a_count(1, revision=revision))
        spool.put(a_count(2, revision=revision))
    assert [spool.read(path) for path in spool.waiting()] == [a_count(1, revision=4), a_count(2, revision=4)]
    assert spool.size_bytes == 2 * 4096


def test_an_older_state_of_a_count_stays_while_the_newer_is_refused(folder: Path) -> None:
    spool = Spool(folder, 4096)
    spool.put(a_count(1))
    with pytest.raises(SpoolFull):
        spool.put(a_count(1, revision=1))
    assert [spool.read(path) for path in spool.waiting()] == [a_count(1)]


def test_a_state_that_the_recorder_has_taken_is_not_missed(spool: Spool) -> None:
    spool.put(a_count(1))
    spool.done(spool.waiting())
    spool.put(a_count(1, revision=1))
    assert [spool.read(path) for path in spool.waiting()] == [a_count(1, revision=1)]


def test_setting_aside_says_whether_the_record_was_there(spool: Spool) -> None:
    spool.put(a_count(1))
    [path] = spool.waiting()
    assert spool.set_aside(path)
    assert not spool.set_aside(path)


def test_every_truncation_and_every_flipped_bit_of_a_count_is_noticed() -> None:
    content = encoded(a_count(1))
    for length in range(len(content)):
        with pytest.raises(BadInput):
            decoded(content[:length])
    for place in range(len(content)):
        with pytest.raises(BadInput):
            decoded(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])


def test_every_truncation_and_every_flipped_bit_is_noticed() -> None:
    content = encoded(EventRecord(an_event(), b"jpeg", b"mp4"))
    for length in range(len(content)):
        with pytest.raises(BadInput):
            decoded(content[:length])
    for place in range(len(content)):
        with pytest.raises(BadInput):
            decoded(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])


def test_a_record_of_a_later_format_is_not_guessed_at() -> None:
    import zlib

    body = b'{"format": 2}\n'
    with pytest.raises(BadInput, match="format 2"):
        decoded(b"%08x\n%b" % (zlib.crc32(body), body))


def test_a_damaged_record_is_set_aside_where_people_can_look_at_it(spool: Spool, folder: Path) -> None:
    spool.put(RECORD)
    [path] = spool.waiting()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadInput, match="damaged"):
        spool.read(path)
    spool.set_aside(path)
    spool.set_aside(path)
    assert spool.waiting() == []
    assert [file.name for file in (folder / "damaged").iterdir()] == [path.name]


def test_only_the_newest_hundred_damaged_records_are_kept(spool: Spool, folder: Path) -> None:
    for number in range(103):
        path = folder / f"{number:03d}-x-0.event"
        path.touch()
        spool.set_aside(path)
    assert sorted(file.name[:3] for file in (folder / "damaged").iterdir()) == [f"{n:03d}" for n in range(3, 103)]


def test_half_written_files_are_not_records_and_go_after_ten_minutes(spool: Spool, folder: Path) -> None:
    fresh, old = folder / ".writing-1-a.event", folder / ".writing-2-b.event"
    for file in (fresh, old):
        file.write_bytes(b"half")
    os.utime(old, (time.time() - 601, time.time() - 601))
    assert spool.waiting() == []
    assert fresh.exists()
    assert not old.exists()


def test_a_record_that_is_gone_is_bad_input_and_a_spool_that_is_gone_is_unavailable(spool: Spool, folder: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        spool.read(folder / "gone.event")
    shutil.rmtree(folder)
    with pytest.raises(StoreUnavailable, match="disk of the spool"):
        spool.waiting()


def test_a_folder_that_cannot_be_made_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadConfiguration, match=r"^data_dir: "):
        Spool(tmp_path / "file" / "spool", MEGABYTE)


def test_a_process_killed_while_it_puts_leaves_every_confirmed_record_whole(folder: Path) -> None:
    command = [sys.executable, "-c", PUT_FOREVER, str(folder), str(Path(__file__).parents[2])]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout is not None
        for _ in range(20):
            writer.stdout.readline()
    finally:
        os.kill(writer.pid, signal.SIGKILL)
        rest, _ = writer.communicate(timeout=10)
    confirmed = 20 + sum(line.isdigit() for line in rest.split("\n")[:-1])
    spool = Spool(folder, 2**30)
    tracks = [spool.read(path).event.track for path in spool.waiting()]
    assert tracks == list(range(len(tracks)))
    assert confirmed <= len(tracks) <= confirmed + 1


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", size_kb=256) as disk:
        yield disk


def put_up_to(records: int, spool: Spool) -> None:
    for number in range(records):
        spool.put(EventRecord(an_event(number), clip=b"x" * 50_000))


def test_a_full_disk_refuses_the_record_and_leaves_nothing_half_done(tiny_disk: Path) -> None:
    spool = Spool(tiny_disk / "spool", 2**30)
    with pytest.raises(SpoolFull, match="No space left"):
        put_up_to(100, spool)
    paths = spool.waiting()
    assert 1 <= len(paths) < 10
    assert [spool.read(path).event.track for path in paths] == list(range(len(paths)))
    assert not list((tiny_disk / "spool").glob(".writing-*"))
    spool.done(paths[:2])
    spool.put(EventRecord(an_event(99), clip=b"x" * 50_000))
