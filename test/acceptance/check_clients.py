"""Checks clients against a running server: python check_clients.py MANIFEST

The manifest is what accept-clients.ts writes. Vectors must be the library's bit for bit.
"""

import json
import os
import sys

import numpy
import openai

with open(sys.argv[1], encoding="utf-8") as file:
    manifest = json.load(file)
# Before tiktoken is loaded: OpenAI's vocabulary lies here, as it does on a machine that has used it before.
os.environ["TIKTOKEN_CACHE_DIR"] = manifest["tiktoken"]
from langchain_openai import OpenAIEmbeddings  # noqa: E402

texts, vectors, model = manifest["texts"], manifest["vectors"], manifest["model"]
base_url = manifest["url"] + "/v1"


def same(left, right):
    """Whether lists of vectors are the same, bit for bit, as the float32 that they are."""
    return numpy.array(left, numpy.float32).tobytes() == numpy.array(right, numpy.float32).tobytes()


def refused(call, error_type, code, *words):
    """Checks the error that a call must end with."""
    try:
        call()
    except error_type as error:
        assert error.code == code, error.code
        for word in words:
            assert word in str(error), f"{word!r} is not in {error}"
        return
    raise AssertionError(f"did not fail with {error_type.__name__}")


def check_openai():
    client = openai.OpenAI(base_url=base_url, api_key="any", max_retries=0)
    for given in (texts, manifest["tokenIds"]):
        # Its default is base64, which it decodes itself.
        for options in ({}, {"encoding_format": "float"}):
            answer = client.embeddings.create(model=model, input=given, **options)
            assert same([one.embedding for one in answer.data], vectors)
            assert [one.index for one in answer.data] == list(range(len(texts)))
            assert answer.usage.total_tokens == manifest["tokens"]
    one = client.embeddings.create(model=model, input=texts[0])
    assert same(one.data[0].embedding, vectors[0])
    ids = client.embeddings.create(model=model, input=manifest["tokenIds"][0])
    assert same(ids.data[0].embedding, vectors[0])
    short = client.embeddings.create(model=model, input=texts, dimensions=5)
    assert same([one.embedding for one in short.data], manifest["shortVectors"])
    assert [one.id for one in client.models.list()] == [model]
    assert client.models.retrieve(model).id == model
    create = client.embeddings.create
    refused(lambda: create(model="other", input="a"), openai.NotFoundError, "model_not_found", model)
    refused(lambda: create(model=model, input="a " * 2000), openai.BadRequestError, "context_length_exceeded")
    refused(lambda: create(model=model, input=[]), openai.BadRequestError, "input_invalid", "input")
    refused(lambda: create(model=model, input=["a"] * 2049), openai.BadRequestError, "batch_too_large", "2049 inputs; the limit is 2048")


def check_langchain():
    options = {"model": model, "base_url": base_url, "api_key": "any", "max_retries": 0}
    embeddings = OpenAIEmbeddings(**options, check_embedding_ctx_length=False)
    assert same(embeddings.embed_documents(texts), vectors)
    assert same([embeddings.embed_query(text) for text in texts], vectors)
    in_parts = OpenAIEmbeddings(**options, check_embedding_ctx_length=False, chunk_size=2)
    assert same(in_parts.embed_documents(texts), vectors)
    # Its defaults send token ids of OpenAI's tokenizer. What the model does not have is refused, with the way out.
    refused(
        lambda: OpenAIEmbeddings(**options).embed_documents(texts),
        openai.BadRequestError,
        "input_invalid",
        "Input 0 holds",
        "Ids of another tokenizer",
        "give texts",
    )


check_openai()
check_langchain()
print(f"openai {openai.__version__} and langchain-openai get the library's vectors")
