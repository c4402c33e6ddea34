"""How many tokens a model takes."""

from __future__ import annotations

from typing import Any

from ..errors import invalid_config

#: Model types whose position table starts after the padding id.
_OFFSET_TYPES = {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer"}

#: transformers writes 1e30 for "no limit".
_UNLIMITED = 1_000_000_000


def usable_positions(config: dict[str, Any]) -> int | None:
    """Rows of the position table that tokens can have; None if the configuration names no table."""
    positions = config.get("max_position_embeddings")
    if type(positions) is not int or positions < 1:
        return None
    offset = (config.get("pad_token_id") or 0) + 1 if config.get("model_type") in _OFFSET_TYPES else 0
    return positions - offset


def sequence_limit(requested: int | None, saved: object, positions: int | None) -> int | None:
    """The limit asked for, else the saved one, never beyond the position table; None where nothing limits.

    sentence-transformers does not cap a saved limit: beyond the table it fails on long texts instead of cutting them.
    CONFIG_INVALID if more is asked for than the table has.
    """
    if requested is not None:
        if positions is not None and requested > positions:
            raise invalid_config(f"max_seq_length {requested} is more than the model's {positions} positions.")
        return requested
    known = saved if isinstance(saved, (int, float)) and not isinstance(saved, bool) and saved < _UNLIMITED else None
    limits = [int(limit) for limit in (known, positions) if limit is not None and limit >= 1]
    return min(limits) if limits else None
