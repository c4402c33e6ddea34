"""Requests and answers byte by byte: the numbers that published clients were made with."""

import struct

import grpc

from servers import channel, first, manifest, refused, texts


def number(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def text_field(field, text):
    data = text.encode()
    return number(field << 3 | 2) + number(len(data)) + data


def number_field(field, value):
    return number(field << 3) + number(value)


def packed(field, values):
    data = struct.pack(f"<{len(values)}f", *values)
    return number(field << 3 | 2) + number(len(data)) + data


def send(path, request):
    return channel.unary_unary(path)(request)


def check_bytes_of_akidb():
    request = text_field(1, texts[0]) + text_field(1, texts[3]) + text_field(2, "first")
    raw = request + text_field(3, "mean") + number_field(4, 0)
    for sent, rows in ((request, first["vectors"]), (raw, first["raw"])):
        answer = send("/akidb.embedding.v1.EmbeddingService/Embed", sent)
        inner = [packed(1, rows[at]) for at in (0, 3)]
        expected = b"".join(number(1 << 3 | 2) + number(len(one)) + one for one in inner)
        expected += text_field(2, "first") + number_field(3, first["dimensions"])
        assert answer.startswith(expected)
        usage = answer[len(expected) :]
        assert usage[0] == 4 << 3 | 2 and usage[2:].startswith(number_field(1, first["tokens"][0] + first["tokens"][3]))
    info = send("/akidb.embedding.v1.EmbeddingService/GetModelInfo", b"")
    numbers = number_field(2, first["dimensions"]) + number_field(3, first["maxSequenceLength"])
    assert info == text_field(1, "first") + numbers


def check_bytes_of_tei():
    side, prompt, count = number_field(4, 1), text_field(5, "query"), number_field(6, manifest["dimensions"])
    for request, row in (
        (text_field(1, texts[0]), first["vectors"][0]),
        (text_field(1, texts[0]) + number_field(3, 0), first["raw"][0]),
        (text_field(1, texts[0]) + prompt, first["query"][0]),
        (text_field(1, texts[0]) + count, first["short"][0]),
        (text_field(1, manifest["long"]) + number_field(2, 1) + side, first["cut"]["left"]),
    ):
        answer = send("/tei.v1.Embed/Embed", request)
        expected = packed(1, row)
        assert answer.startswith(expected) and answer[len(expected)] == 2 << 3 | 2
    ids = first["ids"][0]
    data = b"".join(map(number, ids))
    for request in (number(1 << 3 | 2) + number(len(data)) + data, b"".join(number_field(1, one) for one in ids)):
        answer = send("/tei.v1.Tokenize/Decode", request + number_field(2, 1))
        assert answer == text_field(1, first["decoded"][0])


def check_damaged_requests():
    for request in (b"\x0a\xff", b"\x0a\xff\xff\xff\xff\x0f", b"\x0a\x02\xff\xfe", b"\x08\x01"):
        for path in ("/akidb.embedding.v1.EmbeddingService/Embed", "/tei.v1.Embed/Embed"):
            refused(lambda: send(path, request), grpc.StatusCode.INTERNAL)
    refused(lambda: send("/tei.v1.Embed/None", b""), grpc.StatusCode.UNIMPLEMENTED)
    refused(lambda: send("/none.v1.None/None", b""), grpc.StatusCode.UNIMPLEMENTED)
