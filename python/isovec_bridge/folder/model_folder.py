"""All that a backend without sentence-transformers needs to know of a model folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import BridgeError
from .json_file import inside, read_object
from .modules import Module, read_modules
from .pooling_config import PoolingConfig, read_pooling
from .usage import Usage, read_usage

#: sentence_bert_config.json, then the names that older releases gave it.
_SETTINGS_FILES = [
    f"sentence_{name}_config.json"
    for name in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
]


@dataclass(frozen=True)
class ModelFolder:
    folder: str
    transformer_path: str
    #: config.json of the transformer.
    config: dict[str, Any]
    #: What sentence-transformers saved about the transformer.
    settings: dict[str, Any]
    tokenizer_settings: dict[str, Any]
    #: Steps after the transformer.
    heads: list[Module]
    pooling: PoolingConfig
    usage: Usage

    @property
    def model_type(self) -> str:
        return str(self.config.get("model_type", ""))

    @property
    def normalizes(self) -> bool:
        return bool(self.heads) and self.heads[-1].kind == "Normalize"

    @property
    def pools_alone(self) -> bool:
        """Whether pooling and normalising are all that follows the transformer."""
        kinds = [head.kind for head in self.heads if head.kind != "Dropout"]
        return kinds in (["Pooling"], ["Pooling", "Normalize"])

    @property
    def saved_limit(self) -> object:
        """The limit of the files, before the position table has its say."""
        text = (self.settings.get("processing_kwargs") or {}).get("text") or {}
        saved = (text.get("max_length"), self.settings.get("max_seq_length"))
        given = next((limit for limit in saved if limit is not None), None)
        return self.tokenizer_settings.get("model_max_length") if given is None else given


def read_model_folder(folder: str) -> ModelFolder:
    """MODEL_FILE_MISSING without config.json; a bare checkpoint is pooled as sentence-transformers does."""
    modules = read_modules(folder)
    first = modules[0].path if modules else ""
    name = inside(first, "config.json")
    config = read_object(folder, name)
    if config is None:
        raise BridgeError("MODEL_FILE_MISSING", f"{name} is missing; it says what the model is.", {"file": name})
    if modules is None:
        causal = any("ForCausalLM" in str(one) for one in config.get("architectures") or [])
        heads = [Module("Pooling", "")]
        pooling = PoolingConfig(["lasttoken" if causal else "mean"])
    else:
        heads = modules[1:]
        paths = [head.path for head in heads if head.kind == "Pooling"]
        pooling = read_pooling(folder, paths[0]) if paths else PoolingConfig([])
    found = (read_object(folder, inside(first, one)) for one in _SETTINGS_FILES)
    return ModelFolder(
        folder=folder,
        transformer_path=first,
        config=config,
        settings=next((settings for settings in found if settings), {}),
        tokenizer_settings=read_object(folder, inside(first, "tokenizer_config.json")) or {},
        heads=heads,
        pooling=pooling,
        usage=read_usage(folder),
    )
