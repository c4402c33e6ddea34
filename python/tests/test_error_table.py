"""The numbers of the codes are those that the parent knows."""

from __future__ import annotations

import re
from pathlib import Path

from isovec_bridge.errors import JSON_RPC_CODES

TABLE = Path(__file__).resolve().parent.parent.parent / "src" / "shared" / "error-table.ts"


def test_every_code_has_the_number_of_the_error_table() -> None:
    rows = re.findall(r"^  ([A-Z_]+): row\('[^']*', \d+, GRPC\.\w+, (-\d+)", TABLE.read_text("utf-8"), re.MULTILINE)
    table = {code: int(number) for code, number in rows}
    assert JSON_RPC_CODES.items() <= table.items()
