"""modules.json: the steps of a model."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..errors import BridgeError, unsupported
from .json_file import broken, inside, read_json


@dataclass(frozen=True)
class Module:
    #: Last component of the class path: releases moved the classes, and never renamed them.
    kind: str
    #: Folder inside the model: '' for the root.
    path: str


def read_modules(folder: str) -> list[Module] | None:
    """The steps in order, or None for a bare checkpoint. ARCHITECTURE_UNSUPPORTED for code that comes with a model."""
    value = read_json(folder, "modules.json")
    if value is None:
        return None
    if not isinstance(value, list) or not value:
        raise broken("modules.json", "must hold an array of at least one module")
    return [_read_module(index, item) for index, item in enumerate(value)]


def _read_module(index: int, item: object) -> Module:
    if not isinstance(item, dict) or not isinstance(item.get("type"), str) or not isinstance(item.get("path"), str):
        raise broken("modules.json", f"module {index} must have a type and a path")
    kind, path = item["type"], item["path"]
    if not kind.startswith("sentence_transformers."):
        raise unsupported(f"modules.json: {kind[:100]!a} is code that comes with the model, and none of it is run.")
    path = "" if path == "." else path.rstrip("/")
    # A path that leaves the folder would load files that are not the model's (CWE-22).
    if os.path.isabs(path) or "\\" in path or ".." in path.split("/"):
        raise broken("modules.json", f"module {index} has a path outside of the model")
    return Module(kind.rpartition(".")[2], path)


def require_safetensors(folder: str, modules: list[Module]) -> None:
    """MODEL_FILE_MISSING where a step has its weights as a pickle only: unpickling runs code (CWE-502)."""
    for module in modules:
        names = {name: os.path.isfile(os.path.join(folder, module.path, name)) for name in _WEIGHTS}
        if names["pytorch_model.bin"] and not (names["model.safetensors"] or names["model.safetensors.index.json"]):
            wanted = inside(module.path, "model.safetensors")
            message = f"{wanted} is missing, and pickles such as pytorch_model.bin are not read: they can run code."
            raise BridgeError("MODEL_FILE_MISSING", message, {"file": wanted})


_WEIGHTS = ("pytorch_model.bin", "model.safetensors", "model.safetensors.index.json")
