"""Reads requests, answers the quick ones at once and leaves model work to one worker thread."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from typing import NoReturn

from .cancellation import aborted
from .errors import METHOD_NOT_FOUND, BridgeError, invalid_input
from .jobs import Job, Jobs
from .lines import read_lines
from .methods import Methods
from .output import Output
from .params import Params
from .protocol import BrokenMessageError, Request, is_request_id, parse_request


class Server:
    """One connection, from the first line to the end of standard input."""

    def __init__(self, output: Output, max_line: int) -> None:
        self._output = output
        self._max_line = max_line
        self._jobs = Jobs()
        self._methods = Methods(output.log)

    def serve(self, descriptor: int) -> NoReturn:
        """Serves until stdin ends, even while the worker is busy: without a parent nobody needs its result."""
        threading.Thread(target=self._work, name="worker", daemon=True).start()
        for line in read_lines(descriptor, self._max_line):
            if line is None:
                limit = f"A line is longer than {self._max_line} bytes; send the texts in smaller batches."
                self._output.error(None, BridgeError("BODY_TOO_LARGE", limit, {"limit": self._max_line}))
            elif line.strip():
                self._receive(line)
        leave()

    def _receive(self, line: bytes) -> None:
        try:
            request = parse_request(line)
        except BrokenMessageError as broken:
            self._output.error(broken.id, broken.error)
            return
        try:
            self._dispatch(request)
        except BridgeError as error:
            if request.id is not None:
                self._output.error(request.id, error)
        except Exception as error:
            self._report(request, error)

    def _dispatch(self, request: Request) -> None:
        name = request.method
        if name == "cancel":
            self._answer(request, {"cancelled": self._cancel(request)})
        elif name == "shutdown":
            Params(name, request.params, ())
            self._answer(request, {})
            leave()
        elif name in self._methods.at_once:
            self._answer(request, self._methods.at_once[name](request.params))
        elif name in self._methods.in_order:
            self._jobs.add(request)
        else:
            known = sorted([*self._methods.at_once, *self._methods.in_order, "cancel", "shutdown"])
            message = f"There is no method {name[:64]!a}; known are {', '.join(known)}."
            raise BridgeError("INPUT_INVALID", message, number=METHOD_NOT_FOUND)

    def _cancel(self, request: Request) -> bool:
        target = Params("cancel", request.params, ("id",)).raw("id")
        if not is_request_id(target):
            raise invalid_input("cancel: id must be the integer or string of a request.")
        job = self._jobs.cancel(target)  # type: ignore[arg-type]
        if job is None:
            return False
        # Answered here and now: a queued job may wait for long, and a running one stops at its next check.
        if self._jobs.finish(job):
            self._fail(job.request, aborted())
        return True

    def _work(self) -> None:
        while True:
            job = self._jobs.next()
            try:
                self._run(job)
            except Exception as error:
                if self._jobs.finish(job):
                    self._report(job.request, error)

    def _run(self, job: Job) -> None:
        request = job.request
        try:
            job.cancellation.check()
            result = self._methods.in_order[request.method](request.params, job.cancellation)
            job.cancellation.commit()
        except BridgeError as error:
            if self._jobs.finish(job):
                self._fail(request, error)
            return
        if self._jobs.finish(job):
            self._answer(request, result)

    def _answer(self, request: Request, result: dict[str, object]) -> None:
        if request.id is not None:
            self._output.result(request.id, result)

    def _fail(self, request: Request, error: BridgeError) -> None:
        if request.id is not None:
            self._output.error(request.id, error)

    def _report(self, request: Request, error: Exception) -> None:
        """A defect: the trace goes to the log. Its text does not go to the parent, as it may quote an input."""
        traceback.print_exc(file=sys.stderr)
        name = type(error).__name__
        message = f"{request.method} failed with {name}; the trace is in the log of the Python child."
        self._fail(request, BridgeError("INTERNAL", message, {"exception": name}))


def leave() -> NoReturn:
    """Ends the process without waiting for the worker or for the exit handlers of libraries, which can hang."""
    try:
        sys.stderr.flush()
    finally:
        os._exit(0)
