"""Streams, answered in their order."""

import queue

import grpc
from tei.v1 import tei_pb2

from servers import embed, first, manifest, pending_texts, refused, texts, tokenize, until

STREAM = manifest["stream"]


def check_ten_thousand_texts_in_their_order():
    requests = (tei_pb2.EmbedRequest(inputs=text, truncate=True) for text in STREAM["texts"])
    count = 0
    for answer, expected in zip(embed.EmbedStream(requests), STREAM["vectors"]):
        assert list(answer.embeddings) == expected, count
        count += 1
    assert count == len(STREAM["texts"]) == 10_000


def check_streams_of_other_methods():
    order = [index % len(texts) for index in range(400)]
    answers = embed.EmbedAllStream(tei_pb2.EmbedAllRequest(inputs=texts[at]) for at in order)
    hidden = [[list(token.embeddings) for token in answer.token_embeddings] for answer in answers]
    assert hidden == [first["hidden"][at] for at in order]
    answers = tokenize.TokenizeStream(
        tei_pb2.EncodeRequest(inputs=texts[at], add_special_tokens=True) for at in order if at < 6
    )
    assert [[token.id for token in answer.tokens] for answer in answers] == [first["ids"][at] for at in order if at < 6]
    answers = tokenize.DecodeStream(
        tei_pb2.DecodeRequest(ids=first["ids"][at], skip_special_tokens=True) for at in order
    )
    assert [answer.text for answer in answers] == [first["decoded"][at] for at in order]


def check_an_empty_stream():
    assert list(embed.EmbedStream(iter(()))) == []


def check_ping_pong():
    waiting = queue.SimpleQueue()
    answers = embed.EmbedStream(iter(waiting.get, None))
    for index in range(50):
        at = index % len(texts)
        waiting.put(tei_pb2.EmbedRequest(inputs=texts[at]))
        assert list(next(answers).embeddings) == first["vectors"][at]
    waiting.put(None)
    assert list(answers) == []


def check_an_error_ends_a_stream_after_what_came_before():
    sent = [tei_pb2.EmbedRequest(inputs=text) for text in (*texts, manifest["long"], *texts)]
    received = []

    def read():
        for answer in embed.EmbedStream(iter(sent)):
            received.append(list(answer.embeddings))

    trailers = refused(read, grpc.StatusCode.INVALID_ARGUMENT, "maximum context length")
    assert trailers["isovec-code"] == "INPUT_TOO_LONG"
    assert received == first["vectors"]
    until(lambda: pending_texts() == 0)


def check_a_cancelled_stream_leaves_the_queue():
    answers = embed.EmbedStream(tei_pb2.EmbedRequest(inputs=text, truncate=True) for text in STREAM["texts"])
    assert list(next(answers).embeddings) == STREAM["vectors"][0]
    answers.cancel()
    refused(lambda: list(answers), grpc.StatusCode.CANCELLED)
    until(lambda: pending_texts() == 0)


def check_a_stream_ends_at_its_deadline():
    waiting = queue.SimpleQueue()
    answers = embed.EmbedStream(iter(waiting.get, None), timeout=0.3)
    refused(lambda: list(answers), grpc.StatusCode.DEADLINE_EXCEEDED)
    waiting.put(None)
    until(lambda: pending_texts() == 0)
