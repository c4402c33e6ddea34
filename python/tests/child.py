"""A real child process and the parent's side of the wire."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import struct
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

PACKAGE_FOLDER = Path(__file__).resolve().parent.parent

#: No test waits longer for a line: a child that hangs is ended, and what reads from it sees the end.
PATIENCE_SECONDS = 120.0


class Child:
    """`python -m isovec_bridge`, ended at the latest when the test is."""

    def __init__(self, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "isovec_bridge"],
            cwd=PACKAGE_FOLDER,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.logs: list[dict[str, Any]] = []
        self._next_id = 0
        self._errors = bytearray()
        self._reader = threading.Thread(target=self._keep_errors, daemon=True)
        self._reader.start()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None and not stream.closed:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def send(self, method: str, request_id: int | str | None = None, **params: Any) -> int | str:
        """Sends a request without waiting; gives its id."""
        self._next_id += 1
        chosen = self._next_id if request_id is None else request_id
        self.write(json.dumps({"jsonrpc": "2.0", "id": chosen, "method": method, "params": params}).encode() + b"\n")
        return chosen

    def receive(self) -> dict[str, Any]:
        """The next answer; notifications are kept in `logs`."""
        assert self.process.stdout is not None
        while True:
            # A timer for each line: children that serve a whole module live longer than one answer may take.
            watchdog = threading.Timer(PATIENCE_SECONDS, self.process.kill)
            watchdog.start()
            line = self.process.stdout.readline()
            watchdog.cancel()
            if not line:
                raise EOFError(f"the child ended with {self.process.wait()}: {self.standard_error()}")
            message: dict[str, Any] = json.loads(line)
            assert message["jsonrpc"] == "2.0"
            if "method" not in message:
                return message
            self.logs.append(message)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a request; an error answer fails the test."""
        answer = self.answer(method, **params)
        assert "error" not in answer, answer["error"]
        result: dict[str, Any] = answer["result"]
        return result

    def refusal(self, method: str, **params: Any) -> dict[str, Any]:
        """The error of a request; a result fails the test."""
        answer = self.answer(method, **params)
        assert "result" not in answer, answer
        error: dict[str, Any] = answer["error"]
        return error

    def answer(self, method: str, **params: Any) -> dict[str, Any]:
        request_id = self.send(method, **params)
        message = self.receive()
        assert message["id"] == request_id
        return message

    def standard_error(self) -> str:
        self._reader.join(0.2)
        return self._errors.decode("utf-8", "replace")

    def _keep_errors(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            while chunk := stream.read1(65536):
                self._errors += chunk


def echo_child(**options: Any) -> Child:
    """A child with the echo model "m"."""
    child = Child()
    child.call("load_model", model="m", backend="echo", **options)
    return child


def rows_of(vectors: dict[str, Any]) -> list[list[float]]:
    """Decodes float32 rows, apart from the package's own code."""
    count, width = vectors["shape"]
    data = base64.b64decode(vectors["data"])
    assert len(data) == 4 * count * width
    values = struct.unpack(f"<{count * width}f", data)
    return [list(values[row * width : (row + 1) * width]) for row in range(count)]


def token_ids(rows: list[list[int]]) -> dict[str, Any]:
    """Encodes int32 rows of one length."""
    flat = [token for row in rows for token in row]
    data = struct.pack(f"<{len(flat)}i", *flat)
    return {"data": base64.b64encode(data).decode(), "shape": [len(rows), len(rows[0])]}


def largest_difference(left: list[list[float]], right: list[list[float]]) -> float:
    assert len(left) == len(right)
    assert all(len(one) == len(other) for one, other in zip(left, right))
    return max((abs(a - b) for one, other in zip(left, right) for a, b in zip(one, other)), default=0.0)
