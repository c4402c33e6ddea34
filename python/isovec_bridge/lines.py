"""Lines of a file descriptor, with a limit that is kept without holding what exceeds it."""

from __future__ import annotations

import os
from collections.abc import Iterator

#: 64 MiB: room for the token ids of any sensible batch. More is a runaway parent, not work (CWE-770).
DEFAULT_MAX_LINE = 64 * 1024 * 1024

#: What one read asks for; the size of a Linux pipe.
_READ_BYTES = 64 * 1024


def read_lines(descriptor: int, max_line: int) -> Iterator[bytes | None]:
    """Yields each line without its end; None stands for a line over the limit, whose bytes were dropped.

    What follows the last line end is no line: a message that was cut by the death of its writer is not run.
    """
    pieces: list[bytes] = []
    held = 0
    skipping = False
    while True:
        chunk = os.read(descriptor, _READ_BYTES)
        if not chunk:
            return
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            if skipping or held + len(part) > max_line:
                yield None
            else:
                pieces.append(part)
                yield b"".join(pieces)
            pieces, held, skipping = [], 0, False
        if skipping:
            continue
        pieces.append(rest)
        held += len(rest)
        if held > max_line:
            pieces, held, skipping = [], 0, True
