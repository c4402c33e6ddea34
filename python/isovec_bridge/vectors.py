"""Vectors and token ids on the wire: base64 of little-endian numbers with a shape."""

from __future__ import annotations

import base64
import binascii
import math
import sys
from array import array
from dataclasses import dataclass
from typing import Any

from .errors import BridgeError, invalid_input


@dataclass(frozen=True)
class Rows:
    """Float32 rows in native byte order, row after row."""

    data: bytes
    count: int
    width: int


@dataclass(frozen=True)
class TokenIds:
    """Rows of token ids of one length, row after row, as 32-bit integers."""

    ids: array[int]
    count: int
    length: int


def encode_rows(rows: Rows) -> dict[str, Any]:
    """`{"data", "shape"}`. INTERNAL for a value that is not finite: such a vector would poison an index silently."""
    values = array("f", rows.data)
    # A float64 sum of float32 values cannot overflow, so it is finite exactly if all of them are.
    if not math.isfinite(sum(values)):
        raise BridgeError("INTERNAL", "The model gave a value that is not a finite number; nothing of it was sent.")
    if len(values) != rows.count * rows.width:
        raise BridgeError("INTERNAL", f"The model gave {len(values)} values for {rows.count} rows of {rows.width}.")
    if sys.byteorder == "big":
        values.byteswap()
    return {"data": base64.b64encode(values.tobytes()).decode("ascii"), "shape": [rows.count, rows.width]}


def decode_token_ids(value: object, vocabulary_size: int) -> TokenIds:
    """Reads `{"data", "shape"}` of int32 [n, length]. INPUT_INVALID for everything that is not exactly that."""
    if not isinstance(value, dict) or not isinstance(value.get("data"), str):
        raise invalid_input('token_ids is an object with "data", a base64 string, and "shape", [n, length].')
    shape = value.get("shape")
    if not isinstance(shape, list) or len(shape) != 2 or not _is_whole(shape[0], 1) or not _is_whole(shape[1], 0):
        raise invalid_input("The shape of token_ids is [n, length], whole numbers of at least 1 and 0.")
    count, length = shape
    try:
        data = base64.b64decode(value["data"].encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_input("The data of token_ids is not base64.") from error
    if len(data) != 4 * count * length:
        raise invalid_input(f"token_ids has {len(data)} bytes where the shape [{count}, {length}] takes 4 each.")
    ids = array("i", data)
    if sys.byteorder == "big":
        ids.byteswap()
    if length > 0 and (min(ids) < 0 or max(ids) >= vocabulary_size):
        raise invalid_input(f"token_ids holds an id outside of the vocabulary, 0 to {vocabulary_size - 1}.")
    return TokenIds(ids, count, length)


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
