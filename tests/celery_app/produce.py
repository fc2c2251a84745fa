"""Sends what each line of its input asks for, and answers each with a line: the id of the task, and its result.

{"how": "delay" | "apply_async" | "send_task", "task": "detect_vehicle", "camera_id", "jpeg": Base64, "roi",
"triggers", "options": {...}, "protocol": 1 | 2, "as_keywords": bool, "result_s": seconds to wait for the result}
"""

import json
import sys
from base64 import b64decode

import kombu
from app import app
from detection import tasks

SENDS_BYTES = kombu.VERSION >= (5, 3)


def picture_of(wanted):
    """As this Kombu can send it: bytes; before 5.3 JSON takes none, and senders write Base64 themselves."""
    is_packed = wanted.get("options", {}).get("serializer") == "msgpack"
    return b64decode(wanted["jpeg"]) if SENDS_BYTES or is_packed else wanted["jpeg"]


def arguments_of(wanted):
    """Positional and keyword arguments of the call."""
    if "args" in wanted:
        return wanted["args"], {}
    named = {
        "camera_id": wanted["camera_id"],
        "frame_bytes": picture_of(wanted),
        "roi": wanted.get("roi"),
        "triggers": wanted.get("triggers"),
    }
    return ((), named) if wanted.get("as_keywords") else (tuple(named.values()), {})


def send(wanted):
    """The pending result of what was sent."""
    app.conf.task_protocol = wanted.get("protocol", 2)
    app.amqp.__dict__.pop("create_task_message", None)  # it is chosen once, by the protocol of then
    task = getattr(tasks, wanted.get("task", "detect_vehicle"))
    args, kwargs = arguments_of(wanted)
    how, options = wanted.get("how", "delay"), wanted.get("options", {})
    if how == "delay":
        return task.delay(*args, **kwargs)
    if how == "send_task":
        return app.send_task(task.name, args, kwargs, **options)
    return task.apply_async(args, kwargs, **options)


for line in sys.stdin:
    asked = json.loads(line)
    sent = send(asked)
    waits_s = asked.get("result_s")
    answer = {"id": sent.id, "result": sent.get(timeout=waits_s) if waits_s else None}
    print(json.dumps(answer), flush=True)
