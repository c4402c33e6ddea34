"""What a backend can compute on, on this machine."""

from __future__ import annotations

import os

from .choose import require_packages


def devices_of(backend: str) -> list[str]:
    """Names that `load_model` takes as a device, the CPU first. PACKAGE_MISSING without the packages of the backend."""
    require_packages(backend, f"Devices of the backend {backend} were asked for")
    if backend == "torch":
        from .torch_load import torch_devices

        return torch_devices()
    if backend == "onnx":
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime  # type: ignore[import-untyped]

        from .execution_providers import onnx_devices

        return onnx_devices(onnxruntime.get_available_providers())
    return ["cpu"]
