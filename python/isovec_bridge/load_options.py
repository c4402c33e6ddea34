"""Parameters of `load_model`, checked before anything heavy is imported."""

from __future__ import annotations

from .backends.backend import LoadOptions
from .errors import invalid_config, invalid_input
from .params import Params

BACKENDS = ("auto", "onnx", "torch", "echo")

LOAD_PARAMETERS = (
    "model",
    "path",
    "backend",
    "device",
    "max_seq_length",
    "threads",
    "execution_providers",
    "dimensions",
)


def read_backend(params: Params) -> str:
    """A backend by its name. CONFIG_INVALID for an unknown one, and for "auto", which is none."""
    backend = params.string("backend")
    if backend not in BACKENDS[1:]:
        raise invalid_config(f"There is no backend {backend!a}; choose one of {', '.join(BACKENDS[1:])}.")
    return backend


def read_load_options(params: Params) -> LoadOptions:
    """INPUT_INVALID for a wrong type, CONFIG_INVALID for an unknown backend or an option of another one."""
    backend = params.optional_string("backend") or "auto"
    if backend not in BACKENDS:
        raise invalid_config(f"There is no backend {backend!a}; choose one of {', '.join(BACKENDS)}.")
    dimensions = params.optional_whole("dimensions", 1)
    if dimensions is not None and backend != "echo":
        raise invalid_config("dimensions is an option of the echo backend; a real model has its own.")
    return LoadOptions(
        path=(params.optional_string("path") or "") if backend == "echo" else params.string("path"),
        backend=backend,
        device=params.optional_string("device") or "auto",
        max_seq_length=params.optional_whole("max_seq_length", 1),
        threads=params.optional_whole("threads", 1),
        execution_providers=_read_providers(params.raw("execution_providers")),
        dimensions=dimensions,
    )


def _read_providers(value: object) -> tuple[tuple[str, dict[str, str]], ...]:
    """Names, or pairs of a name and its options, as onnxruntime takes them."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise invalid_input("execution_providers is an array of names or of [name, {options}].")
    return tuple(_read_provider(one) for one in value)


def _read_provider(value: object) -> tuple[str, dict[str, str]]:
    if isinstance(value, str):
        return value, {}
    if isinstance(value, list) and len(value) == 2:
        name, options = value
        if isinstance(name, str) and isinstance(options, dict):
            return name, {key: _as_text(option) for key, option in options.items()}
    raise invalid_input("execution_providers is an array of names or of [name, {options}].")


def _as_text(option: object) -> str:
    """Options are texts to onnxruntime; its booleans are written 1 and 0."""
    if isinstance(option, bool):
        return "1" if option else "0"
    if isinstance(option, (str, int, float)):
        return str(option)
    raise invalid_input("An option of an execution provider is a string, a number, true or false.")
