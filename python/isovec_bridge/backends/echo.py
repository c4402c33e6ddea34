"""A backend without a model, for tests: vectors from a hash of the token ids, by the standard library alone."""

from __future__ import annotations

import hashlib
import math
import os
from array import array
from collections.abc import Sequence

from ..cancellation import Cancellation
from ..errors import invalid_config
from ..vectors import Rows
from .backend import Backend, Batch, LoadOptions, ModelInfo, Tokenized

DEFAULT_DIMENSIONS = 8
DEFAULT_LIMIT = 256

#: Ids of padding, start and end; the bytes of UTF-8 follow.
_START, _END, _FIRST_BYTE = 1, 2, 3
_VOCABULARY = _FIRST_BYTE + 256


class EchoBackend(Backend):
    """Same text, same vector: alone, in a batch, or as token ids. Texts that begin with "@" provoke faults."""

    def __init__(self, options: LoadOptions) -> None:
        if options.device not in ("auto", "cpu"):
            raise invalid_config(f"The echo backend has no device {options.device!a}; available is cpu.")
        dimensions = options.dimensions or DEFAULT_DIMENSIONS
        self.info = ModelInfo(
            dimensions=dimensions,
            hidden_size=dimensions,
            max_seq_length=max(2, options.max_seq_length or DEFAULT_LIMIT),
            pooling=["mean"],
            normalize=True,
            backend="echo",
            providers=["EchoExecutionProvider"],
            device="cpu",
            prompts={},
            default_prompt_name=None,
            similarity="cosine",
            # Ids of any tokenizer have a vector: a parent may use its own.
            vocabulary_size=2**31 - 1,
            include_prompt=True,
            truncate_dimension=None,
        )

    def tokenize(self, texts: list[str], prompt: str) -> Tokenized:
        room = (self.info.max_seq_length or DEFAULT_LIMIT) - 2
        encoded = [(prompt + text).encode("utf-8") for text in texts]
        ids = [[_START, *(byte + _FIRST_BYTE for byte in one[:room]), _END] for one in encoded]
        return Tokenized(ids, [len(one) + 2 for one in encoded])

    def decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        return _text(ids) if skip_special_tokens else "".join(_pieces(ids))

    def run(self, batch: Batch, cancellation: Cancellation) -> Rows:
        tokens = batch.tokens
        width = min(batch.cut or self.info.dimensions, self.info.dimensions)
        values = array("f")
        for index in range(tokens.count):
            ids = tokens.ids[index * tokens.length : (index + 1) * tokens.length]
            spoiled = _act(_text(ids), cancellation)
            if batch.output == "hidden":
                for place, token in enumerate(ids):
                    values.extend(self._vector(array("i", [token, place]), batch, width))
            else:
                values.extend([math.nan] * width if spoiled else self._vector(ids, batch, width))
        return Rows(values.tobytes(), len(values) // width, width)

    def _vector(self, ids: array[int], batch: Batch, width: int) -> list[float]:
        dimensions = self.info.dimensions
        content = ",".join(map(str, ids)).encode("ascii")
        numbers = hashlib.shake_256(content).digest(4 * dimensions)
        raw = [int.from_bytes(numbers[4 * i : 4 * i + 4], "little") / 2**31 - 1 for i in range(dimensions)]
        vector = raw if batch.output == "unnormalized" else _unit(raw)
        return _unit(vector[:width]) if batch.normalize else vector[:width]


def _unit(vector: list[float]) -> list[float]:
    norm = max(math.sqrt(sum(value * value for value in vector)), 1e-12)
    return [value / norm for value in vector]


def _text(ids: Sequence[int]) -> str:
    return bytes(token - _FIRST_BYTE for token in ids if _FIRST_BYTE <= token < _VOCABULARY).decode("utf-8", "replace")


def _pieces(ids: Sequence[int]) -> list[str]:
    names = {0: "<pad>", _START: "<s>", _END: "</s>"}
    return [names.get(token) or _text([token]) for token in ids]


def _act(text: str, cancellation: Cancellation) -> bool:
    """Does what a text beginning with "@" asks for; True if its vector must not be finite."""
    if text.startswith("@sleep:") and text[7:].isdigit():
        cancellation.wait(int(text[7:]) / 1000)
    elif text == "@crash":
        os._exit(70)
    elif text == "@exit":
        os._exit(0)
    elif text == "@print":
        print("noise from Python", flush=True)
        os.write(1, b"noise from a C library\n")
    return text == "@nan"
