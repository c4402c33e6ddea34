"""Which packages are installed, found out without importing them."""

from __future__ import annotations

import functools
import importlib.util
import sys
from importlib import metadata

from . import WIRE_VERSION

#: Distributions whose versions decide about vectors.
_DISTRIBUTIONS = ("numpy", "onnxruntime", "tokenizers", "torch", "sentence-transformers", "transformers")

#: ONNX Runtime comes under several names, one for each kind of device; all of them are imported as onnxruntime.
_ONNX_RUNTIMES = (
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-directml",
    "onnxruntime-openvino",
    "onnxruntime-silicon",
)


@functools.cache
def versions() -> dict[str, str]:
    """Versions of the bridge and of the packages that are there."""
    found = {"bridge": WIRE_VERSION}
    for name in _DISTRIBUTIONS:
        for candidate in _ONNX_RUNTIMES if name == "onnxruntime" else (name,):
            try:
                found[name] = metadata.version(candidate)
                break
            except metadata.PackageNotFoundError:
                continue
    return found


def python_version() -> str:
    return ".".join(map(str, sys.version_info[:3]))


def missing(*modules: str) -> list[str]:
    """The modules among these that cannot be imported, judged without running them."""
    return [module for module in modules if importlib.util.find_spec(module) is None]
