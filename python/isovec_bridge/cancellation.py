"""Whether a request may go on: asked for by the worker, decided by the reader."""

from __future__ import annotations

import threading

from .errors import BridgeError


class Cancellation:
    """One request's flag. After `commit` it can no longer be cancelled, so `cancelled: true` is always kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._committed = False

    def cancel(self) -> bool:
        """Asks the request to stop; False if its result already counts."""
        with self._lock:
            if self._committed:
                return False
            self._cancelled.set()
            return True

    def check(self) -> None:
        """Raises ABORTED once cancelled."""
        if self._cancelled.is_set():
            raise aborted()

    def wait(self, seconds: float) -> None:
        """Sleeps, and raises ABORTED as soon as cancelled."""
        if self._cancelled.wait(seconds):
            raise aborted()

    def commit(self) -> None:
        """Makes the result count: the last moment at which ABORTED is raised."""
        with self._lock:
            if self._cancelled.is_set():
                raise aborted()
            self._committed = True


def aborted() -> BridgeError:
    return BridgeError("ABORTED", "The request was cancelled.")
