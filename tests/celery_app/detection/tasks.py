"""The partners' tasks. A worker tells what it executed in the file EXECUTIONS, a JSON line each.

Without that file `detect_vehicle` does nothing, so that what is left is what Celery itself costs.
"""

import json
import os
from base64 import b64decode

from celery import shared_task

EXECUTIONS = os.environ.get("EXECUTIONS")


class Failed(Exception):
    """What a worker without its detector raises."""


@shared_task(bind=True, name="detection.tasks.detect_vehicle", max_retries=3)
def detect_vehicle(self, camera_id, frame_bytes, roi, triggers):
    """Fails as a worker whose detector is gone, and tries again; in the manner of the plan."""
    if EXECUTIONS is None:
        return
    _tell(id=self.request.id, retries=self.request.retries, task="detect_vehicle")
    try:
        raise Failed("no detector")
    except Failed as exc:
        raise self.retry(exc=exc, countdown=5) from exc


@shared_task(bind=True, name="detection.tasks.process_plate")
def process_plate(self, camera_id, det):
    """Takes the vehicle's picture as the plate reader would."""
    picture = b64decode(det["crop"], validate=True)
    _tell(id=self.request.id, retries=self.request.retries, task="process_plate", camera_id=camera_id, det=det)
    return len(picture)


def _tell(**what):
    with open(EXECUTIONS, "a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")
