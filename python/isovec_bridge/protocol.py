"""JSON-RPC 2.0 messages, one a line: https://www.jsonrpc.org/specification."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn, Union

from .errors import INVALID_REQUEST, PARSE_ERROR, BridgeError

#: Identifiers of requests. `None` stands for a notification, which is never answered.
RequestId = Union[int, str]


@dataclass(frozen=True)
class Request:
    method: str
    params: dict[str, Any]
    id: RequestId | None


class BrokenMessageError(Exception):
    """A line that is no request; `id` is what could be read of it, for the answer."""

    def __init__(self, error: BridgeError, request_id: RequestId | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.id = request_id


def parse_request(line: bytes) -> Request:
    """Reads one line. Raises BrokenMessageError with -32700 (no JSON) or -32600 (no request)."""
    try:
        message: object = json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BrokenMessageError(_protocol_error(PARSE_ERROR, "The line is not JSON in UTF-8.")) from error
    if not isinstance(message, dict):
        raise BrokenMessageError(
            _protocol_error(INVALID_REQUEST, "A request is one JSON object a line; batches are not.")
        )
    request_id = message.get("id")
    if "id" in message and not is_request_id(request_id):
        raise BrokenMessageError(_protocol_error(INVALID_REQUEST, "The id of a request is an integer or a string."))

    def broken(text: str) -> BrokenMessageError:
        return BrokenMessageError(_protocol_error(INVALID_REQUEST, text), request_id)

    if message.get("jsonrpc") != "2.0":
        raise broken('A request has the member "jsonrpc" with the value "2.0".')
    method = message.get("method")
    if not isinstance(method, str):
        raise broken('A request has the member "method", a string.')
    params = message.get("params", {})
    if not isinstance(params, dict):
        raise broken('The member "params" is an object: parameters have names here.')
    return Request(method, params, request_id)


def is_request_id(value: object) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def result_line(request_id: RequestId, result: dict[str, Any]) -> bytes:
    return _line({"jsonrpc": "2.0", "id": request_id, "result": result})


def error_line(request_id: RequestId | None, error: BridgeError) -> bytes:
    return _line({"jsonrpc": "2.0", "id": request_id, "error": error.as_json()})


def notification_line(method: str, params: dict[str, Any]) -> bytes:
    return _line({"jsonrpc": "2.0", "method": method, "params": params})


def _line(message: dict[str, Any]) -> bytes:
    # ASCII with escapes: a lone surrogate in an identifier or a path cannot break the line.
    return json.dumps(message, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"


def _protocol_error(number: int, message: str) -> BridgeError:
    return BridgeError("INPUT_INVALID", message, number=number)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
