"""The servers that are checked, and how they are called."""

import json
import sys
import time
import urllib.request

import grpc
from akidb.embedding.v1 import embedding_pb2_grpc as akidb_grpc
from tei.v1 import tei_pb2_grpc as tei_grpc

with open(sys.argv[1], encoding="utf-8") as file:
    manifest = json.load(file)

texts, first = manifest["texts"], manifest["first"]
guarded = manifest["guarded"]
channel = grpc.insecure_channel(manifest["address"])
guarded_channel = grpc.insecure_channel(guarded["address"])
akidb = akidb_grpc.EmbeddingServiceStub(channel)
embed = tei_grpc.EmbedStub(channel)
tokenize = tei_grpc.TokenizeStub(channel)
guarded_akidb = akidb_grpc.EmbeddingServiceStub(guarded_channel)
guarded_embed = tei_grpc.EmbedStub(guarded_channel)
KEY = (("authorization", "Bearer " + guarded["keys"][0]),)


def refused(call, code, *words):
    """Checks the status that a call must end with, and gives its trailers."""
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, (error.code(), error.details())
        for word in words:
            assert word in error.details(), f"{word!r} is not in {error.details()!r}"
        return dict(error.trailing_metadata() or ())
    raise AssertionError(f"did not fail with {code}")


def pending_texts(server=manifest, headers=()):
    """Texts that wait or run, of all models of a server."""
    request = urllib.request.Request(server["url"] + "/health", headers=dict(headers))
    with urllib.request.urlopen(request, timeout=60) as answer:
        return sum(model["pendingTexts"] for model in json.load(answer)["models"])


def until(condition):
    """Waits for something that must become true."""
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("has not become true")
