"""A session of ONNX Runtime on a graph that takes token ids."""

from __future__ import annotations

import importlib
import os
from typing import Any

import numpy as np
import numpy.typing as npt

from ..cores import usable_cores
from ..errors import BridgeError, unsupported
from .backend import LoadOptions
from .execution_providers import pick_providers, require_started

_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
_HIDDEN = ("last_hidden_state", "token_embeddings", "hidden_states", "output_0")
_VECTORS = "sentence_embedding"
_TYPES = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}


class OnnxGraph:
    """Runs rows of one length. Feeds only the inputs that the graph has, and asks only for what is wanted."""

    def __init__(self, file: str, options: LoadOptions) -> None:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        # It comes without types.
        onnxruntime: Any = importlib.import_module("onnxruntime")
        providers = pick_providers(options.device, options.execution_providers, onnxruntime.get_available_providers())
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads or usable_cores()
        settings.inter_op_num_threads = 1
        # A pattern is kept for every shape that was ever run, and shapes are many; each shape's first run is
        # slower for it.
        settings.enable_mem_pattern = False
        settings.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(file, settings, providers=list(providers))
        except Exception as error:
            raise _unreadable(file, error) from error
        self.providers: list[str] = self._session.get_providers()
        require_started(providers, self.providers)
        self._inputs = {one.name: _TYPES.get(one.type) for one in self._session.get_inputs()}
        unknown = [name for name, kind in self._inputs.items() if name not in _INPUTS or kind is None]
        if unknown or "input_ids" not in self._inputs:
            inputs = ", ".join(self._inputs)
            raise unsupported(f"The graph takes {inputs}; supported are integer tensors named {', '.join(_INPUTS)}.")
        outputs = {one.name: one.shape for one in self._session.get_outputs()}
        self.has_vectors = _VECTORS in outputs
        named = [name for name in _HIDDEN if name in outputs]
        deep = [name for name, shape in outputs.items() if shape is not None and len(shape) == 3]
        self._hidden = next(iter([*named, *deep]), None)
        if self._hidden is None and not self.has_vectors:
            raise unsupported(f"The graph gives {', '.join(outputs)}; wanted is {_HIDDEN[0]} or {_VECTORS}.")

    @property
    def has_hidden(self) -> bool:
        return self._hidden is not None

    def vectors(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return self._run(_VECTORS, ids)

    def hidden(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        if self._hidden is None:
            raise unsupported(f"The graph gives {_VECTORS} alone, no token vectors.")
        return self._run(self._hidden, ids)

    def _run(self, output: str, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        values = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
            "position_ids": np.broadcast_to(np.arange(ids.shape[1], dtype=np.int64), ids.shape),
        }
        feeds = {name: values[name].astype(kind) for name, kind in self._inputs.items() if kind is not None}
        (result,) = self._session.run([output], feeds)
        return np.asarray(result, dtype=np.float32)


def _unreadable(file: str, error: Exception) -> BridgeError:
    """ONNX Runtime has a class for each status; their names are stable, their module is not."""
    kind = type(error).__name__
    text = (str(error).strip().splitlines() or [kind])[0][:300]
    if kind == "NotImplemented" or "is not a registered" in text:
        return unsupported(f"ONNX Runtime cannot run {file}: {text}")
    if kind == "NoSuchFile" or "External data path" in text or "external data" in text.lower():
        return BridgeError("MODEL_FILE_MISSING", f"A file of {file} is missing: {text}", {"path": file})
    return BridgeError("FORMAT_INVALID", f"ONNX Runtime cannot read {file}: {text}", {"path": file})
