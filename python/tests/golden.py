"""Tiny checkpoints with what sentence-transformers gave for them; test/fixtures/tiny/README.md describes them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

TINY = Path(__file__).resolve().parent.parent.parent / "test" / "fixtures" / "tiny"

#: Absolute for normalised vectors; relative to the largest value for others, as the README of the set says.
TOLERANCE = 2e-6


def expected(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((TINY / name / "expected.json").read_text("utf-8"))
    return value


def tolerance(vectors: list[list[float]]) -> float:
    largest = max(abs(value) for row in vectors for value in row)
    return TOLERANCE * max(1.0, largest)


def needs(*modules: str) -> pytest.MarkDecorator:
    """Skips, and says so in the summary, where packages of a backend are missing."""
    absent = [module for module in modules if importlib.util.find_spec(module) is None]
    return pytest.mark.skipif(bool(absent), reason=f"NOT TESTED: {', '.join(absent)} not installed")
