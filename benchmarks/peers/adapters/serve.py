"""The Python side of the protocol of ../contestant-process.ts: see serve.mjs, which says the same in JavaScript."""

import base64
import json
import os
import platform
import sys
import time
import traceback

# Libraries print to standard output; answers go to a copy of it, and all else to standard error.
_answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
os.dup2(2, 1)


def _memory():
    try:
        import resource
    except ImportError:  # Windows
        return {"peakBytes": None, "bytes": None}
    scale = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
    now = peak
    if os.path.exists("/proc/self/statm"):
        with open("/proc/self/statm", encoding="ascii") as statm:
            now = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return {"peakBytes": peak, "bytes": now}


def serve(load):
    """`load(options)` gives (embed, versions): `embed(texts)` gives a float32 array [texts, dimensions]."""
    peer = {}

    def run_load(request):
        started = time.perf_counter()
        peer["embed"], versions = load(request["options"])
        milliseconds = (time.perf_counter() - started) * 1000
        return {"milliseconds": milliseconds, "versions": {"python": platform.python_version(), **versions}}

    def run(request):
        started = time.perf_counter()
        peer["embed"](request["texts"])
        return {"seconds": time.perf_counter() - started, "longestBlock": None}

    def query(request):
        milliseconds = []
        end = time.perf_counter() + request["seconds"]
        while len(milliseconds) < request["count"] and time.perf_counter() < end:
            started = time.perf_counter()
            peer["embed"]([request["text"]])
            milliseconds.append((time.perf_counter() - started) * 1000)
        return {"milliseconds": milliseconds}

    def vectors(request):
        rows = peer["embed"](request["texts"])
        data = rows.astype("<f4").tobytes()
        return {"base64": base64.b64encode(data).decode("ascii"), "dimensions": rows.shape[1]}

    operations = {
        "load": run_load,
        "run": run,
        "query": query,
        "vectors": vectors,
        "tokenIds": lambda request: {"ids": None},
        "memory": lambda request: _memory(),
        "quit": lambda request: {},
    }
    for line in sys.stdin:
        request = json.loads(line)
        try:
            outcome = {"answer": operations[request["operation"]](request)}
        except Exception:  # told to the conductor, which names the contestant and goes on with the others
            outcome = {"answer": None, "error": traceback.format_exc()}
        _answers.write("\n" + json.dumps(outcome) + "\n")
        _answers.flush()
        if request["operation"] == "quit":
            break
