"""The partners' Celery app as the original plan has it; run in an environment of its own, where GT-Vision is not."""

import os

from celery import Celery

app = Celery(
    "gtvision",
    broker=os.environ["BROKER_URL"],
    backend=os.environ.get("RESULT_BACKEND"),
    include=["detection.tasks"],
)
app.conf.update(
    task_routes={
        "detection.tasks.detect_vehicle": {"queue": "detection"},
        "detection.tasks.process_plate": {"queue": "ocr"},
    },
    task_create_missing_queues=True,
    task_queue_max_priority=10,
    task_default_priority=5,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    accept_content=["json", "msgpack"],
)
