"""Every method with one request and one answer, with its optional fields set and unset."""

import concurrent.futures

import grpc
from akidb.embedding.v1 import embedding_pb2 as akidb_pb2
from tei.v1 import tei_pb2, tei_pb2_grpc

from servers import akidb, channel, embed, first, manifest, refused, texts, tokenize

INVALID, UNIMPLEMENTED = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED


def vectors_of(answer):
    return [list(one.values) for one in answer.embeddings]


def check_akidb_embed():
    answer, call = akidb.Embed.with_call(akidb_pb2.EmbedRequest(texts=texts))
    assert vectors_of(answer) == first["vectors"]
    assert (answer.model, answer.dimension) == ("first", first["dimensions"])
    assert answer.usage.total_tokens == sum(first["tokens"])
    assert answer.usage.duration_ms < 60_000
    trailers = dict(call.trailing_metadata())
    assert trailers["x-isovec-tokens"] == str(sum(first["tokens"]))
    assert trailers["x-isovec-truncated"] == "0"
    for name in ("tokenize", "queue", "inference"):
        assert float(trailers[f"x-isovec-{name}-ms"]) >= 0


def check_akidb_optional_fields():
    request = akidb_pb2.EmbedRequest(texts=texts, model="first", pooling="mean", normalize=True)
    assert vectors_of(akidb.Embed(request)) == first["vectors"]
    assert vectors_of(akidb.Embed(akidb_pb2.EmbedRequest(texts=texts, normalize=False))) == first["raw"]
    other = akidb.Embed(akidb_pb2.EmbedRequest(texts=texts, model="second", pooling="cls"))
    assert (vectors_of(other), other.model) == (manifest["second"]["vectors"], "second")
    long = akidb.Embed(akidb_pb2.EmbedRequest(texts=[manifest["long"]]))
    assert vectors_of(long) == [first["cut"]["right"]]
    assert long.usage.total_tokens > first["maxSequenceLength"]
    for fields, code, own, word in (
        ({"texts": []}, INVALID, "INPUT_INVALID", "no input"),
        ({"texts": ["a"] * 2049}, INVALID, "BATCH_TOO_LARGE", "2048"),
        ({"texts": ["a"], "pooling": "cls"}, INVALID, "INPUT_INVALID", "pooling"),
        # Set to the empty string is not unset.
        ({"texts": ["a"], "model": ""}, grpc.StatusCode.NOT_FOUND, "MODEL_NOT_FOUND", '""'),
        ({"texts": ["a"], "model": "é 河\n😀"}, grpc.StatusCode.NOT_FOUND, "MODEL_NOT_FOUND", "é 河\\n😀"),
    ):
        trailers = refused(lambda: akidb.Embed(akidb_pb2.EmbedRequest(**fields)), code, word)
        assert trailers["isovec-code"] == own, trailers


def check_akidb_model_info():
    answer = akidb.GetModelInfo(akidb_pb2.GetModelInfoRequest())
    found = (answer.model, answer.dimension, answer.max_tokens)
    assert found == ("first", first["dimensions"], first["maxSequenceLength"])


def check_tei_info():
    answer = tei_pb2_grpc.InfoStub(channel).Info(tei_pb2.InfoRequest())
    assert (answer.model_id, answer.model_type) == ("first", tei_pb2.MODEL_TYPE_EMBEDDING)
    assert answer.max_input_length == first["maxSequenceLength"]
    assert answer.max_client_batch_size == 2048
    assert answer.version and answer.model_dtype
    assert not answer.HasField("docker_label") and not answer.HasField("max_batch_requests")


def check_tei_embed():
    for index, text in enumerate(texts):
        answer = embed.Embed(tei_pb2.EmbedRequest(inputs=text))
        assert list(answer.embeddings) == first["vectors"][index]
        told = answer.metadata
        assert (told.compute_chars, told.compute_tokens) == (len(text), first["tokens"][index])
        parts = told.tokenization_time_ns + told.queue_time_ns + told.inference_time_ns
        assert 0 < told.inference_time_ns and parts <= told.total_time_ns + 1000 and told.total_time_ns < 60e9
    cut = embed.Embed(tei_pb2.EmbedRequest(inputs=manifest["long"], truncate=True))
    assert cut.metadata.compute_tokens == first["maxSequenceLength"]


def check_tei_optional_fields():
    left = tei_pb2.TRUNCATION_DIRECTION_LEFT
    for index, text in enumerate(texts):
        for fields, expected in (
            ({"normalize": True}, first["vectors"][index]),
            ({"normalize": False}, first["raw"][index]),
            ({"dimensions": manifest["dimensions"]}, first["short"][index]),
            ({"dimensions": manifest["dimensions"], "normalize": False}, first["raw"][index][: manifest["dimensions"]]),
            ({"dimensions": first["dimensions"]}, first["vectors"][index]),
            ({"prompt_name": "query"}, first["query"][index]),
            ({"truncation_direction": left, "truncate": True}, first["vectors"][index]),
        ):
            answer = embed.Embed(tei_pb2.EmbedRequest(inputs=text, **fields))
            assert list(answer.embeddings) == expected, (text, fields)
    for side, expected in first["cut"].items():
        direction = left if side == "left" else tei_pb2.TRUNCATION_DIRECTION_RIGHT
        request = tei_pb2.EmbedRequest(inputs=manifest["long"], truncate=True, truncation_direction=direction)
        assert list(embed.Embed(request).embeddings) == expected
    for fields, own, word in (
        ({"inputs": manifest["long"]}, "INPUT_TOO_LONG", "maximum context length"),
        ({"inputs": "a", "dimensions": 0}, "INPUT_INVALID", "dimensions"),
        ({"inputs": "a", "dimensions": 4_294_967_295}, "INPUT_INVALID", "dimensions"),
        ({"inputs": "a", "prompt_name": ""}, "CONFIG_INVALID", "prompt"),
        ({"inputs": "a", "prompt_name": "none"}, "CONFIG_INVALID", "clustering, document, query"),
    ):
        trailers = refused(lambda: embed.Embed(tei_pb2.EmbedRequest(**fields)), INVALID, word)
        assert trailers["isovec-code"] == own, trailers


def check_tei_embed_all():
    for index, text in enumerate(texts):
        answer = embed.EmbedAll(tei_pb2.EmbedAllRequest(inputs=text))
        assert [list(token.embeddings) for token in answer.token_embeddings] == first["hidden"][index]
        assert answer.metadata.compute_tokens == len(answer.token_embeddings)
    prompted = embed.EmbedAll(tei_pb2.EmbedAllRequest(inputs="a", prompt_name="query"))
    plain = embed.EmbedAll(tei_pb2.EmbedAllRequest(inputs="a"))
    assert len(prompted.token_embeddings) > len(plain.token_embeddings)


def check_tokens_and_back():
    for index, text in enumerate(texts):
        if first["tokens"][index] > first["maxSequenceLength"]:
            continue
        tokens = tokenize.Tokenize(tei_pb2.EncodeRequest(inputs=text, add_special_tokens=True)).tokens
        ids = [token.id for token in tokens]
        assert ids == first["ids"][index]
        for token in tokens:
            assert token.special != token.HasField("start") and token.special != token.HasField("stop")
            # Python counts characters, too.
            assert token.special or token.text == text[token.start : token.stop], (text, token)
        bare = tokenize.Tokenize(tei_pb2.EncodeRequest(inputs=text)).tokens
        assert [token.id for token in bare] == ids[1:-1]
        decoded = tokenize.Decode(tei_pb2.DecodeRequest(ids=ids, skip_special_tokens=True))
        assert decoded.text == first["decoded"][index]
    whole = tokenize.Decode(tei_pb2.DecodeRequest(ids=first["ids"][0])).text
    assert whole.startswith("[CLS]") and whole.endswith("[SEP]"), whole
    prompted = tokenize.Tokenize(tei_pb2.EncodeRequest(inputs="a", prompt_name="query")).tokens
    assert prompted[-1].stop == len(first["prompt"]) + 1
    refused(lambda: tokenize.Decode(tei_pb2.DecodeRequest(ids=[4_294_967_295])), INVALID, "4294967295")


def check_methods_for_other_kinds():
    predict, rerank = tei_pb2_grpc.PredictStub(channel), tei_pb2_grpc.RerankStub(channel)
    sparse, single = tei_pb2.EmbedSparseRequest(inputs="a"), tei_pb2.PredictRequest(inputs="a")
    pair = tei_pb2.PredictPairRequest(inputs=["a", "b"])
    for call, kind in (
        (lambda: embed.EmbedSparse(sparse), "sparse encoder"),
        (lambda: list(embed.EmbedSparseStream(iter([sparse]))), "sparse encoder"),
        (lambda: predict.Predict(single), "classifier"),
        (lambda: predict.PredictPair(pair), "classifier"),
        (lambda: list(predict.PredictStream(iter([single]))), "classifier"),
        (lambda: list(predict.PredictPairStream(iter([pair]))), "classifier"),
        (lambda: rerank.Rerank(tei_pb2.RerankRequest(query="a", texts=["b"], return_text=True)), "reranker"),
        (lambda: rerank.RerankStream(iter([tei_pb2.RerankStreamRequest(query="a", text="b")])), "reranker"),
    ):
        refused(call, UNIMPLEMENTED, f"needs a {kind}; first gives sentence embeddings")


def check_a_hundred_calls_on_several_channels():
    def ask(index):
        with grpc.insecure_channel(manifest["address"], [("grpc.use_local_subchannel_pool", 1)]) as own:
            at = index % len(texts)
            answer = tei_pb2_grpc.EmbedStub(own).Embed(tei_pb2.EmbedRequest(inputs=texts[at]), timeout=120)
            return list(answer.embeddings) == first["vectors"][at]

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        assert all(pool.map(ask, range(100)))
    calls = [akidb.Embed.future(akidb_pb2.EmbedRequest(texts=texts)) for _ in range(100)]
    assert all(vectors_of(call.result()) == first["vectors"] for call in calls)


def check_compressed_requests():
    request = akidb_pb2.EmbedRequest(texts=texts)
    for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
        assert vectors_of(akidb.Embed(request, compression=compression)) == first["vectors"]
