"""The loaded models, by the handle that the parent gave them."""

from __future__ import annotations

import gc
import threading
from dataclasses import dataclass
from typing import Any

from .backends.backend import Backend
from .errors import BridgeError, invalid_config


@dataclass(frozen=True)
class LoadedModel:
    backend: Backend
    #: The answer to `load_model` and `model_info`.
    info: dict[str, Any]


class Models:
    """Written by the worker; read by the reader too, for `model_info`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._models: dict[str, LoadedModel] = {}

    def require_free(self, handle: str) -> None:
        """CONFIG_INVALID if a model is loaded under the handle."""
        with self._lock:
            if handle in self._models:
                message = f"A model is already loaded as {handle!a}; unload it first or take another handle."
                raise invalid_config(message, model=handle)

    def add(self, handle: str, model: LoadedModel) -> None:
        with self._lock:
            self._models[handle] = model

    def get(self, handle: str) -> LoadedModel:
        """NOT_FOUND if nothing is loaded under the handle."""
        with self._lock:
            model = self._models.get(handle)
            loaded = sorted(self._models)
        if model is None:
            names = ", ".join(f"{name!a}" for name in loaded) or "none"
            message = f"No model is loaded as {handle!a}; loaded: {names}. Call load_model first."
            raise BridgeError("NOT_FOUND", message, {"model": handle})
        return model

    def remove(self, handle: str) -> None:
        """Frees a model at once, also where its parts refer to each other."""
        model = self.get(handle)
        with self._lock:
            del self._models[handle]
        model.backend.close()
        gc.collect()
