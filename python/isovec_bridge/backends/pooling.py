"""Pooling and normalising of rows without padding, with numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def pool(hidden: Floats, modes: list[str], masked: int) -> Floats:
    """From [count, length, hidden] to [count, hidden * modes], in the order of the modes.

    The first `masked` tokens are a prompt that does not count. Sums are float64: they differ less from exact
    arithmetic than the float32 sums of PyTorch do.
    """
    counted = hidden[:, masked:].astype(np.float64)
    return np.concatenate([_pool(hidden, counted, mode, masked) for mode in modes], axis=1).astype(np.float32)


def _pool(hidden: Floats, counted: Doubles, mode: str, masked: int) -> Doubles:
    if mode == "cls":
        return hidden[:, masked].astype(np.float64)
    if mode == "lasttoken":
        return hidden[:, -1].astype(np.float64)
    if mode == "max":
        return np.asarray(counted.max(axis=1))
    length = counted.shape[1]
    if mode == "weightedmean":
        # Tokens keep their places: masking the prompt does not move the weights.
        weights = np.arange(masked + 1, masked + length + 1, dtype=np.float64)
        return np.asarray(np.einsum("nld,l->nd", counted, weights) / weights.sum())
    return np.asarray(counted.sum(axis=1) / (length if mode == "mean" else np.sqrt(length)))


def normalize(vectors: Floats) -> Floats:
    """x / max(norm, 1e-12), as PyTorch's `normalize`."""
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)
