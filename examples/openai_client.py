"""The official client of OpenAI with `isovec serve`: nothing but the base address is another one.

pip install openai
"""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("ISOVEC_URL", "http://127.0.0.1:8080") + "/v1",
    api_key=os.environ.get("ISOVEC_API_KEY", "any"),  # a server without keys takes every one
)

texts = ["When is bread baked?", "Bread is baked at dawn.", "The river rose overnight."]
answer = client.embeddings.create(model="sentence-transformers/all-MiniLM-L6-v2", input=texts)

# Vectors of this model have length 1: their dot product is their cosine.
query, *documents = (one.embedding for one in answer.data)
for text, document in zip(texts[1:], documents):
    print(f"{sum(a * b for a, b in zip(query, document)):.4f}", text)
print(answer.usage.total_tokens, "tokens")
