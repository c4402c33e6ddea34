"""The methods of the wire: from checked parameters to results. python/README.md describes them for the parent."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from .backends.backend import OUTPUTS, Batch, Log, info_as_json
from .backends.choose import choose_backend, open_backend
from .backends.devices import devices_of
from .cancellation import Cancellation
from .embed import embed_texts, run_in_parts
from .errors import BridgeError, invalid_input
from .load_options import LOAD_PARAMETERS, read_backend, read_load_options
from .models import LoadedModel, Models
from .params import Params
from .vectors import decode_token_ids, encode_rows
from .versions import python_version, versions

Result = dict[str, Any]


class Methods:
    """Tables of methods by name: those that the reader answers at once, and those that the worker runs in order."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._models = Models()
        self.at_once: dict[str, Callable[[dict[str, Any]], Result]] = {
            "ping": self._ping,
            "model_info": self._model_info,
        }
        self.in_order: dict[str, Callable[[dict[str, Any], Cancellation], Result]] = {
            "devices": self._devices,
            "load_model": self._load_model,
            "embed_batch": self._embed_batch,
            "tokenize": self._tokenize,
            "decode": self._decode,
            "unload_model": self._unload_model,
        }

    def _ping(self, values: dict[str, Any]) -> Result:
        Params("ping", values, ())
        return {"pong": True, "python": python_version(), "pid": os.getpid(), "versions": versions()}

    def _model_info(self, values: dict[str, Any]) -> Result:
        params = Params("model_info", values, ("model",))
        return self._models.get(params.string("model")).info

    def _devices(self, values: dict[str, Any], cancellation: Cancellation) -> Result:
        backend = read_backend(Params("devices", values, ("backend",)))
        return {"backend": backend, "devices": devices_of(backend)}

    def _load_model(self, values: dict[str, Any], cancellation: Cancellation) -> Result:
        params = Params("load_model", values, LOAD_PARAMETERS)
        handle = params.string("model")
        options = read_load_options(params)
        self._models.require_free(handle)
        choice = choose_backend(options)
        self._log("info", choice.reason, model=handle, backend=choice.options.backend)
        started = time.perf_counter()
        backend = open_backend(choice.options, self._log)
        info: Result = {
            "model": handle,
            **info_as_json(backend.info),
            "reason": choice.reason,
            "versions": versions(),
            "load_milliseconds": _milliseconds(started),
        }
        # A load that was cancelled meanwhile leaves no model behind.
        cancellation.commit()
        self._models.add(handle, LoadedModel(backend, info))
        return info

    def _embed_batch(self, values: dict[str, Any], cancellation: Cancellation) -> Result:
        if values.get("token_ids") is None:
            return self._embed_texts(values, cancellation)
        params = Params("embed_batch", values, ("model", "token_ids", "prompt_length", "output"))
        backend = self._models.get(params.string("model")).backend
        tokens = decode_token_ids(params.raw("token_ids"), backend.info.vocabulary_size)
        limit = backend.info.max_seq_length
        if limit is not None and tokens.length > limit:
            message = f"token_ids has {tokens.length} tokens a row; the limit of the model is {limit}."
            raise BridgeError("INPUT_TOO_LONG", message, {"limit": limit})
        prompt_length = params.optional_whole("prompt_length", 0) or 0
        if prompt_length > 0 and prompt_length >= tokens.length:
            raise invalid_input(f"prompt_length {prompt_length} must be less than the {tokens.length} tokens of a row.")
        output = params.optional_string("output") or OUTPUTS[0]
        if output not in OUTPUTS:
            raise invalid_input(f"embed_batch: output must be one of {', '.join(OUTPUTS)}.")
        started = time.perf_counter()
        rows = run_in_parts(backend, Batch(tokens, prompt_length, output), cancellation)
        milliseconds = _milliseconds(started)
        return {"vectors": encode_rows(rows), "milliseconds": milliseconds}

    def _embed_texts(self, values: dict[str, Any], cancellation: Cancellation) -> Result:
        params = Params("embed_batch", values, ("model", "texts", "prompt", "normalize"))
        backend = self._models.get(params.string("model")).backend
        texts = params.texts()
        prompt = params.optional_string("prompt") or ""
        embedded = embed_texts(backend, texts, prompt, params.boolean("normalize", False), cancellation)
        return {"vectors": encode_rows(embedded.rows), "tokens": embedded.tokens, "truncated": embedded.truncated}

    def _tokenize(self, values: dict[str, Any], cancellation: Cancellation) -> Result:
        params = Params("tokenize", values, ("model", "texts", "prompt"))
        backend = self._models.get(params.string("model")).backend
        tokenized = backend.tokenize(params.texts(), params.optional_string("prompt") or "")
        return {"token_ids": tokenized.ids, "full_counts": tokenized.full_counts}

    def _decode(self, values: dict[str, Any], cancellation: Cancellation) -> Result:
        params = Params("decode", values, ("model", "ids", "skip_special_tokens"))
        backend = self._models.get(params.string("model")).backend
        ids, size = params.raw("ids"), backend.info.vocabulary_size
        if not isinstance(ids, list) or not all(type(token) is int and 0 <= token < size for token in ids):
            raise invalid_input(f"decode: ids must be an array of token ids, 0 to {size - 1}.")
        return {"text": backend.decode(ids, params.boolean("skip_special_tokens", True))}

    def _unload_model(self, values: dict[str, Any], cancellation: Cancellation) -> Result:
        params = Params("unload_model", values, ("model",))
        handle = params.string("model")
        self._models.get(handle)
        cancellation.commit()
        self._models.remove(handle)
        return {}


def _milliseconds(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
