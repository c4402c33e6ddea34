"""How a child begins and ends: no orphan, no memory for a runaway line, no packages that echo does not need."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .child import PACKAGE_FOLDER, Child, echo_child

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="NOT TESTED: reads /proc")
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="NOT TESTED: sends POSIX signals")


def close_input(child: Child) -> None:
    assert child.process.stdin is not None
    child.process.stdin.close()


def test_the_end_of_stdin_ends_an_idle_child() -> None:
    with echo_child() as child:
        close_input(child)
        assert child.process.wait(10) == 0


def test_the_end_of_stdin_ends_a_busy_child() -> None:
    with echo_child() as child:
        child.send("embed_batch", model="m", texts=["@sleep:60000"])
        time.sleep(0.1)
        started = time.monotonic()
        close_input(child)
        assert child.process.wait(10) == 0
        assert time.monotonic() - started < 5


def test_shutdown_answers_and_ends_even_a_busy_child() -> None:
    with echo_child() as child:
        child.send("embed_batch", model="m", texts=["@sleep:60000"])
        assert child.call("shutdown") == {}
        assert child.process.wait(10) == 0


def test_what_a_dead_writer_left_unfinished_is_not_run() -> None:
    with Child() as child:
        child.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}')
        close_input(child)
        assert child.process.wait(10) == 0
        assert child.process.stdout is not None
        assert child.process.stdout.read() == b""


def test_a_broken_stdout_ends_the_child() -> None:
    with echo_child() as child:
        assert child.process.stdout is not None
        child.process.stdout.close()
        child.send("ping")
        assert child.process.wait(10) == 74


@pytest.mark.parametrize(("text", "status"), [("@crash", 70), ("@exit", 0)])
def test_echo_ends_as_it_is_told(text: str, status: int) -> None:
    with echo_child() as child:
        child.send("embed_batch", model="m", texts=[text])
        assert child.process.wait(10) == status


@on_posix
def test_interrupts_are_left_to_the_parent() -> None:
    with echo_child() as child:
        child.process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        assert child.call("ping")["pong"] is True


@on_posix
def test_a_termination_ends_a_busy_child_at_once() -> None:
    with echo_child() as child:
        child.send("embed_batch", model="m", texts=["@sleep:60000"])
        child.process.terminate()
        assert child.process.wait(5) == -signal.SIGTERM


def test_a_line_over_the_limit_is_refused_and_skipped() -> None:
    with Child(ISOVEC_BRIDGE_MAX_LINE="1000") as child:
        child.write(b"x" * 100_000 + b"\n")
        answer = child.receive()
        assert answer["id"] is None
        assert answer["error"]["data"] == {"code": "BODY_TOO_LARGE", "limit": 1000}
        assert child.call("ping")["pong"] is True
        child.write(b" " * 1000 + b"\n")
        child.write(b" " * 1001 + b"\n")
        assert child.receive()["error"]["data"]["code"] == "BODY_TOO_LARGE"


@on_linux
def test_a_line_over_the_limit_is_not_held_in_memory() -> None:
    with Child(ISOVEC_BRIDGE_MAX_LINE="1000000") as child:
        child.call("ping")
        before = peak_kibibytes(child.process.pid)
        for _ in range(100):
            child.write(b"x" * 1_000_000)
        child.write(b"\n")
        assert child.receive()["error"]["data"]["code"] == "BODY_TOO_LARGE"
        assert peak_kibibytes(child.process.pid) - before < 20_000


def peak_kibibytes(process: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text("ascii"))
    assert found is not None
    return int(found.group(1))


def test_a_line_of_many_reads_arrives_whole() -> None:
    with echo_child() as child:
        texts = ["y" * 200] * 20_000
        assert child.call("embed_batch", model="m", texts=texts)["tokens"] == [202] * 20_000


@on_linux
def test_a_child_dies_with_its_parent_even_if_stdin_stays_open() -> None:
    """The parent in the middle is killed, while the pipe to stdin is held open by this test."""
    reading, writing = os.pipe()
    script = (
        "import os, subprocess, sys, time\n"
        "env = {**os.environ, 'ISOVEC_BRIDGE_PARENT': str(os.getpid())}\n"
        "child = subprocess.Popen([sys.executable, '-m', 'isovec_bridge'], stdin=int(sys.argv[1]), env=env)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(reading)],
        cwd=PACKAGE_FOLDER,
        pass_fds=[reading],
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        orphan = int(parent.stdout.readline())
        os.write(writing, b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
        assert "pong" in parent.stdout.readline()
        parent.kill()
    deadline = time.monotonic() + 5
    while is_running(orphan) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(orphan)
    os.close(reading)
    os.close(writing)


def is_running(process: int) -> bool:
    """A zombie that its new parent has not collected yet is no running process."""
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_echo_needs_the_standard_library_alone() -> None:
    """-S leaves site-packages out, as a bare Python would."""
    command = [sys.executable, "-S", "-m", "isovec_bridge"]
    requests = (
        b'{"jsonrpc":"2.0","id":1,"method":"load_model","params":{"model":"m","backend":"echo"}}\n'
        b'{"jsonrpc":"2.0","id":2,"method":"embed_batch","params":{"model":"m","texts":["a"]}}\n'
        b'{"jsonrpc":"2.0","id":3,"method":"embed_batch","params":{"model":"m","texts":["@sleep:1000"]}}\n'
    )
    with subprocess.Popen(command, cwd=PACKAGE_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(requests)
        process.stdin.flush()
        lines = [process.stdout.readline() for _ in range(3)]
    assert b'"method":"log"' in lines[0]
    assert b'"dimensions":8' in lines[1]
    assert b'"vectors"' in lines[2]


@pytest.mark.parametrize("backend", ["auto", "onnx", "torch"])
def test_missing_packages_are_named_with_the_command_that_installs_them(backend: str, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    command = [sys.executable, "-S", "-m", "isovec_bridge"]
    params = {"model": "m", "path": str(tmp_path), "backend": backend}
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "load_model", "params": params})
    with subprocess.Popen(command, cwd=PACKAGE_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(request.encode() + b"\n")
        process.stdin.flush()
        answer = process.stdout.readline().decode()
    assert "PACKAGE_MISSING" in answer
    for name in ("onnx", "torch") if backend == "auto" else (backend,):
        assert f"isovec bridge install --backend {name}" in answer
