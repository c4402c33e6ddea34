"""JSON files of a model folder."""

from __future__ import annotations

import json
import os
from typing import Any

from ..errors import BridgeError


def inside(path: str, name: str) -> str:
    """The name of a file below the model folder, with '/' separators."""
    return f"{path}/{name}" if path else name


def read_json(folder: str, name: str) -> Any:
    """The value of a file, or None if there is none. FORMAT_INVALID if it is not JSON."""
    try:
        with open(os.path.join(folder, *name.split("/")), "rb") as file:
            return json.loads(file.read().decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, RecursionError) as error:
        raise broken(name, "is not JSON in UTF-8") from error


def read_object(folder: str, name: str) -> dict[str, Any] | None:
    """The object of a file, or None if there is none."""
    value = read_json(folder, name)
    if value is not None and not isinstance(value, dict):
        raise broken(name, "must hold an object")
    return value


def broken(name: str, rule: str) -> BridgeError:
    return BridgeError("FORMAT_INVALID", f"{name} {rule}.", {"file": name})
