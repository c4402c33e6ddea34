"""config.json of a Pooling module, in both generations."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import BridgeError, unsupported
from .json_file import inside, read_object

#: The flags of releases up to 5.3, in the order in which their results are concatenated.
_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}


@dataclass(frozen=True)
class PoolingConfig:
    modes: list[str]
    include_prompt: bool = True


def read_pooling(folder: str, path: str) -> PoolingConfig:
    """`pooling_mode` (a name, or a list with its own order) beats the older flags; no flag means mean."""
    name = inside(path, "config.json")
    config = read_object(folder, name)
    if config is None:
        message = f"{name} is missing; it says how tokens are pooled, which is never guessed."
        raise BridgeError("MODEL_FILE_MISSING", message, {"file": name})
    mode = config.get("pooling_mode")
    if mode is None:
        modes = [flag_mode for flag, flag_mode in _FLAGS.items() if config.get(flag) is True] or ["mean"]
    else:
        modes = mode if isinstance(mode, list) else [mode]
    if not modes or any(one not in _FLAGS.values() for one in modes):
        raise unsupported(f"{name}: pooling_mode must be one of {', '.join(_FLAGS.values())}, or a list of them.")
    return PoolingConfig(modes, config.get("include_prompt") is not False)
