"""Checks a generated client against running servers: python check_all.py MANIFEST

The manifest is what accept-grpc.ts writes; the modules that grpcio-tools made from the contracts lie beside it. Vectors must
be the library's bit for bit.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1]).parent))

import check_calls  # noqa: E402
import check_limits  # noqa: E402
import check_methods  # noqa: E402
import check_reflection  # noqa: E402
import check_streams  # noqa: E402
import check_wire  # noqa: E402

for module in (check_methods, check_streams, check_calls, check_limits, check_reflection, check_wire):
    for name, check in list(vars(module).items()):
        if name.startswith("check_") and callable(check):
            check()
            print(f"gRPC: {name.removeprefix('check_').replace('_', ' ')}", flush=True)
