"""JSON-RPC on a real child: what is answered, with which code, and in which order."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from .child import Child, echo_child, rows_of, token_ids


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with echo_child() as running:
        yield running


def test_ping_tells_the_process_and_its_versions(child: Child) -> None:
    result = child.call("ping")
    assert result["pong"] is True
    assert result["pid"] == child.process.pid
    assert result["python"].startswith("3.")
    assert "bridge" in result["versions"]


@pytest.mark.parametrize("request_id", [0, -7, "a string", "7", 2**60])
def test_ids_come_back_as_they_were(child: Child, request_id: int | str) -> None:
    child.send("ping", request_id=request_id)
    assert child.receive()["id"] == request_id


@pytest.mark.parametrize(
    ("line", "number"),
    [
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":NaN}}', -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b"7", -32600),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":true,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600),
    ],
)
def test_a_line_that_is_no_request_is_answered_without_an_id(child: Child, line: bytes, number: int) -> None:
    child.write(line + b"\n")
    answer = child.receive()
    assert answer["id"] is None
    assert answer["error"]["code"] == number
    assert answer["error"]["data"]["code"] == "INPUT_INVALID"


@pytest.mark.parametrize(
    "message",
    [
        {"id": 9, "method": "ping"},
        {"jsonrpc": "2.0", "id": 9},
        {"jsonrpc": "2.0", "id": 9, "method": "ping", "params": []},
    ],
)
def test_a_broken_request_is_answered_with_its_id(child: Child, message: dict[str, Any]) -> None:
    child.write(json.dumps(message).encode() + b"\n")
    answer = child.receive()
    assert (answer["id"], answer["error"]["code"]) == (9, -32600)


def test_an_unknown_method_is_refused_with_the_known_ones(child: Child) -> None:
    error = child.refusal("embed")
    assert error["code"] == -32601
    assert "embed_batch" in error["message"]


def test_an_unknown_parameter_is_refused(child: Child) -> None:
    error = child.refusal("embed_batch", model="m", texts=["a"], normalise=True)
    assert error["code"] == -32602
    assert "normalise" in error["message"]


def test_notifications_are_executed_and_never_answered(child: Child) -> None:
    load = {"jsonrpc": "2.0", "method": "load_model", "params": {"model": "quiet", "backend": "echo"}}
    for message in (load, {"jsonrpc": "2.0", "method": "nonsense"}, {"jsonrpc": "2.0", "method": "ping"}):
        child.write(json.dumps(message).encode() + b"\n")
    # The worker keeps its order, so this answer comes after the notification was executed.
    assert child.call("decode", model="quiet", ids=[100])["text"] == "a"
    child.call("unload_model", model="quiet")


def test_blank_lines_are_no_messages(child: Child) -> None:
    child.write(b"\n  \r\n")
    assert child.call("ping")["pong"] is True


def test_models_are_known_by_their_handle(child: Child) -> None:
    info = child.call("load_model", model="other", backend="echo", dimensions=3, max_seq_length=10)
    assert (info["dimensions"], info["max_seq_length"], info["backend"]) == (3, 10, "echo")
    assert info["reason"]
    assert child.call("model_info", model="other") == info
    assert child.refusal("load_model", model="other", backend="echo")["data"]["code"] == "CONFIG_INVALID"
    child.call("unload_model", model="other")
    assert child.refusal("model_info", model="other")["data"]["code"] == "NOT_FOUND"
    assert child.refusal("unload_model", model="other")["data"]["code"] == "NOT_FOUND"


def test_a_text_has_one_vector_alone_in_a_batch_and_as_ids(child: Child) -> None:
    texts = ["b", "a longer text", "", "b", "naïve 日本"]
    result = child.call("embed_batch", model="m", texts=texts)
    rows = rows_of(result["vectors"])
    assert rows[0] == rows[3]
    assert all(abs(sum(value * value for value in row) - 1) < 1e-6 for row in rows)
    for text, row in zip(texts, rows):
        assert rows_of(child.call("embed_batch", model="m", texts=[text])["vectors"]) == [row]
        ids = child.call("tokenize", model="m", texts=[text])["token_ids"]
        assert rows_of(child.call("embed_batch", model="m", token_ids=token_ids(ids))["vectors"]) == [row]


def test_no_texts_give_no_rows(child: Child) -> None:
    result = child.call("embed_batch", model="m", texts=[])
    assert (result["vectors"], result["tokens"]) == ({"data": "", "shape": [0, 8]}, [])


def test_long_texts_are_cut_and_said_to_be(child: Child) -> None:
    result = child.call("embed_batch", model="m", texts=["x" * 1000, "x"])
    assert (result["tokens"], result["truncated"]) == ([256, 3], [True, False])
    assert child.call("tokenize", model="m", texts=["x" * 1000])["full_counts"] == [1002]


def test_a_prompt_stands_before_every_text(child: Child) -> None:
    with_prompt = child.call("embed_batch", model="m", texts=["b"], prompt="a")
    assert with_prompt["vectors"] == child.call("embed_batch", model="m", texts=["ab"])["vectors"]


def test_many_texts_come_back_in_their_order(child: Child) -> None:
    texts = [f"text {index}" for index in range(3000)]
    rows = rows_of(child.call("embed_batch", model="m", texts=texts)["vectors"])
    assert len({tuple(row) for row in rows}) == len(texts)
    assert rows[2345:2346] == rows_of(child.call("embed_batch", model="m", texts=[texts[2345]])["vectors"])


def test_decode_gives_the_text_of_ids(child: Child) -> None:
    ids = child.call("tokenize", model="m", texts=["héllo"])["token_ids"][0]
    assert child.call("decode", model="m", ids=ids, skip_special_tokens=True)["text"] == "héllo"


def test_hidden_rows_belong_to_tokens(child: Child) -> None:
    result = child.call("embed_batch", model="m", token_ids=token_ids([[1, 5, 2], [1, 6, 2]]), output="hidden")
    assert result["vectors"]["shape"] == [6, 8]


def _raw(data: bytes, shape: Any) -> dict[str, Any]:
    return {"data": base64.b64encode(data).decode(), "shape": shape}


@pytest.mark.parametrize(
    "ids",
    [
        token_ids([[1, 2**31 - 1, 2]]),
        token_ids([[-1]]),
        _raw(b"\0" * 8, [1, 3]),
        _raw(b"\0" * 16, [1, 3]),
        _raw(b"", [0, 3]),
        _raw(b"", [1, 0]),
        _raw(b"", [1, -1]),
        _raw(b"\0" * 12, [3]),
        _raw(b"\0" * 12, [1.0, 3]),
        {"data": "AAAA!AAAA", "shape": [1, 1]},
        {"data": "AAA", "shape": [1, 1]},
        {"data": "ä", "shape": [1, 1]},
        {"data": 7, "shape": [1, 1]},
        {"shape": [1, 1]},
        [[1, 2]],
        "AAAA",
    ],
)
def test_token_ids_that_are_not_what_they_say_are_refused(child: Child, ids: Any) -> None:
    assert child.refusal("embed_batch", model="m", token_ids=ids)["data"]["code"] == "INPUT_INVALID"


def test_rows_beyond_the_limit_are_refused(child: Child) -> None:
    error = child.refusal("embed_batch", model="m", token_ids=token_ids([[5] * 257]))
    assert error["data"]["code"] == "INPUT_TOO_LONG"


@pytest.mark.parametrize(
    "params",
    [
        {"texts": "a"},
        {"texts": ["a", 7]},
        {"texts": ["a"], "normalize": "yes"},
        {"texts": ["a"], "prompt": 1},
        {"token_ids": token_ids([[1, 2]]), "output": "all"},
        {"token_ids": token_ids([[1, 2]]), "prompt_length": 2},
        {"token_ids": token_ids([[1, 2]]), "prompt_length": -1},
        {},
    ],
)
def test_wrong_parameters_are_refused(child: Child, params: dict[str, Any]) -> None:
    assert child.refusal("embed_batch", model="m", **params)["code"] == -32602


def test_a_lone_surrogate_is_refused_with_its_index_and_without_its_text(child: Child) -> None:
    error = child.refusal("embed_batch", model="m", texts=["fine", "secret \ud800"])
    assert error["data"] == {"code": "INPUT_INVALID", "index": 1}
    assert "secret" not in error["message"]
    assert child.refusal("tokenize", model="m", texts=["\udfff"])["data"]["index"] == 0
    assert child.refusal("tokenize", model="m", texts=[""], prompt="\ud800")["code"] == -32602
    assert child.call("tokenize", model="m", texts=["\U0001f600"])["full_counts"] == [6]


def test_vectors_that_are_not_finite_are_never_sent(child: Child) -> None:
    error = child.refusal("embed_batch", model="m", texts=["fine", "@nan"])
    assert error["data"]["code"] == "INTERNAL"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"backend": "tensorflow"}, "CONFIG_INVALID"),
        ({"backend": "echo", "device": "cuda"}, "CONFIG_INVALID"),
        ({"backend": "onnx", "path": "nowhere", "dimensions": 3}, "CONFIG_INVALID"),
        ({"backend": "auto", "path": "nowhere/at/all"}, "MODEL_FILE_MISSING"),
        ({"backend": "auto"}, "INPUT_INVALID"),
        ({"backend": "echo", "threads": 0}, "INPUT_INVALID"),
        ({"backend": "echo", "execution_providers": [["A", {}, 1]]}, "INPUT_INVALID"),
    ],
)
def test_a_model_that_cannot_be_loaded_says_why(child: Child, params: dict[str, Any], code: str) -> None:
    assert child.refusal("load_model", model="new", **params)["data"]["code"] == code


def test_the_heartbeat_is_answered_while_the_worker_is_busy(child: Child) -> None:
    busy = child.send("embed_batch", model="m", texts=["@sleep:700"])
    started = time.monotonic()
    assert child.call("ping")["pong"] is True
    assert child.call("model_info", model="m")["model"] == "m"
    assert time.monotonic() - started < 0.5
    assert child.receive()["id"] == busy


def test_requests_overlap_and_the_worker_keeps_their_order(child: Child) -> None:
    ids = [child.send("embed_batch", model="m", texts=[text]) for text in ("@sleep:100", "a", "b")]
    assert [child.receive()["id"] for _ in ids] == ids


def test_an_id_in_use_is_refused(child: Child) -> None:
    child.send("embed_batch", request_id="twice", model="m", texts=["@sleep:200"])
    child.send("embed_batch", request_id="twice", model="m", texts=["a"])
    assert child.receive()["error"]["code"] == -32600
    assert "result" in child.receive()


def test_a_running_request_is_cancelled(child: Child) -> None:
    running = child.send("embed_batch", model="m", texts=["@sleep:60000"])
    time.sleep(0.1)
    started = time.monotonic()
    cancel = child.send("cancel", id=running)
    answers = {message["id"]: message for message in (child.receive(), child.receive())}
    assert answers[cancel]["result"] == {"cancelled": True}
    assert answers[running]["error"]["data"]["code"] == "ABORTED"
    child.call("embed_batch", model="m", texts=["the worker is free again"])
    assert time.monotonic() - started < 5


def test_a_queued_request_is_cancelled_and_never_runs(child: Child) -> None:
    first = child.send("embed_batch", model="m", texts=["@sleep:300"])
    queued = child.send("load_model", model="never", backend="echo")
    cancel = child.send("cancel", id=queued)
    answers = [child.receive() for _ in range(3)]
    assert {answer["id"] for answer in answers[:2]} == {queued, cancel}
    assert answers[2]["id"] == first
    assert child.refusal("model_info", model="never")["data"]["code"] == "NOT_FOUND"


def test_an_unknown_id_to_cancel_is_no_error(child: Child) -> None:
    assert child.call("cancel", id="unknown") == {"cancelled": False}
    assert child.refusal("cancel", id=None)["code"] == -32602


def test_prints_do_not_reach_the_protocol(child: Child) -> None:
    child.call("embed_batch", model="m", texts=["@print"])
    assert child.call("ping")["pong"] is True
    deadline = time.monotonic() + 5
    while "noise from a C library" not in child.standard_error() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "noise from Python" in child.standard_error()
    assert "noise from a C library" in child.standard_error()


def test_a_load_is_logged_with_its_reason(child: Child) -> None:
    child.call("load_model", model="logged", backend="echo")
    log = child.logs[-1]
    assert log["method"] == "log"
    assert log["params"]["level"] == "info"
    child.call("unload_model", model="logged")


def test_devices_are_told_of_a_backend(child: Child) -> None:
    assert child.call("devices", backend="echo") == {"backend": "echo", "devices": ["cpu"]}
    assert child.refusal("devices", backend="auto")["data"]["code"] == "CONFIG_INVALID"
    assert child.refusal("devices")["data"]["code"] == "INPUT_INVALID"
    for backend in ("onnx", "torch"):
        answer = child.answer("devices", backend=backend)
        known = answer["result"]["devices"][0] if "result" in answer else answer["error"]["data"]["code"]
        assert known in ("cpu", "PACKAGE_MISSING")
