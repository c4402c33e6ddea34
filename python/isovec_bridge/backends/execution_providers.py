"""Which execution providers of ONNX Runtime a device stands for."""

from __future__ import annotations

from ..errors import BridgeError, invalid_config

CPU = "CPUExecutionProvider"

_PROVIDERS = {
    "cpu": CPU,
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "dml": "DmlExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "webgpu": "WebGpuExecutionProvider",
}

Providers = tuple[tuple[str, dict[str, str]], ...]


def pick_providers(device: str, asked: Providers, available: list[str]) -> Providers:
    """Providers in order of preference. A device comes with the CPU behind it, for operators that it lacks.

    "auto" is the CPU, as a faster device has to prove its vectors first. CONFIG_INVALID, with what is there, for
    a device or provider that the installed onnxruntime does not have.
    """
    if asked:
        absent = [name for name, _ in asked if name not in available]
        if absent:
            raise _unavailable(f"The installed onnxruntime has no {absent[0]!a}", available)
        return asked
    name, _, index = ("cpu" if device == "auto" else device).partition(":")
    provider = _PROVIDERS.get(name)
    if provider is None or provider not in available or (index and not index.isdigit()):
        raise _unavailable(f"The installed onnxruntime has no device {device!a}", available)
    if provider == CPU:
        return ((CPU, {}),)
    return ((provider, {"device_id": index} if index else {}), (CPU, {}))


def require_started(wanted: Providers, started: list[str]) -> None:
    """ONNX Runtime leaves out a provider whose libraries fail to load, with no more than a line in its log."""
    absent = [name for name, _ in wanted if name not in started]
    if absent:
        raise _unavailable(f"{absent[0]} is installed but did not start; the log says why", started)


def device_name(provider: str) -> str:
    return next((device for device, name in _PROVIDERS.items() if name == provider), provider)


def onnx_devices(available: list[str]) -> list[str]:
    """Devices of the execution providers that the installed onnxruntime has."""
    return [device for device, name in _PROVIDERS.items() if name in available]


def _unavailable(what: str, available: list[str]) -> BridgeError:
    devices = onnx_devices(available)
    message = f"{what}; available are {', '.join(devices)} ({', '.join(available)})."
    return invalid_config(message, available=devices)
