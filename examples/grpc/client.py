"""gRPC with `isovec serve`, by a client that is generated from the package's contracts.

pip install grpcio grpcio-tools
"""

import importlib
import os
import sys
import tempfile
from pathlib import Path

import grpc
from grpc_tools import protoc

# In a project the contracts are in node_modules/isovec/proto, and the client is generated once:
#   python -m grpc_tools.protoc -I PROTO --python_out=. --grpc_python_out=. tei/v1/tei.proto
proto = os.environ.get("ISOVEC_PROTO", str(Path(__file__).parents[2] / "proto"))
generated = tempfile.TemporaryDirectory()
for contract in ("akidb/embedding/v1/embedding.proto", "tei/v1/tei.proto"):
    outputs = [f"--python_out={generated.name}", f"--grpc_python_out={generated.name}"]
    if protoc.main(["protoc", f"-I{proto}", *outputs, contract]) != 0:
        sys.exit(f"cannot generate a client of {contract} in {proto}")
sys.path.insert(0, generated.name)
akidb, akidb_grpc, tei, tei_grpc = (
    importlib.import_module(name)
    for name in (
        "akidb.embedding.v1.embedding_pb2",
        "akidb.embedding.v1.embedding_pb2_grpc",
        "tei.v1.tei_pb2",
        "tei.v1.tei_pb2_grpc",
    )
)

address = os.environ.get("ISOVEC_GRPC", "127.0.0.1:50051")
key = os.environ.get("ISOVEC_API_KEY")
metadata = () if key is None else (("authorization", f"Bearer {key}"),)

with grpc.insecure_channel(address) as channel:
    # One call for all texts, with a deadline: what has not begun by then never runs.
    texts = ["When is bread baked?", "Bread is baked at dawn.", "The river rose overnight."]
    service = akidb_grpc.EmbeddingServiceStub(channel)
    answer = service.Embed(akidb.EmbedRequest(texts=texts), timeout=30, metadata=metadata)

    # Vectors of this model have length 1: their dot product is their cosine.
    query, *documents = (one.values for one in answer.embeddings)
    for text, document in zip(texts[1:], documents):
        print(f"{sum(a * b for a, b in zip(query, document)):.4f}", text)

    # A stream for a corpus of any length: answers come in the order of the texts, and the generator is read no faster.
    lines = (f"line {number} of a long text" for number in range(1000))
    requests = (tei.EmbedRequest(inputs=line, truncate=True) for line in lines)
    count = sum(1 for _ in tei_grpc.EmbedStub(channel).EmbedStream(requests, metadata=metadata))
    print(count, "vectors from a stream")
