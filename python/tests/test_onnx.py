"""The onnx backend gives the ids and vectors of sentence-transformers, from graphs that `isovec convert` writes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .child import Child, largest_difference, rows_of, token_ids
from .golden import TINY, expected, needs, tolerance

COMMAND = TINY.parent.parent.parent / "dist" / "cli" / "main.js"

pytestmark = [
    needs("onnxruntime", "tokenizers", "numpy"),
    pytest.mark.skipif(not COMMAND.exists(), reason="NOT TESTED: isovec is not built (npm run build)"),
    pytest.mark.skipif(shutil.which("node") is None, reason="NOT TESTED: node is not on the path"),
]

#: Every pooling, head, layout and tokenizer rule that a graph or this backend has to follow.
MODELS = [
    "bert-cls",
    "bert-dense",
    "bert-dolowercase",
    "bert-fp16",
    "bert-lasttoken",
    "bert-matryoshka",
    "bert-max",
    "bert-mean",
    "bert-mean-sqrt-len",
    "bert-multipool",
    "bert-oldlayout",
    "bert-tokcfg",
    "bert-tokcfg-default",
    "bert-weightedmean",
]

MASKED = ["bert-prompts", "bert-prompts-exclude", "bert-prompts-exclude-cls", "bert-prompts-exclude-weighted"]


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as running:
        yield running


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Folders of `isovec convert`, each written once."""
    root = tmp_path_factory.mktemp("converted")

    def convert(name: str) -> Path:
        out = root / name
        if not out.exists():
            command = ["node", str(COMMAND), "convert", str(TINY / name), "--out", str(out), "--quiet", "--no-config"]
            subprocess.run(command, check=True, timeout=60)
        return out

    return convert


def load(child: Child, name: str, folder: Path, **options: Any) -> dict[str, Any]:
    child.send("unload_model", model=name)
    child.receive()
    return child.call("load_model", model=name, path=str(folder), backend="onnx", **options)


def strip_vectors(folder: Path, target: Path) -> Path:
    """The folder with a graph whose output `sentence_embedding` has another name, so that pooling happens here."""
    copy = shutil.copytree(folder, target)
    graph = copy / "onnx" / "model.onnx"
    graph.write_bytes(graph.read_bytes().replace(b"sentence_embedding", b"sentence_unwanted_"))
    return copy


@pytest.mark.parametrize("name", MODELS)
def test_vectors_and_ids_are_those_of_sentence_transformers(child: Child, converted: Any, name: str) -> None:
    golden = expected(name)
    info = load(child, name, converted(name))
    assert info["providers"] == ["CPUExecutionProvider"]
    result = child.call("embed_batch", model=name, texts=golden["texts"])
    limit = tolerance(golden["vectors"])
    assert largest_difference(rows_of(result["vectors"]), golden["vectors"]) <= limit
    ids = child.call("tokenize", model=name, texts=golden["texts"])
    assert ids["token_ids"] == golden["input_ids"]
    assert result["tokens"] == [len(row) for row in golden["input_ids"]]
    assert result["truncated"] == [full > kept for full, kept in zip(ids["full_counts"], result["tokens"])]


@pytest.mark.parametrize(
    "name", [name for name in MODELS if name.startswith("bert-") and name not in ("bert-dense", "bert-fp16")]
)
def test_a_graph_without_vectors_is_pooled_here(child: Child, converted: Any, name: str, tmp_path: Path) -> None:
    golden = expected(name)
    load(child, name, strip_vectors(converted(name), tmp_path / name))
    result = child.call("embed_batch", model=name, texts=golden["texts"])
    assert largest_difference(rows_of(result["vectors"]), golden["vectors"]) <= tolerance(golden["vectors"])


def test_other_modules_without_vectors_in_the_graph_are_left_to_torch(
    child: Child, converted: Any, tmp_path: Path
) -> None:
    folder = strip_vectors(converted("bert-dense"), tmp_path / "dense")
    error = child.refusal("load_model", model="dense", path=str(folder), backend="onnx")
    assert error["data"]["code"] == "ARCHITECTURE_UNSUPPORTED"
    assert "Dense" in error["message"]


@pytest.mark.parametrize("name", MASKED)
def test_prompts_do_what_encode_does_with_them(child: Child, converted: Any, name: str) -> None:
    golden = expected(name)
    info = load(child, name, converted(name))
    calls = {"model.encode_query(text)": "query", "model.encode_document(text)": "document"}
    cases = [case for case in golden["cases"] if case["call"] in calls]
    assert len(cases) == 2
    for case in cases:
        prompt = info["prompts"][calls[case["call"]]]
        assert (
            child.call("tokenize", model=name, texts=golden["texts"], prompt=prompt)["token_ids"] == case["input_ids"]
        )
        result = child.call("embed_batch", model=name, texts=golden["texts"], prompt=prompt)
        assert largest_difference(rows_of(result["vectors"]), case["vectors"]) <= tolerance(case["vectors"])


def test_outputs_before_the_end(child: Child, converted: Any) -> None:
    golden = expected("bert-mean")
    info = load(child, "bert-mean", converted("bert-mean"))
    ids = golden["input_ids"][1]

    def run(output: str) -> dict[str, Any]:
        answer = child.call("embed_batch", model="bert-mean", token_ids=token_ids([ids, ids]), output=output)
        vectors: dict[str, Any] = answer["vectors"]
        return vectors

    assert run("hidden")["shape"] == [2 * len(ids), info["hidden_size"]]
    plain = rows_of(run("unnormalized"))[0]
    norm = sum(value * value for value in plain) ** 0.5
    assert abs(norm - 1) > 1e-3
    assert largest_difference([[value / norm for value in plain]], [golden["vectors"][1]]) <= 2e-6


def test_auto_takes_the_graph_of_the_folder(child: Child, converted: Any) -> None:
    child.send("unload_model", model="auto")
    child.receive()
    info = child.call("load_model", model="auto", path=str(converted("bert-mean")))
    assert info["backend"] == "onnx"
    assert "onnx/model.onnx" in info["reason"]


def test_execution_providers_are_taken_with_their_options(child: Child, converted: Any) -> None:
    providers = [["CPUExecutionProvider", {"use_arena": True}]]
    info = load(child, "bert-mean", converted("bert-mean"), execution_providers=providers, threads=1)
    assert info["device"] == "cpu"


@pytest.mark.parametrize("options", [{"device": "coreml"}, {"execution_providers": ["CUDAExecutionProvider"]}])
def test_a_device_that_is_not_there_is_refused_with_those_that_are(
    child: Child, converted: Any, options: dict[str, Any]
) -> None:
    folder = str(converted("bert-mean"))
    error = child.refusal("load_model", model="absent", path=folder, backend="onnx", **options)
    assert error["data"]["code"] == "CONFIG_INVALID"
    assert "cpu" in error["data"]["available"]


def test_a_folder_without_a_graph_lacks_a_file(child: Child) -> None:
    error = child.refusal("load_model", model="none", path=str(TINY / "bert-mean"), backend="onnx")
    assert error["data"]["code"] == "MODEL_FILE_MISSING"


@pytest.mark.parametrize("lost", ["tokenizer.json", "config.json", "1_Pooling/config.json"])
def test_a_missing_file_is_named(child: Child, converted: Any, tmp_path: Path, lost: str) -> None:
    folder = shutil.copytree(converted("bert-mean"), tmp_path / "model")
    (folder / lost).unlink()
    error = child.refusal("load_model", model="lost", path=str(folder), backend="onnx")
    assert (error["data"]["code"], error["data"]["file"]) == ("MODEL_FILE_MISSING", lost)


@pytest.mark.parametrize("name", ["onnx/model.onnx", "tokenizer.json", "modules.json"])
def test_a_broken_file_breaks_a_format(child: Child, converted: Any, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(converted("bert-mean"), tmp_path / "model")
    (folder / name).write_bytes(b"\x00{")
    error = child.refusal("load_model", model="broken", path=str(folder), backend="onnx")
    assert error["data"]["code"] == "FORMAT_INVALID"


def test_modules_outside_of_the_folder_are_refused(child: Child, converted: Any, tmp_path: Path) -> None:
    folder = shutil.copytree(converted("bert-mean"), tmp_path / "model")
    modules = json.loads((folder / "modules.json").read_text("utf-8"))
    modules[1]["path"] = "../elsewhere"
    (folder / "modules.json").write_text(json.dumps(modules))
    error = child.refusal("load_model", model="out", path=str(folder), backend="onnx")
    assert error["data"]["code"] == "FORMAT_INVALID"
