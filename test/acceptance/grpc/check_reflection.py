"""Reflection, as grpcurl uses it: calls by descriptors that came from the server and from nowhere else."""

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from tei.v1 import tei_pb2

from servers import channel, first, guarded_channel, manifest, texts

SERVICES = {
    "akidb.embedding.v1.EmbeddingService",
    *(f"tei.v1.{name}" for name in ("Info", "Embed", "Predict", "Rerank", "Tokenize")),
}


def dynamic_call(pool, service, method, request):
    """Calls a method with a request in JSON, as a tool does that has no contract."""
    found = pool.FindServiceByName(service).FindMethodByName(method)
    request_type, answer_type = map(message_factory.GetMessageClass, (found.input_type, found.output_type))
    call = channel.unary_unary(
        f"/{service}/{method}",
        request_serializer=request_type.SerializeToString,
        response_deserializer=answer_type.FromString,
    )
    answer = call(json_format.ParseDict(request, request_type()))
    return json_format.MessageToDict(answer, preserving_proto_field_name=True)


def check_services_are_listed():
    for one in (channel, guarded_channel):
        assert SERVICES <= set(ProtoReflectionDescriptorDatabase(one).get_services())


def check_calls_by_reflected_descriptors():
    pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    service = "akidb.embedding.v1.EmbeddingService"
    answer = dynamic_call(pool, service, "Embed", {"texts": texts, "model": "second"})
    assert [one["values"] for one in answer["embeddings"]] == shown(manifest["second"]["vectors"])
    answer = dynamic_call(pool, "tei.v1.Embed", "Embed", {"inputs": texts[0], "normalize": False})
    assert [answer["embeddings"]] == shown([first["raw"][0]])
    direction = "TRUNCATION_DIRECTION_LEFT"
    request = {"inputs": manifest["long"], "truncate": True, "truncation_direction": direction}
    answer = dynamic_call(pool, "tei.v1.Embed", "Embed", request)
    assert [answer["embeddings"]] == shown([first["cut"]["left"]])


def shown(vectors):
    """Vectors as JSON shows them: the shortest decimal of each float32."""
    rows = [tei_pb2.EmbedResponse(embeddings=row) for row in vectors]
    return [json_format.MessageToDict(row).get("embeddings", []) for row in rows]


def check_reflected_fields_are_those_of_the_contract():
    pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    for name, own in tei_pb2.DESCRIPTOR.message_types_by_name.items():
        reflected = pool.FindMessageTypeByName(f"tei.v1.{name}")
        assert fields(reflected) == fields(own), name


def fields(message):
    return [
        (one.number, one.name, one.type, one.is_repeated, one.has_presence, one.message_type and one.message_type.name)
        for one in message.fields
    ]


def check_an_unknown_symbol():
    pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    try:
        pool.FindMessageTypeByName("tei.v1.None")
    except KeyError:
        return
    raise AssertionError("an unknown symbol was found")
