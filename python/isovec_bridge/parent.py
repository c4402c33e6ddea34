"""Ends the child with its parent, should the end of standard input not reach it."""

from __future__ import annotations

import os
import sys
import threading
import time

#: prctl(2): the signal that the kernel sends when the parent ends.
_PR_SET_PDEATHSIG = 1
_SIGKILL = 9
_POLL_SECONDS = 1.0


def follow_parent(expected: str | None) -> None:
    """Arms the second safety if ISOVEC_BRIDGE_PARENT holds a process id; the first is the end of stdin.

    With a launcher between the two, the parent of this process is another one than the one named; then that is watched
    as well: it ends when the parent closes its pipes.
    """
    if not expected or sys.platform == "win32":
        return
    parent = os.getppid()
    if expected == str(parent) and sys.platform == "linux" and _kill_with_parent():
        # The parent may have ended before the kernel was asked.
        if os.getppid() != parent:
            os._exit(0)
        return
    threading.Thread(target=_poll, args=(parent,), name="parent", daemon=True).start()


def _kill_with_parent() -> bool:
    try:
        import ctypes

        return bool(ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):
        return False


def _poll(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL_SECONDS)
    os._exit(0)
