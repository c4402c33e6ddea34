"""tokenizer_config.json overrides tokenizer.json, as transformers 5 does it."""

from __future__ import annotations

import json

import pytest

from isovec_bridge.folder.model_folder import read_model_folder
from isovec_bridge.folder.tokenizer_file import read_tokenizer

from .golden import TINY, expected, needs

pytestmark = needs("tokenizers")

FOLDERS = [
    "bert-cased",
    "bert-dolowercase",
    "bert-mean",
    "bert-oldlayout",
    "bert-tokcfg",
    "bert-tokcfg-default",
    "distilbert",
    "modernbert",
    "mpnet",
    "nomic-bert",
    "qwen3",
    "roberta",
    "xlm-roberta",
    "xlm-roberta-tokcfg",
]


@pytest.mark.parametrize("name", FOLDERS)
def test_ids_are_those_of_transformers(name: str) -> None:
    from tokenizers import Tokenizer

    golden = expected(name)
    folder = read_model_folder(str(TINY / name))
    lowercases = folder.settings.get("do_lower_case") is True
    tokenizer = Tokenizer.from_str(json.dumps(read_tokenizer(folder.folder, "", folder.model_type, lowercases)))
    limit = golden["settings"]["max_seq_length"]
    compared = 0
    for text, ids in zip(golden["texts"], golden["input_ids"]):
        found = tokenizer.encode(text).ids
        if len(found) > limit:
            continue
        compared += 1
        assert found == ids
    assert compared >= len(golden["texts"]) - 3
