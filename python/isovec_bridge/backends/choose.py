"""Which backend runs a model, and why."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from ..errors import BridgeError
from ..versions import missing
from .backend import Backend, LoadOptions, Log

#: Where an ONNX graph lies in a model folder; the first that is there counts.
GRAPH_FILES = ("onnx/model.onnx", "model.onnx")

#: Modules that each backend imports.
PACKAGES = {
    "onnx": ("onnxruntime", "numpy", "tokenizers"),
    "torch": ("torch", "sentence_transformers", "transformers"),
    "echo": (),
}

#: Devices that one backend alone reaches.
_ONNX_DEVICES = ("coreml", "dml", "openvino")
_TORCH_DEVICES = ("mps",)


@dataclass(frozen=True)
class Choice:
    options: LoadOptions
    #: Why this backend, in a sentence.
    reason: str


def choose_backend(options: LoadOptions) -> Choice:
    """The backend asked for, or for "auto" the first of onnx and torch that can run the folder.

    MODEL_FILE_MISSING without the folder, PACKAGE_MISSING with each missing package and the command that installs it.
    """
    if options.backend != "echo" and not os.path.isdir(options.path):
        message = f"There is no folder {options.path!a}; give the path of a model's files."
        raise BridgeError("MODEL_FILE_MISSING", message, {"path": options.path})
    if options.backend != "auto":
        require_packages(options.backend, f"The backend {options.backend} was asked for")
        return Choice(options, f"The backend {options.backend} was asked for.")
    name, reason = _choose(options)
    return Choice(replace(options, backend=name), reason)


def require_packages(backend: str, why: str) -> None:
    """PACKAGE_MISSING, with why and the command that installs them, unless the packages of a backend are there."""
    absent = missing(*PACKAGES[backend])
    if absent:
        raise _package_missing(why, {backend: absent})


def _choose(options: LoadOptions) -> tuple[str, str]:
    absent = {name: missing(*PACKAGES[name]) for name in ("onnx", "torch")}
    device = options.device
    if options.execution_providers or device in _ONNX_DEVICES:
        why = "Execution providers were asked for" if options.execution_providers else f"The device {device} is ONNX's"
        return _only("onnx", absent, why)
    if device in _TORCH_DEVICES:
        return _only("torch", absent, f"The device {device} is PyTorch's")
    graph = find_graph(options.path)
    if graph is None:
        return _only("torch", absent, "The folder holds no ONNX file")
    if not absent["onnx"]:
        return "onnx", f"The folder holds {graph} and onnxruntime is installed."
    if not absent["torch"]:
        return "torch", f"The folder holds {graph}, but {' and '.join(absent['onnx'])} not installed; PyTorch is."
    raise _package_missing(f"The folder holds {graph}", absent)


def _only(name: str, absent: dict[str, list[str]], why: str) -> tuple[str, str]:
    if absent[name]:
        raise _package_missing(why, {name: absent[name]})
    return name, f"{why}, so the backend is {name}."


def find_graph(folder: str) -> str | None:
    """The folder's ONNX file, relative to it."""
    return next((name for name in GRAPH_FILES if os.path.isfile(os.path.join(folder, *name.split("/")))), None)


def _package_missing(why: str, absent: dict[str, list[str]]) -> BridgeError:
    wants = "; or ".join(
        f"{', '.join(modules)} for the backend {name}: isovec bridge install --backend {name}"
        for name, modules in absent.items()
    )
    modules = sorted({module for names in absent.values() for module in names})
    return BridgeError("PACKAGE_MISSING", f"{why}. Not installed: {wants}.", {"packages": modules})


def open_backend(options: LoadOptions, log: Log) -> Backend:
    """Loads the model. Libraries are imported here and not before."""
    if options.backend == "echo":
        from .echo import EchoBackend

        return EchoBackend(options)
    if options.backend == "onnx":
        from .onnx import OnnxBackend

        return OnnxBackend(options, log)
    from .torch import TorchBackend

    return TorchBackend(options, log)
