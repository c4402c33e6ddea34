"""Requests that wait for the worker or run on it, in order of arrival."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field

from .cancellation import Cancellation
from .errors import INVALID_REQUEST, BridgeError
from .protocol import Request, RequestId


@dataclass(frozen=True)
class Job:
    request: Request
    cancellation: Cancellation = field(default_factory=Cancellation)


class Jobs:
    """The queue between reader and worker, with the pending requests by id."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._pending: dict[RequestId, Job] = {}

    def add(self, request: Request) -> None:
        """Queues a request. -32600 if another one with its id is still pending: `cancel` could not tell them apart."""
        job = Job(request)
        if request.id is not None:
            with self._lock:
                if request.id in self._pending:
                    message = "A request with this id is still pending; use every id once."
                    raise BridgeError("INPUT_INVALID", message, number=INVALID_REQUEST)
                self._pending[request.id] = job
        self._queue.put(job)

    def next(self) -> Job:
        return self._queue.get()

    def finish(self, job: Job) -> bool:
        """Ends a job; False if it was ended before, and thus answered."""
        if job.request.id is None:
            return True
        with self._lock:
            if self._pending.get(job.request.id) is not job:
                return False
            del self._pending[job.request.id]
            return True

    def cancel(self, request_id: RequestId) -> Job | None:
        """The job that stops now, or None if there is none, or if its result counts already."""
        with self._lock:
            job = self._pending.get(request_id)
        return job if job is not None and job.cancellation.cancel() else None
