"""`python -m isovec_bridge`: started by isovec, speaks JSON-RPC on standard input and output."""

from __future__ import annotations

import os
import signal
import sys

from .lines import DEFAULT_MAX_LINE
from .output import take_standard_streams
from .parent import follow_parent
from .server import Server


def main() -> None:
    # Ctrl-C reaches the whole process group; the parent decides when this child ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The default ends the process even while the main thread is inside a library.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    descriptor, output = take_standard_streams()
    follow_parent(os.environ.get("ISOVEC_BRIDGE_PARENT"))
    Server(output, _max_line()).serve(descriptor)


def _max_line() -> int:
    value = os.environ.get("ISOVEC_BRIDGE_MAX_LINE", "")
    if not value:
        return DEFAULT_MAX_LINE
    if value.isascii() and value.isdigit() and int(value) > 0:
        return int(value)
    sys.exit("ISOVEC_BRIDGE_MAX_LINE must be a number of bytes.")


if __name__ == "__main__":
    main()
