"""Errors with a code, as every transport of isovec knows them."""

from __future__ import annotations

from typing import Any

#: JSON-RPC numbers of the codes that the bridge uses: the column `jsonRpc` of src/shared/error-table.ts.
JSON_RPC_CODES: dict[str, int] = {
    "CONFIG_INVALID": -32001,
    "MODEL_FILE_MISSING": -32003,
    "FORMAT_INVALID": -32007,
    "ARCHITECTURE_UNSUPPORTED": -32008,
    "WEIGHTS_MISMATCH": -32009,
    "INPUT_INVALID": -32602,
    "INPUT_TOO_LONG": -32010,
    "BODY_TOO_LARGE": -32012,
    "NOT_FOUND": -32014,
    "ABORTED": -32017,
    "PACKAGE_MISSING": -32024,
    "INTERNAL": -32603,
}

#: Numbers that JSON-RPC 2.0 reserves for the protocol itself; their `data.code` is INPUT_INVALID.
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601


class BridgeError(Exception):
    """A failure that is answered to the parent: what happened, to which thing, and the way out."""

    def __init__(self, code: str, message: str, data: dict[str, Any] | None = None, number: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data or {}
        self.number = JSON_RPC_CODES[code] if number is None else number

    def as_json(self) -> dict[str, Any]:
        """The `error` member of an answer."""
        return {"code": self.number, "message": self.message, "data": {**self.data, "code": self.code}}


def invalid_input(message: str, **data: Any) -> BridgeError:
    return BridgeError("INPUT_INVALID", message, data)


def invalid_config(message: str, **data: Any) -> BridgeError:
    return BridgeError("CONFIG_INVALID", message, data)


def unsupported(message: str, **data: Any) -> BridgeError:
    return BridgeError("ARCHITECTURE_UNSUPPORTED", message, data)
