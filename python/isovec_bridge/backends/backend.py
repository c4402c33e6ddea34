"""The contract of a backend: a loaded model that turns texts into token ids and token ids into rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..cancellation import Cancellation
from ..vectors import Rows, TokenIds

#: Tells the parent something: level, message.
Log = Callable[..., None]

#: What `run` gives: the model's vectors; those before a final Normalize; the transformer's token vectors.
OUTPUTS = ("embeddings", "unnormalized", "hidden")


@dataclass(frozen=True)
class LoadOptions:
    """What `load_model` asks for. `backend` is the chosen one; None stands for the model's or the machine's default."""

    path: str
    backend: str
    device: str = "auto"
    max_seq_length: int | None = None
    threads: int | None = None
    execution_providers: tuple[tuple[str, dict[str, str]], ...] = ()
    dimensions: int | None = None


@dataclass(frozen=True)
class ModelInfo:
    """Facts about a loaded model; the names are those of the wire."""

    dimensions: int
    hidden_size: int
    #: None: no limit (static embeddings).
    max_seq_length: int | None
    pooling: list[str]
    normalize: bool
    backend: str
    providers: list[str]
    device: str
    prompts: dict[str, str]
    default_prompt_name: str | None
    similarity: str
    vocabulary_size: int
    include_prompt: bool
    truncate_dimension: int | None


@dataclass(frozen=True)
class Tokenized:
    """Token ids of texts, cut to the limit, with what they would have been before the cut."""

    ids: list[list[int]]
    full_counts: list[int]
    #: Tokens at the head that are the prompt's and that pooling leaves out; 0 where it counts like any other.
    prompt_length: int = 0


@dataclass(frozen=True)
class Batch:
    """Rows to run as they are. `cut` and `normalize` come after all modules, in this order."""

    tokens: TokenIds
    prompt_length: int = 0
    output: str = "embeddings"
    cut: int | None = None
    normalize: bool = False


class Backend(ABC):
    """One loaded model. All methods but `info` are called by one thread only."""

    info: ModelInfo
    #: Whether a row without tokens has a vector, as with static embeddings.
    runs_empty_rows = False

    @abstractmethod
    def tokenize(self, texts: list[str], prompt: str) -> Tokenized:
        """Token ids of `prompt` before each text, special tokens included."""

    @abstractmethod
    def decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        """The text of token ids."""

    @abstractmethod
    def run(self, batch: Batch, cancellation: Cancellation) -> Rows:
        """Rows in order: [count, width], or [count * length, hidden size] for "hidden"."""

    def close(self) -> None:
        """Lets go of the model. Nothing is called afterwards."""
        self.__dict__.clear()


def info_as_json(info: ModelInfo) -> dict[str, Any]:
    return dict(vars(info))
