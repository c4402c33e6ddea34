"""Texts to vectors: grouped by exact token length, run without padding, answered in their own order."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace

from .backends.backend import Backend, Batch, Tokenized
from .cancellation import Cancellation
from .errors import invalid_input
from .vectors import Rows, TokenIds

#: Tokens of one call of the model: bounds the time to the next look at `cancel` and the memory of attention.
MAX_BATCH_TOKENS = 4096


@dataclass(frozen=True)
class Embedded:
    rows: Rows
    tokens: list[int]
    truncated: list[bool]


def embed_texts(
    backend: Backend, texts: list[str], prompt: str, normalize: bool, cancellation: Cancellation
) -> Embedded:
    """As `encode(texts, prompt=...)` of sentence-transformers; `normalize` comes after its truncation."""
    tokenized = backend.tokenize(texts, prompt)
    cut = backend.info.truncate_dimension
    width = min(cut, backend.info.dimensions) if cut is not None else backend.info.dimensions
    placed = [b""] * len(texts)
    for places in _groups(tokenized):
        length = len(tokenized.ids[places[0]])
        ids = array("i", [token for place in places for token in tokenized.ids[place]])
        tokens = TokenIds(ids, len(places), length)
        batch = Batch(tokens, tokenized.prompt_length, cut=cut, normalize=normalize)
        rows = run_in_parts(backend, batch, cancellation)
        step = 4 * rows.width
        for row, place in enumerate(places):
            placed[place] = rows.data[row * step : (row + 1) * step]
    counts = [len(ids) for ids in tokenized.ids]
    truncated = [full > kept for full, kept in zip(tokenized.full_counts, counts)]
    return Embedded(Rows(b"".join(placed), len(texts), width), counts, truncated)


def run_in_parts(backend: Backend, batch: Batch, cancellation: Cancellation) -> Rows:
    """Runs rows of one length, at most MAX_BATCH_TOKENS (or one row) at a time.

    INPUT_INVALID for rows without tokens, unless the model has a vector for them: a transformer has not.
    """
    tokens = batch.tokens
    if tokens.length == 0 and not backend.runs_empty_rows:
        raise invalid_input("A text without tokens has no vector in this model.")
    step = max(1, MAX_BATCH_TOKENS // max(1, tokens.length))
    parts: list[Rows] = []
    for start in range(0, tokens.count, step):
        cancellation.check()
        count = min(step, tokens.count - start)
        ids = tokens.ids[start * tokens.length : (start + count) * tokens.length]
        parts.append(backend.run(replace(batch, tokens=TokenIds(ids, count, tokens.length)), cancellation))
    width = parts[0].width
    return Rows(b"".join(part.data for part in parts), sum(part.count for part in parts), width)


def _groups(tokenized: Tokenized) -> list[list[int]]:
    """Indexes of the texts of one length, shortest first."""
    groups: dict[int, list[int]] = {}
    for index, ids in enumerate(tokenized.ids):
        groups.setdefault(len(ids), []).append(index)
    return [groups[length] for length in sorted(groups)]
