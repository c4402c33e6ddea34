"""The torch backend gives the ids and vectors of sentence-transformers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .child import Child, largest_difference, rows_of, token_ids
from .golden import TINY, expected, needs, tolerance

pytestmark = needs("torch", "sentence_transformers", "transformers")

MODELS = sorted(
    path.name for path in TINY.iterdir() if path.is_dir() and not path.name.startswith(("cross-encoder", "splade"))
)

PROMPT_CASES = {
    "model.encode(text, prompt_name='query')": "query",
    "model.encode_query(text)": "query",
    "model.encode_document(text)": "document",
}


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as running:
        yield running


def load(child: Child, name: str, **options: Any) -> dict[str, Any]:
    child.send("unload_model", model=name)
    child.receive()
    # One thread, as the reference was made; more threads than free cores spin for each other.
    wanted = {"threads": 1, **options}
    return child.call("load_model", model=name, path=str(TINY / name), backend="torch", **wanted)


@pytest.mark.parametrize("name", MODELS)
def test_vectors_and_ids_are_those_of_sentence_transformers(child: Child, name: str) -> None:
    golden = expected(name)
    info = load(child, name)
    prompt = info["prompts"].get(info["default_prompt_name"] or "", "")
    result = child.call("embed_batch", model=name, texts=golden["texts"], prompt=prompt)
    limit = tolerance(golden["vectors"])
    assert largest_difference(rows_of(result["vectors"]), golden["vectors"]) <= limit
    ids = child.call("tokenize", model=name, texts=golden["texts"], prompt=prompt)
    assert ids["token_ids"] == golden["input_ids"]
    assert result["tokens"] == [len(row) for row in golden["input_ids"]]
    assert result["truncated"] == [full > kept for full, kept in zip(ids["full_counts"], result["tokens"])]


@pytest.mark.parametrize("name", [name for name in MODELS if name.startswith("bert-prompts")])
def test_prompts_do_what_encode_does_with_them(child: Child, name: str) -> None:
    golden = expected(name)
    info = load(child, name)
    seen = 0
    for case in golden["cases"]:
        call = case["call"]
        if call in PROMPT_CASES:
            prompt = info["prompts"][PROMPT_CASES[call]]
        elif call == "model.encode(text, prompt='custom prompt ')":
            prompt = "custom prompt "
        elif call == "model.encode(text, prompt='')":
            prompt = ""
        else:
            continue
        seen += 1
        assert (
            child.call("tokenize", model=name, texts=golden["texts"], prompt=prompt)["token_ids"] == case["input_ids"]
        )
        result = child.call("embed_batch", model=name, texts=golden["texts"], prompt=prompt)
        assert largest_difference(rows_of(result["vectors"]), case["vectors"]) <= tolerance(case["vectors"])
    assert seen >= 4


def test_token_ids_run_as_they_are(child: Child) -> None:
    golden = expected("bert-mean")
    load(child, "bert-mean")
    for ids, vector in zip(golden["input_ids"], golden["vectors"]):
        result = child.call("embed_batch", model="bert-mean", token_ids=token_ids([ids]))
        assert largest_difference(rows_of(result["vectors"]), [vector]) <= 2e-6
        assert result["milliseconds"] > 0


def test_a_text_without_tokens_has_the_vector_of_a_static_model_and_none_of_a_transformer(child: Child) -> None:
    golden = expected("static")
    load(child, "static")
    empty = [index for index, ids in enumerate(golden["input_ids"]) if ids == []]
    assert empty
    rows = child.call("embed_batch", model="static", token_ids=token_ids([[] for _ in empty]))["vectors"]
    assert rows_of(rows) == [golden["vectors"][index] for index in empty]
    load(child, "bert-mean")
    error = child.refusal("embed_batch", model="bert-mean", token_ids=token_ids([[]]))
    assert error["data"]["code"] == "INPUT_INVALID"


def test_unnormalized_stops_before_the_last_module_and_hidden_after_the_first(child: Child) -> None:
    golden = expected("bert-mean")
    info = load(child, "bert-mean")
    ids = golden["input_ids"][1]

    def run(output: str) -> dict[str, Any]:
        answer = child.call("embed_batch", model="bert-mean", token_ids=token_ids([ids, ids]), output=output)
        vectors: dict[str, Any] = answer["vectors"]
        return vectors

    hidden, plain = run("hidden"), run("unnormalized")
    assert hidden["shape"] == [2 * len(ids), info["hidden_size"]]
    tokens = rows_of(hidden)[: len(ids)]
    mean = [sum(column) / len(ids) for column in zip(*tokens)]
    assert largest_difference(rows_of(plain)[:1], [mean]) <= 2e-6
    norm = sum(value * value for value in mean) ** 0.5
    assert largest_difference([[value / norm for value in mean]], [golden["vectors"][1]]) <= 2e-6


def test_a_masked_prompt_can_come_as_a_length(child: Child) -> None:
    name = "bert-prompts-exclude"
    golden = expected(name)
    load(child, name)
    case = next(one for one in golden["cases"] if one["call"] == "model.encode_query(text)")
    ids, vector = case["input_ids"][1], case["vectors"][1]
    prompt = child.call("tokenize", model=name, texts=["search query: "])["token_ids"][0]
    result = child.call("embed_batch", model=name, token_ids=token_ids([ids]), prompt_length=len(prompt) - 1)
    assert largest_difference(rows_of(result["vectors"]), [vector]) <= 2e-6


def test_a_shorter_limit_cuts_and_says_so(child: Child) -> None:
    load(child, "bert-mean", max_seq_length=5)
    result = child.call("embed_batch", model="bert-mean", texts=["A man is eating food.", "x"])
    assert result["tokens"][0] == 5
    assert result["truncated"] == [True, False]
    assert child.call("model_info", model="bert-mean")["max_seq_length"] == 5


def test_normalize_comes_after_the_saved_truncation(child: Child) -> None:
    golden = expected("bert-matryoshka")
    info = load(child, "bert-matryoshka")
    assert info["truncate_dimension"] == 16
    rows = rows_of(
        child.call("embed_batch", model="bert-matryoshka", texts=golden["texts"][:3], normalize=True)["vectors"]
    )
    assert [len(row) for row in rows] == [16, 16, 16]
    assert all(abs(sum(value * value for value in row) - 1) < 1e-6 for row in rows)


def test_a_limit_beyond_the_position_table_is_refused(child: Child) -> None:
    child.send("unload_model", model="m")
    child.receive()
    error = child.refusal("load_model", model="m", path=str(TINY / "bert-mean"), backend="torch", max_seq_length=10_000)
    assert error["data"]["code"] == "CONFIG_INVALID"


def test_a_device_that_is_not_there_is_refused_with_those_that_are(child: Child) -> None:
    error = child.refusal("load_model", model="m", path=str(TINY / "bert-mean"), backend="torch", device="cuda:99")
    assert error["data"]["code"] == "CONFIG_INVALID"
    assert "cpu" in error["message"]


@pytest.mark.parametrize("name", ["cross-encoder", "splade"])
def test_models_of_other_families_are_refused(child: Child, name: str) -> None:
    error = child.refusal("load_model", model="m", path=str(TINY / name), backend="torch")
    assert error["data"]["code"] == "ARCHITECTURE_UNSUPPORTED"


def test_a_pickle_is_never_read(child: Child, tmp_path: Path) -> None:
    folder = shutil.copytree(TINY / "bert-mean", tmp_path / "model")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    error = child.refusal("load_model", model="m", path=str(folder), backend="torch")
    assert error["data"]["code"] == "MODEL_FILE_MISSING"
    assert "pickle" in error["message"]


def test_a_missing_file_of_weights_is_named_so(child: Child, tmp_path: Path) -> None:
    folder = shutil.copytree(TINY / "bert-mean", tmp_path / "model")
    (folder / "model.safetensors").unlink()
    assert (
        child.refusal("load_model", model="m", path=str(folder), backend="torch")["data"]["code"]
        == "MODEL_FILE_MISSING"
    )


def test_broken_weights_are_named_so(child: Child, tmp_path: Path) -> None:
    folder = shutil.copytree(TINY / "bert-mean", tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"\xff" * 64)
    assert child.refusal("load_model", model="m", path=str(folder), backend="torch")["data"]["code"] == "FORMAT_INVALID"


def test_a_missing_tensor_is_no_random_tensor(child: Child, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = shutil.copytree(TINY / "bert-mean", tmp_path / "model")
    tensors = load_file(folder / "model.safetensors")
    lost = next(name for name in tensors if name.endswith("layer.1.output.dense.weight"))
    kept = {name: tensor for name, tensor in tensors.items() if name != lost and "pooler" not in name}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    error = child.refusal("load_model", model="m", path=str(folder), backend="torch")
    assert error["data"]["code"] == "WEIGHTS_MISMATCH"
    assert error["data"]["tensors"] == [lost]
    save_file({**kept, lost: tensors[lost]}, folder / "model.safetensors", {"format": "pt"})
    assert child.call("load_model", model="m", path=str(folder), backend="torch")["dimensions"] == 32
    child.call("unload_model", model="m")
