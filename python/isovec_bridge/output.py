"""The protocol's side of standard output: whole lines, from any thread."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from .errors import BridgeError
from .protocol import RequestId, error_line, notification_line, result_line

#: Exit status after standard output broke: the parent is gone or deaf. EX_IOERR of sysexits.h.
BROKEN_OUTPUT_STATUS = 74


class Output:
    """Writes messages to a private descriptor. A write that fails ends the process: nobody can hear it any more."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def result(self, request_id: RequestId, result: dict[str, Any]) -> None:
        self._write(result_line(request_id, result))

    def error(self, request_id: RequestId | None, error: BridgeError) -> None:
        self._write(error_line(request_id, error))

    def log(self, level: str, message: str, **data: Any) -> None:
        """A `log` notification: level is debug, info, warning or error."""
        self._write(notification_line("log", {"level": level, "message": message, **({"data": data} if data else {})}))

    def _write(self, line: bytes) -> None:
        rest = memoryview(line)
        with self._lock:
            try:
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                os._exit(BROKEN_OUTPUT_STATUS)


def take_standard_streams() -> tuple[int, Output]:
    """Keeps stdin and stdout for the protocol alone: prints of Python and of C libraries go to stderr from now on."""
    own_input, own_output = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(own_input, os.O_BINARY)
        msvcrt.setmode(own_output, os.O_BINARY)
    # A library that reads stdin, or a child of one, must not take the parent's requests.
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return own_input, Output(own_output)
