import time

import httpx
import pytest
from events import an_event
from http_server import Fakes

from gtvision.domain.retention import Holding, Keepable, Swept
from gtvision.pipeline.retention import DAY_S
from gtvision.ports import EventToSave


def test_what_is_kept_and_due_reads_as_the_document_says(client: httpx.Client, fakes: Fakes) -> None:
    fakes.retainer.held += [Holding(Keepable.CLIPS, 30, 1.0, 7), Holding(Keepable.COUNTS, None, None, 0)]
    assert client.get("/v1/retention").json() == {
        "items": [
            {"kind": "clips", "days": 30, "oldest": "1970-01-01T00:00:01Z", "due": 7},
            {"kind": "counts", "days": None, "oldest": None, "due": 0},
        ]
    }
    assert fakes.retainer.sweeps == 0


def test_a_sweep_says_what_it_removed_and_whether_more_is_due(client: httpx.Client, fakes: Fakes) -> None:
    fakes.retainer.swept.append(Swept(Keepable.CLIPS, 200, is_finished=False))
    answer = client.post("/v1/retention/sweep").json()
    assert answer == {"items": [{"kind": "clips", "removed": 200, "finished": False}]}
    assert fakes.retainer.sweeps == 1


@pytest.mark.parametrize(
    ("what", "age_days", "says"),
    [
        ("clip.mp4", 31, "the clip of this event has expired: clips are kept for 30 days"),
        ("clip.mp4", 29, "this event has no clip yet"),
        ("snapshot.jpg", 91, "the picture of this event has expired: snapshots are kept for 90 days"),
        ("snapshot.jpg", 31, "this event has no picture yet"),
    ],
)
def test_what_has_expired_says_so(client: httpx.Client, fakes: Fakes, what: str, age_days: int, says: str) -> None:
    end_s = time.time() - age_days * DAY_S
    event = an_event(start_s=end_s - 5, end_s=end_s)
    fakes.events.save_events([EventToSave(event)])
    answer = client.get(f"/v1/events/{event.id}/{what}")
    assert (answer.status_code, answer.json()["detail"]) == (404, says)
    assert client.get(f"/v1/events/{event.id}").status_code == 200


def test_media_that_went_before_their_row_did_have_expired_as_well(client: httpx.Client, fakes: Fakes) -> None:
    end_s = time.time() - 31 * DAY_S
    event = an_event(start_s=end_s - 5, end_s=end_s)
    fakes.events.save_events([EventToSave(event, "gone.jpg", "gone.mp4")])
    assert "expired" in client.get(f"/v1/events/{event.id}/clip.mp4").json()["detail"]
    assert "is gone" in client.get(f"/v1/events/{event.id}/snapshot.jpg").json()["detail"]
