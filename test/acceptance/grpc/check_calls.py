"""Deadlines, cancellation and health."""

import grpc
from akidb.embedding.v1 import embedding_pb2 as akidb_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from servers import akidb, channel, guarded_channel, manifest, pending_texts, refused, until

LARGE = akidb_pb2.EmbedRequest(texts=manifest["stream"]["texts"][-2048:])
SERVICES = (
    "",
    "akidb.embedding.v1.EmbeddingService",
    *(f"tei.v1.{name}" for name in ("Info", "Embed", "Predict", "Rerank", "Tokenize")),
)


def check_a_deadline():
    refused(lambda: akidb.Embed(LARGE, timeout=0.05), grpc.StatusCode.DEADLINE_EXCEEDED)
    until(lambda: pending_texts() == 0)
    assert len(akidb.Embed(LARGE, timeout=120).embeddings) == 2048


def check_a_deadline_that_has_passed():
    refused(lambda: akidb.Embed(LARGE, timeout=0), grpc.StatusCode.DEADLINE_EXCEEDED)


def check_cancellation():
    calls = [akidb.Embed.future(LARGE) for _ in range(8)]
    until(lambda: pending_texts() > 0)
    for call in calls:
        call.cancel()
    assert all(call.code() == grpc.StatusCode.CANCELLED for call in calls)
    until(lambda: pending_texts() == 0)


def check_priorities():
    request = akidb_pb2.EmbedRequest(texts=["a"])
    for priority in ("interactive", "bulk"):
        akidb.Embed(request, metadata=(("x-isovec-priority", priority),))
    wrong = (("x-isovec-priority", "first"),)
    refused(lambda: akidb.Embed(request, metadata=wrong), grpc.StatusCode.INVALID_ARGUMENT, "x-isovec-priority")


def check_health():
    for one in (channel, guarded_channel):
        health = health_pb2_grpc.HealthStub(one)
        for service in SERVICES:
            request = health_pb2.HealthCheckRequest(service=service)
            assert health.Check(request).status == health_pb2.HealthCheckResponse.SERVING
            watch = health.Watch(request)
            assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
            watch.cancel()
        unknown = health_pb2.HealthCheckRequest(service="none")
        refused(lambda: health.Check(unknown), grpc.StatusCode.NOT_FOUND)
        assert next(health.Watch(unknown)).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
