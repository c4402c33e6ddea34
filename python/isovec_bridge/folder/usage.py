"""config_sentence_transformers.json: how a model is meant to be used."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import unsupported
from .json_file import broken, read_object

_FILE = "config_sentence_transformers.json"


@dataclass(frozen=True)
class Usage:
    prompts: dict[str, str] = field(default_factory=dict)
    default_prompt_name: str | None = None
    similarity: str = "cosine"
    truncate_dimension: int | None = None


def read_usage(folder: str) -> Usage:
    """The saved settings, or the defaults. ARCHITECTURE_UNSUPPORTED for models that give no vector for each text."""
    config = read_object(folder, _FILE)
    if config is None:
        return Usage()
    family = config.get("model_type") or "SentenceTransformer"
    if family != "SentenceTransformer":
        raise unsupported(f"{_FILE}: a model of type {family!a} does not give one vector for each text.")
    prompts = config.get("prompts") or {}
    if not isinstance(prompts, dict) or not all(isinstance(text, str) for text in prompts.values()):
        raise broken(_FILE, "has prompts that are not texts by name")
    cut = config.get("truncate_dim")
    if cut is not None and (type(cut) is not int or cut < 1):
        raise broken(_FILE, "has a truncate_dim that is no whole number of at least 1")
    return Usage(prompts, config.get("default_prompt_name"), config.get("similarity_fn_name") or "cosine", cut)
