"""Models by ONNX Runtime and the official tokenizer, without PyTorch."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np
import numpy.typing as npt

from ..cancellation import Cancellation
from ..errors import BridgeError, unsupported
from ..folder.model_folder import ModelFolder, read_model_folder
from ..folder.sequence_limit import sequence_limit, usable_positions
from ..folder.tokenizer_file import read_tokenizer
from ..vectors import Rows
from .backend import Backend, Batch, LoadOptions, Log, ModelInfo, Tokenized
from .choose import GRAPH_FILES, find_graph
from .execution_providers import device_name
from .onnx_graph import OnnxGraph
from .pooling import Floats, normalize, pool


class OnnxBackend(Backend):
    """A graph that gives vectors, or token vectors that are pooled here."""

    def __init__(self, options: LoadOptions, log: Log) -> None:
        graph = find_graph(options.path)
        if graph is None:
            message = f"The folder holds neither {' nor '.join(GRAPH_FILES)}; isovec convert writes one."
            raise BridgeError("MODEL_FILE_MISSING", message, {"path": options.path})
        folder = self._folder = read_model_folder(options.path)
        self._tokenizer = _load_tokenizer(folder)
        self._end = _end_of_texts(self._tokenizer)
        self._limit = sequence_limit(options.max_seq_length, folder.saved_limit, usable_positions(folder.config))
        self._graph = OnnxGraph(os.path.join(options.path, *graph.split("/")), options)
        if not self._graph.has_vectors and not folder.pools_alone:
            kinds = ", ".join(head.kind for head in folder.heads)
            raise unsupported(f"The graph gives token vectors alone, and {kinds} follow; use the backend torch.")
        log("debug", f"ONNX Runtime reads {graph} with {', '.join(self._graph.providers)}.")
        self.info = self._describe()

    def tokenize(self, texts: list[str], prompt: str) -> Tokenized:
        full = [one.ids for one in self._tokenizer.encode_batch([prompt + text for text in texts])]
        masked = prompt != "" and not self._folder.pooling.include_prompt
        return Tokenized(
            [self._cut(ids) for ids in full], [len(ids) for ids in full], self._prompt_length(prompt) if masked else 0
        )

    def decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        return str(self._tokenizer.decode(ids, skip_special_tokens=skip_special_tokens))

    def run(self, batch: Batch, cancellation: Cancellation) -> Rows:
        tokens = batch.tokens
        ids = np.array(tokens.ids, dtype=np.int64).reshape(tokens.count, tokens.length)
        vectors = self._vectors(ids, batch)
        if batch.cut is not None:
            vectors = vectors[:, : batch.cut]
        if batch.normalize:
            vectors = normalize(vectors)
        count, width = vectors.shape
        return Rows(np.ascontiguousarray(vectors, dtype=np.float32).tobytes(), count, width)

    def _vectors(self, ids: npt.NDArray[np.int64], batch: Batch) -> Floats:
        folder = self._folder
        if batch.output == "hidden":
            hidden = self._graph.hidden(ids)
            return hidden.reshape(-1, hidden.shape[2])
        masked = 0 if folder.pooling.include_prompt else batch.prompt_length
        stops_early = batch.output == "unnormalized" and folder.normalizes
        if self._graph.has_vectors and masked == 0 and not stops_early:
            return self._graph.vectors(ids)
        # The graph's own pooling knows no prompt and goes on to its end; pooling here takes its token vectors.
        if not folder.pools_alone:
            raise unsupported("The graph pools by itself and other modules follow; use the backend torch.")
        pooled = pool(self._graph.hidden(ids), folder.pooling.modes, masked)
        return normalize(pooled) if folder.normalizes and not stops_early else pooled

    def _cut(self, ids: list[int]) -> list[int]:
        """Keeps the special tokens at both ends: a cut that lost the last one would be another text."""
        limit = self._limit
        if limit is None or len(ids) <= limit:
            return ids
        return [*ids[: max(0, limit - len(self._end))], *self._end][:limit]

    def _prompt_length(self, prompt: str) -> int:
        """Tokens of the prompt alone, less a special one at its end."""
        ids = self._cut(self._tokenizer.encode(prompt).ids)
        return len(ids) - 1 if self._end and ids[-1:] == self._end[-1:] else len(ids)

    def _describe(self) -> ModelInfo:
        folder, usage = self._folder, self._folder.usage
        # Two runs warm the session up, and tell widths that symbolic shapes leave open.
        ids = np.array([self._tokenizer.encode("warm-up").ids], dtype=np.int64)[:, : self._limit]
        hidden = self._graph.hidden(ids).shape[2] if self._graph.has_hidden else folder.config.get("hidden_size", 0)
        dimensions = (
            self._graph.vectors(ids).shape[1] if self._graph.has_vectors else hidden * len(folder.pooling.modes)
        )
        declared = folder.config.get("vocab_size")
        return ModelInfo(
            dimensions=dimensions,
            hidden_size=hidden,
            max_seq_length=self._limit,
            pooling=folder.pooling.modes,
            normalize=folder.normalizes,
            backend="onnx",
            providers=self._graph.providers,
            device=device_name(self._graph.providers[0]),
            prompts=usage.prompts,
            default_prompt_name=usage.default_prompt_name,
            similarity=usage.similarity,
            vocabulary_size=declared if type(declared) is int else self._tokenizer.get_vocab_size(),
            include_prompt=folder.pooling.include_prompt,
            truncate_dimension=usage.truncate_dimension,
        )


def _end_of_texts(tokenizer: Any) -> list[int]:
    """The special tokens after every text."""
    plain, whole = (tokenizer.encode("a", add_special_tokens=special).ids for special in (False, True))
    for start in range(len(whole) - len(plain) + 1):
        if plain and whole[start : start + len(plain)] == plain:
            return list(whole[start + len(plain) :])
    return list(whole[-1:])


def _load_tokenizer(folder: ModelFolder) -> Any:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    from tokenizers import Tokenizer

    lowercases = folder.settings.get("do_lower_case") is True
    file = read_tokenizer(folder.folder, folder.transformer_path, folder.model_type, lowercases)
    try:
        return Tokenizer.from_str(json.dumps(file))
    except Exception as error:
        name = type(error).__name__
        raise BridgeError("FORMAT_INVALID", f"tokenizer.json cannot be read ({name}): {error!s:.200}") from error
