"""Models by sentence-transformers and PyTorch: the reference, and every architecture that it knows."""

from __future__ import annotations

import os
import time
from array import array
from typing import Any

from ..cancellation import Cancellation
from ..cores import usable_cores
from ..errors import unsupported
from ..folder.sequence_limit import sequence_limit, usable_positions
from ..vectors import Rows, TokenIds
from .backend import Backend, Batch, LoadOptions, Log, ModelInfo, Tokenized
from .torch_load import load_sentence_transformer, pick_device


class TorchBackend(Backend):
    """A SentenceTransformer in float32, on rows of one length without padding."""

    def __init__(self, options: LoadOptions, log: Log) -> None:
        # Read when the libraries are imported: a model folder is complete, nothing is fetched.
        os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
        # Threads that share an operator wait for each other between operators. Spinning, which is the default, makes
        # that twenty times as long wherever another program runs on one of the cores, as the caller does.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        import torch

        self._torch = torch
        device = pick_device(options.device)
        torch.set_num_threads(options.threads or usable_cores())
        started = time.perf_counter()
        self._model: Any = load_sentence_transformer(options.path, device)
        log("debug", f"sentence-transformers read the model in {time.perf_counter() - started:.2f} s.")
        kinds = [type(module).__name__ for module in self._model]
        if kinds[0] not in ("Transformer", "StaticEmbedding"):
            raise unsupported(f"The first module is {kinds[0]}; supported are Transformer and StaticEmbedding.")
        self._static = kinds[0] == "StaticEmbedding"
        self.runs_empty_rows = self._static
        self._normalizes = kinds[-1] == "Normalize"
        self._pooling: Any = next((one for one in self._model if type(one).__name__ == "Pooling"), None)
        self._limit = None if self._static else self._set_limit(options.max_seq_length)
        self._type_ids = "token_type_ids" in getattr(self._model.tokenizer, "model_input_names", ())
        self.info = self._describe(str(device))

    def tokenize(self, texts: list[str], prompt: str) -> Tokenized:
        if not texts:
            return Tokenized([], [])
        prompted = [prompt + text for text in texts]
        if self._static:
            encodings = self._model.tokenizer.encode_batch(prompted, add_special_tokens=False)
            ids = [encoding.ids for encoding in encodings]
            cut = [sum(len(rest.ids) for rest in encoding.overflowing) for encoding in encodings]
            return Tokenized(ids, [len(one) + more for one, more in zip(ids, cut)])
        features = self._model.preprocess(texts, prompt=prompt or None)
        kept = features["attention_mask"].bool()
        ids = [row[mask].tolist() for row, mask in zip(features["input_ids"], kept)]
        full = self._model.tokenizer(prompted, truncation=False, padding=False, verbose=False)["input_ids"]
        masked = prompt != "" and self._pooling is not None and not self._pooling.include_prompt
        prompt_length = int(features.get("prompt_length", 0)) if masked else 0
        return Tokenized(ids, [len(one) for one in full], prompt_length)

    def decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        return str(self._model.tokenizer.decode(ids, skip_special_tokens=skip_special_tokens))

    def run(self, batch: Batch, cancellation: Cancellation) -> Rows:
        with self._torch.inference_mode():
            vectors = self._forward(batch)
            if batch.output == "hidden":
                vectors = vectors.flatten(0, 1)
            if batch.cut is not None:
                vectors = vectors[..., : batch.cut]
            if batch.normalize:
                vectors = self._torch.nn.functional.normalize(vectors, p=2, dim=1)
            values = vectors.to("cpu", self._torch.float32).contiguous().numpy()
        count, width = values.shape
        return Rows(values.tobytes(), count, width)

    def _forward(self, batch: Batch) -> Any:
        features = self._features(batch)
        if batch.output == "hidden":
            if self._static:
                raise unsupported("A static model has no token vectors in context; ask for its embeddings.")
            return self._model[0](features)["token_embeddings"]
        if batch.output == "unnormalized" and self._normalizes:
            for module in list(self._model)[:-1]:
                features = module(features)
        else:
            features = self._model(features)
        return features["sentence_embedding"]

    def _features(self, batch: Batch) -> dict[str, Any]:
        """What `preprocess` would give for these tokens: nothing is padded, so the mask holds ones alone."""
        torch, tokens = self._torch, batch.tokens
        flat = torch.tensor(tokens.ids, dtype=torch.long, device=self._model.device)
        if self._static:
            starts = torch.arange(tokens.count, device=flat.device) * tokens.length
            return {"input_ids": flat, "offsets": starts}
        ids = flat.view(tokens.count, tokens.length)
        features = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        if self._type_ids:
            features["token_type_ids"] = torch.zeros_like(ids)
        if batch.prompt_length > 0:
            features["prompt_length"] = batch.prompt_length
        return features

    def _set_limit(self, requested: int | None) -> int | None:
        config = self._model.transformers_model.config
        limit = sequence_limit(requested, self._model.max_seq_length, usable_positions(config.to_dict()))
        if limit is not None:
            self._model.max_seq_length = limit
        return limit

    def _describe(self, device: str) -> ModelInfo:
        model = self._model
        embedding = model[0].embedding if self._static else model.transformers_model.get_input_embeddings()
        # The first run also warms up: kernels are chosen and memory is reserved before the model counts as loaded.
        ids = array("i", self.tokenize(["warm-up"], "").ids[0] or [0])
        tokens = TokenIds(ids, 1, len(ids))
        dimensions = self.run(Batch(tokens), Cancellation()).width
        hidden = dimensions if self._static else self.run(Batch(tokens, output="hidden"), Cancellation()).width
        modes = ["mean"] if self._static else []
        if self._pooling is not None:
            mode = self._pooling.pooling_mode
            modes = [mode] if isinstance(mode, str) else list(mode)
        return ModelInfo(
            dimensions=dimensions,
            hidden_size=hidden,
            max_seq_length=self._limit,
            pooling=modes,
            normalize=self._normalizes,
            backend="torch",
            providers=["PyTorchExecutionProvider"],
            device=device,
            prompts=dict(model.prompts),
            default_prompt_name=model.default_prompt_name,
            similarity=str(model.similarity_fn_name),
            vocabulary_size=int(embedding.weight.shape[0]),
            include_prompt=self._pooling is None or bool(self._pooling.include_prompt),
            truncate_dimension=model.truncate_dim,
        )
