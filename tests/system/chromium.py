"""A real Chromium for tests of the page, driven over a pipe by the DevTools protocol."""

import base64
import json
import os
import select
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


class Chromium:
    """One browser with one page."""

    def __init__(self, program: str, profile: Path, size: tuple[int, int] = (1440, 900)) -> None:
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        command = [
            "/bin/bash", "-c", f'exec "$0" "$@" 3<&{to_read} 4>&{to_write}', program, *_FLAGS,
            f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}", "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command,
            pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._unread = b""
        self._number = 0
        self._session: str | None = None
        self.complaints: list[str] = []
        try:
            self._attach(size)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the browser."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        os.close(self._write)
        os.close(self._read)

    def open(self, url: str, language: str = "en-US") -> None:
        """Goes there, as a person who speaks that language."""
        self.send("Page.navigate", url="about:blank")  # the server of the page before may be gone
        self.evaluate("1")
        self.complaints.clear()
        self.send("Emulation.setUserAgentOverride", userAgent="", acceptLanguage=language)
        self.send("Page.navigate", url=url)

    def prefer(self, scheme: str) -> None:
        """Makes the page `light` or `dark`."""
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression, its promise awaited."""
        answer = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, script: str, timeout_s: float = 10.0) -> None:
        """Returns when the expression is true."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.evaluate(f"Boolean({script})"):
                return
            select.select([], [], [], 0.05)
        raise AssertionError(f"{script} did not become true; the page said {self.complaints}")

    def press(self, key: str) -> None:
        """Presses and releases a key."""
        codes = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowRight": 39}
        extra = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=codes[key], **extra)

    def press_on(self, selector: str, key: str = "Enter") -> None:
        """Presses a key where the focus then is, once there is such an element."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(element)
        self.evaluate(f"{element}.focus()")
        self.press(key)

    def write(self, selector: str, text: str) -> None:
        """Writes into a field, whatever stood there."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(element)
        self.evaluate(f"({element}.focus(), {element}.select())")
        self.send("Input.insertText", text=text)

    def texts(self, selector: str) -> list[str]:
        """What each of those elements says."""
        script = f"[...document.querySelectorAll({json.dumps(selector)})].map(node => node.textContent.trim())"
        found: list[str] = self.evaluate(script)
        return found

    def screenshot(self, file: Path) -> None:
        """Saves what is seen."""
        file.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer to a command of the protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            self._listen(answer)

    def _attach(self, size: tuple[int, int]) -> None:
        page = next(t for t in self.send("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self._session = self.send("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=1,
            mobile=size[0] < 600,
        )

    def _listen(self, message: Mapping[str, Any]) -> None:
        if message["method"] == "Runtime.exceptionThrown":
            self.complaints.append(str(message["params"]["exceptionDetails"].get("exception", {}).get("description")))
        if message["method"] == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
            entry = message["params"]["entry"]
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}")

    def _next(self, timeout_s: float = 20.0) -> dict[str, Any]:
        deadline = time.monotonic() + timeout_s
        while b"\0" not in self._unread:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._read], [], [], left)[0]:
                raise AssertionError("Chromium does not answer")
            self._unread += os.read(self._read, 1 << 20)
        line, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message
