"""Keys, sizes of messages, and a full queue."""

import grpc
from akidb.embedding.v1 import embedding_pb2 as akidb_pb2
from tei.v1 import tei_pb2

from servers import KEY, guarded, guarded_akidb, guarded_embed, pending_texts, refused, until

ONE = akidb_pb2.EmbedRequest(texts=["a"])
EXHAUSTED, UNAUTHENTICATED = grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAUTHENTICATED


def check_keys():
    for metadata in ((), (("authorization", "Bearer wrong"),), (("x-api-key", ""),), (("authorization", "first-key"),)):
        trailers = refused(lambda: guarded_akidb.Embed(ONE, metadata=metadata), UNAUTHENTICATED)
        assert trailers["isovec-code"] == "UNAUTHORIZED", trailers
        stream = guarded_embed.EmbedStream(iter([tei_pb2.EmbedRequest(inputs="a")]), metadata=metadata)
        refused(lambda: list(stream), UNAUTHENTICATED)
    for key in guarded["keys"]:
        for metadata in ((("authorization", f"Bearer {key}"),), (("x-api-key", key),)):
            vectors = guarded_akidb.Embed(ONE, metadata=metadata).embeddings
            stream = guarded_embed.EmbedStream(iter([tei_pb2.EmbedRequest(inputs="a")]), metadata=metadata)
            assert [list(one.embeddings) for one in stream] == [list(vectors[0].values)]


def check_a_message_over_the_limit():
    large = akidb_pb2.EmbedRequest(texts=["a" * 60_000])
    for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip, grpc.Compression.Deflate):
        refused(lambda: guarded_akidb.Embed(large, metadata=KEY, compression=compression), EXHAUSTED)
        stream = guarded_embed.EmbedStream(
            iter([tei_pb2.EmbedRequest(inputs="a" * 60_000)]), metadata=KEY, compression=compression
        )
        refused(lambda: list(stream), EXHAUSTED)
    assert guarded_akidb.Embed(ONE, metadata=KEY).dimension > 0


def check_a_full_queue_says_when_to_come_back():
    many = akidb_pb2.EmbedRequest(texts=["the river rose over the old harbour"] * 120)
    calls = [guarded_akidb.Embed.future(many, metadata=KEY) for _ in range(12)]
    codes = [call.code() for call in calls]
    assert set(codes) == {grpc.StatusCode.OK, EXHAUSTED}, codes
    for call in calls:
        if call.code() == grpc.StatusCode.OK:
            continue
        trailers = dict(call.trailing_metadata())
        assert trailers["isovec-code"] == "OVERLOADED", trailers
        assert int(trailers["grpc-retry-pushback-ms"]) > 0
    until(lambda: pending_texts(guarded, KEY) == 0)
    assert guarded_akidb.Embed(ONE, metadata=KEY).dimension > 0
